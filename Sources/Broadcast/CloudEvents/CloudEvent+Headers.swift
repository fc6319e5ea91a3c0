import Dialects

/// The HTTP protocol binding's binary mode: attributes are headers, data are the body.
extension CloudEvent {
    /// What an attribute's header is called by, before the attribute's name.
    public static let headerPrefix = "ce-"

    /// Whether a message's headers say that it is an event in binary mode, right or wrong.
    public static func isBinary(headers names: some Sequence<String>) -> Bool { names.contains(where: isOfAttribute) }

    private static func isOfAttribute(_ name: String) -> Bool {
        name.utf8.count > 3 && name.utf8.prefix(3).elementsEqual(headerPrefix.utf8) { $0 == $1 || $0 | 0x20 == $1 }
    }

    /// Reads an event in binary mode.
    ///
    /// - Parameters:
    ///   - headers: of the message; those that have nothing to do with it are passed over.
    ///   - body: none is no data. JSON, where `Content-Type` says so, must be JSON; text, where it says that and is UTF-8, is
    ///     kept as text, anything else as bytes.
    public init(headers: some Sequence<(name: String, value: String)>, body: [UInt8]) throws(Problem) {
        var attributes: [Attribute] = []
        var type: String?
        for (name, value) in headers {
            if Self.isOfAttribute(name) {
                let name = name.dropFirst(Self.headerPrefix.count).lowercased()
                guard name != "datacontenttype" else {
                    throw Problem("datacontenttype is the header content-type, and can't be ce-datacontenttype as well")
                }
                guard let text = HeaderText.decode(value) else {
                    throw Problem("the header ce-\(name.prefix(Self.longestName)) isn't percent-encoded UTF-8")
                }
                attributes.append(Attribute(name, .string(text)))
            } else if name.lowercased() == "content-type" {
                type = value
            }
        }
        if let type { attributes.append(Attribute("datacontenttype", .string(type))) }
        try self.init(attributes: attributes, data: Self.content(body, type.flatMap(DataContentType.init)))
    }

    private static func content(_ body: [UInt8], _ type: DataContentType?) throws(Problem) -> Content? {
        guard !body.isEmpty else { return nil }
        guard let type else { return .bytes(body) }
        if type.isJSON {
            do throws(JSONValue.SyntaxError) {
                return .json(try JSONValue(parsing: body, options: JSONValue.Options(maximumDepth: 512)).jsonBytes)
            } catch {
                throw Problem("the data are no JSON: \(error)")
            }
        }
        if type.isText, let text = String(validating: body, as: UTF8.self) { return .text(text) }
        return .bytes(body)
    }

    /// The event as a message in binary mode.
    public var binary: CloudEventMessage {
        var headers: [(name: String, value: String)] = []
        for attribute in attributes where attribute.name != "datacontenttype" {
            let text =
                switch attribute.value {
                case .string(let text): HeaderText.encode(text)
                case .integer(let number): String(number)
                case .boolean(let flag): flag ? "true" : "false"
                }
            headers.append((Self.headerPrefix + attribute.name, text))
        }
        var type = string("datacontenttype")
        let body: [UInt8]
        switch data {
        case .json(let json):
            body = json
            // What goes without saying in JSON has to be said here (JSON event format, section 3.1.2).
            type = type ?? "application/json"
        case .text(let text): body = Array(text.utf8)
        case .bytes(let bytes): body = bytes
        case nil: body = []
        }
        if let type { headers.append(("content-type", type)) }
        return CloudEventMessage(headers: headers, body: body)
    }
}

/// An HTTP message that holds events: what a webhook sends.
public struct CloudEventMessage: Sendable {
    /// Of these events alone, in lower case, `content-type` among them where there is one.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    /// One event in structured mode.
    ///
    /// - Parameter json: its JSON text.
    public static func structured(_ json: [UInt8]) -> CloudEventMessage {
        CloudEventMessage(headers: [("content-type", CloudEvent.mediaType + "; charset=utf-8")], body: json)
    }

    /// Events in batched mode.
    ///
    /// - Parameter elements: their JSON texts, with commas between them; empty for none.
    public static func batch(_ elements: some Collection<UInt8>) -> CloudEventMessage {
        var body: [UInt8] = []
        body.reserveCapacity(elements.count + 2)
        body.append(UInt8(ascii: "["))
        body.append(contentsOf: elements)
        body.append(UInt8(ascii: "]"))
        return CloudEventMessage(headers: [("content-type", CloudEvent.batchMediaType + "; charset=utf-8")], body: body)
    }
}
