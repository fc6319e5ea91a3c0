import Dialects

extension Outcome {
    /// - Parameter input: how many bytes it was made from.
    func check(input: Int) {
        var size = 0
        for (index, event) in events.enumerated() {
            if case .start = event { precondition(index == 0, "a second start") }
            if case .end = event { preconditionFailure("an end among the events") }
            for text in event.texts {
                size += text.utf8.count
                Self.checkRoundTrip(text)
            }
        }
        if let first = events.first {
            guard case .start = first else { preconditionFailure("the first event isn't the start") }
        }
        for text in end.texts { Self.checkRoundTrip(text) }
        // One bad byte becomes three of U+FFFD, and some text is held twice; but what grows with the square must not.
        precondition(size <= 16 * input + 65_536, "\(input) bytes became \(size) of text")
        checkParts()
        checkFold()
    }

    /// Parts are numbered from 0 in the order in which they appear, and so are tool calls; each part is of one kind.
    private func checkParts() {
        var kinds: [Int: [MessageFold.Part.Kind]] = [:]
        var calls: [Int: Int] = [:]
        for event in events {
            if case .restart = event {
                kinds = [:]
                calls = [:]
            }
            guard case .delta(let delta) = event else { continue }
            let count = kinds[delta.choice]?.count ?? 0
            precondition(delta.part >= 0 && delta.part <= count, "part \(delta.part) comes after \(count) parts")
            if delta.part == count {
                kinds[delta.choice, default: []].append(delta.kind)
                if case .toolCall(let call) = delta.content {
                    precondition(call.index == calls[delta.choice, default: 0], "call \(call.index) is out of order")
                    calls[delta.choice, default: 0] += 1
                }
            }
            precondition(kinds[delta.choice]?[delta.part] == delta.kind, "part \(delta.part) is of two kinds")
        }
    }

    /// The fold says what the events say, whole and with a limit.
    private func checkFold() {
        let fold = MessageFold(events)
        var texts: [Int: String] = [:]
        var limited = MessageFold(textLimit: 100)
        for event in events {
            limited.add(event)
            if case .restart = event { texts = [:] }
            if case .delta(let delta) = event, case .text(let text) = delta.content {
                texts[delta.choice, default: ""] += text
            }
        }
        for (choice, text) in texts {
            precondition(
                fold.text(choice: choice).utf8.elementsEqual(text.utf8),
                "the fold's text isn't that of its deltas"
            )
            precondition(text.hasPrefix(limited.text(choice: choice)) || limited.isCut, "a limit changes the text")
        }
        precondition(!fold.isCut)
        let kept = limited.choices.flatMap(\.parts).reduce(0) { $0 + $1.text.utf8.count }
        precondition(kept <= 100, "the fold keeps more than its limit")
        precondition(
            zip(fold.choices, fold.choices.dropFirst()).allSatisfy { $0.index < $1.index },
            "choices out of order"
        )
    }

    /// What the views write of a text is JSON, and means that text.
    private static func checkRoundTrip(_ text: String) {
        var json: [UInt8] = []
        json.appendJSON(string: text)
        let span = json.span.bytes
        var scanner = JSONScanner(span)
        let read = scanner.nextValue(in: span)?.string(in: span)
        precondition(
            read?.utf8.elementsEqual(text.utf8) == true && scanner.isAtEnd(in: span),
            "a text is written wrongly"
        )
    }
}

extension TokenDelta {
    /// Of what kind the part is that this belongs to; a citation belongs to a text.
    fileprivate var kind: MessageFold.Part.Kind {
        switch content {
        case .text, .citation: .text
        case .reasoning: .reasoning
        case .refusal: .refusal
        case .toolCall: .toolCall
        }
    }
}

extension TokenEvent {
    /// All text that this holds.
    fileprivate var texts: [String] {
        switch self {
        case .start(let start), .restart(let start): [start.id, start.model].compactMap(\.self)
        case .delta(let delta):
            switch delta.content {
            case .text(let text), .reasoning(let text), .refusal(let text): [text]
            case .toolCall(let call): [call.id, call.name, call.arguments].compactMap(\.self)
            case .citation(let citation): [citation.url, citation.title, citation.raw].compactMap(\.self)
            }
        case .usage(let usage): [usage.raw]
        case .finish(_, let reason): [reason.raw]
        case .opaque: []
        case .end(let end): end.texts
        }
    }
}

extension StreamEnd {
    fileprivate var texts: [String] {
        [terminal, error?.message, error?.type, error?.code].compactMap(\.self)
    }
}
