import Testing

@testable import Tee

/// How a stream's files are named, whatever a request says.
@Suite struct NameTemplateTests {
    private func names(_ template: String, _ values: [NameTemplate.Placeholder: String]) throws -> [String] {
        try NameTemplate(template).names { values[$0] }
    }

    @Test("Values are put in")
    func values() throws {
        let values: [NameTemplate.Placeholder: String] = [.date: "2026-11-24", .model: "gpt-4o", .id: "01k"]
        #expect(try names("{date}/{model}-{id}", values) == ["2026-11-24", "gpt-4o-01k"])
        #expect(try names("{id}", values) == ["01k"])
        #expect(try names("a{{b}}-{id}", values) == ["a{b}-01k"])
        #expect(try names("{channel}", values) == ["none"])
        #expect(try names("{channel}", [.channel: ""]) == ["none"])
        #expect(try NameTemplate("{date}/{id}").description == "{date}/{id}")
        for placeholder in NameTemplate.Placeholder.allCases {
            #expect(try names("{\(placeholder.rawValue)}", [placeholder: "v"]) == ["v"])
        }
    }

    static let hostile: [(String, String)] = [
        ("../../x", "_._.._x"), ("/etc/passwd", "_etc_passwd"), ("a\0b", "a_b"), (".hidden", "_hidden"),
        ("..", "_."), (".", "_"), ("-rf", "_rf"), ("con", "_con"), ("NUL", "_NUL"), ("com1", "_com1"),
        ("con.x", "_con.x"), ("comb", "comb"), ("caf\u{E9}", "caf__"), ("\u{1F980}", "____"), ("a b\n", "a_b_"),
        ("{id}", "_id_"), ("..\u{2F}..", "_._.."), (#"..\x"#, "_._x"),
    ]

    @Test("Hostile values are made plain", arguments: hostile)
    func hostileValues(value: String, name: String) throws {
        #expect(try names("{model}", [.model: value]) == [name])
        let deep = try names("a/{model}/{model}-{id}", [.model: value, .id: value])
        #expect(deep.count == 3 && deep[0] == "a" && deep[1] == name)
        for segment in deep {
            #expect(!segment.contains("/") && !segment.hasPrefix(".") && !segment.utf8.contains(0))
        }
    }

    @Test("Every byte in any place gives a plain name")
    func everyByte() throws {
        for byte in UInt8.min...UInt8.max {
            for value in [[byte], [byte, 46, 46], [46, byte], [47, byte, 47]] {
                let text = String(decoding: value, as: UTF8.self)
                let name = try #require(try names("{model}{status}", [.model: text, .status: text]).first)
                #expect(!name.isEmpty && !name.hasPrefix(".") && !name.hasPrefix("-"))
                #expect(name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x2F })
            }
        }
    }

    @Test("Names are bounded")
    func bounded() throws {
        let long = String(repeating: "x", count: 10_000)
        let all = NameTemplate.Placeholder.allCases.map { "{\($0.rawValue)}" }.joined()
        let values = Dictionary(uniqueKeysWithValues: NameTemplate.Placeholder.allCases.map { ($0, long) })
        let name = try #require(try names(all, values).first)
        #expect(name.utf8.count == NameTemplate.segmentLimit)
        #expect(try names("{model}", [.model: long]).first?.utf8.count == NameTemplate.valueLimit)
        // A literal is cut between characters.
        for count in 195...205 {
            let cut = try #require(try names(String(repeating: "x", count: count) + "\u{1F980}\u{E9}", [:]).first)
            #expect(cut.utf8.count <= NameTemplate.segmentLimit)
            #expect(!cut.contains("\u{FFFD}"))
        }
    }

    static let problems: [(String, String)] = [
        ("", "empty"), ("/x", "joined by single slashes"), ("x/", "joined by single slashes"),
        ("a//b", "joined by single slashes"), ("..", "dot"), ("a/../b", "dot"), (".x", "dot"), ("-x", "hyphen"),
        ("{modell}", "there is no {modell}: take {id}, {model}"), ("{}", "there is no {}"),
        ("{ID}", "there is no {ID}"),
        ("{id", "not closed"), ("id}", "closes nothing"), ("{id}}", "closes nothing"), ("a\nb", "control"),
        ("a\0", "control"),
        ("a/b/c/d/e/f/g/h/i", "deeper than 8"), (String(repeating: "x", count: 513), "longer than 512"),
        ("{{id}", "closes nothing"),
    ]

    @Test("What is no template is refused", arguments: problems)
    func refused(template: String, said: String) {
        do throws(NameTemplate.Problem) {
            _ = try NameTemplate(template)
            Issue.record("it was taken: \(template)")
        } catch {
            #expect(error.description.contains(said), "\(error)")
        }
    }
}
