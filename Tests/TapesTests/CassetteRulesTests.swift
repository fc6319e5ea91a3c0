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
        #expect(rules.ignore.isEmpty)
        #expect(rules.exhausted == .error)
        #expect(rules.speed == 1)
    }

    @Test("says what counts")
    func full() throws {
        let rules = try parse(
            #"{"$schema":"x","match":["model"],"ignore":["/a/*/b"],"exhausted":"cycle","speed":2.5}"#
        )
        #expect(rules.match == ["model"])
        #expect(rules.ignore.map(\.description) == ["/a/*/b"])
        #expect(rules.exhausted == .cycle)
        #expect(rules.speed == 2.5)
    }

    @Test(
        "is refused with the line that is wrong",
        arguments: [
            ("{\n\"mach\": []\n}", 2, "\"mach\" is not known"),
            ("{\n\n\"match\": \"model\"}", 3, "must be an array"),
            ("{\"match\": [1]}", 1, "wants a string"),
            ("{\"match\": [\"/model\"]}", 1, "not pointers"),
            ("{\"ignore\": [\"model\"]}", 1, "JSON pointers"),
            ("{\"ignore\": [\"\"]}", 1, "JSON pointers"),
            ("{\n\"exhausted\": \"never\"}", 2, "must be"),
            ("{\"speed\": -1}", 1, "0 or more"),
            ("{\"speed\": \"fast\"}", 1, "0 or more"),
            ("{\"speed\": 1e999}", 1, "0 or more"),
            ("{\n\"replace\": {}}", 2, "later version"),
            ("{\n\"maxAge\": \"30d\"}", 2, "later version"),
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
