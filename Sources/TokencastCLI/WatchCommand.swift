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

    @Option(help: ArgumentHelp("A key that may read it. (default: $TOKENCAST_KEY, which no list of processes shows)"))
    var key: String?

    @Flag(help: "One event a line as JSON, instead of text.")
    var json = false

    func run() async throws {
        signal(SIGPIPE, SIG_DFL)
        let key = key ?? ProcessEnvironment.variables["TOKENCAST_KEY"]
        var printer = WatchPrinter(json: json, isTerminal: isatty(1) == 1)
        do {
            for try await event in WatchSubject(subject).events(of: url, since: since, key: key) {
                printer.print(event)
            }
        } catch {
            throw Exit.fail("\(url): \(error)", Exit.unavailable)
        }
    }
}
