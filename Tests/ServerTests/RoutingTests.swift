import NIOHTTP1
import Tapes
import Testing

@testable import Server

/// Targets, addresses and patterns.
@Suite struct RoutingTests {
    @Test(
        "Targets",
        arguments: [
            ("/", "/", nil), ("/a/b", "/a/b", nil), ("/a?b=c?d", "/a", "b=c?d"), ("/a?", "/a", ""),
            ("/~channel=demo/v1/x?y", "/v1/x", "y"), ("/~channel=demo", "/", nil), ("/~scope=a", "/", nil),
            ("/~channel=a.b_C-9,scope=t/v1", "/v1", nil), ("//a", "//a", nil),
        ]
    )
    func targets(text: String, path: String, query: String?) throws {
        let target = try RequestTarget(text, headers: [:])
        #expect(target.path == path)
        #expect(target.query == query)
    }

    @Test func optionsComeFromTheURLAndFromHeaders() throws {
        let both = try RequestTarget("/~channel=one,scope=s1/v1", headers: [:])
        #expect(both.options == .init(channel: "one", scope: .init("s1")))
        let deep = try RequestTarget("/~scope=tests%2Fchat/v1", headers: [:])
        #expect(deep.options.scope == TapeScope("tests/chat"))
        #expect(deep.path == "/v1")
        let header = try RequestTarget(
            "/~channel=one/v1",
            headers: ["Tokencast-Channel": "two", "tokencast-scope": "a/b"]
        )
        #expect(header.options == .init(channel: "two", scope: .init("a/b")))
    }

    @Test("How a tape is played comes from the URL and from headers, which win")
    func replayOptions() throws {
        let url = try RequestTarget(
            "/~scope=x,speed=0,max-gap=1.5,rechunk=size:3,fault=drop@event:5+dup,fault=inject:%2C%2F@byte:1/v1",
            headers: [:]
        )
        let faults = try Fault.list(parsing: ["drop@event:5", "dup", "inject:%2C%2F@byte:1"])
        #expect(url.options.scope == TapeScope("x"))
        #expect(url.options.replay == ReplayOptions(speed: 0, maxGap: 1.5, rechunk: .size(3), faults: faults))
        #expect(url.path == "/v1")
        let header = try RequestTarget(
            "/~speed=0,max-gap=1,rechunk=byte,fault=drop/v1",
            headers: ["Tokencast-Speed": "2", "tokencast-rechunk": "random:7", "TOKENCAST-FAULT": "none"]
        )
        #expect(header.options.replay == ReplayOptions(speed: 2, maxGap: 1, rechunk: .random(seed: 7), faults: []))
        let lines = try RequestTarget("/v1", headers: ["Tokencast-Fault": "slow:2", "tokencast-fault": "dup, drop"])
        #expect(lines.options.replay.faults?.map(\.description) == ["slow:2", "dup", "drop"])
        #expect(try RequestTarget("/v1", headers: [:]).options.replay == ReplayOptions())
    }

    @Test(
        "What can't be an option of a replay is refused with the forms there are",
        arguments: [
            ("Tokencast-Speed", "fast", "speed must be a number from 0"),
            ("Tokencast-Max-Gap", "-1", "max-gap must be"),
            ("Tokencast-Rechunk", "bits", "utf8-split"), ("Tokencast-Fault", "drpo", "slow:FACTOR"),
            ("Tokencast-Fault", "", "slow:FACTOR"),
        ]
    )
    func badReplayOptions(name: String, value: String, message: String) throws {
        let headers: HTTPHeaders = [name: value]
        let error = try #require(throws: RequestTarget.Problem.self) { try RequestTarget("/v1", headers: headers) }
        #expect(error.message.contains(message))
        let option = name.dropFirst("Tokencast-".count).lowercased()
        let other = try #require(throws: RequestTarget.Problem.self) {
            try RequestTarget("/~\(option)=\(value)/v1", headers: [:])
        }
        #expect(other.message == error.message)
    }

    @Test(
        "Targets that can't be served",
        arguments: [
            "", "a", "http://localhost/", "*", "/~channel=/x", "/~channel=a b/x", "/~channel=\u{E9}/x",
            "/~nonsense=1/x",
            "/~channel/x", "/~scope=../x", "/~scope=..%2Fx/v1", "/~scope=a%2F%2Fb/v1", "/~scope=%00/v1",
            "/~scope=.hidden/x",
        ]
    )
    func badTargets(text: String) {
        #expect(throws: RequestTarget.Problem.self) { try RequestTarget(text, headers: [:]) }
    }

    @Test func parametersAreDecoded() throws {
        let target = try RequestTarget("/x?a=1&b=%41%zz%4&a=2&c&d=a+b", headers: [:])
        #expect(target.parameter("a") == "2")
        #expect(target.parameter("b") == "A%zz%4")
        #expect(target.parameter("c") == "")
        #expect(target.parameter("d") == "a+b")
        #expect(target.parameter("e") == nil)
    }

    @Test(
        "Patterns",
        arguments: [
            ("*", "", true), ("*", "anything", true), ("", "", true), ("", "a", false), ("gpt*", "gpt", true),
            ("gpt*", "gpt-4o", true), ("gpt*", "xgpt", false), ("*mini", "gpt-mini", true),
            ("*mini", "gpt-mini2", false),
            ("a*b*c", "aXbYc", true), ("a*b*c", "abc", true), ("a*b*c", "acb", false), ("a**b", "ab", true),
            ("A", "a", false),
            ("*a*a*a*a*a*b", String(repeating: "a", count: 3000), false), ("/v1/*", "/v1/", true),
            ("*\u{E9}", "caf\u{E9}", true),
        ]
    )
    func patterns(pattern: String, text: String, isMatch: Bool) {
        #expect(wildcard(pattern, matches: text) == isMatch)
    }

    @Test func routesWantAllThatTheySay() {
        let route = Route(model: "m*", path: "/v1/*", upstream: "u")
        #expect(route.matches(path: "/v1/x", model: "m1"))
        #expect(!route.matches(path: "/v2/x", model: "m1"))
        #expect(!route.matches(path: "/v1/x", model: "x"))
        #expect(!route.matches(path: "/v1/x", model: nil))
        #expect(Route(upstream: "u").matches(path: "/", model: nil))
    }
}
