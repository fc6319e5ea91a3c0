extension ReplayPlan {
    public func makeIterator() -> Iterator { Iterator(self) }

    /// Plays the timeline, and the faults where they strike.
    public struct Iterator: IteratorProtocol, Sendable {
        private enum Phase {
            case head
            case body
            case end
            case over
        }

        private let response: Tape.Response?
        private let ending: Ending
        private var timeline: ReplayTimeline
        private var edits: [ReplayEdit]
        private var phase = Phase.head
        private var bent = BentTime()
        private var last: Int64 = 0
        private var ready: [Step] = []

        fileprivate init(_ plan: ReplayPlan) {
            response = plan.response
            ending = plan.ending
            timeline = plan.timeline
            edits = plan.edits
        }

        public mutating func next() -> Step? {
            while ready.isEmpty, phase != .over { advance() }
            return ready.isEmpty ? nil : ready.removeFirst()
        }

        /// Takes the next thing that is due, behind all that strikes before it.
        private mutating func advance() {
            switch phase {
            case .head:
                phase = .body
                guard let response, let due = timeline.headDue() else { return }
                strike(before: due, at: .head)
                add(due, .head(response))
            case .body:
                let start = timeline.position
                guard let piece = timeline.next(upTo: limit(after: start)) else {
                    phase = .end
                    return
                }
                strike(before: piece.due, at: .position(start))
                add(piece.due, .chunk(timeline.body.slice(piece.range, ofPiece: piece.chunk)))
            case .end:
                let due = timeline.endDue()
                strike(before: due, at: nil)
                add(due, .end(ending))
                phase = .over
            case .over:
                return
            }
        }

        /// Where the next chunk has to end at the latest, because something strikes there.
        private func limit(after start: Int) -> Int {
            edits.reduce(Int.max) { limit, edit in
                guard case .position(let position) = edit.place, position > start else { return limit }
                return Swift.min(limit, position)
            }
        }

        /// Applies the edits of a place (nil is all that are left), and those whose time comes up to `due`.
        private mutating func strike(before due: Int64, at place: ReplayEdit.Place?) {
            guard !edits.isEmpty else { return }
            var struck: [(time: Int64, edit: ReplayEdit)] = []
            edits.removeAll { edit in
                // Nothing can be put before the head.
                if place == .head, edit.isInsertion { return false }
                if case .time(let time) = edit.place {
                    guard time <= due || place == nil else { return false }
                    struck.append((time, edit))
                } else {
                    guard place == nil || edit.place == place else { return false }
                    struck.append((edit.isAgain ? 0 : due, edit))
                }
                return true
            }
            // In the order of their times, else as they were given: a sort needn't keep that.
            let order = struck.indices.sorted { (struck[$0].time, $0) < (struck[$1].time, $1) }
            for index in order where phase != .over { apply(struck[index].edit.action, at: struck[index].time) }
        }

        private mutating func apply(_ action: ReplayEdit.Action, at time: Int64) {
            switch action {
            case .delay(let microseconds): bent.delay(at: time, by: microseconds)
            case .stretch(let factor): bent.stretch(at: time, by: factor)
            case .insert(let bytes): add(time, .chunk(bytes[...]))
            case .again(let range): add(time, .chunk(timeline.body.bytes[range]))
            case .stop(let ending):
                add(time, .end(ending))
                phase = .over
            }
        }

        /// Puts a step behind the others, if none of them was the last.
        private mutating func add(_ due: Int64, _ action: Step.Action) {
            guard phase != .over else { return }
            last = Swift.max(last, bent(due))
            ready.append(Step(due: last, action: action))
        }
    }
}
