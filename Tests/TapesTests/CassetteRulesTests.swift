import Dialects
import Tapes
import Testing

@Suite("A cassette.json")
struct CassetteRulesTests {
    private func parse(_ text: String) throws(TapeError) -> CassetteRules {
        try CassetteRules(parsing: Array(text.utf8), file: "cassette.json")
    }

    @Test("may be empty")
    func empty() throws {
        let rules = try parse("{}")
        #expect(rules.match == nil)
        #expect(rules.paths == .exact)
        #expect(rules.ignore.isEmpty)
        #expect(rules.exhausted == .error)
        #expect(rules.replay == ReplayOptions())
        #expect(rules.scopes.isEmpty)
    }

    @Test("says what counts")
    func full() throws {
        let rules = try parse(
            #"{"$schema":"x","match":["model"],"paths":"dialect","ignore":["/a/*/b"],"exhausted":"cycle","speed":2.5}"#
        )
        #expect(rules.match == ["model"])
        #expect(rules.paths == .dialect)
        #expect(rules.ignore.map(\.description) == ["/a/*/b"])
        #expect(rules.exhausted == .cycle)
        #expect(rules.replay == ReplayOptions(speed: 2.5))
    }

    @Test("says how tapes are played, scope by scope")
    func replay() throws {
        let rules = try parse(
            """
            {"maxGap": 0.5, "rechunk": "random:7", "faults": ["drop@event:5", "slow:2+dup"], "exhausted": "last",
             "scopes": {
               "tests/chat": {"speed": 0, "exhausted": "cycle"},
               "tests/*": {"speed": 2, "faults": [], "rechunk": "byte"},
               "": {"exhausted": "error"}
             }}
            """
        )
        let faults = [Fault(.drop(reset: false), at: .event(5)), Fault(.slow(factor: 2)), Fault(.duplicate)]
        let all = ReplayOptions(maxGap: 0.5, rechunk: .random(seed: 7), faults: faults)
        #expect(rules.replay == all)
        #expect(rules.scopes.map(\.pattern) == ["tests/chat", "tests/*", ""])
        let chat = try #require(TapeScope("tests/chat"))
        #expect(rules.replay(in: chat) == ReplayOptions(speed: 0, maxGap: 0.5, rechunk: .byte, faults: []))
        #expect(rules.exhausted(in: chat) == .cycle)
        let deep = try #require(TapeScope("tests/chat/deep"))
        #expect(rules.replay(in: deep) == ReplayOptions(speed: 2, maxGap: 0.5, rechunk: .byte, faults: []))
        #expect(rules.exhausted(in: deep) == .last)
        #expect(rules.replay(in: .root) == all)
        #expect(rules.exhausted(in: .root) == .error)
        #expect(rules.replay(in: try #require(TapeScope("testsuite"))) == all)
    }

    @Test(
        "is refused with the line that is wrong",
        arguments: [
            ("{\n\"mach\": []\n}", 2, "\"mach\" is not known"),
            ("{\n\n\"match\": \"model\"}", 3, "must be an array"),
            ("{\"match\": [1]}", 1, "wants strings"),
            ("{\"match\": [\"/model\"]}", 1, "not pointers"),
            ("{\"ignore\": [\"model\"]}", 1, "JSON pointers"),
            ("{\"ignore\": [\"\"]}", 1, "JSON pointers"),
            ("{\n\"exhausted\": \"never\"}", 2, "must be"),
            ("{\"speed\": -1}", 1, "from 0 to"),
            ("{\"speed\": \"fast\"}", 1, "from 0 to"),
            ("{\"speed\": 1e999}", 1, "from 0 to"),
            ("{\n\"maxGap\": -1}", 2, "\"maxGap\" must be a number"),
            ("{\n\"rechunk\": 1}", 2, "wants a string"),
            ("{\n\"rechunk\": \"bits\"}", 2, "utf8-split"),
            ("{\n\"faults\": \"drop\"}", 2, "must be an array"),
            ("{\"faults\": [\n1]}", 2, "wants strings"),
            ("{\"faults\": [\"drop\",\n\n\"drpo\"]}", 3, "'drpo' is no fault"),
            ("{\"faults\": [\(Array(repeating: "\"dup\"", count: 17).joined(separator: ","))]}", 1, "16 faults"),
            ("{\n\"scopes\": []}", 2, "must be an object"),
            ("{\"scopes\":\n{\"a\":\n1}}", 3, "\"a\" must be an object"),
            ("{\"scopes\": {\n\"../a\": {}}}", 2, "can't name a scope"),
            (
                "{\"scopes\": {\n\"a\": {\n\"match\": []}}}", 3,
                "\"match\" is not known; known are \"exhausted\", \"speed\""
            ),
            ("{\"scopes\": {\n\"a\": {\n\"rechunk\": \"?\"}}}", 3, "is no way to cut"),
            ("{\"scopes\": {\"a\": {},\n\"a\": {}}}", 2, "twice"),
            ("{\n\"replace\": []}", 2, "must be an object"),
            ("{\"replace\": {\"content\": \"x\"}}", 1, "is no JSON pointer"),
            ("{\"replace\": {\"/a\": 1}}", 1, "wants a string"),
            ("{\"replace\": {\"/a\": \"(\"}}", 1, "has the pattern \"(\""),
            ("{\n\"maxAge\": \"30 days\"}", 2, "such as \"30d\""),
            ("{\"maxAge\": 30}", 1, "wants a string"),
            ("[]", 1, "must be an object"),
            ("{\n\"match\": []\n\"speed\": 1}", 3, "this byte can't stand here"),
            ("{\"speed\": 1,\n \"speed\": 2}", 2, "twice"),
            ("", 1, "ends too early"),
        ]
    )
    func refused(_ text: String, _ line: Int, _ message: String) throws {
        let error = try #require(throws: TapeError.self) { try parse(text) }
        #expect(error.line == line)
        #expect(error.description.contains(message), "\(error)")
        #expect(error.file == "cassette.json")
    }
}
