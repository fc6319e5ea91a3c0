import Dialects
import Tapes
import Testing

@testable import TapeTools

@Suite("A tape that is read as events")
struct DecodedTapeTests {
    @Test("has each event's time and chunk, and the end's")
    func places() throws {
        let tape = try sample("one two") { $0.usage = (3, 4) }
        let decoded = DecodedTape(tape)
        #expect(decoded.fold.text == "one two")
        #expect(decoded.firstToken == 300_000)
        let texts = decoded.events.filter { if case .delta = $0.event { true } else { false } }
        #expect(texts.map(\.offset) == [300_000, 320_000])
        #expect(texts.map(\.chunk) == [2, 3])
        #expect(decoded.end == StreamEnd(state: .complete, terminal: "[DONE]"))
        #expect(decoded.events.last?.chunk == tape.chunks.count)
    }

    @Test("says the same wherever its chunks are cut")
    func cuts() throws {
        let tape = try sample("é ✓ 😀 end") { $0.toolCalls = [.init(name: "f", arguments: #"{"a":"ü"}"#)] }
        let whole = DecodedTape(tape)
        let body = tape.body
        for cut in 0...body.count {
            let decoded = DecodedTape(tape.rechunked([Array(body[..<cut]), Array(body[cut...])]))
            #expect(decoded.events.map(\.event) == whole.events.map(\.event), "cut at \(cut)")
        }
    }

    @Test(
        "ends as its stream did",
        arguments: [
            (TapeEnd.Reason.eof, true, StreamEnd.State.complete), (.upstreamReset, false, .error),
            (.cancelled, false, .cancelled), (.eof, false, .truncated), (.upstreamReset, true, .complete),
        ]
    )
    func ends(_ reason: TapeEnd.Reason, _ hasTerminal: Bool, _ state: StreamEnd.State) throws {
        var tape = try sample()
        if !hasTerminal { tape.entries.removeLast() }
        tape.end?.reason = reason
        #expect(DecodedTape(tape).end?.state == state)
    }

    @Test("has no end where the recording has none, and an error where the status is one")
    func unusualEnds() throws {
        var part = try sample()
        part.end = nil
        part.entries.removeLast(2)
        #expect(DecodedTape(part).end == nil)
        let failed = try sample("") { $0.failure = TapeScript.Failure(status: 429, retryAfter: 3) }
        let end = DecodedTape(failed).end
        #expect(end?.state == .error)
        #expect(end?.error?.status == 429)
        #expect(DecodedTape(failed).firstToken == nil)
        var refused = try sample()
        refused.response = nil
        refused.entries = []
        refused.end = TapeEnd(reason: .connectFailed)
        #expect(DecodedTape(refused).end?.state == .error)
    }

    @Test("isn't read where it is compressed")
    func compressed() throws {
        var tape = try sample()
        tape.response?.headers.append(TapeField("content-encoding", "gzip"))
        #expect(DecodedTape(tape).events.count == 1)
    }
}
