import Dialects
import Tapes
import Testing

@testable import TapeTools

@Suite("YAML is read as plain data")
struct YAMLDocumentTests {
    private func parse(_ text: String, limits: YAMLDocument.Limits = .init()) throws -> JSONValue {
        try YAMLDocument.parse(Array(text.utf8), file: "a.yaml", limits: limits)
    }

    private func problem(_ text: String, limits: YAMLDocument.Limits = .init()) -> String {
        do {
            return "it was read: \(try parse(text, limits: limits).jsonText)"
        } catch {
            return "\(error)"
        }
    }

    @Test(
        "Scalars, lists and mappings become what they look like",
        arguments: [
            ("a: 1", #"{"a":1}"#), ("a: '1'", #"{"a":"1"}"#), ("a: 3.54.0", #"{"a":"3.54.0"}"#),
            ("a: 007", #"{"a":"007"}"#), ("a: -12", #"{"a":-12}"#), ("a: null", #"{"a":null}"#), ("a:", #"{"a":null}"#),
            ("a: ~", #"{"a":null}"#), ("a: 'null'", #"{"a":"null"}"#), ("a: yes", #"{"a":"yes"}"#),
            ("- x\n- [y, {z: 1}]", #"["x",["y",{"z":1}]]"#), ("a: |\n  x\n  y\n", #"{"a":"x\ny\n"}"#),
            (#"a: "x\u00e9\n""#, #"{"a":"xé\n"}"#), ("a: !!str 12", #"{"a":"12"}"#), ("1: x", #"{"1":"x"}"#),
            ("a: !!python/unicode 'GET'", #"{"a":"GET"}"#),
            ("a: 99999999999999999999", #"{"a":"99999999999999999999"}"#),
            ("a: !!binary |\n  AAE\n  C\n", #"{"a":{"base64_string":"AAEC"}}"#),
            ("a: 'b*c *d'", #"{"a":"b*c *d"}"#), ("a: \"*x\"", #"{"a":"*x"}"#), ("'*': x*y", #"{"*":"x*y"}"#),
        ]
    )
    func plain(_ text: String, _ expected: String) throws {
        #expect(try parse(text).jsonText == expected)
    }

    @Test(
        "An alias repeats what its anchor names",
        arguments: [
            ("a: &x [1, 2]\nb: *x", #"{"a":[1,2],"b":[1,2]}"#), ("- &id001 'a*b'\n- *id001", #"["a*b","a*b"]"#),
            ("a: &x 1\nb: &x 2\nc: *x", #"{"a":1,"b":2,"c":2}"#),
            ("a: &x {b: &y 1}\nc: [*x, *y]", #"{"a":{"b":1},"c":[{"b":1},1]}"#),
        ]
    )
    func aliases(_ text: String, _ expected: String) throws {
        #expect(try parse(text).jsonText == expected)
    }

    @Test(
        "What isn't plain data is refused with its line",
        arguments: [
            ("a: 1\nb: !!python/object:os.system x", "a.yaml:2: the tag"),
            ("a: !ruby/object:Foo {}", "a.yaml:1: the tag !ruby/object:Foo is refused"),
            ("!!python/object/apply:os.system ['ls']", "a.yaml:1: the tag"), ("a: !!set {x}", "a.yaml:1: the tag"),
            ("a: *b", "a.yaml:1: the alias *b has no anchor"), ("\na: &x [*x]", "a.yaml:2: the alias *x has no anchor"),
            ("? [a, b]\n: c", "a.yaml:1: a member's name must be a text"),
            ("&k a: 1\n*k : 2", "a.yaml:2: a member's name must be"),
            ("a: 1\na: 2", "a.yaml:1: the name 'a' stands twice"), ("a: [1, 2", "a.yaml:"), ("a: 'x", "a.yaml:"),
            ("", "a.yaml: the file is empty"), ("# nothing\n", "a.yaml: the file is empty"),
            ("--- 1\n--- 2", "a.yaml:2:"),
            ("a: \u{E02A}", "a.yaml:1: the private character"),
            ("a: \u{1}", "a.yaml: control characters are not allowed"),
        ]
    )
    func refused(_ text: String, _ expected: String) {
        let found = problem(text)
        #expect(found.hasPrefix(expected), "\(found)")
    }

    @Test("Text that isn't UTF-8 is refused")
    func notUTF8() {
        #expect(throws: TapeError.self) { try YAMLDocument.parse([0x61, 0x3A, 0x20, 0xFF], file: "a.yaml") }
    }

    @Test("Aliases can't blow a small file up, as values or as names")
    func bombs() {
        var lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
        for level in 1..<30 {
            lines.append(
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]"
            )
        }
        let found = problem(lines.joined(separator: "\n"))
        #expect(found.contains("too large once its aliases are put in"), "\(found)")
        lines.append("? *a29\n: x")
        #expect(problem(lines.joined(separator: "\n")).contains("too large once its aliases are put in"))
        let text = "a: &x '" + String(repeating: "x", count: 1000) + "'\nb: [*x, *x, *x]"
        #expect(problem(text, limits: .init(bytes: 3999)).hasSuffix("too large once its aliases are put in"))
        #expect(problem(text, limits: .init(bytes: 4000)).hasPrefix("it was read"))
    }

    @Test("Deep nesting is refused, however deep", arguments: [65, 500, 5000, 200_000])
    func deep(_ depth: Int) {
        let flow = problem(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
        #expect(!flow.hasPrefix("it was read"))
        let block = problem(String(repeating: "- ", count: depth) + "x")
        #expect(!block.hasPrefix("it was read"))
        #expect(problem(String(repeating: "[", count: 64) + String(repeating: "]", count: 64)).hasPrefix("it was read"))
        let levels = (0..<80).map { "a\($0): &a\($0) [\($0 == 0 ? "x" : "*a\($0 - 1)")]" }
        #expect(problem(levels.joined(separator: "\n")).contains("deeper than 64"))
    }

    @Test("A file that is cut anywhere is read or refused, and nothing worse")
    func cut() {
        let text =
            "a: &x\n- 'b*c'\n- \"d\\u00e9\\n\"\n- !!binary |\n    AAEC\n- {e: [1, *x]}\nf: |\n  g\n  h\n? i\n: j\n"
        let bytes = Array(text.utf8)
        for end in bytes.indices { _ = try? YAMLDocument.parse(Array(bytes[..<end]), file: "a.yaml") }
        for index in bytes.indices {
            for byte: UInt8 in [0, 0x2A, 0x26, 0x21, 0x5B, 0x7D, 0x3A, 0xFF] {
                var changed = bytes
                changed[index] = byte
                _ = try? YAMLDocument.parse(changed, file: "a.yaml")
            }
        }
    }
}
