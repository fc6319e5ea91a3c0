import Testing

@testable import Tokencast

@Suite("What watch shows of an event")
struct WatchedPieceTests {
    private let stream = "01k85bsougi3mbupbth6frmieg47b14bgbaa"

    private func piece(_ name: String, _ data: String) -> WatchedPiece? {
        WatchedPiece(WatchedEvent(name: name, id: "\(stream)_0000000001", data: data))
    }

    @Test("text, reasoning and tool calls are told apart")
    func deltas() {
        #expect(piece("delta", #"{"choice":0,"part":0,"type":"text","text":" Hi"}"#)?.kind == .text(" Hi"))
        #expect(piece("delta", #"{"choice":0,"part":0,"type":"reasoning","text":"hm"}"#)?.kind == .reasoning("hm"))
        let call = #"{"choice":0,"part":1,"type":"tool_call","id":"c","name":"f","arguments":"{"}"#
        #expect(piece("delta", call)?.kind == .tool("\nf {"))
    }

    @Test("only the first choice is shown")
    func otherChoices() {
        #expect(piece("delta", #"{"choice":1,"part":0,"type":"text","text":"no"}"#) == nil)
    }

    @Test("the stream is the data's in a channel, else the token's")
    func streams() {
        #expect(piece("start", #"{"model":"m"}"#)?.stream == stream)
        #expect(piece("start", #"{"model":"m","stream":"other"}"#)?.stream == "other")
    }

    @Test("an end says its state, and its reason where there is one")
    func ends() {
        #expect(piece("end", #"{"state":"complete","finish":"stop"}"#)?.kind == .end("complete: stop"))
        #expect(piece("end", #"{"state":"truncated","finish":null}"#)?.kind == .end("truncated"))
        let error = #"{"state":"error","finish":null,"error":{"message":"boom"}}"#
        #expect(piece("end", error)?.kind == .end("error: boom"))
    }

    @Test("what isn't JSON or isn't known is passed over", arguments: [("delta", "{"), ("usage", "{}"), ("", "1")])
    func unknown(_ name: String, _ data: String) {
        #expect(piece(name, data) == nil)
    }

    @Test("an id names a stream, any other word a channel")
    func subjects() {
        #expect(Watcher.Subject(stream) == .stream(stream))
        #expect(Watcher.Subject("all") == .channel("all"))
    }
}
