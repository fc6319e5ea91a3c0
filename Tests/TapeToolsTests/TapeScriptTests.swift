import Dialects
import Tapes
import TestSupport
import Testing

@testable import TapeTools

@Suite("tape new")
struct TapeScriptTests {
    static let texts = [
        "", "a", "Grüße, Welt!", " two  spaces \n\n lines\t", "😀👩‍👩‍👧e\u{301}\u{301}", "\"quotes\" \\ \u{0}\u{1B}\u{2028}",
        "data: [DONE]\n\n",
    ]

    @Test(
        "cuts a text into pieces that add up to it",
        arguments: [TextPieces.words, .characters, .tokens, .size(1), .size(7), .one]
    )
    func pieces(_ pieces: TextPieces) {
        for text in Self.texts {
            let split = pieces.split(text)
            #expect(split.joined().utf8.elementsEqual(text.utf8))
            #expect(split.allSatisfy { !$0.isEmpty })
            #expect(pieces.splitArguments(text).joined().utf8.elementsEqual(text.utf8))
        }
        #expect(TextPieces.words.split("How are  you?") == ["How", " are", "  you?"])
        #expect(TextPieces.tokens.split("Tokenization is") == ["Toke", "niza", "tion", " is"])
    }

    @Test("reads how to cut", arguments: ["words", "characters", "tokens-ish", "one", "size:3"])
    func how(_ text: String) { #expect(TextPieces(text) != nil) }

    @Test("refuses what is no way to cut", arguments: ["", "word", "size:0", "size:-1", "size:x", "size:"])
    func nowhow(_ text: String) { #expect(TextPieces(text) == nil) }

    @Test("makes tapes that load, verify, and say the text", arguments: TapeScript.dialects, [false, true])
    func tapes(_ dialect: String, _ isDocument: Bool) throws {
        for text in Self.texts {
            for pieces in [TextPieces.words, .characters, .one] {
                let tape = try sample(text, dialect: dialect) {
                    $0.isDocument = isDocument
                    $0.pieces = pieces
                    $0.reasoning = "so, \(text)"
                    $0.toolCalls = [.init(name: "f", arguments: #"{"a":"ü"}"#), .init(name: "g", arguments: "{}")]
                    $0.usage = (3, 5)
                }
                let read = try tape.reread()
                #expect(read.encoded == tape.encoded)
                let end = try #require(read.end)
                #expect(FoldCheck(read, end).differences.isEmpty)
                #expect(read.request.asksForStream == !isDocument)
                #expect(Self.answer(read, dialect).text.utf8.elementsEqual(text.utf8), "\(dialect) \(text)")
                #expect(Self.answer(read, dialect).reasoning.utf8.elementsEqual("so, \(text)".utf8))
                #expect(Self.answer(read, dialect).calls == [#"f {"a":"ü"}"#, "g {}"])
            }
        }
    }

    @Test("makes a stream that the dialect reads whole")
    func decoded() throws {
        let tape = try sample("Hello there") {
            $0.reasoning = "thinking of it"
            $0.toolCalls = [.init(name: "f", arguments: #"{"a":"ü"}"#), .init(name: "g", arguments: "{}")]
            $0.usage = (3, 5)
        }
        let fold = DecodedTape(tape).fold
        #expect(fold.text == "Hello there")
        #expect(fold.reasoning == "thinking of it")
        #expect(fold.toolCalls.map(\.name) == ["f", "g"])
        #expect(fold.toolCalls.map(\.arguments) == [#"{"a":"ü"}"#, "{}"])
        #expect(fold.finishReason == "tool_calls")
        #expect(fold.usage?.total == 8)
        #expect(tape.end?.terminal == "[DONE]")
    }

    @Test(
        "makes Gemini's streams in both forms, and under the name that they had",
        arguments: ["gemini.generateContent", "gemini.generateContent.array", "gemini"]
    )
    func gemini(_ dialect: String) throws {
        #expect(TapeScript.knows(dialect: dialect))
        let tape = try sample("Hello there", dialect: dialect) {
            $0.reasoning = "thinking of it"
            $0.toolCalls = [.init(name: "f", arguments: #"{"a":"ü"}"#), .init(name: "g", arguments: "{}")]
            $0.usage = (3, 5)
        }
        let decoded = DecodedTape(try tape.reread())
        #expect(decoded.dialect.name == "gemini.generateContent")
        #expect(decoded.framing == (dialect.hasSuffix(".array") ? .jsonArray : .serverSentEvents))
        #expect(decoded.fold.text == "Hello there")
        #expect(decoded.fold.reasoning == "thinking of it")
        #expect(decoded.fold.toolCalls.map(\.arguments) == [#"{"a":"ü"}"#, "{}"])
        #expect(decoded.fold.finishReason == "STOP")
        #expect(decoded.fold.usage?.total == 8)
        #expect(decoded.end == StreamEnd(state: .complete))
        #expect(TapeScript.dialects.contains(dialect) == (dialect != "gemini"))
    }

    @Test("makes a response whose events repeat what its pieces said, numbered from 0")
    func response() throws {
        let tape = try sample("Hello there", dialect: "openai.responses") {
            $0.reasoning = "thinking of it"
            $0.toolCalls = [.init(name: "f", arguments: #"{"a":"ü"}"#)]
            $0.usage = (3, 5)
        }
        let decoded = DecodedTape(tape)
        #expect(decoded.fold.usage?.total == 8)
        #expect(decoded.fold.choice(0)?.finish == FinishReason(raw: "completed", kind: .toolCalls))
        #expect(decoded.end == StreamEnd(state: .complete, terminal: "response.completed"))
        let lines = String(decoding: tape.body, as: UTF8.self).split(separator: "\n")
        let events = try lines.filter { $0.hasPrefix("data: ") }.map { try JSONValue(parsing: String($0.dropFirst(6))) }
        #expect(events.compactMap { $0["sequence_number"]?.int } == Array(events.indices))
        let output = try #require(events.last?.value(at: "/response/output")?.array)
        let done = events.filter { $0["type"]?.string == "response.output_item.done" }
        #expect(done.compactMap { $0["item"] } == output)
        #expect(output.map { $0["type"]?.string } == ["reasoning", "message", "function_call"])
        let document = try sample("Hello there", dialect: "openai.responses") { $0.isDocument = true }
        #expect(DecodedTape(document).fold.text == "Hello there")
    }

    @Test("makes an incomplete response of another reason", arguments: ["max_output_tokens", "content_filter"])
    func incomplete(_ reason: String) throws {
        let tape = try sample("Hello", dialect: "openai.responses") { $0.finish = reason }
        #expect(tape.end?.terminal == "response.incomplete")
        #expect(tape.end?.finish == reason)
    }

    @Test("makes a stream whose dialect ends it", arguments: TapeScript.dialects)
    func terminals(_ dialect: String) throws {
        let terminals = [
            "openai.chat": "[DONE]", "anthropic.messages": "message_stop", "cohere.chat": "message-end",
            "openai.responses": "response.completed",
        ]
        let tape = try sample("Hello", dialect: dialect) { $0.usage = (3, 5) }
        let decoded = DecodedTape(tape)
        #expect(decoded.end?.state == .complete)
        #expect(tape.end?.terminal == terminals[dialect] ?? (dialect.hasPrefix("ollama") ? "done" : nil))
        #expect(decoded.fold.choice(0)?.finish?.kind == .stop)
        #expect(decoded.fold.usage?.input == 3 && decoded.fold.usage?.output == 5)
    }

    @Test("words an error as its dialect does", arguments: TapeScript.dialects, [400, 401, 404, 429, 500, 529])
    func errors(_ dialect: String, _ status: Int) throws {
        let tape = try sample("", dialect: dialect) {
            $0.failure = TapeScript.Failure(status: status, retryAfter: 3, message: "no \"way\"")
        }
        let read = try tape.reread()
        #expect(read.response?.status == status)
        #expect(read.response?.header("retry-after") == "3")
        let error = try JSONValue(parsing: read.body)
        let message = error["error"]?["message"]?.string ?? error["error"]?.string ?? error["message"]?.string
        #expect(message == "no \"way\"")
        #expect(DecodedTape(read).end?.state == .error)
        // The request is that of the answer that comes after a retry.
        #expect(CanonicalRequest(read.request).key == CanonicalRequest(try sample("x", dialect: dialect).request).key)
    }

    @Test("makes the same bytes of the same script, and other ids of another seed")
    func determinism() throws {
        let tape = try sample { $0.usage = (1, 2) }
        #expect(try sample { $0.usage = (1, 2) }.encoded == tape.encoded)
        let other = try sample {
            $0.usage = (1, 2)
            $0.seed = 1
        }
        #expect(other.encoded != tape.encoded)
        #expect(TapeDifference(tape, other).isSame)
    }

    @Test("keeps its pace without drifting")
    func pace() throws {
        let tape = try sample(String(repeating: "a ", count: 1000)) {
            $0.pace = 3
            $0.first = 500_000
        }
        let tokens = Arrivals(tape).tokens
        #expect(tokens.first == 500_000)
        #expect(tokens[999] == 500_000 + 333_000_000)
    }

    @Test("adds tapes of one request behind one another, and replaces no file unasked")
    func files() async throws {
        try await withDirectory { directory in
            var script = TapeScript()
            script.scope = try #require(TapeScope("a/b"))
            script.text = "one"
            let tape = try script.tape(dialect: "openai.chat", tool: "t")
            let first = try NewTape.add(tape, from: script, to: "\(directory)/c")
            let second = try NewTape.add(tape, from: script, to: "\(directory)/c")
            #expect(first == "\(directory)/c/a/b/\(recordedName(tape))")
            #expect(second == "\(directory)/c/a/b/\(recordedName(tape, number: 2))")
            #expect(TapeVerifier(["\(directory)/c"], now: 0).problems.isEmpty)
            #expect(throws: TapeError.self) { try NewTape.write(tape, to: first) }
            let other = try sample("two")
            try NewTape.write(other, to: first, replacing: true)
            #expect(contents(of: first) == other.encoded)
            #expect(names(in: "\(directory)/c/a/b").count == 2, "no temporary file is left")
        }
    }

    @Test("refuses a dialect that isn't known, and more pieces than a tape holds")
    func refusals() throws {
        #expect(throws: TapeScriptError.self) { try sample(dialect: "nonsense") }
        #expect(throws: TapeScriptError.self) {
            try sample(String(repeating: "a", count: TapeScript.mostPieces + 1)) { $0.pieces = .characters }
        }
    }

    private struct Answer {
        var text = ""
        var reasoning = ""
        var calls: [String] = []
    }

    private static func functionCall(_ call: JSONValue) -> (String, String) {
        (
            call.value(at: "/function/name")?.string ?? "",
            call.value(at: "/function/arguments")?.string ?? ""
        )
    }

    /// The answer, read the simple way.
    private static func answer(_ tape: Tape, _ dialect: String) -> Answer {
        let body = String(decoding: tape.body, as: UTF8.self)
        let isDocument = tape.response?.contentType == "application/json"
        let isArray = !isDocument && dialect.hasSuffix(".array")
        let elements = isArray ? (try? JSONValue(parsing: body))?.array?.map(\.jsonText) : nil
        let lines =
            elements
            ?? (isDocument ? [body] : body.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" }).map { String($0) })
        var answer = Answer()
        var pending: [Int: (String, String)] = [:]
        for line in lines {
            let data = line.hasPrefix("data: ") ? String(line.dropFirst(6)) : line
            guard let value = try? JSONValue(parsing: data) else { continue }
            switch dialect {
            case "openai.chat":
                let part = value.value(at: isDocument ? "/choices/0/message" : "/choices/0/delta")
                answer.text += part?["content"]?.string ?? ""
                answer.reasoning += part?["reasoning_content"]?.string ?? ""
                for (index, call) in (part?["tool_calls"]?.array ?? []).enumerated() {
                    let index = call["index"]?.int ?? index
                    let (name, arguments) = Self.functionCall(call)
                    let old = pending[index] ?? ("", "")
                    pending[index] = (old.0 + name, old.1 + arguments)
                }
            case "openai.responses":
                for item in value["output"]?.array ?? [] {
                    answer.text += item.value(at: "/content/0/text")?.string ?? ""
                    answer.reasoning += item.value(at: "/summary/0/text")?.string ?? ""
                    guard let name = item["name"]?.string else { continue }
                    answer.calls.append("\(name) \(item["arguments"]?.string ?? "")")
                }
                let piece = value["delta"]?.string ?? ""
                switch value["type"]?.string {
                case "response.output_text.delta": answer.text += piece
                case "response.reasoning_summary_text.delta": answer.reasoning += piece
                case "response.function_call_arguments.delta": pending[value["output_index"]?.int ?? 0]?.1 += piece
                case "response.output_item.added":
                    guard let name = value.value(at: "/item/name")?.string else { continue }
                    pending[value["output_index"]?.int ?? 0] = (name, "")
                default: break
                }
            case "anthropic.messages":
                for block in value["content"]?.array ?? [] {
                    answer.text += block["text"]?.string ?? ""
                    answer.reasoning += block["thinking"]?.string ?? ""
                    if let name = block["name"]?.string {
                        answer.calls.append("\(name) \(block["input"]?.jsonText ?? "")")
                    }
                }
                answer.text += value.value(at: "/delta/text")?.string ?? ""
                answer.reasoning += value.value(at: "/delta/thinking")?.string ?? ""
                if let index = value["index"]?.int {
                    if let name = value.value(at: "/content_block/name")?.string { pending[index] = (name, "") }
                    if let json = value.value(at: "/delta/partial_json")?.string { pending[index]?.1 += json }
                }
            case "ollama.chat", "ollama.generate":
                let part = dialect == "ollama.chat" ? value["message"] : value
                answer.text += (part?["content"] ?? part?["response"])?.string ?? ""
                answer.reasoning += part?["thinking"]?.string ?? ""
                for call in part?["tool_calls"]?.array ?? [] {
                    let arguments = call.value(at: "/function/arguments")?.jsonText ?? ""
                    answer.calls.append("\(call.value(at: "/function/name")?.string ?? "") \(arguments)")
                }
            case "cohere.chat":
                let message = isDocument ? value["message"] : value.value(at: "/delta/message")
                for part in message?["content"]?.array ?? [message?["content"]].compactMap({ $0 }) {
                    answer.text += part["text"]?.string ?? ""
                    answer.reasoning += part["thinking"]?.string ?? ""
                }
                for (index, call) in (message?["tool_calls"]?.array ?? []).enumerated() {
                    pending[index] = Self.functionCall(call)
                }
                if let index = value["index"]?.int, let call = message?["tool_calls"] {
                    let (name, arguments) = Self.functionCall(call)
                    let old = pending[index] ?? ("", "")
                    pending[index] = (old.0 + name, old.1 + arguments)
                }
            default:
                for part in value.value(at: "/candidates/0/content/parts")?.array ?? [] {
                    let text = part["text"]?.string ?? ""
                    if part["thought"]?.bool == true { answer.reasoning += text } else { answer.text += text }
                    if let call = part["functionCall"] {
                        answer.calls.append("\(call["name"]?.string ?? "") \(call["args"]?.jsonText ?? "")")
                    }
                }
            }
        }
        answer.calls += pending.sorted { $0.key < $1.key }.map { "\($0.value.0) \($0.value.1)" }
        return answer
    }
}
