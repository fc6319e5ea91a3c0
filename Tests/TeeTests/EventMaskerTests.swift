import Dialects
import Tapes
import Testing

@testable import Tee

/// Secrets that are spread over several events.
@Suite struct EventMaskerTests {
    static let secret = "sk-proj-0123456789abcdefghijKLMNOP"

    private func delta(_ text: String, choice: Int = 0, part: Int = 0) -> TokenEvent {
        .delta(TokenDelta(choice: choice, part: part, content: .text(text)))
    }

    private func texts(_ events: [MaskedEvent]) -> [String] {
        events.compactMap { if case .delta(let delta) = $0.event { delta.text } else { nil } }
    }

    private func take(_ event: TokenEvent, _ sequence: Int, _ masker: inout EventMasker) -> [MaskedEvent] {
        var released: [MaskedEvent] = []
        masker.take(event, sequence: sequence, offset: 0, into: &released)
        return released
    }

    private func run(_ events: [TokenEvent], _ masker: inout EventMasker) -> [MaskedEvent] {
        var released: [MaskedEvent] = []
        for (index, event) in events.enumerated() {
            masker.take(event, sequence: index + 1, offset: index * 10, into: &released)
            // At any moment, not only at the end.
            #expect(!texts(released).joined().contains(Self.secret))
        }
        return released
    }

    @Test("A secret that is cut at every place into two deltas is masked")
    func everyCut() {
        let text = "the key \(Self.secret) is good"
        for cut in text.indices {
            var masker = EventMasker(TapeSecrets(["Bearer \(Self.secret)"]))
            let parts = [String(text[..<cut]), String(text[cut...])]
            let released = run(
                [.start(StreamStart())] + parts.map { delta($0) } + [.end(StreamEnd(state: .complete))],
                &masker
            )
            #expect(released.map(\.sequence) == [1, 2, 3, 4])
            #expect(released.map(\.offset) == [0, 10, 20, 30])
            let stars = String(repeating: "*", count: Self.secret.count)
            #expect(texts(released).joined() == "the key \(stars) is good")
            #expect(texts(released).map(\.count) == parts.map(\.count))
        }
    }

    @Test("One byte a delta, and other parts between")
    func interleaved() {
        var masker = EventMasker(TapeSecrets([Self.secret]))
        var events: [TokenEvent] = [.start(StreamStart())]
        for character in "a \(Self.secret) b" {
            events.append(delta(String(character)))
            events.append(delta("\(character)", choice: 1))
            events.append(.opaque)
        }
        events.append(.finish(choice: 0, FinishReason(openAI: "stop")))
        events.append(.end(StreamEnd(state: .complete)))
        let released = run(events, &masker)
        #expect(released.map(\.sequence) == Array(1...events.count))
        for choice in 0...1 {
            let text = released.compactMap { masked -> String? in
                guard case .delta(let delta) = masked.event, delta.choice == choice else { return nil }
                return delta.text
            }
            #expect(text.joined() == "a \(String(repeating: "*", count: Self.secret.count)) b")
        }
    }

    @Test("What has no secret comes out as it went in, in its order")
    func harmless() {
        var masker = EventMasker(TapeSecrets([Self.secret]))
        let words = ["caf\u{E9}", "", " \u{1F980}", "sk-proj-0123", " or not", "\u{65E5}\u{672C}"]
        let call = ToolCallDelta(index: 0, id: "call_1", name: "f", arguments: #"{"a":"#)
        let events: [TokenEvent] =
            [.start(StreamStart(model: "m"))] + words.map { delta($0) }
            + [
                .delta(TokenDelta(choice: 0, part: 1, content: .toolCall(call))),
                .usage(TokenUsage(total: 1)), .finish(choice: 0, FinishReason(openAI: "stop")),
                .end(StreamEnd(state: .complete, terminal: "[DONE]")),
            ]
        #expect(run(events, &masker).map(\.event) == events)
    }

    @Test("A part that isn't continued doesn't hold up the others for ever")
    func bounded() {
        var masker = EventMasker(TapeSecrets([Self.secret]))
        let start = String(Self.secret.dropLast())
        var released = take(delta(start), 1, &masker)
        #expect(released.isEmpty)
        var sequence = 1
        while released.isEmpty, sequence <= EventMasker.waitingEvents + 1 {
            sequence += 1
            released = take(.opaque, sequence, &masker)
        }
        // What was held back might have become the secret: it is masked.
        #expect(texts(released) == [String(repeating: "*", count: start.count)])
        #expect(released.count == sequence)
        // And the part may go on.
        released = take(delta("x"), sequence + 1, &masker)
        released += take(.end(StreamEnd(state: .complete)), sequence + 2, &masker)
        #expect(texts(released) == ["x"])
    }

    @Test("Thousands of parts take no more than their share")
    func manyParts() {
        var masker = EventMasker(TapeSecrets([Self.secret]))
        var count = 0
        for part in 0..<5000 { count += take(delta("sk-proj", part: part), part + 1, &masker).count }
        #expect(count >= 5000 - EventMasker.partLimit - 1)
    }

    @Test("What looks like a credential is masked though nobody knows it")
    func detected() {
        let token = "ghp_" + String(repeating: "aB3dE5", count: 6)
        for cut in token.indices.dropFirst() {
            var masker = EventMasker(.none)
            let events = ["take \(token[..<cut])", "\(token[cut...]) please"].map { delta($0) }
            let released = run(events + [.end(StreamEnd(state: .complete))], &masker)
            let stars = String(repeating: "*", count: token.count)
            #expect(texts(released).joined() == "take \(stars) please")
        }
    }

    @Test("The beginning of a known secret, behind which the stream breaks off, is masked")
    func cutOff() {
        for state in [StreamEnd.State.truncated, .error, .cancelled] {
            var masker = EventMasker(TapeSecrets([Self.secret]))
            let start = String(Self.secret.dropLast(4))
            let released = run([delta("a \(start)"), .end(StreamEnd(state: state))], &masker)
            #expect(!texts(released).joined().contains(start.dropFirst(8)))
        }
    }

    @Test("Errors, names and paths are masked")
    func words() {
        var masker = EventMasker(TapeSecrets([Self.secret]))
        let error = StreamError(message: "Incorrect API key: \(Self.secret)")
        let call = ToolCallDelta(id: Self.secret, name: Self.secret, arguments: "")
        let released = run(
            [
                .delta(TokenDelta(choice: 0, part: 0, content: .toolCall(call))),
                .end(StreamEnd(state: .error, terminal: Self.secret, error: error)),
            ],
            &masker
        )
        #expect(released.count == 2)
        #expect(!"\(released)".contains(Self.secret))
    }
}
