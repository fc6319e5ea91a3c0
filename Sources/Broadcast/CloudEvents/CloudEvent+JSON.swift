public import Dialects

/// The JSON event format, and batches of it.
extension CloudEvent {
    /// The media types of one event, and of a batch.
    public static let mediaType = "application/cloudevents+json"
    public static let batchMediaType = "application/cloudevents-batch+json"

    /// Reads an event.
    ///
    /// - Throws: where it isn't an object, or not one of an event.
    public init(json: JSONValue) throws(Problem) {
        guard let members = json.members else { throw Problem("an event is a JSON object, not \(json.typeName)") }
        var attributes: [Attribute] = []
        var data: JSONValue?
        var base64: JSONValue?
        for member in members {
            switch member.name {
            case "data": data = member.value
            case "data_base64": base64 = member.value.isNull ? nil : member.value
            default:
                // Null is as good as absent (JSON event format, section 2.2).
                if let value = try Self.value(of: member) { attributes.append(Attribute(member.name, value)) }
            }
        }
        let type = attributes.first { $0.name == "datacontenttype" }?.value
        try self.init(attributes: attributes, data: Self.content(data, base64, type))
    }

    /// Reads a batch, which may be empty.
    ///
    /// - Throws: where it isn't an array of events, or has more than `limit`; with the number of the one that isn't.
    public static func batch(json: JSONValue, atMost limit: Int) throws(Problem) -> [CloudEvent] {
        guard let elements = json.array else { throw Problem("a batch is a JSON array, not \(json.typeName)") }
        guard elements.count <= limit else { throw Problem("a batch has \(limit) events at most") }
        var events: [CloudEvent] = []
        events.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            do throws(Problem) {
                events.append(try CloudEvent(json: element))
            } catch {
                throw Problem("event \(index + 1) of the batch: \(error)")
            }
        }
        return events
    }

    private static func value(of member: JSONValue.Member) throws(Problem) -> Value? {
        try check(name: member.name)
        switch member.value.kind {
        case .null: return nil
        case .string(let text): return .string(text)
        case .bool(let flag): return .boolean(flag)
        case .number(let text):
            guard let number = Int32(text) else {
                throw Problem("the attribute '\(member.name)' is a number that isn't a whole one of 32 bits")
            }
            return .integer(number)
        case .array, .object:
            throw Problem("the attribute '\(member.name)' is \(member.value.typeName), where a plain value belongs")
        }
    }

    private static func content(_ data: JSONValue?, _ base64: JSONValue?, _ type: Value?) throws(Problem) -> Content? {
        guard let base64 else { return data.map { content($0, type) } }
        guard data == nil else { throw Problem("there are data and data_base64, of which one is too much") }
        guard let bytes = base64.string.flatMap(Base64.decode) else { throw Problem("data_base64 isn't base64") }
        return .bytes(bytes)
    }

    private static func content(_ data: JSONValue, _ type: Value?) -> Content {
        if case .string(let type) = type, let text = data.string, DataContentType(type)?.isJSON == false {
            return .text(text)
        }
        return .json(data.jsonBytes)
    }

    /// The event as JSON text on one line, its data at the end.
    public var json: [UInt8] { jsonWithData.bytes }

    /// The same, and where in it the data stand as a JSON value; nowhere where it has none.
    var jsonWithData: (bytes: [UInt8], data: Range<Int>) {
        var bytes: [UInt8] = []
        bytes.append(UInt8(ascii: "{"))
        for (index, attribute) in attributes.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            // A name needs no escape.
            bytes.append(UInt8(ascii: "\""))
            bytes.append(contentsOf: attribute.name.utf8)
            bytes.append(verbatim: "\":")
            switch attribute.value {
            case .string(let text): bytes.appendJSON(string: text)
            case .integer(let number): bytes.appendJSON(integer: Int(number))
            case .boolean(let flag): bytes.appendJSON(bool: flag)
            }
        }
        var start = bytes.count
        if let data {
            if case .bytes = data {
                bytes.append(verbatim: ",\"data_base64\":")
            } else {
                bytes.append(verbatim: ",\"data\":")
            }
            start = bytes.count
            switch data {
            case .json(let json): bytes.append(contentsOf: json)
            case .text(let text): bytes.appendJSON(string: text)
            case .bytes(let content): bytes.appendJSON(string: Base64.encode(content))
            }
        }
        let end = bytes.count
        bytes.append(UInt8(ascii: "}"))
        return (bytes, start..<end)
    }
}
