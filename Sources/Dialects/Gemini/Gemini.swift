extension Dialect {
    /// Google's Gemini (`generateContent`, `streamGenerateContent`), by its own API, Vertex AI and Cloud Code.
    ///
    /// A stream is event-stream data (`alt=sse`) or one JSON array. Nothing in it says that it is over: it is complete
    /// where its body ends, if a reason to finish was given by then.
    public static let gemini = Dialect(
        name: "gemini.generateContent",
        framing: .serverSentEvents,
        streamsArrays: true,
        errors: .gemini,
        matches: { GeminiPath($0) != nil },
        recognizes: { name, data in name.byteCount == 0 && GeminiChunk.isRecognized(data) },
        model: { GeminiPath($0)?.model },
        makeInterpreter: { GeminiInterpreter() }
    )
}

/// A path as Google's APIs have it: `/v1beta/models/gemini-2.5-flash:streamGenerateContent`.
struct GeminiPath {
    /// The model, percent-encoded as it came; nil where the request's body has it (`/v1internal:generateContent`).
    private(set) var model: String?

    private static let methods = [":generateContent", ":streamGenerateContent"]
    private static let collections = ["/models/", "/tunedModels/", "/endpoints/"]

    /// - Returns: nil for a path of any other method.
    init?(_ path: String) {
        let path = path.utf8
        guard let method = Self.methods.first(where: { path.ends(with: $0.utf8) }) else { return nil }
        let resource = path.dropLast(method.utf8.count)
        // A model's name may have a slash of its own, so the first collection counts; Vertex has `publishers` before it.
        for collection in Self.collections {
            guard let start = resource.firstOffset(of: collection.utf8) else { continue }
            let name = resource.dropFirst(start + (collection == "/models/" ? collection.utf8.count : 1))
            model = name.last == UInt8(ascii: "/") || name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
            return
        }
    }
}

extension Substring.UTF8View {
    /// How many bytes stand before a text, or nil where it isn't there.
    fileprivate func firstOffset(of text: String.UTF8View) -> Int? {
        var start = startIndex
        var offset = 0
        while start < endIndex {
            if self[start...].starts(with: text) { return offset }
            start = index(after: start)
            offset += 1
        }
        return nil
    }
}

extension String.UTF8View {
    fileprivate func ends(with text: String.UTF8View) -> Bool {
        count >= text.count && suffix(text.count).elementsEqual(text)
    }
}
