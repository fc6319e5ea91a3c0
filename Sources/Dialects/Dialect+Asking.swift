extension Dialect {
    /// Whether a request asks for a stream.
    ///
    /// Gemini and Bedrock have paths of their own for that; Ollama streams unless told not to; everywhere else the
    /// request says so.
    ///
    /// - Parameters:
    ///   - path: the path without its query.
    ///   - alt: the item `alt` of its query, which is `sse` for Google's event streams.
    ///   - member: the member `stream` of its body; nil where there is none.
    public static func asksForStream(path: String, alt: String?, member: Bool?) -> Bool {
        let name = path.utf8.last(behind: UInt8(ascii: "/")).last(behind: UInt8(ascii: ":"))
        switch String(Substring(name)) {
        case "streamGenerateContent", "converse-stream", "invoke-with-response-stream": return true
        case "generateContent", "converse", "invoke": return false
        default: break
        }
        if path.hasSuffix("/api/chat") || path.hasSuffix("/api/generate") { return member != false }
        return member == true || alt.map { $0.utf8.elementsEqual("sse".utf8) } == true
    }
}

extension BidirectionalCollection<UInt8> {
    /// The last of the parts between separators that isn't empty; empty where there is none.
    fileprivate func last(behind separator: UInt8) -> SubSequence {
        let end = lastIndex { $0 != separator }.map(index(after:)) ?? startIndex
        let start = self[..<end].lastIndex(of: separator).map(index(after:)) ?? startIndex
        return self[start..<end]
    }
}
