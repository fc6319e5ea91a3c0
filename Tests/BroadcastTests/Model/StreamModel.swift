import Dialects
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Broadcast

/// A node of three loops that the test drives turn by turn, with generations, publishers and readers that do anything at any
/// time, and the plain lists that say what should come of it. A seed tells everything.
struct StreamModel {
    /// A running generation and what was appended for it.
    final class Source: GenerationSink {
        var generation: Generation?
        let loop: Int
        var reference = ModelReference()
        var isInChannel = false
        /// Batches on their way to the channel.
        var handOver: (EventBatch) -> Void = { _ in }

        init(loop: Int) { self.loop = loop }

        func append(_ batch: EventBatch) {
            reference.append(batch)
            if isInChannel { handOver(batch) }
        }
    }

    /// The channel's reference and what is on its way to it.
    final class Channel {
        enum Arrival {
            case batch(EventBatch)
            case published(PublishedEvent)
        }

        var reference = ModelReference()
        var pending: [Arrival] = []

        func arrive() {
            for arrival in pending {
                switch arrival {
                case .batch(let batch): reference.append(batch)
                case .published(let event): reference.append(event)
                }
            }
            pending = []
        }
    }

    let loops = (0..<3).map { _ in EmbeddedEventLoop() }
    let hub: Hub
    let channel: EventChannel
    let channelLoop: Int
    let channelReference = Channel()
    var random: SeededRandom
    /// Whether events can be gone.
    let mayReset: Bool
    var sources: [Source] = []
    var readers: [(reader: ModelReader, source: Source?)] = []
    var totals = ModelTotals()
    /// What is wrong, in words; empty where nothing is.
    var problems: [String] = []
    private var words = 0

    init(seed: UInt64) throws {
        random = SeededRandom(seed: seed)
        var retention = Retention()
        mayReset = seed % 3 != 0
        if mayReset {
            retention.maximumEvents = Int.random(in: 8...60, using: &random)
            if seed % 6 == 1 { retention.maximumBytes = 4000 }
            if seed % 6 == 5 { retention.maximumTotalBytes = 8000 }
        }
        hub = Hub(eventLoops: loops, retention: retention, publishing: PublishLimits(rate: 1_000_000, burst: 1_000_000))
        channel = try #require(hub.channel(named: "c\(seed % 5)"))
        let loop = channel.log.eventLoop
        channelLoop = try #require(loops.firstIndex { $0 === loop })
    }

    // MARK: Steps

    mutating func step() throws {
        switch Int.random(in: 0..<40, using: &random) {
        case 0..<2: begin()
        case 2..<12: try speak()
        case 12: try end()
        case 13..<16: try publish()
        case 16..<20: join()
        case 20..<23: leave()
        case 23..<26: readers.randomElement(using: &random)?.reader.stall()
        case 26..<30:
            let bytes = Int.random(in: 1...3000, using: &random)
            readers.randomElement(using: &random)?.reader.accept(bytes)
        case 30..<38: run(Int.random(in: 0..<3, using: &random))
        case 38: hub.tidy(heartbeatAfter: .hours(1))
        default:
            // Time passes: everything in the channel is too old.
            if mayReset, Int.random(in: 0..<3, using: &random) == 0 {
                _ = channel.log.expire(before: .now() + .hours(1))
            }
        }
    }

    mutating func run(_ loop: Int) {
        if loop == channelLoop { channelReference.arrive() }
        loops[loop].run()
    }

    private mutating func begin() {
        guard sources.count(where: { $0.generation?.end == nil }) < 3 else { return }
        let loop = Int.random(in: 0..<3, using: &random)
        let source = Source(loop: loop)
        source.isInChannel = Int.random(in: 0..<4, using: &random) > 0
        let (target, isHome) = (channelReference, loop == channelLoop)
        source.handOver = { batch in
            if isHome { target.reference.append(batch) } else { target.pending.append(.batch(batch)) }
        }
        let request = Generation.Request(
            method: "POST",
            path: Chat.path,
            model: "demo",
            channel: source.isInChannel ? channel.name : nil
        )
        let generation = hub.makeGeneration(request, dialect: .openAIChat, sinks: [source], on: loops[loop])
        generation.responded(status: 200, framing: .serverSentEvents)
        source.generation = generation
        sources.append(source)
    }

    private mutating func speaking() -> Generation? {
        sources.filter { $0.generation?.end == nil }.randomElement(using: &random)?.generation
    }

    /// Some pieces of an answer, in one turn or several.
    private mutating func speak() throws {
        guard let generation = speaking() else { return begin() }
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            generation.feed(ByteBuffer(string: frame()), offset: words)
            if Int.random(in: 0..<3, using: &random) == 0 { generation.seal() }
        }
        generation.seal()
    }

    private mutating func frame() -> String {
        words += 1
        let text =
            Int.random(in: 0..<30, using: &random) == 0 ? String(repeating: "long \(words) ", count: 300) : "w\(words) "
        let delta =
            switch Int.random(in: 0..<12, using: &random) {
            case 0: #"{"reasoning_content":"\#(text)"}"#
            case 1: #"{"tool_calls":[{"index":0,"id":"t\#(words)","function":{"name":"f","arguments":""}}]}"#
            case 2, 3: #"{"tool_calls":[{"index":0,"function":{"arguments":"\#(text)"}}]}"#
            case 4: "{}"
            case 5: #"{"refusal":"\#(text)"}"#
            default: #"{"content":"\#(text)"}"#
            }
        if Int.random(in: 0..<12, using: &random) == 0 { return Chat.usage }
        let choice = Int.random(in: 0..<8, using: &random) == 0 ? 1 : 0
        return #"data: {"id":"x","model":"demo","choices":[{"index":\#(choice),"delta":\#(delta)}]}"# + "\n\n"
    }

    private mutating func end() throws {
        guard let generation = speaking() else { return }
        switch Int.random(in: 0..<3, using: &random) {
        case 0: generation.abandon(StreamEnd(state: .cancelled))
        case 1: generation.bodyEnded(offset: words)
        default:
            generation.feed(ByteBuffer(string: Chat.finish + Chat.done), offset: words)
            generation.bodyEnded(offset: words)
        }
        generation.seal()
    }

    private mutating func publish() throws {
        words += 1
        let name = ["message", "tick", "a.b:c"].randomElement(using: &random) ?? "message"
        let event = try #require(PublishedEvent(name: name, data: Array(#"{"n":\#(words)}"#.utf8)))
        _ = channel.publish(event)
        channelReference.pending.append(.published(event))
    }
}

/// How much of what was to be tried was tried, over many runs.
struct ModelTotals {
    var events = 0
    var resets = 0
    var snapshots = 0
    var merges = 0
    var slows = 0
    var resumes = 0

    mutating func add(_ other: ModelTotals) {
        events += other.events
        resets += other.resets
        snapshots += other.snapshots
        merges += other.merges
        slows += other.slows
        resumes += other.resumes
    }
}
