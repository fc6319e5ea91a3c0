extension StreamError {
    /// Reads an error in any of the shapes that compatible servers give it (R14).
    ///
    /// - Parameter value: an object with `message`, `type`, `code`, or a string, or anything else, taken as it stands.
    init(openAI value: JSONSlice, in bytes: RawSpan) {
        self.init(message: "")
        var scanner = JSONScanner(bytes, value)
        if scanner.enterObject(in: bytes) {
            while let key = scanner.nextKey(in: bytes), let member = scanner.nextValue(in: bytes) {
                if key.equals("message", in: bytes) {
                    message = member.string(in: bytes) ?? (member.isPresent ? member.raw(in: bytes) : message)
                } else if key.equals("detail", in: bytes), message.isEmpty {
                    message = member.string(in: bytes) ?? (member.isPresent ? member.raw(in: bytes) : message)
                } else if key.equals("type", in: bytes) {
                    type = member.nonEmptyString(in: bytes)
                } else if key.equals("code", in: bytes) {
                    code = member.nonEmptyString(in: bytes) ?? member.integer(in: bytes).map(String.init)
                    status = status ?? member.errorStatus(in: bytes)
                } else if key.equals("status_code", in: bytes) || key.equals("status", in: bytes) {
                    // Groq's name, and Azure's.
                    status = member.errorStatus(in: bytes) ?? status
                }
            }
        } else if let text = value.string(in: bytes) {
            message = text
        }
        if message.isEmpty { message = value.raw(in: bytes) }
    }

    /// Reads an error that is all there is: JSON if it is that, else the text itself.
    init(openAI bytes: RawSpan) {
        var scanner = JSONScanner(bytes)
        if let value = scanner.nextValue(in: bytes), scanner.isAtEnd(in: bytes) {
            self.init(openAI: value, in: bytes)
        } else {
            self.init(message: bytes.text(bytes.trimmed(0..<bytes.byteCount)))
        }
    }
}

extension JSONSlice {
    fileprivate func errorStatus(in bytes: RawSpan) -> Int? {
        integer(in: bytes).flatMap { (400...599).contains($0) ? $0 : nil }
    }

    /// Whether the value of a member named `error` is one: clients ask whether it is truthy.
    func isError(in bytes: RawSpan) -> Bool {
        switch kind {
        case .absent, .null: false
        case .bool: isTrue(in: bytes)
        case .number: integer(in: bytes) != 0
        case .string, .escapedString: range.count > 2
        case .object, .array: true
        }
    }
}
