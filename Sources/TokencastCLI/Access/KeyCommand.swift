import ArgumentParser
import Tokencast

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make keys that callers may show.",
        subcommands: [New.self]
    )

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key: printed once, with what config.json has of it.",
            discussion: """
                The configuration holds the key's SHA-256 alone, so a key that is lost can't be shown again. Scopes are \
                call (send requests), subscribe (read), publish (put events into channels) and admin (everything).
                """
        )

        @Argument(help: "What logs and errors call it: letters, digits, '-', '_' and '.'.")
        var name: String

        @Option(
            name: .customLong("scope"),
            help: ArgumentHelp("What it is for: call, subscribe, publish or admin. May be given again.")
        )
        var scopes: [String] = []

        @Option(
            name: .customLong("channel"),
            help: ArgumentHelp(
                "Only for channels that this fits; * stands for any text. May be given again. (default: all)",
                valueName: "pattern"
            )
        )
        var channels: [String] = []

        @Option(
            help: ArgumentHelp("When it ends, from now: 12h, 90d, 52w. (default: never)", valueName: "time"),
            transform: AccessArguments.span
        )
        var expires: Int64?

        @Flag(help: "One line of JSON: the key, and the element for access.keys.")
        var json = false

        func validate() throws { _ = try make() }

        private func make() throws -> NewKey {
            guard !scopes.isEmpty else { throw ValidationError("A key needs a --scope: \(AccessArguments.scopes).") }
            let known = try scopes.map { word in
                guard let scope = Configuration.Key.Scope(rawValue: word) else {
                    throw ValidationError("'\(word)' is no scope: \(AccessArguments.scopes).")
                }
                return scope
            }
            do {
                return try NewKey(
                    name: name,
                    scopes: Set(known),
                    channels: channels.isEmpty ? ["*"] : channels,
                    expires: expires.map { AccessArguments.time(in: $0) }
                )
            } catch {
                throw ValidationError("\(error)")
            }
        }

        func run() throws {
            let made = try make()
            guard !json else { return Exit.write(1, #"{"key":"\#(made.text)","entry":\#(made.json)}"# + "\n") }
            Exit.write(
                1,
                "\(made.text)\n\nKeep it: it can't be shown again. For access.keys in config.json:\n\n\(made.json)\n"
            )
        }
    }
}
