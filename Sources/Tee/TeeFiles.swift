import Broadcast
import Dialects

#if canImport(Glibc)
import Glibc
#endif

/// The files of one stream.
///
/// `@unchecked Sendable`: used on the tee's serial queue only, once made.
final class TeeFiles: @unchecked Sendable {
    private let tee: Tee
    private var descriptors: [Tee.Format: CInt] = [:]
    private var isOver = false

    init(_ tee: Tee) {
        self.tee = tee
    }

    deinit { close() }

    func write(_ batch: EventBatch, first: Int) {
        guard !isOver else { return }
        for format in tee.formats {
            let bytes =
                switch format {
                case .jsonl: lines(batch, first: first)
                case .text: text(batch)
                }
            guard !bytes.isEmpty else { continue }
            guard let descriptor = open(format, batch.info.id), append(bytes, to: descriptor) else {
                return giveUp(String(cString: strerror(errno)))
            }
        }
        if batch.summary != nil { close() }
    }

    /// Ends the stream's files where they are, and says why.
    func giveUp(_ reason: String) {
        guard !isOver else { return }
        close()
        tee.report("the tee into \(tee.directory) stopped for a stream: \(reason)")
    }

    private func close() {
        isOver = true
        for descriptor in descriptors.values { Glibc.close(descriptor) }
        descriptors = [:]
    }

    // MARK: Formats

    private func lines(_ batch: EventBatch, first: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, event) in batch.content.events.enumerated() {
            guard let name = DeltaView.name(of: event) else { continue }
            let token = ResumeToken(epoch: batch.info.id, sequence: first + index)
            bytes.append(verbatim: "{\"type\":\"")
            bytes.append(verbatim: name)
            bytes.append(verbatim: "\",\"stream\":\"")
            bytes.append(contentsOf: batch.info.id.description.utf8)
            bytes.append(verbatim: "\",\"id\":\"")
            bytes.append(contentsOf: token.description.utf8)
            bytes.append(verbatim: "\",\"us\":")
            bytes.appendJSON(integer: batch.offset)
            bytes.append(verbatim: ",\"data\":")
            DeltaView.append(event, of: batch, to: &bytes)
            if case .end = event, let usage = batch.summary?.usage { appendUsage(usage, &bytes) }
            bytes.append(verbatim: "}\n")
        }
        return bytes
    }

    /// The end line alone says what the stream cost, so that one `tail -n 1` tells.
    private func appendUsage(_ usage: TokenUsage, _ bytes: inout [UInt8]) {
        bytes.append(verbatim: ",\"usage\":{\"input_tokens\":")
        bytes.appendJSON(integer: usage.input)
        bytes.append(verbatim: ",\"output_tokens\":")
        bytes.appendJSON(integer: usage.output)
        bytes.append(verbatim: ",\"total_tokens\":")
        bytes.appendJSON(integer: usage.total)
        bytes.append(UInt8(ascii: "}"))
    }

    private func text(_ batch: EventBatch) -> [UInt8] {
        var bytes: [UInt8] = []
        for event in batch.content.events {
            switch event {
            case .delta(let delta):
                if delta.choice == 0, case .text(let text) = delta.content { bytes.append(contentsOf: text.utf8) }
            case .end:
                bytes.append(UInt8(ascii: "\n"))
            case .start, .usage, .finish, .opaque:
                break
            }
        }
        return bytes
    }

    // MARK: Files

    private func open(_ format: Tee.Format, _ id: StreamID) -> CInt? {
        if let descriptor = descriptors[format] { return descriptor }
        guard makeDirectories(tee.directory) else { return nil }
        let path = "\(tee.directory)/\(id).\(format.rawValue)"
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        descriptors[format] = descriptor
        return descriptor
    }

    private func append(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }

    private func makeDirectories(_ path: String) -> Bool {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += part + "/"
            guard mkdir(made, 0o755) == 0 || errno == EEXIST else { return false }
        }
        return true
    }
}
