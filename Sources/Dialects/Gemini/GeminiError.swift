extension StreamError {
    /// Reads an error as Google words it, `{"code":429,"message":…,"status":"RESOURCE_EXHAUSTED"}`, or as others do.
    init(gemini value: JSONSlice, in bytes: RawSpan) {
        self.init(openAI: value, in: bytes)
        type = type ?? value.member("status", in: bytes).nonEmptyString(in: bytes)
    }

    /// Reads an error that is all there is: an object with or without `error` around it, an array of one, or any text.
    init(gemini bytes: RawSpan) {
        var scanner = JSONScanner(bytes)
        guard let value = scanner.nextValue(in: bytes), scanner.isAtEnd(in: bytes) else {
            self.init(openAI: bytes)
            return
        }
        let outer = value.firstElement(in: bytes)
        let inner = outer.member("error", in: bytes)
        self.init(gemini: inner.isPresent ? inner : outer, in: bytes)
    }
}

extension JSONSlice {
    /// The first element of an array; another value itself.
    func firstElement(in bytes: RawSpan) -> JSONSlice {
        var scanner = JSONScanner(bytes, self)
        guard scanner.enterArray(in: bytes), scanner.nextElement(in: bytes) else { return self }
        return scanner.nextValue(in: bytes) ?? self
    }
}
