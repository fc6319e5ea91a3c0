import Testing

@testable import TapeTools

@Suite("The format of a file to import")
struct ImportFormatTests {
    @Test(
        "It is found by extension and content",
        arguments: [
            ("a.yaml", "", .vcrpy), ("a.YML", "x", .vcrpy), ("a.json", #"{"interactions":[]}"#, .vcrpy),
            ("a.json", #" {"fixtures":[]}"#, .aimock),
            ("a.json", #"{"a":1}"#, nil), ("a.json", "{", nil), ("a.sse", "", .sse), ("a.ndjson", "", .ndjson),
            ("a.jsonl", "", .ndjson), ("a", "data: x\n\n", .sse),
            ("a", "event: x\n", .sse), ("a", ": hi\n", .sse), ("a", "{}\n{}\n", .ndjson),
            ("a", "interactions:\n", .vcrpy), ("a", "hello", nil), ("a", "", nil),
        ] as [(String, String, ImportFormat?)]
    )
    func found(_ file: String, _ content: String, _ expected: ImportFormat?) {
        #expect(ImportFormat(file: file, Array(content.utf8)) == expected)
    }
}
