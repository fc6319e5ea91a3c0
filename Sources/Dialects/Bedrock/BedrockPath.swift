/// Bedrock's paths: `/model/{model}/{operation}`, behind whatever prefix.
enum BedrockPath {
    /// The model that a path names, percent-encoded as it came, if the path is one of the operations'.
    ///
    /// A model may be an ARN whose slash a client left as it is: all between `model` and the operation is its name.
    static func model(_ path: String, operations: [String]) -> String? {
        let segments = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard let operation = segments.last, operations.contains(where: { operation.elementsEqual($0.utf8) }),
            let start = segments.firstIndex(where: { $0.elementsEqual("model".utf8) })
        else { return nil }
        let model = segments[(start + 1)...].dropLast()
        guard let first = model.first, !first.isEmpty else { return nil }
        return model.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
    }
}
