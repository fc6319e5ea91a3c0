import ArgumentParser
import Tokencast

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Look at the configuration.",
        subcommands: [Check.self]
    )

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether the configuration can be served, and where each request would go."
        )

        @OptionGroup var file: ConfigurationOption

        func run() throws {
            do {
                let configuration = try file.load(ProcessEnvironment.variables, required: true)
                try configuration.check()
                Exit.write(1, configuration.summary + "\n")
            } catch {
                throw Exit.fail("\(error)", Exit.configuration)
            }
        }
    }
}
