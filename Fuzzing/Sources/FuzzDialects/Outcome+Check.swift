import Dialects

extension Outcome {
    /// - Parameter input: how many bytes it was made from.
    func check(input: Int) {
        var size = 0
        for (index, event) in events.enumerated() {
            if case .start = event { require(index == 0, "a second start") }
            if case .end = event { broken("an end among the events") }
            for text in event.texts {
                size += text.utf8.count
                Self.checkRoundTrip(text)
            }
            if case .usage(let usage) = event {
                // Counts that come in pieces are repeated as a whole, up to a size.
                size -= usage.raw.utf8.count
                require(usage.raw.utf8.count <= max(input, 16 << 10), "a usage object that grows without bound")
            }
        }
        if let first = events.first {
            guard case .start = first else { broken("the first event isn't the start") }
        }
        for text in end.texts { Self.checkRoundTrip(text) }
        // One bad byte becomes three of U+FFFD, and some text is held twice; but what grows with the square must not.
        require(size <= 16 * input + 65_536, "\(input) bytes became \(size) of text")
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
            require(delta.part >= 0 && delta.part <= count, "part \(delta.part) comes after \(count) parts")
            if delta.part == count {
                kinds[delta.choice, default: []].append(delta.kind)
                if case .toolCall(let call) = delta.content {
                    require(call.index == calls[delta.choice, default: 0], "call \(call.index) is out of order")
                    calls[delta.choice, default: 0] += 1
                }
            }
            require(kinds[delta.choice]?[delta.part] == delta.kind, "part \(delta.part) is of two kinds")
        }
    }

    /// The fold has of each part what its deltas say, whole and with a limit.
    private func checkFold() {
        let fold = MessageFold(events)
        var limited = MessageFold(textLimit: 100)
        var texts: [Int: [Int: String]] = [:]
        for event in events {
            limited.add(event)
            if case .restart = event { texts = [:] }
            if case .delta(let delta) = event {
                texts[delta.choice, default: [:]][delta.part, default: ""] += delta.text
            }
        }
        for choice in fold.choices {
            let parts = texts[choice.index] ?? [:]
            require(
                choice.parts.map(\.number).sorted() == parts.keys.sorted(),
                "the fold has other parts than its deltas"
            )
            for part in choice.parts {
                let text = parts[part.number] ?? ""
                require(part.text.utf8.elementsEqual(text.utf8), "the fold's text isn't that of its deltas")
                let kept = limited.choice(choice.index)?.parts.first { $0.number == part.number }?.text ?? ""
                require(
                    text.utf8.starts(with: kept.utf8) && (limited.isCut || kept == text),
                    "a limit changes the text"
                )
            }
        }
        require(Set(texts.keys).isSubset(of: fold.choices.map(\.index)), "the fold lacks a choice")
        require(!fold.isCut, "the fold is cut without a limit")
        let kept = limited.choices.flatMap(\.parts).reduce(0) { $0 + $1.text.utf8.count }
        require(kept <= 100, "the fold keeps more than its limit")
        require(zip(fold.choices, fold.choices.dropFirst()).allSatisfy { $0.index < $1.index }, "choices out of order")
    }

    /// What the views write of a text is JSON, and means that text.
    private static func checkRoundTrip(_ text: String) {
        var json: [UInt8] = []
        json.appendJSON(string: text)
        let span = json.span.bytes
        var scanner = JSONScanner(span)
        let read = scanner.nextValue(in: span)?.string(in: span)
        require(
            read?.utf8.elementsEqual(text.utf8) == true && scanner.isAtEnd(in: span),
            "a text is written wrongly"
        )
    }
}

extension TokenDelta {
    fileprivate var text: String {
        switch content {
        case .text(let text), .reasoning(let text), .refusal(let text): text
        case .toolCall(let call): call.arguments
        case .citation: ""
        }
    }

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
