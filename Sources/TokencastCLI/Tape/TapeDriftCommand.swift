public import ArgumentParser
public import TapeTools
import Tapes
import Tokencast

#if canImport(Glibc)
import Glibc
#endif

struct TapeDriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Send recorded requests again and compare the format of the answers.",
        discussion: """
            Compared are status, content type, end, finish reason, the kinds of events, and which members of which types \
            each kind has; not the text, nor how many events there are. The requests go to the upstream that --upstream \
            names, at your expense. Exit codes: 0 nothing drifted, 1 something did, 69 the upstream can't be reached.
            """
    )

    @Argument(help: ArgumentHelp("Tapes, or cassettes' directories.", valueName: "file|dir"))
    var sources: [String]

    @Option(
        help: ArgumentHelp(
            "Whom to ask: a base URL, or an upstream's name in the configuration.",
            valueName: "url|name"
        )
    )
    var upstream: String

    @OptionGroup var file: ConfigurationOption

    @Option(help: ArgumentHelp("The variable that holds the key. (default: the configured one)", valueName: "name"))
    var keyEnv: String?

    @Option(help: "What counts as drift: kinds (status, kinds of events, ends) or shape (members and types, too).")
    var failOn = DriftReport.Threshold.shape

    @Option(help: ArgumentHelp("How many requests run at once, 1 to 64.", valueName: "n"))
    var concurrency = 2

    @Option(help: ArgumentHelp("How many seconds an answer may take.", valueName: "s"))
    var timeout = 120.0

    @Flag(help: "The report as JSON.")
    var json = false

    func validate() throws {
        guard !sources.isEmpty else { throw ValidationError("name at least one tape or directory") }
        guard (1...64).contains(concurrency) else { throw ValidationError("--concurrency takes 1 to 64") }
        guard timeout > 0, timeout <= 86_400 else { throw ValidationError("--timeout takes 0 to 86400 seconds") }
    }

    private func target() throws(ConfigurationError) -> LiveClient.Target {
        let environment = ProcessEnvironment.variables
        var target = LiveClient.Target(url: upstream)
        if !upstream.contains("://") {
            let configuration = try file.load(environment, required: true)
            guard let found = configuration.upstreams.first(where: { $0.name == upstream }) else {
                throw ConfigurationError("the configuration has no upstream '\(upstream)', and a URL has '://'")
            }
            switch found.source {
            case .url(let url): target = LiveClient.Target(url: url, key: found.key, dialect: found.dialect)
            case .unset(let variable):
                throw ConfigurationError("the variable \(variable), which has the address of '\(upstream)', is not set")
            case .replay: throw ConfigurationError("the upstream '\(upstream)' plays tapes: there is nobody to ask")
            }
        }
        if let keyEnv {
            guard let key = environment[keyEnv], !key.isEmpty else {
                throw ConfigurationError("the variable \(keyEnv) of --key-env is not set")
            }
            target.key = key
        }
        return target
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        var report = DriftReport(threshold: failOn)
        let (checks, problems) = load()
        let client: LiveClient
        do {
            client = try LiveClient(target(), timeout: .seconds(timeout))
        } catch {
            throw Exit.fail("\(error)", Exit.configuration)
        }
        let unreachable = await compare(checks, client, into: &report)
        client.shutdown()
        if let unreachable { throw Exit.fail("\(upstream): \(unreachable)", Exit.unavailable) }
        Exit.write(1, json ? report.json : report.summary)
        guard problems.isEmpty else {
            throw Exit.fail(problems.map(\.description).joined(separator: "\nerror: "), .failure)
        }
        if report.isEmpty { throw Exit.fail("nothing could be compared", .failure) }
        if report.hasDrift { throw ExitCode.failure }
    }

    private func load() -> ([DriftCheck], [TapeError]) {
        var checks: [DriftCheck] = []
        var problems: [TapeError] = []
        for source in sources {
            if FileSystem.isDirectory(source) {
                let cassette = Cassette.inspect(directory: source)
                checks += cassette.items.map { DriftCheck(name: "\(source)/\($0.name)", tape: $0.tape) }
                problems += cassette.errors
            } else {
                do throws(TapeError) {
                    checks.append(DriftCheck(name: source, tape: try TapeReader.read(path: source)))
                } catch {
                    problems.append(error)
                }
            }
        }
        return (checks, problems)
    }

    /// Asks so many at once, and reports in the order of the tapes; gives back why nobody can be asked.
    private func compare(
        _ checks: [DriftCheck],
        _ client: LiveClient,
        into report: inout DriftReport
    ) async -> LiveClient.Failure? {
        let progress = ProgressLine(total: checks.count)
        defer { progress.clear() }
        return await withTaskGroup(of: (Int, [DriftDifference], LiveClient.Failure?).self) { group in
            var done: [Int: [DriftDifference]] = [:]
            var next = 0
            var reported = 0
            var running = 0
            while reported < checks.count {
                while running < concurrency, next < checks.count {
                    let (index, check) = (next, checks[next])
                    next += 1
                    guard check.skipReason == nil else { continue }
                    running += 1
                    group.addTask { await Self.ask(index, check, client) }
                }
                while reported < next {
                    let check = checks[reported]
                    if let reason = check.skipReason {
                        report.skip(check.name, reason)
                    } else if let differences = done.removeValue(forKey: reported) {
                        report.add(check.name, differences)
                    } else {
                        break
                    }
                    reported += 1
                    if !json, let last = report.results.last {
                        Exit.write(1, DriftReport.text(last.name, last.result))
                    }
                }
                guard reported < checks.count else { break }
                if json { progress.show(reported + 1, checks[reported].name) }
                guard running > 0 else { continue }
                guard let (index, differences, failure) = await group.next() else { break }
                running -= 1
                if let failure {
                    group.cancelAll()
                    client.shutdown()
                    return failure
                }
                done[index] = differences
            }
            return nil
        }
    }

    private static func ask(
        _ index: Int,
        _ check: DriftCheck,
        _ client: LiveClient
    ) async -> (Int, [DriftDifference], LiveClient.Failure?) {
        let request = LiveClient.Request(
            method: check.tape.request.method,
            target: check.target,
            headers: check.headers,
            body: check.body
        )
        let answer = await client.send(request)
        if let failure = answer.failure, failure.isUnreachable { return (index, [], failure) }
        let response = answer.status.map { status in
            Tape.Response(
                offset: 0,
                status: status,
                headers: answer.headers.map { TapeField($0.name, $0.value) },
                httpVersion: answer.httpVersion
            )
        }
        let chunks = answer.chunks.map { Tape.Entry(offset: Int64($0.offset), .chunk($0.bytes)) }
        let reason = answer.failure.map { TapeEnd.Reason(rawValue: $0.reason) } ?? .eof
        return (index, check.compare(response, chunks, reason), nil)
    }
}

extension DriftReport.Threshold: ExpressibleByArgument {}
