import Dialects
import NIOCore

@testable import Broadcast

/// A stream's identity, with everything about it fixed.
func makeInfo(_ id: StreamID, model: String? = "m1", status: Int? = 200) -> StreamInfo {
    StreamInfo(
        id: id,
        created: 1_700_000_000,
        dialect: "openai.chat",
        method: "POST",
        path: "/v1/chat/completions",
        requestedModel: model,
        channel: nil,
        status: status,
        start: StreamStart(id: "c1")
    )
}

/// A batch of events, each with a frame of its own but the `end`, which no frame yields.
func makeBatch(
    _ info: StreamInfo,
    _ events: [TokenEvent],
    frame: (Int) -> String = { "frame \($0)" },
    summary: StreamSummary? = nil
) -> EventBatch {
    var buffer = EventBuffer()
    for (index, event) in events.enumerated() {
        if case .end = event {
            buffer.append(event)
        } else {
            buffer.openFrame(name: [UInt8]().span.bytes, data: Array(frame(index).utf8).span.bytes)
            buffer.append(event)
            buffer.closeFrame()
        }
    }
    return EventBatch(info: info, content: buffer, offset: 0, summary: summary)
}

extension EventBatch {
    /// A batch by itself, in no stream's pages.
    init(info: StreamInfo, content: EventBuffer, offset: Int = 0, summary: StreamSummary? = nil) {
        var pages = EventPages()
        self = pages.seal(content, info, offset: offset, summary: summary, by: EventPacker())
    }
}

extension SegmentList {
    /// The segments in order.
    var segments: [Segment] { (0..<count).map { self[$0] } }

    mutating func append(_ batch: EventBatch) { append(.batch(batch), at: .now()) }
}

extension EventRun {
    /// Its events in order.
    var events: [TokenEvent] {
        var cursor = cursor()
        return (0..<count).map { _ in cursor.next() }
    }
}

func text(_ text: String, choice: Int = 0) -> TokenEvent {
    .delta(TokenDelta(choice: choice, part: 0, content: .text(text)))
}

/// A stream of a start, a delta, usage, a finish and its end.
func wholeStream(_ info: StreamInfo) -> EventBatch {
    let events: [TokenEvent] = [
        .start(info.start), text(" Hi\n\"\u{E9}\""), .usage(TokenUsage(input: 3, output: 2, total: 5)),
        .finish(choice: 0, FinishReason(openAI: "stop")), .end(StreamEnd(state: .complete, terminal: "[DONE]")),
    ]
    return makeBatch(info, events, summary: .init(finish: "stop", usage: TokenUsage(input: 3, output: 2, total: 5)))
}

/// A stream's log that adds up what it is given, as a generation does.
struct TestLog {
    let log: EventLog
    let fold: StreamFold

    init(
        _ info: StreamInfo,
        on eventLoop: any EventLoop,
        retention: Retention = Retention(),
        counters: Counters = Counters()
    ) {
        fold = StreamFold(info: info)
        log = EventLog(
            epoch: info.id,
            eventLoop: eventLoop,
            fold: .stream(fold),
            retention: retention,
            counters: counters
        )
    }

    func append(_ batch: EventBatch) {
        fold.add(batch.run)
        log.append(batch)
    }
}
