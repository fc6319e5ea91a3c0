import Dialects
import Foundation

extension Workload {
    static func bedrock(_ count: Int) -> [Workload] {
        [
            Workload(
                "bedrock.converse",
                .bedrockConverse,
                tokens: count,
                frame: { $0.message },
                first: [Frame("messageStart", #"{"p":"abcdefgh","role":"assistant"}"#)],
                piece: { text, _ in
                    Frame(
                        "contentBlockDelta",
                        #"{"contentBlockIndex":0,"delta":{"text":"\#(text)"},"p":"abcdefghijklmnopqrstuvwxyz"}"#
                    )
                },
                last: [
                    Frame("contentBlockStop", #"{"contentBlockIndex":0,"p":"abc"}"#),
                    Frame("messageStop", #"{"p":"abcdef","stopReason":"end_turn"}"#),
                    Frame(
                        "metadata",
                        #"{"metrics":{"latencyMs":9},"p":"a","usage":{"inputTokens":9,"outputTokens":99,"totalTokens":108}}"#
                    ),
                ]
            ),
            Workload(
                "bedrock.invoke",
                .bedrockInvoke,
                tokens: count,
                frame: { $0.message },
                first: [
                    wrapped(
                        #"{"type":"message_start","message":{"id":"msg_01","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[],"stop_reason":null,"usage":{"input_tokens":9,"output_tokens":1}}}"#
                    ),
                    wrapped(#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#),
                ],
                piece: { text, _ in
                    wrapped(
                        #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\#(text)"}}"#
                    )
                },
                last: [
                    wrapped(#"{"type":"content_block_stop","index":0}"#),
                    wrapped(
                        #"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":99}}"#
                    ),
                    wrapped(#"{"type":"message_stop"}"#),
                ]
            ),
        ]
    }

    /// A model's own JSON, as InvokeModel wraps it.
    private static func wrapped(_ json: String) -> Frame {
        Frame("chunk", #"{"bytes":"\#(Data(json.utf8).base64EncodedString())","p":"abcdefghijkl"}"#)
    }
}
