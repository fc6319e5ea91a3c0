import CFuzzer
import Tapes

// Nothing here may trap, hang or grow; what is read must be written and read again to the same bytes.

/// The first byte of an input chooses what the rest is taken for.
func fuzz(_ input: UnsafeBufferPointer<UInt8>) {
    guard let choice = input.first else { return }
    let bytes = Array(input.dropFirst())
    switch choice % 3 {
    case 0: tape(bytes, isPart: false)
    case 1: tape(bytes, isPart: true)
    default: _ = try? CassetteRules(parsing: bytes, file: "cassette.json")
    }
}

func tape(_ bytes: [UInt8], isPart: Bool) {
    let limits = TapeLimits(line: 1 << 20, file: 4 << 20)
    guard let tape = try? TapeReader.read(bytes, name: "fuzz", isPart: isPart, limits: limits) else { return }
    let written = tape.encoded
    do {
        let again = try TapeReader.read(written, name: "again", isPart: isPart, limits: limits)
        precondition(again.encoded == written, "a tape that was read and written isn't the same when read again")
        precondition(again.body == tape.body, "the body has changed")
        let keys = [tape, again].map { CanonicalRequest($0.request).key }
        precondition(keys[0] == keys[1], "the key has changed")
    } catch {
        preconditionFailure("what was written can't be read: \(error)")
    }
}

/// The name by which libFuzzer's own main program finds what is to be fuzzed.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(UnsafeBufferPointer(start: start, count: count))
    return 0
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
// The package manager makes this file the main program, so it hands over by hand.
LLVMFuzzerRunDriver(&count, &arguments) { testOneInput($0, $1) }
