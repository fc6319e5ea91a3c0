import ArgumentParser
import Tokencast

#if canImport(Glibc)
import Glibc
#endif

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Show live text of a channel or a stream of a running Tokencast."
    )

    @Argument(help: ArgumentHelp("A channel's name, or a stream's id.", valueName: "channel|stream"))
    var subject = "all"

    @Option(help: ArgumentHelp("Where Tokencast listens.", valueName: "url"))
    var url = "http://127.0.0.1:8653"

    @Option(help: "Where to begin: earliest, now, or an event's id. (default: now for channels, earliest for streams)")
    var since: String?

    @Flag(help: "One event a line as JSON, instead of text.")
    var json = false

    func run() async throws {
        signal(SIGPIPE, SIG_DFL)
        var printer = WatchPrinter(json: json, isTerminal: isatty(1) == 1)
        do {
            for try await event in WatchSubject(subject).events(of: url, since: since) { printer.print(event) }
        } catch {
            throw Exit.fail("\(url): \(error)", Exit.unavailable)
        }
    }
}
