import Dialects

extension Workload {
    static func openAI(_ count: Int) -> [Workload] {
        [
            chat("openai.chat", count, id: { _ in "DPTBcEB4NXK9d64J0E1UZs7iaMM32" }, created: { _ in 1_774_963_532 }),
            // What no chunk has in common with the last: nothing that was learnt of one helps with the next.
            chat(
                "openai.chat, no two alike",
                count,
                id: { "DPTBcEB4NXK9d64J0E1UZs7\(100_000 + $0)" },
                created: { 1_774_963_532 + $0 }
            ),
            Workload(
                "openai.completions",
                .openAICompletions,
                tokens: count,
                piece: { text, _ in
                    #"{"id":"cmpl-DPTO0omCoPYXjBQHmTMLa5UBbh4PL","object":"text_completion","created":1774963532,"choices":[{"text":"\#(text)","index":0,"logprobs":null,"finish_reason":null}],"model":"gpt-3.5-turbo-instruct:20230824-v2"}"#
                },
                last: ["[DONE]"]
            ),
            Workload(
                "openai.responses",
                .openAIResponses,
                tokens: count,
                first: [
                    Frame(
                        "response.created",
                        #"{"type":"response.created","sequence_number":0,"response":{"id":"resp_68","object":"response","status":"in_progress","model":"gpt-4o-2024-08-06","output":[]}}"#
                    ),
                    Frame(
                        "response.output_item.added",
                        #"{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"msg_68","type":"message","status":"in_progress","content":[],"role":"assistant"}}"#
                    ),
                ],
                piece: { text, number in
                    Frame(
                        "response.output_text.delta",
                        #"{"type":"response.output_text.delta","sequence_number":\#(number + 2),"item_id":"msg_68af2b5a8a6881a1b5c4f2d0e7a9c31b","output_index":0,"content_index":0,"delta":"\#(text)","logprobs":[],"obfuscation":"x7Qp3bTz"}"#
                    )
                },
                last: [
                    Frame(
                        "response.completed",
                        #"{"type":"response.completed","response":{"id":"resp_68","status":"completed","model":"gpt-4o-2024-08-06","output":[],"usage":{"input_tokens":9,"output_tokens":99,"total_tokens":108}}}"#
                    )
                ]
            ),
            Workload(
                "llamacpp.completion",
                .llamaCppCompletion,
                tokens: count,
                piece: { text, number in
                    #"{"index":0,"content":"\#(text)","tokens":[],"stop":false,"id_slot":-1,"tokens_predicted":\#(number + 1),"tokens_evaluated":12}"#
                },
                last: [
                    #"{"index":0,"content":"","stop":true,"stop_type":"eos","tokens_predicted":9,"tokens_evaluated":12}"#
                ]
            ),
        ]
    }

    /// Chunks of about 230 bytes.
    private static func chat(
        _ name: String,
        _ count: Int,
        id: (Int) -> String,
        created: (Int) -> Int
    ) -> Workload {
        Workload(
            name,
            .openAIChat,
            tokens: count,
            piece: { text, number in
                #"{"id":"chatcmpl-\#(id(number))","object":"chat.completion.chunk","created":\#(created(number)),"model":"gpt-4o-2024-08-06","system_fingerprint":"fp_b6f445","choices":[{"index":0,"delta":{"content":"\#(text)"},"finish_reason":null}]}"#
            },
            last: [
                #"{"id":"chatcmpl-DPTBcEB4NXK9d64J0E1UZs7iaMM32","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
                "[DONE]",
            ]
        )
    }
}
