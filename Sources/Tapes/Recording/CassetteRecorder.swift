/// Records interactions into a cassette: one file each, safe against crashes, never in the relay's way.
///
/// ```swift
/// let recorder = CassetteRecorder(directory: "tapes", tool: "tokencast/0.1.0", queue: queue) { outcome in … }
/// let recording = recorder.begin(request, api: "openai.chat", secrets: TapeSecrets([key]))
/// recording.response(offset: 35_120, status: 200, headers: headers)
/// recording.chunk(offset: 336_021, bytes: bytes)
/// recording.finish(offset: 1_242_011, TapeEnd(reason: .eof, dialect: "openai.chat", terminal: "[DONE]"))
/// ```
public struct CassetteRecorder: Sendable {
    private let directory: String
    private let scope: TapeScope
    private let tool: String
    private let queue: RecordingQueue
    private let requestBody: RequestBodyStorage
    /// How large a tape gets; tests make it smaller.
    var limits = TapeLimits()
    private let report: @Sendable (RecordingOutcome) -> Void

    /// - Parameters:
    ///   - directory: the cassette; it is made with the first recording, its parent must be there.
    ///   - scope: the directory within it, unless a recording says another.
    ///   - tool: what records, for the header: `tokencast/0.1.0`.
    ///   - queue: the writer that all recorders of a process share.
    ///   - requestBody: what is stored of requests' bodies.
    ///   - report: called with what became of each recording, on the writer's thread, or within `begin` where it
    ///     couldn't begin; it must not block.
    public init(
        directory: String,
        scope: TapeScope = .root,
        tool: String,
        queue: RecordingQueue,
        requestBody: RequestBodyStorage = .full,
        report: @escaping @Sendable (RecordingOutcome) -> Void = { _ in }
    ) {
        self.directory = directory
        self.scope = scope
        self.tool = tool
        self.queue = queue
        self.requestBody = requestBody
        self.report = report
    }

    /// Waits until all that has come so far is in its files.
    func flush() async { await queue.flush() }

    /// What a recording is called, and which older tapes it takes the place of.
    struct Naming: Sendable {
        /// What the key in the name is worked out by.
        var rules = CassetteRules()
        var replacement: (tapes: TapeReplacement, extent: TapeReplacement.Extent)?

        /// The older tapes that a recording of a request replaces.
        func stale(_ request: CanonicalRequest) -> [StaleTape] {
            guard let replacement else { return [] }
            replacement.tapes.use()
            return replacement.tapes.tapes(replacement.extent, key: request.key)
        }
    }

    /// Begins a recording as the request goes out.
    ///
    /// - Parameters:
    ///   - request: the request; its body is parsed, masked and written on the writer's thread.
    ///   - api: the first part of the file's name, such as the dialect's name.
    ///   - scope: another scope than the recorder's own.
    ///   - secrets: the credentials seen and put in, masked in all that is stored.
    public func begin(
        _ request: LiveRequest,
        api: String,
        scope: TapeScope? = nil,
        secrets: TapeSecrets = .none
    ) -> TapeRecording {
        begin(request, api: api, scope: scope ?? self.scope, secrets: secrets, naming: Naming()) { _ in }
    }

    /// As ``begin(_:api:scope:secrets:)``, for a deck.
    ///
    /// - Parameter ended: called before the recorder's own report.
    func begin(
        _ request: LiveRequest,
        api: String,
        scope: TapeScope,
        secrets: TapeSecrets,
        naming: Naming,
        ended: @escaping @Sendable (RecordingOutcome) -> Void
    ) -> TapeRecording {
        let report: @Sendable (RecordingOutcome) -> Void = { [report] outcome in
            ended(outcome)
            report(outcome)
        }
        let sink = RecordingSink(
            RecordingSink.Settings(
                root: directory,
                scope: scope,
                tool: tool,
                api: api,
                naming: naming,
                secrets: secrets,
                requestBody: requestBody,
                limits: limits,
                report: report
            )
        )
        let recording = TapeRecording(queue: queue, sink: sink)
        if !recording.begin(request) {
            let error = TapeError(.file, "nothing is recorded: the recorder is full or shut down", file: directory)
            report(RecordingOutcome(path: directory, state: .failed(error)))
        }
        return recording
    }
}
