import Dialects
import Testing

@testable import Server
@testable import Tapes
@testable import Tokencast

@Suite("What the configuration says of access")
struct AccessConfigurationTests {
    private static let digest = String(repeating: "a", count: 64)
    private static let other = String(repeating: "b", count: 64)

    private func read(_ text: String, _ environment: [String: String] = [:]) throws(ConfigurationError) -> Configuration
    {
        try Configuration(parsing: Array(text.utf8), file: "config.json", directory: ".", environment: environment)
    }

    @Test("keys and secrets are read, and the order of the secrets is kept")
    func everything() throws {
        let configuration = try read(
            """
            { "access": {
                "keys": [
                    { "name": "a", "sha256": "\(Self.digest)", "scopes": ["call", "publish"], "channels": ["x", "y*"],
                      "expires": "2027-01-31T12:00:00.5+01:00" },
                    { "name": "b", "sha256": "\(Self.other)", "scopes": ["admin"] } ],
                "linkSecret": [ { "env": "NEW" }, { "env": "UNSET" }, { "env": ["UNSET", "OLD"] } ] } }
            """,
            ["NEW": "a new secret of links", "OLD": "an old secret of links"]
        )
        #expect(
            configuration.access.keys == [
                .init(
                    name: "a",
                    sha256: Self.digest,
                    scopes: [.call, .publish],
                    channels: ["x", "y*"],
                    expires: 1_801_393_200
                ),
                .init(name: "b", sha256: Self.other, scopes: [.admin]),
            ]
        )
        #expect(configuration.access.linkSecrets == ["a new secret of links", "an old secret of links"])
        #expect(configuration.notes == ["access.linkSecret: the environment variable UNSET is not set"])
        #expect(configuration.summary.contains("key       a: call, publish  (channels x, y*)"))
        #expect(!configuration.summary.contains("secret of links"))
        #expect(try !configuration.access.control().isOpen)
    }

    @Test(
        "what can't be meant is refused at its line",
        arguments: [
            (#"{"name":"a","sha256":"D","scopes":["admin"]}"#, 4, "access.keys[1].name: there is another key 'a'"),
            (#"{"name":"b","sha256":"C","scopes":["admin"]}"#, 4, "access.keys[1].sha256: it is the same key as 'a'"),
            (#"{"name":"b","sha256":"D","scopes":["calls"]}"#, 4, "'calls' is no scope; did you mean 'call'?"),
            (#"{"name":"b","sha256":"D","scope":["call"]}"#, 4, "did you mean 'scopes'?"),
            (#"{"name":"b","sha256":"DD","scopes":["call"]}"#, 4, "the 64 hex digits"),
        ]
    )
    func refusals(entry: String, line: Int, words: String) throws {
        // The same digest in other letters is the same digest.
        let entry = entry.replacing("\"C\"", with: "\"\(Self.digest.uppercased())\"").replacing("D", with: Self.other)
        let text = """
            { "upstreams": {},
              "access": { "keys": [
              { "name": "a", "sha256": "\(Self.digest)", "scopes": ["call"] },
              \(entry)
              ] } }
            """
        let error = try #require(throws: ConfigurationError.self) { try read(text) }
        #expect(error.message.contains(words), "\(error)")
        #expect(error.line == line)
    }

    @Test("a program that embeds it learns the same")
    func embedded() throws {
        var configuration = Configuration()
        configuration.upstreams = [.init(name: "a", source: .url("http://127.0.0.1:1"))]
        let key = Configuration.Key(name: "a", sha256: Self.digest, scopes: [.call])
        configuration.access.keys = [key, key]
        #expect(throws: ConfigurationError("access.keys[1].name: there is another key 'a'")) {
            try configuration.check()
        }
        configuration.access.keys = [.init(name: "a", sha256: "0", scopes: [.call])]
        #expect(throws: ConfigurationError.self) { try configuration.check() }
        configuration.access = .init(keys: [key], linkSecrets: ["too short"])
        #expect(throws: ConfigurationError.self) { try configuration.check() }
        configuration.access.linkSecrets = ["long enough to sign"]
        try configuration.check()
    }

    @Test("other addresses and every origin are for servers with keys")
    func hosts() throws {
        var configuration = Configuration()
        configuration.upstreams = [.init(name: "a", source: .url("http://127.0.0.1:1"))]
        configuration.host = "0.0.0.0"
        let refusal = try #require(throws: ConfigurationError.self) { try configuration.check() }
        #expect(refusal.message.contains("need access.keys"))
        configuration.access.keys = [.init(name: "a", sha256: Self.digest, scopes: [.call])]
        try configuration.check()
        #expect(RequestPolicy(try configuration.serverConfiguration()).takesAnyHost)
        #expect(configuration.notes.count == 1 && configuration.notes[0].contains("without TLS"))
        #expect(configuration.localURL == "http://127.0.0.1:8653")
        configuration.allowedOrigins = ["*"]
        try configuration.check()
        configuration.access.keys = []
        configuration.host = "::1"
        #expect(configuration.localURL == "http://[::1]:8653")
        let origin = try #require(throws: ConfigurationError.self) { try configuration.check() }
        #expect(origin.message == "listen.allowedOrigins: '*' lets every page in, and needs access.keys")
        configuration.allowedOrigins = ["app.example"]
        #expect(throws: ConfigurationError.self) { try configuration.check() }
    }

    @Test("an operator is told of keys that are void, and of links that nobody needs")
    func notes() throws {
        var configuration = Configuration()
        configuration.access.linkSecrets = ["long enough to sign"]
        #expect(configuration.notes.first?.contains("without access.keys") == true)
        configuration.access.keys = [.init(name: "old", sha256: Self.digest, scopes: [.call], expires: 86_400)]
        #expect(configuration.notes == ["the key 'old' expired at 1970-01-02T00:00:00Z"])
    }

    @Test(
        "times in any form of RFC 3339",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01t00:00:01z", 1), ("1970-01-01T02:00:00+02:00", 0),
            ("1969-12-31T23:30:00-00:30", 0), ("1970-01-01T00:00:00.999Z", 0), ("1970-01-01T00:00:00.5+00:00", 0),
            ("1970-01-01T00:00:00", nil), ("1970-01-01 00:00:00Z", nil), ("1970-01-01T00:00:00.Z", nil),
            ("1970-01-01T00:00:00+2:00", nil), ("1970-01-01T00:00:00+24:00", nil), ("1970-13-01T00:00:00Z", nil),
            ("1970-01-01T00:00:00Zx", nil), ("", nil), ("1970-01-01", nil), ("1970-01-01T00:00:00+00-00", nil),
        ] as [(String, Int?)]
    )
    func times(text: String, seconds: Int?) {
        #expect(Timestamp.seconds(rfc3339: text) == seconds)
    }
}

@Suite("Links and keys that Swift programs make")
struct SubscribeLinkTests {
    @Test("A link's URL, from a base with a path or without")
    func url() throws {
        let link = try SubscribeLink(channel: "demo", expires: 1_900_000_000)
        let secret = "0123456789abcdef0123456789abcdef"
        let target = try link.target(secret: secret)
        #expect(target.hasPrefix("/channels/demo?expires=1900000000&signature="))
        #expect(try link.url(base: "https://h/", secret: secret) == "https://h" + target)
        #expect(try link.url(base: "https://h/tokens", secret: secret) == "https://h/tokens" + target)
        #expect(throws: SubscribeLink.Problem.self) { try link.target(secret: "short") }
    }

    @Test("What can't be linked to", arguments: ["a/b", "", "a?b", "ä"])
    func problems(name: String) {
        #expect(throws: SubscribeLink.Problem.self) { try SubscribeLink(channel: name, expires: 1) }
        #expect(throws: SubscribeLink.Problem.self) { try SubscribeLink(stream: name, expires: 1) }
        #expect(throws: SubscribeLink.Problem.self) { try SubscribeLink(channel: "demo", expires: -1) }
    }

    @Test("A new key is known by what the configuration has of it, and no two are the same")
    func keys() throws {
        let made = try NewKey(name: "a", scopes: [.call], channels: ["x"], expires: 0)
        let known = AccessKeys([AccessKey(name: "a", sha256: made.key.sha256, scopes: [.call])])
        #expect(known.key(shownAs: made.text)?.name == "a")
        #expect(made.text != (try NewKey(name: "a", scopes: [.call])).text)
        #expect(made.text.hasPrefix("tck_") && made.text.utf8.count == 47)
        let entry = try json(made.json)
        #expect(entry["expires"]?.string == "1970-01-01T00:00:00Z")
        #expect(entry["channels"]?.array?.compactMap(\.string) == ["x"])
        #expect(throws: ConfigurationError.self) { try NewKey(name: "a", scopes: []) }
    }
}
