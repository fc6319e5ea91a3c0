import Testing

@testable import TapeTools

@Suite("Text for a terminal")
struct TerminalTests {
    @Test("shows what a terminal would obey, and keeps the rest")
    func escapes() {
        #expect(Printable.line("a\u{1B}[31m\r\n\tz") == "a\\u{1b}[31m\\r\\n\\tz")
        #expect(Printable.text("a\u{9B}1m\n\tz\u{7F}") == "a\\u{9b}1m\n\tz\\u{7f}")
        #expect(Printable.text("\u{202E}abc\u{2066}\u{2029}") == "\\u{202e}abc\\u{2066}\\u{2029}")
        #expect(Printable.line("Zürich 東京 👩‍👩‍👧 e\u{301} ✓") == "Zürich 東京 👩‍👩‍👧 e\u{301} ✓")
        #expect(isHarmless(Printable.line(attack)))
        #expect(isHarmless(Printable.text(attack)))
    }

    @Test("shows bytes that aren't UTF-8 one by one")
    func bytes() {
        #expect(Printable.line([0x61, 0xC3, 0x62, 0xFF, 0xC3, 0xA9]) == "a\\xc3b\\xffé")
        #expect(Printable.line([0xE2, 0x9C]) == "\\xe2\\x9c")
        #expect(Printable.line([0xED, 0xA0, 0x80]) == "\\xed\\xa0\\x80")
        #expect(Printable.line([] as [UInt8]) == "")
        for first in UInt8.min...UInt8.max {
            let others = (UInt8.min...UInt8.max).filter { !isHarmless(Printable.line([first, $0, 0x41])) }
            #expect(others.isEmpty)
        }
    }

    @Test(
        "has a width",
        arguments: [
            ("abc", 3), ("é", 1), ("e\u{301}", 1), ("東京", 4), ("ｱ", 1), ("Ａ", 2), ("👍", 2), ("👩‍👩‍👧", 2), ("❤️", 2),
            ("❤", 1),
            ("🇨🇭", 2), ("한", 2), ("\u{200B}", 0), ("", 0),
        ]
    )
    func width(_ text: String, _ width: Int) { #expect(DisplayWidth.of(text) == width) }

    @Test("is shortened in its middle, to the column", arguments: 0...20)
    func shorten(_ width: Int) {
        for text in ["openai.chat-demo-1a2b3c4d", "東京東京東京東京東京東京", "a東b京c東d京e東f京"] {
            let short = DisplayWidth.shorten(text, to: width)
            #expect(DisplayWidth.of(short) <= width)
            if DisplayWidth.of(text) <= width { #expect(short == text) }
        }
        #expect(DisplayWidth.shorten("openai.chat-demo-1a2b3c4d", to: 13) == "open…1a2b3c4d")
    }

    @Test("stands in columns, whatever its width, and leaves out what there is no room for")
    func table() {
        var table = Table([
            Table.Column(title: "NAME"), Table.Column(title: "N", isNumber: true, dispensable: 1),
            Table.Column(title: "END"),
        ])
        table.add([Table.Cell(text: "東京"), Table.Cell(text: "5"), Table.Cell(text: "eof")])
        table.add([Table.Cell(text: "ab"), Table.Cell(text: "12"), Table.Cell(text: "partial")])
        #expect(table.text(.plain) == "NAME   N  END\n東京   5  eof\nab    12  partial\n")
        #expect(table.text(Appearance(width: 13)) == "NAME  END\n東京  eof\nab    partial\n")
        let painted = table.text(Appearance(hasColours: true))
        #expect(painted.contains("\u{1B}[1mNAME\u{1B}[0m"))
    }

    @Test(
        "tells an age in one unit",
        arguments: [
            (0, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (7200, "2h"), (172_799, "47h"), (259_200, "3d"),
            (63_072_000, "2y"), (-5, "0s"),
        ]
    )
    func age(_ seconds: Int, _ text: String) { #expect(Amount.age(seconds) == text) }
}
