import CCurl

/// Headers as the list of lines that libcurl takes, all in one piece of memory that the next request uses again.
final class HeaderLines {
    private typealias Node = curl_slist

    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var used = 0

    deinit { memory.deallocate() }

    /// Writes a list, which is there until the next is written or this is cleared; nil where it is empty.
    ///
    /// - Parameters:
    ///   - fields: the headers.
    ///   - others: lines as they are.
    func write(_ fields: [HeaderField], _ others: [String]) -> UnsafeMutableRawPointer? {
        let count = fields.count + others.count
        let size = fields.reduce(0) { $0 + $1.name.utf8.count + $1.bytes.count + 3 }
        used = others.reduce(count * MemoryLayout<Node>.stride + size) { $0 + $1.utf8.count + 1 }
        if used > memory.count {
            memory.deallocate()
            memory = .allocate(byteCount: max(used, 2048), alignment: MemoryLayout<Node>.alignment)
        }
        guard count > 0, let start = memory.baseAddress else { return nil }
        let nodes = start.bindMemory(to: Node.self, capacity: count)
        var end = start + count * MemoryLayout<Node>.stride
        for (index, field) in fields.enumerated() {
            nodes[index] = Node(data: end.assumingMemoryBound(to: CChar.self), next: nodes + index + 1)
            append(field.name, to: &end)
            // libcurl leaves a header out that ends with its colon, and sends it empty with a semicolon.
            append(field.bytes.isEmpty ? ";" : ": ", to: &end)
            field.bytes.withUnsafeBytes { append($0, to: &end) }
            append("\0", to: &end)
        }
        for (index, line) in others.enumerated() {
            let place = fields.count + index
            nodes[place] = Node(data: end.assumingMemoryBound(to: CChar.self), next: nodes + place + 1)
            append(line, to: &end)
            append("\0", to: &end)
        }
        nodes[count - 1].next = nil
        return start
    }

    /// Overwrites what was written, which may be keys; what is large is given back.
    func clear() {
        guard memory.count <= 16 << 10 else {
            memory.deallocate()
            memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
            used = 0
            return
        }
        UnsafeMutableRawBufferPointer(rebasing: memory[..<used]).initializeMemory(as: UInt8.self, repeating: 0)
        used = 0
    }

    /// All of these write what was counted before.
    private func append(_ bytes: UnsafeRawBufferPointer, to end: inout UnsafeMutableRawPointer) {
        guard let source = bytes.baseAddress else { return }
        end.copyMemory(from: source, byteCount: bytes.count)
        end += bytes.count
    }

    private func append(_ text: String, to end: inout UnsafeMutableRawPointer) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0), to: &end) }
    }
}
