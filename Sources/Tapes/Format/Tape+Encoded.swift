extension Tape {
    /// The whole file of a tape. A partial one has no end line.
    public var encoded: [UInt8] {
        var encoder = TapeEncoder()
        encoder.header(header)
        encoder.request(request)
        if let response { encoder.response(response) }
        for entry in entries {
            switch entry.content {
            case .chunk(let bytes): encoder.chunk(offset: entry.offset, bytes)
            case .message(let message): encoder.message(offset: entry.offset, message)
            case .marker(let name, let details): encoder.marker(offset: entry.offset, name: name, details: details)
            }
        }
        guard let end else { return encoder.take() }
        encoder.end(offset: end.offset, end)
        return encoder.take()
    }
}
