import Dialects
import NIOCore

/// Renders events for a reader that lags: adjacent deltas of one part come as one event, under the last one's number.
///
/// Adjacent are those with nothing between them that the view shows.
struct DeltaMerger {
    /// Deltas that make one event.
    private struct Run {
        let context: EventContext
        let delta: TokenDelta
        let first: Int
        var last: Int
        var text: String

        /// The event that they make.
        var event: TokenEvent {
            var delta = self.delta
            switch delta.content {
            case .text: delta.content = .text(text)
            case .reasoning: delta.content = .reasoning(text)
            case .refusal: delta.content = .refusal(text)
            case .toolCall(var call):
                call.arguments = text
                delta.content = .toolCall(call)
            case .citation: break
            }
            return .delta(delta)
        }
    }

    private let view: View
    private var run: Run?

    init(view: View) { self.view = view }

    /// The bytes of text that wait for what follows them.
    private var pending: Int { run?.text.utf8.count ?? 0 }

    /// Renders from `from` on until about `limit` bytes or the log's end; returns where it stopped.
    mutating func render(_ list: SegmentList, from: Int, atMost limit: Int, into output: inout EventOutput) -> Int {
        var next = from
        guard var index = list.index(of: from) else { return list.next }
        while index < list.count, output.size + pending < limit {
            let segment = list[index]
            switch segment.content {
            case .published(let publication):
                if view == .delta {
                    flush(into: &output)
                    output.published(publication.event, sequence: segment.first)
                }
                next = segment.next
            case .events(let run):
                var cursor = list.cursor(in: run, of: segment, from: next)
                var context = EventContext(info: run.page.info)
                while next < segment.next, output.size + pending < limit {
                    let event = cursor.next()
                    if case .end = event { context.summary = cursor.summary() }
                    take(event, of: context, sequence: next, into: &output)
                    next += 1
                }
            }
            if next == segment.next { index += 1 }
        }
        flush(into: &output)
        return next
    }

    private mutating func take(
        _ event: TokenEvent,
        of context: EventContext,
        sequence: Int,
        into output: inout EventOutput
    ) {
        guard view == .text ? TextView.shows(event) : DeltaView.name(of: event) != nil else { return }
        guard case .delta(let delta) = event, let text = delta.mergeableText else {
            flush(into: &output)
            show(event, of: context, sequence: sequence, from: nil, into: &output)
            return
        }
        if run.map({ $0.context.info === context.info && delta.continues($0.delta) }) == true {
            run?.last = sequence
            run?.text += text
            return
        }
        flush(into: &output)
        run = Run(context: context, delta: delta, first: sequence, last: sequence, text: text)
    }

    private mutating func flush(into output: inout EventOutput) {
        guard let run else { return }
        self.run = nil
        let first = run.first < run.last ? run.first : nil
        show(run.event, of: run.context, sequence: run.last, from: first, into: &output)
    }

    private func show(
        _ event: TokenEvent,
        of context: EventContext,
        sequence: Int,
        from first: Int?,
        into output: inout EventOutput
    ) {
        if view == .text {
            TextView.render(event, of: context, sequence: sequence, into: &output)
        } else {
            let first = first.map { output.place($0) }
            DeltaView.render(event, of: context, sequence: sequence, mergedFrom: first, into: &output)
        }
    }
}

extension TokenDelta {
    /// The text of a delta that may become part of a longer one; nil where it says more than that.
    fileprivate var mergeableText: String? {
        switch content {
        case .text(let text), .reasoning(let text), .refusal(let text): text
        case .toolCall(let call): call.id == nil && call.name == nil ? call.arguments : nil
        case .citation: nil
        }
    }

    /// Whether its text goes on where that of the delta before it stops.
    fileprivate func continues(_ delta: TokenDelta) -> Bool {
        guard choice == delta.choice, part == delta.part else { return false }
        return switch (delta.content, content) {
        case (.text, .text), (.reasoning, .reasoning), (.refusal, .refusal): true
        case (.toolCall(let call), .toolCall(let next)): call.index == next.index
        default: false
        }
    }
}
