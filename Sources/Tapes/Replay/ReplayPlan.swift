import Dialects

/// What a replay of a tape delivers, step by step, and when.
///
/// It is made from the tape and the options alone, so two plans are the same if these are; a random way of cutting that
/// has no seed gets one, and ``rechunk`` tells it.
///
/// ```swift
/// for step in ReplayPlan(tape, ReplayOptions(speed: 0, rechunk: .byte)) {
///     if case .chunk(let bytes) = step.action { deliver(bytes) }
/// }
/// ```
public struct ReplayPlan: Sendable, Sequence {
    public struct Step: Sendable {
        public enum Action: Sendable {
            case head(Tape.Response)
            /// Never empty.
            case chunk(ArraySlice<UInt8>)
            /// The last step.
            case end(Ending)
        }

        /// Microseconds since the request came in, whatever came before; never falling.
        public var due: Int64
        public var action: Action
    }

    /// How a replay ends.
    public enum Ending: Sendable, Hashable {
        /// As HTTP says.
        case complete
        /// As the recorded exchange failed.
        case failure(TapeEnd.Reason)
        /// The connection is closed: with a FIN, or with a RST.
        case drop(reset: Bool)
        /// Not at all: nothing comes any more.
        case stall
    }

    /// How the body is cut, with the seed that was drawn where none was given.
    public let rechunk: Rechunk
    /// The faults that have their place in this tape.
    public let faults: [Fault]
    /// What there is to say about the others.
    public let notes: [String]

    let response: Tape.Response?
    let timeline: ReplayTimeline
    let edits: [ReplayEdit]
    let ending: Ending

    /// - Parameters:
    ///   - tape: what is replayed.
    ///   - options: without them, it is as it was recorded.
    public init(_ tape: Tape, _ options: ReplayOptions = ReplayOptions()) {
        let wanted = options.faults ?? []
        let status = wanted.first { if case .status = $0.kind { true } else { false } }
        let tape = status.map { Tape(tape, failingWith: $0) } ?? tape
        let framing = tape.framing
        let rechunk = options.rechunk.map(Self.seeded) ?? .recorded
        let pace = ReplayPace(speed: options.speed ?? 1, maxGap: options.maxGap)
        let body = ReplayBody(tape, isWhole: rechunk != .recorded || !wanted.isEmpty)
        let end = Swift.max(tape.end?.offset ?? 0, body.offsets.last ?? 0)
        let makeTimeline = { (body: ReplayBody) in
            let cutter = BodyCutter(body, rechunk, framing)
            return ReplayTimeline(body, head: tape.response?.offset, end: end, cutter: cutter, pace: pace)
        }
        var resolver = FaultResolver(tape, body, makeTimeline)
        resolver.resolve(wanted, status: status)

        self.rechunk = rechunk
        response = tape.response
        faults = resolver.resolved
        notes = resolver.notes
        edits = resolver.edits
        timeline = makeTimeline(resolver.body)
        let reason = tape.end?.reason
        let failure = reason.flatMap { $0.isFailure && !resolver.endsAsHTTPSays ? Ending.failure($0) : nil }
        ending = failure ?? .complete
    }

    private static func seeded(_ mode: Rechunk) -> Rechunk {
        guard case .random(nil) = mode else { return mode }
        return .random(seed: .random(in: 0 ... .max))
    }
}

extension TapeEnd.Reason {
    /// Whether the exchange failed on the upstream's side, which a replay repeats.
    var isFailure: Bool {
        switch self {
        case .upstreamShort, .upstreamReset, .timeoutFirst, .timeoutIdle, .timeoutTotal, .connectFailed, .tls: true
        default: false
        }
    }
}

extension Tape {
    /// How the body is cut into events: by its content type, unless its first byte shows that to be wrong.
    var framing: Dialect.Framing {
        let type = response?.headers.first { $0.name.lowercased().hasSameBytes(as: "content-type") }
        let isStream = request.asksForStream && (200..<300).contains(response?.status ?? 0)
        let announced =
            type.flatMap { Dialect.Framing(contentType: $0.value) } ?? (isStream ? dialect.framing : .document)
        let first = chunks.lazy.joined().first { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return first.flatMap { announced.corrected(byFirst: $0, of: dialect) } ?? announced
    }

    /// A tape in whose place a fault puts a status: the answer comes at once, in the words of its dialect.
    fileprivate init(_ tape: Tape, failingWith fault: Fault) {
        self = tape
        guard case .status(let status, let retryAfter) = fault.kind else { return }
        let words = dialect.errors(forPath: request.path)
        var headers = [TapeField("content-type", "application/json")]
        headers += words.headers(status: status).map { TapeField($0.name, $0.value) }
        if let retryAfter { headers.append(TapeField("retry-after", String(retryAfter))) }
        let error = StreamError(
            message: "a fault was asked for: \(fault)",
            type: "tape_fault",
            code: "status_\(status)",
            status: status
        )
        response = Response(offset: 0, status: status, headers: headers)
        let hasBody = ![204, 205, 304].contains(status)
        let body = hasBody ? Array(words.body(error, status: status).utf8) : []
        entries = [Entry(offset: 0, .chunk(body))]
        end = TapeEnd(reason: .eof)
    }
}
