import Testing

@testable import Dialects

@Suite struct MergedJSONObjectTests {
    private func merged(_ pieces: [String]) -> String {
        var object = MergedJSONObject()
        for piece in pieces {
            let bytes = Array(piece.utf8)
            let span = bytes.span.bytes
            var scanner = JSONScanner(span)
            object.merge(scanner.nextValue(in: span) ?? .absent, in: span)
        }
        return object.raw
    }

    @Test(
        "Members take the place of those with the same name, and new ones follow",
        arguments: [
            ([], "{}"), (["{}"], "{}"), ([#"{ "a" : 1 }"#], #"{ "a" : 1 }"#),
            ([#"{"a":1,"b":2}"#, #"{"b":3,"c":[{}]}"#], #"{"a":1,"b":3,"c":[{}]}"#),
            ([#"{ "a" : {"x":1} }"#, #"{"a":{"y":2}}"#], #"{"a":{"y":2}}"#),
            ([#"{"a":1}"#, #"{"a":null,"b":null}"#, #"{"b":2}"#], #"{"a":1,"b":2}"#),
            ([#"{"a":1}"#, #"{"a":2,"a":3,"b":4,"b":5}"#], #"{"a":3,"b":5}"#),
            ([#"{"a":1}"#, "[]", "7", "{}", "nonsense", #"{"b""#], #"{"a":1}"#),
            ([#"{"é\n":"\""}"#, #"{"é\n":"}"}"#], #"{"é\n":"}"}"#),
        ]
    )
    func merge(pieces: [String], result: String) {
        #expect(merged(pieces) == result)
    }

    @Test("Of what grows beyond measure the newest piece is kept")
    func limits() {
        let long = #"{"a":"\#(String(repeating: "x", count: 17 << 10))"}"#
        #expect(merged([#"{"b":1}"#, long]) == long)
        #expect(merged([long, #"{"b":1}"#]) == #"{"b":1}"#)
        let many = "{\((0..<200).map { "\"k\($0)\":0" }.joined(separator: ","))}"
        #expect(merged([#"{"b":1}"#, many]) == many)
        #expect(merged([many, #"{"b":1}"#]) == #"{"b":1}"#)
    }
}
