import Synchronization
import Tapes

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Tapes that are being written: a hidden directory within the cassette, from where they get their names when all are
/// there. It goes when it is let go.
struct ImportStaging: ~Copyable {
    private let directory: String
    private let scope: TapeScope
    private let path: String

    /// Where the recorder puts the tapes: it, too, has a directory per scope.
    private var source: String { scope.segments.isEmpty ? path : "\(path)/\(scope)" }

    init(directory: String, scope: TapeScope) throws(TapeError) {
        self.directory = directory
        self.scope = scope
        mkdir(directory, 0o700)
        var template = Array("\(directory)/.import-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw TapeError(.file, "can't be written to: \(FileSystem.lastReason)", file: directory)
        }
        path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }

    deinit {
        var inner = source
        for name in (try? FileSystem.list(inner).map(\.name)) ?? [] { unlink("\(inner)/\(name)") }
        for segment in scope.segments.reversed() {
            rmdir(inner)
            inner = String(inner.dropLast(segment.count + 1))
        }
        rmdir(path)
    }

    /// Writes exchanges as the recorder writes live ones.
    func write(_ exchanges: [ImportedExchange], tool: String) async throws(TapeError) {
        let report = FailureReport()
        // Nothing waits here but the program itself, so the queue may hold as much as the files do.
        let queue = RecordingQueue(byteLimit: .max)
        let recorder = CassetteRecorder(directory: path, scope: scope, tool: tool, queue: queue) { report.take($0) }
        // A key of one exchange may turn up in another's answer.
        let secrets = TapeSecrets(exchanges.flatMap(\.secrets))
        for exchange in exchanges {
            let end = exchange.end
            let recording = recorder.begin(
                exchange.request,
                api: end.dialect ?? "generic",
                secrets: secrets
            )
            recording.marker(offset: 0, name: "synthetic_timing")
            recording.response(offset: 0, status: exchange.status, headers: exchange.headers)
            var offset: Int64 = 0
            for piece in exchange.pieces {
                offset = offset.addingReportingOverflow(piece.delay).partialValue
                recording.chunk(offset: offset, bytes: piece.bytes)
            }
            recording.finish(offset: offset, end)
        }
        _ = await queue.shutdown(within: .seconds(86_400))
        if let error = report.first { throw error }
    }

    /// Gives the tapes their names in the cassette.
    ///
    /// - Parameter isReplacing: whether they take the place of the tapes of equal requests; else each gets the next
    ///   free number.
    /// - Returns: their paths.
    func publish(replacing isReplacing: Bool) throws(TapeError) -> [String] {
        let target = try makeTarget()
        guard FileSystem.exists(source) else { return [] }
        let names = try FileSystem.list(source).map(\.name).filter { $0.hasSuffix(TapeName.suffix) }
            .sorted(by: TapeName.precedes)
        var paths: [String] = []
        if isReplacing {
            let stems = Set(names.map { TapeName.stem(of: $0) })
            let stale = try FileSystem.list(target).map(\.name)
                .filter {
                    $0.hasSuffix(TapeName.suffix) && stems.contains(TapeName.stem(of: $0)) && !names.contains($0)
                }
            for name in names {
                try check(rename("\(source)/\(name)", "\(target)/\(name)"), "\(target)/\(name)")
                paths.append("\(target)/\(name)")
            }
            for name in stale { unlink("\(target)/\(name)") }
        } else {
            for name in names { paths.append(try place(name, in: target)) }
        }
        return paths
    }

    /// Links a tape to the first free number of its name.
    private func place(_ name: String, in target: String) throws(TapeError) -> String {
        let stem = TapeName.stem(of: name)
        for number in 1...100_000 {
            let place = "\(target)/\(TapeName.numbered(stem, number))"
            // A number that is being recorded is taken, too.
            if FileSystem.exists(place + TapeName.partSuffix) { continue }
            let sealed = place + TapeName.suffix
            if link("\(source)/\(name)", sealed) == 0 { return sealed }
            if errno == EEXIST { continue }
            // Some file systems have no links.
            guard errno == EPERM || errno == ENOTSUP || errno == ENOSYS else {
                throw TapeError(.file, "can't be written: \(FileSystem.lastReason)", file: sealed)
            }
            if FileSystem.exists(sealed) { continue }
            try check(rename("\(source)/\(name)", sealed), sealed)
            return sealed
        }
        throw TapeError(.file, "has no free number", file: "\(target)/\(stem)")
    }

    private func makeTarget() throws(TapeError) -> String {
        var target = directory
        for segment in scope.segments {
            target += "/\(segment)"
            var status = stat()
            if mkdir(target, 0o700) != 0 {
                let code = errno
                guard code == EEXIST, lstat(target, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                    throw TapeError(.file, "can't be made a directory: \(FileSystem.reason(code))", file: target)
                }
            }
        }
        return target
    }

    private func check(_ result: CInt, _ file: String) throws(TapeError) {
        guard result == 0 else { throw TapeError(.file, "can't be written: \(FileSystem.lastReason)", file: file) }
    }
}

/// The first recording that failed. Its methods may be called on any thread.
private final class FailureReport: Sendable {
    private let failure = Mutex<TapeError?>(nil)

    var first: TapeError? { failure.withLock { $0 } }

    func take(_ outcome: RecordingOutcome) {
        let error: TapeError? =
            switch outcome.state {
            case .finished: nil
            case .failed(let error): error
            case .overflowed: TapeError(.tooLarge, "is larger than a tape may be", file: outcome.path)
            }
        failure.withLock { $0 = $0 ?? error }
    }
}
