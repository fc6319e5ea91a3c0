import ArgumentParser

struct TapeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tape",
        abstract: "Look at recorded streams, make them, and keep them in order.",
        subcommands: [
            TapeListCommand.self,
            TapeShowCommand.self,
            TapeDiffCommand.self,
            TapeNewCommand.self,
            TapeScanCommand.self,
            TapeRepairCommand.self,
            TapeSealCommand.self,
            TapeVerifyCommand.self,
            TapeImportCommand.self,
            TapeExportCommand.self,
            TapeDriftCommand.self,
            TapePlayCommand.self,
            TapeRunCommand.self,
        ]
    )
}
