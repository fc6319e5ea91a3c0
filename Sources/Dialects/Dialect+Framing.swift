extension Dialect.Framing {
    /// The framing that a body's content type announces, or nil where it says nothing of the kind.
    ///
    /// - Parameter contentType: the header's value, parameters and all.
    public init?(contentType: String) {
        switch MediaType.essence(contentType) {
        case "text/event-stream":
            self = .serverSentEvents
        case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonl",
            "application/jsonlines", "application/x-jsonlines", "application/stream+json":
            self = .ndjson
        case "application/vnd.amazon.eventstream":
            self = .awsEventStream
        case "application/json", "text/json":
            self = .document
        case let type where type.hasSuffix("+json"):
            self = .document
        default:
            return nil
        }
    }

    /// The framing that a body's first byte betrays where its content type was wrong (R10), or nil where it agrees.
    ///
    /// JSON can't begin like a field of an event stream, and no event stream begins with a brace.
    package func corrected(byFirst byte: UInt8, of dialect: Dialect) -> Self? {
        if byte == UInt8(ascii: "["), dialect.streamsArrays { return .jsonArray }
        // No text begins with a zero; a message of less than 16 MiB does.
        if byte == 0, dialect.framing == .awsEventStream, self != .awsEventStream { return .awsEventStream }
        switch (self, byte) {
        case (.serverSentEvents, UInt8(ascii: "{")), (.serverSentEvents, UInt8(ascii: "[")):
            return dialect.framing == .ndjson ? .ndjson : .document
        case (.ndjson, UInt8(ascii: ":")), (.ndjson, UInt8(ascii: "d")), (.ndjson, UInt8(ascii: "e")),
            (.ndjson, UInt8(ascii: "i")), (.ndjson, UInt8(ascii: "r")),
            (.document, UInt8(ascii: ":")), (.document, UInt8(ascii: "d")), (.document, UInt8(ascii: "e")),
            (.document, UInt8(ascii: "i")), (.document, UInt8(ascii: "r")):
            return .serverSentEvents
        case (.awsEventStream, UInt8(ascii: "{")):
            return .document
        default:
            return nil
        }
    }
}
