import Testing

@testable import Tapes

@Suite("A pattern")
struct TextPatternTests {
    private func replace(_ pattern: String, _ text: String) throws -> String {
        var budget = TextReplacement.budget
        return try TextPattern(pattern).replacing(in: text, budget: &budget)
    }

    @Test(
        "replaces what it matches",
        arguments: [
            ("[0-9]{4}-[0-9]{2}-[0-9]{2}", "on 2026-11-23, and 2026-11-24.", "on *, and *."),
            (#"\d+"#, "a1b22c333", "a*b*c*"), ("a|bc", "abcabd", "***bd"),
            ("x*", "axxb", "a*b"), ("x*", "", ""), ("", "abc", "abc"), ("a*?", "aaa", "***"), ("a+?b", "aab", "*"),
            ("(?:ab)+", "ababa", "*a"), ("(a(b|c)){2}", "abacab", "*ab"), ("^a", "aa", "*a"), ("a$", "aa", "a*"),
            (#"\bcat\b"#, "cat concat cat.", "* concat *."), (#"\Bat"#, "cat at", "c* at"),
            ("[^a-c]", "abcd\u{E9}", "abc**"), (#"[\w-]+@[\w.]+"#, "to a-b@c.d now", "to * now"),
            (#"[\D]"#, "1a2", "1*2"), ("[]a]", "]ab", "**b"), ("[a-]", "a-b", "**b"), (".", "a\n\u{1F980}", "*\n*"),
            ("a{2,3}", "aaaaaa a", "** a"), ("a{2,}", "aaaaaa a", "* a"), ("a{0}b", "ab", "a*"),
            (#"\[\{\.\\"#, #"[{.\"#, "*"), ("\u{E9}t\u{E9}", "l'\u{E9}t\u{E9}", "l'*"), ("ab|abc", "abc", "*c"),
            ("abc|ab", "abc", "*"), (#"\s+"#, "a \t\n b", "a*b"), ("(a|ab)(c|bcd)", "abcd", "*"),
        ]
    )
    func matches(_ pattern: String, _ text: String, _ expected: String) throws {
        #expect(try replace(pattern, text) == expected)
    }

    @Test(
        "is refused where it can't be meant or can't be bounded",
        arguments: [
            ("(", "isn't closed"), (")", "closes nothing"), ("[a", "isn't closed"), ("a{2", "isn't closed"),
            ("a{3,2}", "fall"), ("[z-a]", "falls"), ("*a", "could repeat"), ("a**", "follows a quantifier"),
            ("a++", "possessive"), (#"\1"#, "isn't understood"), ("(?=a)", "only '(?:'"), ("(?<n>a)", "only '(?:'"),
            (#"\"#, "escapes nothing"), ("{", "could repeat"), ("a{x}", "wants a number"),
            ("a{1001}", "more than 1000"),
            ("(a{1000}){1000}", "too large"), ("((((){1000}){1000}){1000}){1000}", "too large"), ("^*", "a place"),
            (String(repeating: "(", count: 100), "nested too deep"),
            (String(repeating: "a", count: 1025), "longer than"),
        ]
    )
    func refused(_ pattern: String, _ message: String) throws {
        let error = try #require(throws: PatternError.self) { try TextPattern(pattern) }
        #expect(error.message.contains(message), "\(error.message)")
    }

    @Test(
        "is done in time, whatever the text",
        arguments: ["(a+)+b", "(a|aa)+c", "(a*)*(a*)*(a*)*b", "a.*b|a", "(.*)(.*)(.*)(.*)x", "(a{0,30}){0,30}b"]
    )
    func bounded(_ pattern: String) throws {
        let pattern = try TextPattern(pattern)
        var budget = TextReplacement.budget
        let started = ContinuousClock.now
        for _ in 0..<10 { _ = pattern.replacing(in: String(repeating: "a", count: 50_000), budget: &budget) }
        // A backtracking matcher would be at it until the end of days; unoptimised code on a busy machine isn't.
        #expect(ContinuousClock.now - started < .seconds(20))
    }

    @Test("leaves a text as it is where its budget is used up, each time alike")
    func exhausted() throws {
        var budget = 1000
        let text = String(repeating: "ab", count: 2000)
        let once = try TextPattern("(a|b)b?").replacing(in: text, budget: &budget)
        #expect(budget == 0)
        budget = 1000
        let again = try TextPattern("(a|b)b?").replacing(in: text, budget: &budget)
        #expect(once == again)
        #expect(once.hasSuffix("abab"))
    }

    @Test("holds in the texts at its place and below, in the key alone")
    func rules() throws {
        let rules = try CassetteRules(
            parsing: Array(
                #"{"replace":{"/messages/*/content":["[0-9]{4}-[0-9]{2}-[0-9]{2}","id-\\w+"],"/user_location":"."}}"#
                    .utf8
            ),
            file: "cassette.json"
        )
        func key(_ body: String) -> String { CanonicalRequest(TapeRequest(liveRequest(body)), rules: rules).key }
        let one = key(#"{"messages":[{"content":"it is 2026-01-02"},{"content":[{"text":"id-7 2026-01-02"}]}]}"#)
        #expect(
            one == key(#"{"messages":[{"content":"it is 2027-03-04"},{"content":[{"text":"id-abc 1999-01-02"}]}]}"#)
        )
        #expect(one != key(#"{"messages":[{"content":"it is 2026-01-0x"},{"content":[{"text":"id-7 2026-01-02"}]}]}"#))
        #expect(key(#"{"model":"2026-01-02"}"#) != key(#"{"model":"2026-01-03"}"#))
        #expect(key(#"{"user_location":"x"}"#) == key(#"{"user_location":"y"}"#))
    }
}
