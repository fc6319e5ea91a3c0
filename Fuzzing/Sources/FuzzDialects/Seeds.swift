import Dialects
import Glibc
import Tapes

/// Writes inputs for the fuzzer to begin with: recorded bodies, with the two bytes before them that a ``Trial`` takes.
struct Seeds {
    /// Where each target has a folder of its own.
    let folder: String

    /// - Parameter files: tapes, and indexes of recorded streams (`index.json`), whose files lie beside them.
    func write(from files: some Sequence<String>) throws {
        var number = 0
        for file in files {
            for (dialect, framing, body) in try file.hasSuffix(".json") ? recordings(file) : [tape(file)] {
                number += 1
                write(Trial.head(dialect, cut: number.isMultiple(of: 2) ? 6 : 0x1F) + body, .dialects, number)
                if let target = Target.allCases.first(where: { $0.framing == framing }) {
                    write([0, UInt8(number % 32)] + body, target, number)
                }
                // What the scanner reads is a frame.
                var decoder = StreamDecoder(dialect: .generic, isCertain: true, framing: framing)
                var buffer = EventBuffer()
                decoder.feed(body.span.bytes, into: &buffer)
                _ = decoder.finish(into: &buffer)
                let frames = buffer.frames.map { frame in
                    buffer.withFrame(frame) { _, data in data.withUnsafeBytes { Array($0) } }
                }
                for (position, data) in frames.prefix(4).enumerated() { write(data, .scanner, number * 4 + position) }
                // Few streams come as lines or as an array; any frames can.
                write([0, 6] + frames.joined(separator: [0x0A]), .ndjson, 1000 + number)
                let array = Array("[".utf8) + frames.joined(separator: Array(",\r\n".utf8)) + Array("]".utf8)
                write([0, 6] + array, .jsonArray, 1000 + number)
                if dialect.streamsArrays { write(Trial.head(dialect, cut: 6) + array, .dialects, 1000 + number) }
            }
        }
        for (position, dialect) in Dialect.all.enumerated() { write(Array(dialect.name.utf8), .paths, position) }
    }

    private func tape(_ file: String) throws -> (Dialect, Dialect.Framing, [UInt8]) {
        let tape = try TapeReader.read(path: file)
        let dialect = Dialect.matching(path: tape.request.path)
        let type = tape.response?.headers.first { $0.name.lowercased() == "content-type" }?.value ?? ""
        return (dialect, Dialect.Framing(contentType: type) ?? dialect.framing, tape.body)
    }

    private func recordings(_ index: String) throws -> [(Dialect, Dialect.Framing, [UInt8])] {
        let folder = index.prefix(through: index.lastIndex(of: "/") ?? index.startIndex)
        let streams = try JSONValue(parsing: read(index))["streams"]?.array ?? []
        return streams.compactMap { stream in
            guard let file = stream["file"]?.string, let format = stream["wire_format"]?.string else { return nil }
            let name = format.prefix(upTo: format.lastIndex(of: ".") ?? format.endIndex)
            let dialect = Dialect.named(name == "ollama" ? "ollama.chat" : String(name)) ?? .generic
            let framing: Dialect.Framing =
                file.hasSuffix(".eventstream")
                ? .awsEventStream : file.hasSuffix(".ndjson") ? .ndjson : .serverSentEvents
            return (dialect, framing, read(folder + file))
        }
    }

    private func read(_ path: some StringProtocol) -> [UInt8] {
        guard let file = fopen(String(path), "r") else { fail("\(path) can't be read") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }

    private func write(_ bytes: [UInt8], _ target: Target, _ number: Int) {
        let path = "\(folder)/\(target.rawValue)/seed-\(number)"
        guard let file = fopen(path, "w") else { fail("\(path) can't be written") }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }
}
