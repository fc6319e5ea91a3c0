import Logging
import Tapes
import Testing

@testable import Tokencast

@Suite("Configuration")
struct ConfigurationTests {
    private func read(_ text: String, environment: [String: String] = [:]) throws -> Configuration {
        try Configuration(parsing: Array(text.utf8), file: "config.json", directory: "conf", environment: environment)
    }

    private func failure(_ text: String) -> ConfigurationError? {
        do {
            _ = try read(text)
            return nil
        } catch {
            return error as? ConfigurationError
        }
    }

    @Test("a file without anything has the defaults")
    func defaults() throws {
        let configuration = try read("{}")
        #expect(configuration == Configuration())
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.port == 8653)
    }

    @Test("every member is read, and paths are relative to the file")
    func everything() throws {
        let configuration = try read(
            """
            {
              "listen": { "host": "localhost", "port": 1, "allowedHosts": ["a"], "allowedOrigins": ["https://b"],
                          "publicURL": "https://tokens.example/t/" },
              "upstreams": {
                "demo": { "replay": { "cassette": "fixtures/demo", "speed": 2, "maxGap": 0.5, "rechunk": "random:7",
                                      "faults": ["drop@event:5", "dup"] } },
                "far": { "url": "https://far.example/v1", "dialect": "openai", "key": { "env": "FAR_KEY" },
                         "timeouts": { "connect": 1, "firstByte": 2.5, "idle": 3 } }
              },
              "routes": [ { "model": "demo*", "upstream": "demo" }, { "path": "/v1/*", "upstream": "far",
                  "onDisconnect": "keep", "keepSeconds": 5 } ],
              "tapes": { "cassette": "/abs/tapes", "mode": "all" },
              "tee": [ { "directory": "tee", "formats": ["text"] } ],
              "limits": { "subscribers": 7, "publishRate": 8 },
              "retention": { "seconds": 1.5, "totalBytes": 4096 },
              "logLevel": "debug",
              "drainSeconds": 4
            }
            """,
            environment: ["FAR_KEY": "sk-1"]
        )
        #expect(configuration.allowedHosts == ["a"])
        #expect(configuration.publicURL == "https://tokens.example/t/")
        #expect(configuration.upstreams.map(\.name) == ["demo", "far"])
        let options = ReplayOptions(
            speed: 2,
            maxGap: 0.5,
            rechunk: .random(seed: 7),
            faults: [Fault(.drop(reset: false), at: .event(5)), Fault(.duplicate)]
        )
        #expect(configuration.upstreams[0].source == .replay(cassette: "conf/fixtures/demo", options))
        #expect(configuration.upstreams[1].key == "sk-1")
        #expect(configuration.upstreams[1].firstByteSeconds == 2.5)
        #expect(configuration.routes[0] == .init(model: "demo*", upstream: "demo"))
        #expect(configuration.tapes.cassette == "/abs/tapes")
        #expect(configuration.tapes.mode == .all)
        #expect(configuration.tee == [.init(directory: "conf/tee", formats: [.text])])
        #expect(configuration.logLevel == .debug)
        #expect(configuration.drainSeconds == 4)
        #expect(configuration.routes[1].onDisconnect == .keep && configuration.routes[1].keepSeconds == 5)
        #expect(configuration.limits.subscribers == 7 && configuration.limits.publishRate == 8)
        #expect(configuration.limits.publishBytes == 256 << 10)
        #expect(configuration.retention.seconds == 1.5 && configuration.retention.totalBytes == 4096)
    }

    @Test("a variable that isn't set means no key")
    func missingKey() throws {
        let text = #"{"upstreams":{"a":{"url":"http://h","key":{"env":"NOT_SET"}}}}"#
        #expect(try read(text).upstreams[0].key == nil)
        #expect(try read(text, environment: ["NOT_SET": ""]).upstreams[0].key == nil)
    }

    @Test("a key is that of the first variable which is set")
    func severalVariables() throws {
        let text = #"{"upstreams":{"a":{"url":"http://h","key":{"env":["ONE","TWO"]}}}}"#
        #expect(try read(text).upstreams[0].key == nil)
        #expect(try read(text, environment: ["TWO": "2"]).upstreams[0].key == "2")
        #expect(try read(text, environment: ["ONE": "", "TWO": "2"]).upstreams[0].key == "2")
        #expect(try read(text, environment: ["ONE": "1", "TWO": "2"]).upstreams[0].key == "1")
    }

    @Test("an address may come from the environment, and isn't missed until it is asked for")
    func addressFromTheEnvironment() throws {
        let text = #"{"upstreams":{"a":{"url":{"env":"BASE"}}},"routes":[{"upstream":"a"}]}"#
        let without = try read(text)
        #expect(without.upstreams[0].source == .unset(variable: "BASE"))
        try without.check()
        #expect(without.summary.contains("a → nowhere: BASE is not set"))
        #expect(try read(text, environment: ["BASE": "https://h/"]).upstreams[0].source == .url("https://h/"))
        let error = #expect(throws: ConfigurationError.self) { try read(text, environment: ["BASE": "h"]) }
        let expected = "upstreams.a.url: the environment variable BASE, whose value isn't shown, must be"
        #expect(error?.message.contains(expected) == true)
    }

    @Test("a program that embeds it learns of an unknown dialect as a file does")
    func unknownDialect() throws {
        var configuration = Configuration()
        configuration.upstreams = [.init(name: "a", source: .url("http://h"), dialect: "antropic")]
        let error = #expect(throws: ConfigurationError.self) { try configuration.check() }
        #expect(error?.message.hasPrefix("upstreams.a.dialect: 'antropic' is neither") == true)
    }

    @Test("an unknown key is named with its line and the nearest known one")
    func unknownKey() throws {
        let error = try #require(failure("{\n  \"listen\": {\n    \"prot\": 1\n  }\n}"))
        #expect(error.line == 3)
        #expect(error.message.contains("listen.prot"))
        #expect(error.message.contains("did you mean 'port'?"))
    }

    @Test(
        "what can't be meant is refused at its line",
        arguments: [
            (#"{"listen":{"port":"80"}}"#, "listen.port must be a whole number"),
            (#"{"listen":{"port":65536}}"#, "listen.port must be a whole number"),
            (#"{"upstreams":{"streams":{"url":"http://h"}}}"#, "Tokencast's own"),
            (#"{"upstreams":{"a/b":{"url":"http://h"}}}"#, "name"),
            (#"{"upstreams":{"a":{}}}"#, "needs a url or a replay"),
            (#"{"upstreams":{"a":{"url":"ftp://h"}}}"#, "must be http://HOST"),
            (#"{"upstreams":{"a":{"url":"http://u:p@h"}}}"#, "must be http://HOST"),
            (#"{"upstreams":{"a":{"url":"http://h","replay":{"cassette":"c"}}}}"#, "not both"),
            (#"{"upstreams":{"a":{"url":"http://h","timeouts":{"idle":1e300}}}}"#, "a number from 0"),
            (#"{"upstreams":{"a":{"url":{}}}}"#, "a url needs env"),
            (#"{"upstreams":{"a":{"url":[]}}}"#, "upstreams.a.url must be"),
            (#"{"upstreams":{"a":{"url":"http://h","key":{"env":[]}}}}"#, "an array of strings that isn't empty"),
            (#"{"upstreams":{"a":{"url":"http://h","key":{"env":["A",1]}}}}"#, "an array of strings"),
            (#"{"upstreams":{"a":{"url":"http://h","dialect":"opanai"}}}"#, "did you mean 'openai'?"),
            (
                #"{"upstreams":{"a":{"url":"http://h","dialect":"openai.response"}}}"#,
                "did you mean 'openai.responses'?"
            ),
            (
                #"{"upstreams":{"a":{"url":"http://h"}},"routes":[{"upstream":"a","dialect":"qqqqqqqqqqqqqqqq"}]}"#,
                "routes[0].dialect: 'qqqqqqqqqqqqqqqq' is neither a family nor a dialect (families: openai, azure"
            ),
            (#"{"routes":[{"upstream":"nowhere"}]}"#, "there is no upstream 'nowhere'"),
            (#"{"routes":[{"model":"x"}]}"#, "needs an upstream"),
            (#"{"tapes":{"mode":"sometimes"}}"#, "is no mode"),
            (#"{"tapes":{"mode":"all"}}"#, "needs a cassette"),
            (#"{"tee":[{"directory":"t","formats":["xml"]}]}"#, "is no format"),
            (#"{"tee":{}}"#, "array of objects"),
            (#"{"logLevel":"loud"}"#, "is no level"),
            (#"{"a":1,"a":2}"#, "JSON"),
            ("[]", "must be an object"),
            ("{", "isn't JSON"),
        ]
    )
    func refusals(_ text: String, _ message: String) throws {
        let error = try #require(failure(text), "it was accepted: \(text)")
        #expect(error.message.contains(message), "\(error)")
        #expect(error.line == 1)
        #expect(error.file == "config.json")
    }

    @Test("flags beat the environment, which beats the file")
    func precedence() throws {
        var flags = Overrides()
        flags.port = 3
        let environment = try Overrides(environment: ["TOKENCAST_PORT": "2", "TOKENCAST_HOST": "localhost"])
        var configuration = try read(#"{"listen":{"port":1,"host":"127.0.0.2"}}"#)
        try configuration.apply(flags.or(environment))
        #expect(configuration.port == 3)
        #expect(configuration.host == "localhost")
    }

    @Test("how tapes are played is read alike from the file, the environment and flags")
    func replay() throws {
        var configuration = try read(
            #"{"tapes":{"mode":"none","cassette":"t","speed":1,"maxGap":1,"rechunk":"line","faults":["dup"]}}"#
        )
        #expect(
            configuration.tapes.replay
                == ReplayOptions(speed: 1, maxGap: 1, rechunk: .line, faults: [Fault(.duplicate)])
        )
        let environment = try Overrides(environment: [
            "TOKENCAST_MAX_GAP": "2", "TOKENCAST_RECHUNK": "byte", "TOKENCAST_FAULT": "drop@event:5+slow:2",
        ])
        var flags = Overrides()
        flags.rechunk = .event
        try configuration.apply(flags.or(environment))
        let faults = [Fault(.drop(reset: false), at: .event(5)), Fault(.slow(factor: 2))]
        #expect(configuration.tapes.replay == ReplayOptions(speed: 1, maxGap: 2, rechunk: .event, faults: faults))
        for variable in ["TOKENCAST_MAX_GAP", "TOKENCAST_RECHUNK", "TOKENCAST_FAULT"] {
            #expect(throws: ConfigurationError.self) { try Overrides(environment: [variable: "?"]) }
        }
    }

    @Test(
        "flags for replays want one",
        arguments: [
            ["TOKENCAST_SPEED": "1"], ["TOKENCAST_MAX_GAP": "1"], ["TOKENCAST_RECHUNK": "byte"],
            ["TOKENCAST_FAULT": "none"],
        ]
    )
    func withoutReplay(_ environment: [String: String]) throws {
        var overrides = try Overrides(environment: environment)
        var configuration = Configuration()
        #expect(throws: ConfigurationError.self) { try configuration.apply(overrides) }
        overrides.replay = "tapes"
        try configuration.apply(overrides)
    }

    @Test("flags that contradict each other are refused")
    func contradictions() throws {
        var both = Overrides()
        both.upstream = "http://h"
        both.replay = "tapes"
        var configuration = Configuration()
        #expect(throws: ConfigurationError.self) { try configuration.apply(both) }
        var speed = Overrides()
        speed.speed = 2
        #expect(throws: ConfigurationError.self) { try configuration.apply(speed) }
    }

    @Test("only loopback can be listened on", arguments: ["0.0.0.0", "192.168.1.1", "example.com", "::"])
    func loopbackOnly(_ host: String) throws {
        var configuration = try read(#"{"upstreams":{"a":{"url":"http://h"}},"routes":[{"upstream":"a"}]}"#)
        configuration.host = host
        #expect(throws: ConfigurationError.self) { try configuration.check() }
        configuration.host = "127.0.0.1"
        try configuration.check()
    }

    @Test("nothing to serve is an error that says what to give")
    func nothing() throws {
        let error = #expect(throws: ConfigurationError.self) { try Configuration().check() }
        #expect(error?.message.contains("--upstream") == true)
    }

    @Test("distances count the changes between two words")
    func distances() {
        #expect(distance("port", "prot") == 2)
        #expect(distance("", "abc") == 3)
        #expect(distance("same", "same") == 0)
    }
}
