import Testing

@testable import Tokencast

@Suite("What watch shows of an event")
struct WatchedPieceTests {
    private let stream = "01k85bsougi3mbupbth6frmieg47b14bgbaa"

    private func pieces(_ name: String, _ data: String, channel: Bool = false) -> [WatchedPiece] {
        let subject: StreamAddress.Subject = channel ? .channel("demo") : .stream(stream)
        let event = TokenStreamEvent(name: name, data: Array(data.utf8), id: "\(stream)_0000000001", of: subject)
        return WatchedPiece.pieces(of: event)
    }

    private func piece(_ name: String, _ data: String) -> WatchedPiece? { pieces(name, data).first }

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

    @Test("the stream is the data's in a channel, else the one that is read")
    func streams() {
        #expect(piece("start", #"{"model":"m"}"#)?.stream == stream)
        let start = pieces("start", #"{"model":"m","stream":"other"}"#, channel: true)
        #expect(start == [WatchedPiece("other", .start(model: "m"))])
    }

    @Test("a snapshot shows what was said, in its parts' order")
    func snapshots() {
        let data =
            #"{"asOf":"x_1","stream":"s","state":"streaming","model":"m","choices":[{"index":0,"finish":null,"#
            + #""parts":[{"part":0,"type":"reasoning","text":"hm"},{"part":1,"type":"text","text":"Hi"},"#
            + #"{"part":2,"type":"tool_call","id":"c","name":"f","arguments":"{}"}]}],"usage":null,"cut":false,"#
            + #""end":null}"#
        let kinds: [WatchedPiece.Kind] = [.start(model: "m"), .reasoning("hm"), .text("Hi"), .tool("\nf {}")]
        #expect(pieces("snapshot", data).map(\.kind) == kinds)
        let channel = #"{"asOf":"x_1","channel":"demo","streams":[\#(data)]}"#
        #expect(pieces("snapshot", channel, channel: true) == kinds.map { WatchedPiece("s", $0) })
    }

    @Test("what somebody published is a note")
    func published() {
        let note = pieces("deploy", #"{"version":3}"#, channel: true)
        #expect(note.map(\.kind) == [.note(#"deploy: {"version":3}"#)])
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
        #expect(WatchSubject(stream) == .stream(stream))
        #expect(WatchSubject("all") == .channel("all"))
    }
}
