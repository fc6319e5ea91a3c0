import Broadcast
import Testing

@testable import Server

@Suite("Keys and what they are for")
struct AccessKeyTests {
    @Test("A key is found by what is shown, and by nothing near it")
    func lookup() {
        let keys = AccessKeys([TestKeys.key("a", [.call]), TestKeys.key("b", [.admin]), TestKeys.key("c", [.publish])])
        for name in ["a", "b", "c"] { #expect(keys.key(shownAs: TestKeys.text(name))?.name == name) }
        let text = TestKeys.text("b")
        for near in ["", "x", String(text.dropLast()), text + " ", text.uppercased(), TestKeys.key("b", []).sha256] {
            #expect(keys.key(shownAs: near) == nil, "\(near)")
        }
        #expect(keys.key(shownAs: String(repeating: "x", count: AccessKeys.longest + 1)) == nil)
        #expect(AccessKeys().isEmpty)
        #expect(AccessKeys().key(shownAs: text) == nil)
    }

    @Test("A digest that is none fits no key, the empty text least of all")
    func badDigests() {
        for digest in ["", "00", String(repeating: "z", count: 64)] {
            let keys = AccessKeys([AccessKey(name: "bad", sha256: digest, scopes: [.admin])])
            for text in ["", "00", digest] { #expect(keys.key(shownAs: text) == nil) }
        }
    }

    @Test("A digest may be written in capitals")
    func capitals() {
        var key = TestKeys.key("a", [.call])
        key.sha256 = key.sha256.uppercased()
        #expect(AccessKeys([key]).key(shownAs: TestKeys.text("a")) == key)
    }

    @Test(
        "Patterns for channels; the one that holds every stream is given by its name or by * alone",
        arguments: [
            (["*"], "demo", true), (["*"], "all", true), (["**"], "all", true), (["all"], "all", true),
            (["a*"], "all", false), (["*l"], "all", false), (["a*"], "abc", true), (["a*"], "bc", false),
            (["x", "demo"], "demo", true), (["demo"], "demo2", false), (["team-*-x"], "team-1-x", true),
            ([], "x", false),
        ]
    )
    func patterns(patterns: [String], channel: String, isCovered: Bool) {
        #expect(TestKeys.key("k", [.subscribe], channels: patterns).covers(channel: channel) == isCovered)
        #expect(TestKeys.key("k", [.admin], channels: patterns).covers(channel: channel))
    }

    @Test(
        "What can be a pattern",
        arguments: [
            ("*", true), ("a*b", true), ("demo", true), ("", false), ("a b", false), ("a/b", false), ("ü*", false),
        ]
    )
    func patternForms(text: String, isPattern: Bool) {
        #expect(AccessKey.isPattern(text) == isPattern)
    }
}

@Suite("Who may what")
struct PrincipalTests {
    private let id = StreamID()

    @Test("Without keys everybody may everything")
    func anyone() {
        let anyone = Principal.anyone
        for scope in AccessScope.allCases { #expect(anyone.may(scope)) }
        #expect(anyone.mayCall(channel: "x") && anyone.mayPublish(channel: "x") && anyone.maySubscribe(channel: "all"))
        #expect(anyone.mayCancel(StreamOrigin()) && anyone.maySubscribe(to: id, StreamOrigin(owner: "a")))
        #expect(anyone.owner == nil)
    }

    @Test("A key has its own scopes and no other; admin has all", arguments: AccessScope.allCases)
    func scopes(scope: AccessScope) {
        let principal = Principal.key(TestKeys.key("k", [scope]))
        for other in AccessScope.allCases { #expect(principal.may(other) == (scope == .admin || other == scope)) }
        #expect(principal.mayPublish(channel: "x") == (scope == .publish || scope == .admin))
        #expect(principal.maySubscribe(channel: "x") == (scope == .subscribe || scope == .admin))
        #expect(principal.mayCall(channel: nil) == (scope == .call || scope == .admin))
        #expect(principal.owner == "k")
    }

    @Test("A key that has expired while its socket is open may nothing more")
    func expiry() {
        let principal = Principal.key(TestKeys.key("k", [.admin], expires: 100))
        let own = StreamOrigin(owner: "k")
        #expect(principal.mayPublish(channel: "x", at: 99))
        #expect(!principal.mayPublish(channel: "x", at: 100))
        #expect(principal.mayCancel(own, at: 99) && !principal.mayCancel(own, at: 100))
        #expect(!principal.maySubscribe(to: id, own, at: 100) && !principal.mayCall(channel: nil, at: 100))
    }

    @Test("Channels bound publishing, subscribing, and where a call's stream goes")
    func channels() {
        let principal = Principal.key(TestKeys.key("k", [.call, .subscribe, .publish], channels: ["team-*"]))
        #expect(principal.mayPublish(channel: "team-1") && !principal.mayPublish(channel: "other"))
        #expect(principal.maySubscribe(channel: "team-1") && !principal.maySubscribe(channel: "all"))
        #expect(principal.mayCall(channel: "team-1") && !principal.mayCall(channel: "other"))
        // Every stream is in `all`, whether it is asked for or not.
        #expect(principal.mayCall(channel: nil) && principal.mayCall(channel: "all"))
    }

    @Test("A stream is read by its maker, by readers of its channel, and by readers of all streams")
    func streams() {
        let maker = Principal.key(TestKeys.key("maker", [.call]))
        let team = Principal.key(TestKeys.key("team", [.subscribe], channels: ["team"]))
        let all = Principal.key(TestKeys.key("all", [.subscribe], channels: ["all"]))
        let inTeam = StreamOrigin(owner: "maker", channel: "team")
        let alone = StreamOrigin(owner: "maker")
        #expect(maker.maySubscribe(to: id, inTeam) && maker.maySubscribe(to: id, alone))
        #expect(!maker.maySubscribe(to: id, StreamOrigin(owner: "other")))
        #expect(!maker.maySubscribe(to: id, StreamOrigin()))
        #expect(team.maySubscribe(to: id, inTeam) && !team.maySubscribe(to: id, alone))
        #expect(all.maySubscribe(to: id, inTeam) && all.maySubscribe(to: id, alone))
        #expect(maker.mayCancel(inTeam) && !team.mayCancel(inTeam) && !all.mayCancel(alone))
    }

    @Test("A link gives reading of what it leads to, and nothing else")
    func links() {
        let channel = Principal.link(.channel("demo"), expires: .max)
        #expect(channel.maySubscribe(channel: "demo") && !channel.maySubscribe(channel: "demo2"))
        #expect(!channel.maySubscribe(to: id, StreamOrigin(channel: "demo")))
        let stream = Principal.link(.stream(id.description), expires: .max)
        #expect(stream.maySubscribe(to: id, StreamOrigin()) && !stream.maySubscribe(to: StreamID(), StreamOrigin()))
        for link in [channel, stream, .none] {
            for scope in AccessScope.allCases { #expect(!link.may(scope)) }
            #expect(!link.mayPublish(channel: "demo") && !link.mayCancel(StreamOrigin()) && !link.mayCall(channel: nil))
        }
    }
}
