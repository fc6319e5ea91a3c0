import ArgumentParser
import Tokencast

struct LinkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Sign a link that lets whoever has it read one stream or channel.",
        discussion: """
            It is signed with the configuration's access.linkSecret, the first where there are several. Other \
            parameters, as view=text, may be added behind it.
            """
    )

    @Argument(help: ArgumentHelp("What it leads to: /channels/NAME or /streams/ID.", valueName: "path"))
    var path: String

    @Option(
        help: ArgumentHelp("When it ends, from now: 90s, 10m, 1h, 7d. (default: 1h)", valueName: "time"),
        transform: AccessArguments.span
    )
    var expires: Int64 = 3600

    @Option(
        help: ArgumentHelp("Where Tokencast is reached. (default: where the configuration listens)", valueName: "url"),
        transform: AccessArguments.base
    )
    var url: String?

    @Flag(help: "One line of JSON: the URL, the path, when it ends.")
    var json = false

    @OptionGroup var file: ConfigurationOption

    func validate() throws { _ = try link() }

    private func link() throws -> SubscribeLink {
        do {
            return try SubscribeLink(path: path, expires: AccessArguments.time(in: expires))
        } catch {
            throw ValidationError("\(error).")
        }
    }

    func run() throws {
        let link = try link()
        do {
            let configuration = try file.load(ProcessEnvironment.variables, required: true)
            guard let secret = configuration.access.linkSecrets.first else { throw configuration.noLinkSecret }
            let text = try link.url(base: url ?? configuration.localURL, secret: secret)
            guard json else { return Exit.write(1, text + "\n") }
            Exit.write(1, #"{"url":"\#(text)","path":"\#(link.path)","expires":\#(link.expires)}"# + "\n")
        } catch {
            throw Exit.fail("\(error)", Exit.configuration)
        }
    }
}

extension Configuration {
    /// What is wrong where nothing can be signed with.
    fileprivate var noLinkSecret: ConfigurationError {
        let unset = notes.first { $0.hasPrefix("access.linkSecret") }
        return ConfigurationError(unset ?? "there is nothing to sign with: the configuration has no access.linkSecret")
    }
}
