import ArgumentParser
import Logging
import Tapes
import Tokencast

#if canImport(Glibc)
import Glibc
#endif

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Proxy, rebroadcast, record and replay, until SIGTERM or SIGINT.",
        discussion: """
            Without --config, config.json in this directory is used where there is one, unless --upstream or --replay \
            says all. Flags beat TOKENCAST_… variables (TOKENCAST_PORT and so on), which beat the file. When requests are taken, one \
            line 'listening on http://…' goes to standard output; logs go to standard error. With --tee - that line does too.
            """
    )

    @OptionGroup var file: ConfigurationOption

    @Option(help: "The address to listen on; without access keys one of loopback. (default: 127.0.0.1)")
    var host: String?

    @Option(help: "The port to listen on; 0 picks a free one. (default: 8653)")
    var port: Int?

    @Option(help: ArgumentHelp("Send every request to this server.", valueName: "url"))
    var upstream: String?

    @Option(help: ArgumentHelp("Record every exchange as a tape in this directory.", valueName: "dir"))
    var record: String?

    @Option(help: ArgumentHelp("Answer from the tapes in this directory; no network is touched.", valueName: "dir"))
    var replay: String?

    @Option(
        help: ArgumentHelp(
            "What becomes of requests, with --cassette: off, none, once, new_episodes or all.",
            valueName: "mode"
        )
    )
    var tapeMode: String?

    @Option(help: ArgumentHelp("The directory of tapes for --tape-mode.", valueName: "dir"))
    var cassette: String?

    @Option(
        help: ArgumentHelp(
            "What recordings hold of requests' bodies: full, or hash for digests only. (default: full)",
            valueName: "how"
        )
    )
    var requestBody: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With --replay: 1 as recorded, 2 twice as fast, 0 at once.", valueName: "x")
    )
    var speed: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With --replay: no pause is longer than this.", valueName: "seconds")
    )
    var maxGap: Double?

    @Option(
        help: ArgumentHelp("With --replay: cut bodies anew: \(Rechunk.forms).", valueName: "mode"),
        transform: Rechunk.init(parsing:)
    )
    var rechunk: Rechunk?

    @Option(
        name: .customLong("fault"),
        help: ArgumentHelp(
            "With --replay: spoil answers: drop@event:5, 'status:429;retry-after=1;times=2' and the like. May be repeated.",
            valueName: "fault"
        ),
        transform: { try Fault.list(parsing: [$0]) }
    )
    var faults: [[Fault]] = []

    @Option(
        help: ArgumentHelp(
            "Write every stream, while it runs, to files in a directory, to one file, or to - (standard output).",
            valueName: "dir|file|-"
        )
    )
    var tee: String?

    @Option(
        help: ArgumentHelp(
            "With --tee: jsonl, text, raw, with commas. (default: jsonl,text in a directory, else jsonl)",
            valueName: "formats"
        )
    )
    var teeFormat: String?

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    private var overrides: Overrides {
        var overrides = Overrides()
        overrides.host = host
        overrides.port = port
        overrides.upstream = upstream
        overrides.record = record
        overrides.replay = replay
        overrides.tapeMode = tapeMode
        overrides.cassette = cassette
        overrides.requestBody = requestBody
        overrides.speed = speed
        overrides.maxGap = maxGap
        overrides.rechunk = rechunk
        overrides.faults = faults.isEmpty ? nil : Array(faults.joined())
        overrides.tee = tee
        overrides.teeFormat = teeFormat
        overrides.logLevel = logLevel
        return overrides
    }

    func run() async throws {
        // A peer that closes is an error of its write, never the end of the program; so is a file that is too large.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        let configuration: Configuration
        do {
            let environment = ProcessEnvironment.variables
            let merged = overrides.or(try Overrides(environment: environment))
            let isSelfContained = merged.upstream != nil || merged.replay != nil || merged.tapeMode == "none"
            var found = try file.load(environment, required: !isSelfContained)
            try found.apply(merged)
            configuration = found
        } catch {
            throw Exit.fail("\(error)", Exit.configuration)
        }
        let output: CInt = configuration.usesStandardOutput ? 2 : 1
        try await Serving.run(configuration) { url in
            StartupPages.release()
            Exit.write(output, "listening on \(url)\n")
        }
    }
}
