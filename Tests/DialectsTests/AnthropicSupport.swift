import Dialects

/// An event as Anthropic frames it: its name repeats its type.
func anthropic(_ type: String, _ members: String = "") -> String {
    "event: \(type)\ndata: {\"type\":\"\(type)\"\(members.isEmpty ? "" : ",")\(members)}\n\n"
}

func messageStart(id: String = "m1", usage: String? = #"{"input_tokens":10,"output_tokens":1}"#) -> String {
    let usage = usage.map { #","usage":\#($0)"# } ?? ""
    return anthropic(
        "message_start",
        #""message":{"id":"\#(id)","type":"message","role":"assistant","model":"claude","content":[],"#
            + #""stop_reason":null,"stop_sequence":null\#(usage)}"#
    )
}

func blockStart(_ index: Int, _ block: String) -> String {
    anthropic("content_block_start", #""index":\#(index),"content_block":\#(block)"#)
}

func blockDelta(_ index: Int, _ delta: String) -> String {
    anthropic("content_block_delta", #""index":\#(index),"delta":\#(delta)"#)
}

func textDelta(_ index: Int, _ text: String) -> String {
    blockDelta(index, #"{"type":"text_delta","text":"\#(text)"}"#)
}

func inputDelta(_ index: Int, _ json: String) -> String {
    blockDelta(index, #"{"type":"input_json_delta","partial_json":"\#(json)"}"#)
}

func blockStop(_ index: Int) -> String { anthropic("content_block_stop", #""index":\#(index)"#) }

/// A block of text, whole.
func textBlock(_ index: Int, _ text: String) -> String {
    blockStart(index, #"{"type":"text","text":""}"#) + textDelta(index, text) + blockStop(index)
}

func toolStart(
    _ index: Int,
    _ id: String,
    _ name: String = "f",
    type: String = "tool_use",
    input: String = "{}"
) -> String {
    blockStart(index, #"{"type":"\#(type)","id":"\#(id)","name":"\#(name)","input":\#(input)}"#)
}

func messageDelta(_ reason: String = "end_turn", usage: String? = #"{"output_tokens":5}"#) -> String {
    let usage = usage.map { #","usage":\#($0)"# } ?? ""
    return anthropic("message_delta", #""delta":{"stop_reason":"\#(reason)","stop_sequence":null}\#(usage)"#)
}

let messageStop = anthropic("message_stop")

extension Decoded {
    var citations: [Citation] { fold.citations }
    /// The deltas in one line: the part, then what it says.
    var pieces: [String] {
        deltas.map { delta in
            switch delta.content {
            case .text(let text): "\(delta.part) text \(text)"
            case .reasoning(let text): "\(delta.part) reasoning \(text)"
            case .refusal(let text): "\(delta.part) refusal \(text)"
            case .citation(let citation): "\(delta.part) citation \(citation.url ?? "-") \(citation.title ?? "-")"
            case .toolCall(let call):
                "\(delta.part) call \(call.index) \(call.id ?? "-") \(call.name ?? "-") \(call.arguments)"
            }
        }
    }
}
