import CFuzzer

// FuzzDialects TARGET [libFuzzer's arguments]
// FuzzDialects seeds FOLDER FILE…
//
// Nothing may trap, hang or grow, whatever the bytes are; and what is read is the same however it arrives.

switch CommandLine.arguments.dropFirst().first {
case "seeds":
    try Seeds(folder: CommandLine.arguments[2]).write(from: CommandLine.arguments.dropFirst(3))
case let name?:
    guard let target = Target(rawValue: name) else { fail("there is no target '\(name)'") }
    Target.current = target
    var count = CommandLine.argc - 1
    // The package manager makes this file the main program, so it hands over by hand; the target's name is ours.
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv + 1
    LLVMFuzzerRunDriver(&count, &arguments) { testOneInput($0, $1) }
case nil:
    fail("no target; there are " + Target.allCases.map(\.rawValue).joined(separator: ", "))
}

/// The name by which libFuzzer's own main program finds what is to be fuzzed.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Target.current.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
