import Dialects
import Testing

@Suite struct GeminiPathTests {
    @Test(
        "A path tells the method, and the model as it came",
        arguments: [
            ("/v1beta/models/gemini-2.5-flash:streamGenerateContent", "gemini-2.5-flash"),
            ("/v1beta/models/gemini-2.5-flash:generateContent", "gemini-2.5-flash"),
            ("/v1/models/gemini-2.5-pro:streamGenerateContent", "gemini-2.5-pro"),
            ("/models/gemini-2.5-pro:streamGenerateContent", "gemini-2.5-pro"),
            ("/google/v1beta/models/gemini-2.5-pro:streamGenerateContent", "gemini-2.5-pro"),
            ("/v1beta/models/a%2Fb%3A1:generateContent", "a%2Fb%3A1"),
            ("/v1beta/models/gemma3:27b:generateContent", "gemma3:27b"),
            ("/v1beta/models/accounts/x/models/y:generateContent", "accounts/x/models/y"),
            ("/v1/projects/p/locations/l/publishers/google/models/gemini-3-pro:streamGenerateContent", "gemini-3-pro"),
            ("/v1beta1/projects/p/locations/l/endpoints/123:streamGenerateContent", "endpoints/123"),
            ("/v1beta/tunedModels/mine-1:streamGenerateContent", "tunedModels/mine-1"),
            ("/v1internal:streamGenerateContent", nil), ("/v1beta/models/:generateContent", nil),
        ] as [(String, String?)]
    )
    func model(path: String, model: String?) {
        #expect(Dialect.matching(path: path).name == "gemini.generateContent")
        #expect(Dialect.gemini.model(path) == model)
    }

    @Test(
        "Google's other paths are others'",
        arguments: [
            ("/v1beta/openai/chat/completions", "openai.chat"), ("/v1beta/models/m:countTokens", "generic"),
            ("/v1beta/models/m:embedContent", "generic"), ("/v1beta/models/streamGenerateContent", "generic"),
            ("/v1beta/interactions", "generic"), ("/v1beta/models", "generic"),
        ]
    )
    func others(path: String, name: String) {
        #expect(Dialect.matching(path: path).name == name)
        #expect(Dialect.gemini.model(path) == nil)
    }

    @Test(
        "A first frame of Gemini's is known for one",
        arguments: [
            (#"{"candidates":[{"content":{"parts":[],"role":"model"}}]}"#, true),
            (#"{"candidates":[{"finishReason":"STOP"}]}"#, true),
            (#"{"usageMetadata":{"trafficType":"ON_DEMAND"}}"#, true),
            (#"{"promptFeedback":{"blockReason":"OTHER"}}"#, true), (#"{"response":{"modelVersion":"m"}}"#, true),
            (#"{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}"#, true),
            (#"[{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}]"#, true),
            (#"{"candidates":[]}"#, false), (#"{"candidates":["x"]}"#, false),
            (#"{"candidates":[{"name":"x"}]}"#, false),
            (#"{"error":{"message":"m","type":"t","code":400}}"#, false), (#"{"usageMetadata":{}}"#, false),
            (#"{"event_type":"interaction.created","interaction":{"id":"x","object":"interaction"}}"#, false),
            (#"{"choices":[],"model":"m"}"#, false), (#"{"candidates":[{"content":{}}"#, false), ("[DONE]", false),
            ("", false),
        ]
    )
    func recognized(data: String, isGemini: Bool) {
        let bytes = Array(data.utf8)
        let isRecognized = Dialect.gemini.recognizes(RawSpan(), bytes.span.bytes)
        #expect(isRecognized == isGemini)
        // On another dialect's path it is read as Gemini's all the same; an error then is the end.
        let result = decode("data: \(data)\r\n\r\n", .generic)
        #expect((result.dialect == "gemini.generateContent") == isGemini)
    }

    @Test(
        "Interactions stay generic",
        .enabled(if: Recording.folder != nil, "TOKENCAST_CORPUS is not set"),
        arguments: Recording.all.filter { $0.wire_format.hasPrefix("gemini.interactions") }
    )
    func interactions(_ recording: Recording) throws {
        let result = decode([try recording.body()], .generic)
        for frame in result.frames {
            let data = Array(frame.drop { $0 != "{" }.utf8)
            let isGemini = Dialect.gemini.recognizes(RawSpan(), data.span.bytes)
            #expect(!isGemini)
        }
        #expect(result.deltas.isEmpty)
    }
}
