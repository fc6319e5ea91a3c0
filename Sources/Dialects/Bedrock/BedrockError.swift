extension StreamError {
    /// Reads an exception within a stream, or nil if the frame is none by its name.
    init?(bedrock name: RawSpan, _ data: RawSpan) {
        // What the interface doesn't define has its name in its data.
        let isUndefined = name.equals("error", 0..<name.byteCount)
        guard isUndefined || Self.isBedrockException(name) else { return nil }
        let type = isUndefined ? nil : name.text(0..<name.byteCount)
        self.init(bedrockPayload: data.wholeJSON ?? .absent, data, type: type)
    }

    /// Reads the document that answers a refused request, or nil where it has no message.
    init?(bedrockDocument payload: JSONSlice, _ data: RawSpan) {
        guard payload.member("message", in: data).isString || payload.member("Message", in: data).isString else {
            return nil
        }
        // The header `x-amzn-ErrorType` has the type; some gateways repeat it in the document.
        self.init(bedrockPayload: payload, data, type: payload.member("__type", in: data).string(in: data))
    }

    /// Whether a frame of that name is an exception that the interface defines: all their types end so.
    static func isBedrockException(_ name: RawSpan) -> Bool {
        let suffix: StaticString = "Exception"
        let start = name.byteCount - suffix.utf8CodeUnitCount
        return start > 0 && name.equals(suffix, start..<name.byteCount)
    }

    private init(bedrockPayload payload: JSONSlice, _ data: RawSpan, type: String?) {
        var text: String?
        var original: String?
        var type = type
        var scanner = JSONScanner(data, payload)
        if scanner.enterObject(in: data) {
            while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
                if key.equals("message", in: data) || key.equals("Message", in: data) {
                    text = value.nonEmptyString(in: data) ?? text
                } else if key.equals("originalMessage", in: data) {
                    original = value.nonEmptyString(in: data)
                } else if key.equals("code", in: data) {
                    type = type ?? value.nonEmptyString(in: data)
                }
            }
        }
        let status = type.flatMap(Self.bedrockStatus)
        self.init(message: text ?? original ?? type ?? "an error without a message", code: type, status: status)
    }

    /// The status that Bedrock answers with where it refuses a request for the same reason.
    private static func bedrockStatus(_ type: String) -> Int? {
        // `com.amazon.coral.service#ThrottlingException`: the shape's name counts, whatever its first letter's case.
        let name = type.utf8.split(separator: UInt8(ascii: "#")).last.map { String(decoding: $0, as: UTF8.self) } ?? ""
        return switch name.knownWord.lowercased() {
        case "validationexception", "servicequotaexceededexception": 400
        case "accessdeniedexception", "expiredtokenexception", "unrecognizedclientexception",
            "invalidsignatureexception", "missingauthenticationtokenexception":
            403
        case "resourcenotfoundexception": 404
        case "modeltimeoutexception": 408
        case "conflictexception": 409
        case "modelerrorexception", "modelstreamerrorexception": 424
        case "throttlingexception", "modelnotreadyexception": 429
        case "internalserverexception", "internalfailure", "internalerror": 500
        case "serviceunavailableexception", "serviceunavailable": 503
        default: nil
        }
    }
}
