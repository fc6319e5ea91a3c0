import Dialects
import Tapes

@testable import TapeTools

/// A tape made of a script, to be varied.
func sample(
    _ text: String = "Grüße, Welt!",
    dialect: String = "openai.chat",
    _ change: (inout TapeScript) -> Void = { _ in }
) throws -> Tape {
    var script = TapeScript()
    script.text = text
    change(&script)
    return try script.tape(dialect: dialect, tool: "tokencast/test")
}

/// The name that a recorder would give a tape.
func recordedName(_ tape: Tape, number: Int = 1) -> String {
    TapeName.numbered(TapeScript().stem(of: tape), number) + TapeName.suffix
}

extension Tape {
    /// The same body in other chunks, each a microsecond behind the one before.
    func rechunked(_ chunks: [[UInt8]]) -> Tape {
        var tape = self
        tape.entries = chunks.enumerated().map { Tape.Entry(offset: Int64($0) + 1_000_000, .chunk($1)) }
        tape.end?.offset = 2_000_000_000
        return tape
    }

    /// Written and read again, which fills in the counts.
    func reread() throws -> Tape { try TapeReader.read(encoded, name: "t") }
}

/// Whether nothing in a text could do something to a terminal.
func isHarmless(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
        scalar == "\n" || scalar == "\t" || !(scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value))
    }
}

/// What tries to harm a terminal.
let attack = "\u{1B}]0;owned\u{7}\u{1B}[2J\u{9B}31m\r\u{8}\u{202E}gnp.exe\u{2028}\0"
