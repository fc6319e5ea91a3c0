import Dialects
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Broadcast

/// One completion: starts once, ends once and last, whatever happens.
@Suite struct GenerationTests {
    private let loop = EmbeddedEventLoop()

    private func make(_ sinks: [any GenerationSink] = [], hub: Hub? = nil) -> Generation {
        let hub = hub ?? Hub(eventLoops: [loop])
        return hub.makeGeneration(
            .init(method: "POST", path: "/v1/chat/completions", model: "asked"),
            dialect: .openAIChat,
            sinks: sinks,
            on: loop
        )
    }

    private final class Sink: GenerationSink {
        var batches: [EventBatch] = []
        func append(_ batch: EventBatch) { batches.append(batch) }
    }

    private func names(_ generation: Generation) -> [String] {
        generation.log.home.list.segments.flatMap { $0.run?.events ?? [] }.map { event in
            switch event {
            case .start: "start"
            case .delta: "delta"
            case .usage: "usage"
            case .finish: "finish"
            case .restart: "restart"
            case .opaque: "opaque"
            case .end(let end): "end \(end.state.rawValue)"
            }
        }
    }

    @Test func aWholeStream() {
        let sink = Sink()
        let generation = make([sink])
        generation.responded(status: 200, framing: .serverSentEvents)
        generation.feed(ByteBuffer(string: Chat.frame("a")), offset: 10)
        generation.seal()
        generation.feed(ByteBuffer(string: Chat.frame("b") + Chat.finish + Chat.done), offset: 20)
        generation.bodyEnded(offset: 30)
        generation.seal()
        #expect(names(generation) == ["start", "delta", "delta", "finish", "opaque", "end complete"])
        #expect(generation.end?.terminal == "[DONE]")
        #expect(generation.fold.text == "ab")
        let info = generation.log.home.list.segments.first?.run?.page.info
        #expect(info?.model == "demo")
        #expect(info?.requestedModel == "asked")
        #expect(info?.status == 200)
        #expect(sink.batches.map(\.offset) == [10, 20])
    }

    @Test func aStreamEndsOnceAndNothingFollows() {
        let hub = Hub(eventLoops: [loop])
        let generation = make(hub: hub)
        generation.responded(status: 200, framing: .serverSentEvents)
        generation.feed(ByteBuffer(string: Chat.frame("a") + Chat.done + Chat.frame("late")), offset: 1)
        generation.feed(ByteBuffer(string: Chat.frame("later")), offset: 2)
        generation.bodyEnded(offset: 3)
        generation.abandon(StreamEnd(state: .cancelled))
        generation.seal()
        #expect(names(generation).filter { $0.hasPrefix("end") } == ["end complete"])
        #expect(names(generation).last == "end complete")
        #expect(generation.fold.text == "a")
        #expect(hub.counters.completeStreams.current == 1)
        #expect(hub.counters.cancelledStreams.current == 0)
        #expect(hub.counters.activeStreams.current == 0)
    }

    @Test("R20: a stream that breaks off has an estimate of what it cost, unless the provider has said more")
    func estimatedUsage() {
        let frames = [Chat.frame("a"), Chat.frame("b"), Chat.frame("c")].joined()
        let known = #"data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":0}}"# + "\n\n"
        for (body, expected) in [
            (frames, TokenUsage(output: 3, isEstimated: true, raw: "")),
            (frames + Chat.usage, TokenUsage(input: 3, output: 2, total: 5)),
            (known, TokenUsage(input: 3, output: 0)),
        ] {
            let generation = make()
            generation.responded(status: 200, framing: .serverSentEvents)
            generation.feed(ByteBuffer(string: body), offset: 1)
            generation.abandon(StreamEnd(state: .cancelled))
            var usage = generation.fold.usage
            usage?.raw = expected.raw
            #expect(usage == expected)
            #expect(names(generation).last == "end cancelled")
        }
        let whole = make()
        whole.responded(status: 200, framing: .serverSentEvents)
        whole.feed(ByteBuffer(string: frames + Chat.done), offset: 1)
        whole.bodyEnded(offset: 2)
        #expect(whole.fold.usage == nil)
    }

    @Test func aBodyWithoutItsEndIsTruncated() {
        let generation = make()
        generation.responded(status: 200, framing: .serverSentEvents)
        generation.feed(ByteBuffer(string: Chat.frame("a") + "data: {"), offset: 1)
        #expect(!generation.isAtFrameBoundary)
        generation.bodyEnded(offset: 2)
        #expect(generation.end?.state == .truncated)
        #expect(names(generation).last == "end truncated")
    }

    @Test func anEmptyBodyStillHasAStart() {
        let generation = make()
        generation.responded(status: 200, framing: .serverSentEvents)
        #expect(generation.isAtFrameBoundary)
        generation.bodyEnded(offset: 2)
        #expect(names(generation) == ["start", "end truncated"])
    }

    @Test func anUpstreamThatNeverAnsweredStillHasAStartAndAnEnd() {
        let generation = make()
        generation.abandon(StreamEnd(state: .error, error: StreamError(message: "refused")))
        #expect(names(generation) == ["start", "end error"])
        #expect(generation.log.home.list.segments.first?.run?.page.info.status == nil)
        #expect(generation.log.home.list.segments.first?.run?.page.info.model == "asked")
    }

    private static let errorBodies: [(Dialect.Framing, String, String?)] = [
        (.document, #"{"error":{"message":"slow down","code":"rate"}}"#, "slow down"),
        (.document, "<h1>no</h1>", nil),
        (.serverSentEvents, Chat.frame("a") + Chat.done, "the upstream answered with status 429"),
        (.serverSentEvents, "", "the upstream answered with status 429"),
    ]

    @Test("An error status is an error, whatever the body looks like", arguments: errorBodies)
    func errorStatuses(framing: Dialect.Framing, body: String, message: String?) {
        let generation = make()
        generation.responded(status: 429, framing: framing)
        generation.feed(ByteBuffer(string: body), offset: 1)
        generation.bodyEnded(offset: 2)
        #expect(generation.end?.state == .error)
        #expect(generation.end?.error?.status == 429)
        if let message { #expect(generation.end?.error?.message == message) }
    }

    @Test func sinksAndChannelsGetEachBatchOnceWithItsSummary() throws {
        let sink = Sink()
        let hub = Hub(eventLoops: [loop])
        let generation = make([sink], hub: hub)
        generation.responded(status: 200, framing: .serverSentEvents)
        generation.feed(ByteBuffer(string: Chat.frame("a")), offset: 1)
        generation.seal()
        generation.seal()
        generation.feed(ByteBuffer(string: Chat.finish + Chat.usage + Chat.done), offset: 2)
        generation.seal()
        #expect(sink.batches.count == 2)
        #expect(sink.batches.map { $0.summary == nil } == [true, false])
        #expect(sink.batches.last?.summary?.finish == "stop")
        #expect(sink.batches.last?.summary?.usage?.total == 5)
        let events = sink.batches.flatMap(\.events)
        for log in [generation.log, try #require(hub.channel(named: "all")).log] {
            let runs = log.home.list.segments.compactMap(\.run)
            #expect(runs.flatMap(\.events) == events)
            // Kept once, whoever has it.
            #expect(runs.allSatisfy { run in sink.batches.contains { $0.run.page === run.page } })
        }
    }

    @Test func readersOfTheStreamAndOfItsChannelsAreItsReaders() throws {
        let hub = Hub(eventLoops: [loop])
        let generation = hub.makeGeneration(
            .init(method: "POST", path: "/", channel: "c"),
            dialect: .openAIChat,
            on: loop
        )
        for log in [
            generation.log, try #require(hub.channel(named: "c")).log, try #require(hub.channel(named: "all")).log,
        ] {
            #expect(!generation.hasReaders)
            let reader = LogReader(FakeReader())
            hub.subscribe(reader, to: log, on: loop)
            #expect(generation.hasReaders)
            reader.cancel()
            #expect(!generation.hasReaders)
        }
    }
}
