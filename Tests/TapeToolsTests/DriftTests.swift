import Dialects
import Tapes
import Testing

@testable import TapeTools

@Suite("Drift: the format of two answers compared")
struct DriftTests {
    private func tape(
        _ body: String,
        status: Int = 200,
        type: String = "text/event-stream",
        reason: TapeEnd.Reason = .eof,
        request: String = #"{"model":"m","stream":true}"#,
        method: String = "POST"
    ) -> Tape {
        let json = (try? JSONValue(parsing: request)) ?? .null
        return Tape(
            header: .init(created: "2026-11-23T18:11:04Z", tool: "test"),
            request: TapeRequest(method: method, path: "/v1/chat/completions", body: .json(json)),
            response: .init(offset: 0, status: status, headers: [TapeField("content-type", type)]),
            entries: [.init(offset: 1, .chunk(Array(body.utf8)))],
            end: TapeEnd(reason: reason, dialect: "openai.chat")
        )
    }

    private func chunk(_ delta: String, finish: String = "null", more: String = "") -> String {
        #"data: {"id":"1","object":"chat.completion.chunk","model":"m"\#(more),"choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(finish)}]}"#
            + "\n\n"
    }

    private func differences(_ recorded: Tape, _ live: Tape) -> [String] {
        DriftDifference.between(AnswerShape(recorded), AnswerShape(live)).map(\.text)
    }

    private var done: String { "data: [DONE]\n\n" }

    @Test("Other words, and more or fewer of them, are the same format")
    func same() {
        let one = tape(chunk(#"{"content":"a"}"#) + chunk("{}", finish: #""stop""#) + done)
        let two = tape(
            chunk(#"{"content":"b"}"#) + chunk(#"{"content":"cd"}"#) + chunk("{}", finish: #""stop""#) + done
        )
        #expect(differences(one, two) == [])
    }

    @Test("New, gone and changed members are named with their pointers")
    func members() {
        let old = tape(chunk(#"{"content":"a"}"#, finish: #""stop""#, more: #","usage":{"total":1}"#) + done)
        let new = tape(chunk(#"{"content":7,"extra":{"deep":1}}"#, finish: #""stop""#) + done)
        #expect(
            differences(old, new) == [
                "chat.completion.chunk /choices/*/delta/content: string → number",
                "chat.completion.chunk /choices/*/delta/extra: new (object)",
                "chat.completion.chunk /usage: gone (object)",
            ]
        )
    }

    @Test("Null fits any type, and an empty array says nothing of its elements")
    func nothingKnown() {
        let old = tape(#"data: {"object":"x","a":null,"b":[]}"# + "\n\n" + done)
        let new = tape(#"data: {"object":"x","a":{"c":1},"b":[{"d":1}]}"# + "\n\n" + done)
        #expect(differences(old, new) == [])
        #expect(differences(new, old) == [])
    }

    @Test("Status, type, end, terminal, finish and kinds are compared")
    func whole() {
        let old = tape(chunk(#"{"content":"a"}"#, finish: #""stop""#) + done)
        let new = tape(chunk(#"{"content":"a"}"#, finish: #""length""#), reason: .upstreamReset)
        #expect(
            differences(old, new) == [
                "end: eof → upstream_reset", "terminal: gone ([DONE])", "finish: stop → length", "kind [DONE]: gone",
            ]
        )
        let error = tape(#"{"error":{"message":"x"}}"#, status: 400, type: "application/json; charset=utf-8")
        let found = differences(old, error)
        #expect(found.contains("status: 200 → 400"))
        #expect(found.contains("content-type: text/event-stream → application/json"))
        #expect(found.contains("kind error: new"))
    }

    @Test("The threshold says what counts")
    func threshold() {
        let member = DriftDifference(aspect: .member, kind: "x", pointer: "/a", live: "string")
        let kind = DriftDifference(aspect: .kind, kind: "x", live: "x")
        for (threshold, found, drifts) in [
            (.shape, [member], true), (.kinds, [member], false), (.kinds, [member, kind], true), (.shape, [], false),
        ] as [(DriftReport.Threshold, [DriftDifference], Bool)] {
            var report = DriftReport(threshold: threshold)
            report.add("t", found)
            #expect(report.hasDrift == drifts)
        }
    }

    @Test("What can't be asked again is skipped, and says why")
    func skipped() {
        func reason(_ tape: Tape) -> String? { DriftCheck(name: "t", tape: tape).skipReason }
        #expect(reason(tape(done)) == nil)
        #expect(reason(tape(done, request: #"{"model":"m","key":"****************"}"#))?.contains("masked") == true)
        #expect(reason(tape(done, reason: .shutdown))?.contains("shutdown") == true)
        #expect(reason(tape(done, reason: .cancelled))?.contains("caller") == true)
        #expect(reason(tape(done, method: "DELETE"))?.contains("DELETE") == true)
        var open = tape(done)
        open.end = nil
        #expect(reason(open) != nil)
        var refused = tape(done, reason: .connectFailed)
        refused.response = nil
        #expect(reason(refused)?.contains("connect_failed") == true)
    }

    @Test("Deep and wide answers are bounded")
    func bounds() {
        var shape = JSONShape()
        shape.add(.object((0..<10_000).map { ("m\($0)", .null) }))
        #expect(shape.types.count == JSONShape.mostPlaces)
    }
}
