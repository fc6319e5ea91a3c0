import Dialects

extension Workload {
    static func others(_ count: Int) -> [Workload] {
        anthropic(count) + gemini(count) + ollama(count) + cohere(count) + [
            Workload(
                "generic",
                .generic,
                isUnderstood: false,
                tokens: count,
                piece: { text, number in
                    Frame(
                        "thread.message.delta",
                        #"{"id":"msg_\#(number)","object":"thread.message.delta","delta":{"content":[{"index":0,"type":"text","text":{"value":"\#(text)"}}]}}"#
                    )
                }
            )
        ]
    }

    private static func anthropic(_ count: Int) -> [Workload] {
        [
            Workload(
                "anthropic.messages",
                .anthropicMessages,
                tokens: count,
                first: [
                    Frame(
                        "message_start",
                        #"{"type":"message_start","message":{"id":"msg_01","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[],"stop_reason":null,"usage":{"input_tokens":9,"output_tokens":1}}}"#
                    ),
                    Frame(
                        "content_block_start",
                        #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#
                    ),
                ],
                piece: { text, _ in
                    Frame(
                        "content_block_delta",
                        #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\#(text)"}}"#
                    )
                },
                last: [
                    Frame("content_block_stop", #"{"type":"content_block_stop","index":0}"#),
                    Frame(
                        "message_delta",
                        #"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":99}}"#
                    ),
                    Frame("message_stop", #"{"type":"message_stop"}"#),
                ]
            ),
            Workload(
                "anthropic.complete",
                .anthropicComplete,
                tokens: count,
                piece: { text, _ in
                    Frame(
                        "completion",
                        #"{"type":"completion","id":"compl_01","completion":"\#(text)","stop_reason":null,"model":"claude-2.1","stop":null,"log_id":"compl_01"}"#
                    )
                },
                last: [
                    Frame(
                        "completion",
                        #"{"type":"completion","id":"compl_01","completion":"","stop_reason":"stop_sequence","model":"claude-2.1","stop":null}"#
                    )
                ]
            ),
        ]
    }

    private static func gemini(_ count: Int) -> [Workload] {
        func piece(_ text: String, _ number: Int, _ end: String = "") -> String {
            #"{"candidates":[{"content":{"parts":[{"text":"\#(text)"}],"role":"model"}\#(end),"index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":\#(number),"totalTokenCount":\#(number + 9)},"modelVersion":"gemini-2.5-flash","responseId":"x7Qp3bTzK9d64J0E1U"}"#
        }
        let last = Frame(nil, piece("", count, #","finishReason":"STOP""#))
        return [
            Workload(
                "gemini.generateContent",
                .gemini,
                tokens: count,
                frame: { Array("data: \($0.data)\r\n\r\n".utf8) },
                piece: { Frame(nil, piece($0, $1)) },
                last: [last]
            ),
            Workload(
                "gemini.generateContent, array",
                .gemini,
                framing: .jsonArray,
                tokens: count,
                frame: { Array($0.data.utf8) },
                first: ["["],
                piece: { Frame(nil, piece($0, $1) + ",\r\n") },
                last: [last, "]"]
            ),
        ]
    }

    private static func ollama(_ count: Int) -> [Workload] {
        let head = #"{"model":"llama3.2","created_at":"2025-06-20T09:33:01.518Z""#
        let end = #","done":true,"done_reason":"stop","total_duration":9,"prompt_eval_count":9,"eval_count":99}"#
        return [
            Workload(
                "ollama.chat",
                .ollamaChat,
                tokens: count,
                frame: { $0.line },
                piece: { text, _ in
                    Frame(nil, head + #","message":{"role":"assistant","content":"\#(text)"},"done":false}"#)
                },
                last: [Frame(nil, head + #","message":{"role":"assistant","content":""}"# + end)]
            ),
            Workload(
                "ollama.generate",
                .ollamaGenerate,
                tokens: count,
                frame: { $0.line },
                piece: { text, _ in Frame(nil, head + #","response":"\#(text)","done":false}"#) },
                last: [Frame(nil, head + #","response":"""# + end)]
            ),
        ]
    }

    private static func cohere(_ count: Int) -> [Workload] {
        [
            Workload(
                "cohere.chat",
                .cohereChat,
                tokens: count,
                first: [
                    Frame(
                        "message-start",
                        #"{"id":"29f14a5a","type":"message-start","delta":{"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}}}"#
                    ),
                    Frame(
                        "content-start",
                        #"{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}}"#
                    ),
                ],
                piece: { text, _ in
                    Frame(
                        "content-delta",
                        #"{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"\#(text)"}}}}"#
                    )
                },
                last: [
                    Frame("content-end", #"{"type":"content-end","index":0}"#),
                    Frame(
                        "message-end",
                        #"{"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"tokens":{"input_tokens":9,"output_tokens":99}}}}"#
                    ),
                ]
            ),
            Workload(
                "cohere.chat.v1",
                .cohereChatV1,
                tokens: count,
                frame: { $0.line },
                first: [#"{"is_finished":false,"event_type":"stream-start","generation_id":"29f14a5a"}"#],
                piece: { text, _ in
                    Frame(nil, #"{"is_finished":false,"event_type":"text-generation","text":"\#(text)"}"#)
                },
                last: [
                    #"{"is_finished":true,"event_type":"stream-end","response":{"text":""},"finish_reason":"COMPLETE"}"#
                ]
            ),
        ]
    }
}
