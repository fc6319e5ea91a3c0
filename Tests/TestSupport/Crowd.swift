import Glibc

/// A crowd of subscribers of one channel, read by one thread.
///
/// All readers of a kind must get the same bytes but for framing and the welcome. So the bytes of the quickest are the
/// reference, and everybody else's are compared with it as they come: a lost, doubled or misplaced event is found
/// without parsing a thousand copies of it.
package final class Crowd: Sendable {
    package enum Kind: Sendable {
        case eventStream
        case webSocket
    }

    package struct State: Sendable {
        /// How many have their response's head.
        package var ready = 0
        /// The reference: what the quickest has got.
        package var reference: [UInt8] = []
        /// How far the slowest is.
        package var slowest = 0
        package var failure: String?
        var isStopped = false
    }

    package let state = Watched(State())

    package init(_ count: Int, _ kind: Kind, port: Int, target: String) throws {
        var readers: [CrowdReader] = []
        for _ in 0..<count {
            let request = kind == .webSocket ? WebSocketClient.request(target) : RawRequest.get(target)
            let descriptor = try Sockets.connect(port: port)
            guard Sockets.send(request.bytes, to: descriptor) else { throw Failure("a subscriber can't subscribe") }
            readers.append(CrowdReader(descriptor, kind))
        }
        let crowd = readers
        detachThread { [state] in Self.read(crowd, state) }
    }

    package func stop() { state.update { $0.isStopped = true } }

    private static func read(_ initial: [CrowdReader], _ state: Watched<State>) {
        var readers = initial
        var entries = readers.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var reference: [UInt8] = []
        var ready = 0
        var failure: String?
        while !state.current.isStopped, failure == nil {
            guard poll(&entries, nfds_t(entries.count), 100) > 0 else { continue }
            for index in entries.indices where entries[index].revents != 0 {
                let count = recv(entries[index].fd, &buffer, buffer.count, CInt(MSG_DONTWAIT))
                guard count > 0 else {
                    failure = "subscriber \(index) was cut off after \(readers[index].position) bytes"
                    break
                }
                let wasReady = readers[index].isReady
                failure = buffer.withUnsafeBytes {
                    readers[index].take(UnsafeRawBufferPointer(rebasing: $0[..<count]), &reference)
                }
                if readers[index].isReady, !wasReady { ready += 1 }
                if failure != nil { break }
            }
            let slowest = readers.reduce(Int.max) { min($0, $1.position) }
            let (came, seen, problem) = (ready, reference, failure)
            state.update {
                $0.ready = came
                $0.reference = seen
                $0.slowest = slowest
                $0.failure = problem
            }
        }
        for reader in readers { close(reader.descriptor) }
    }
}

/// One of a crowd: takes HTTP's framing off, and compares.
struct CrowdReader: Sendable {
    let descriptor: CInt
    private let kind: Crowd.Kind
    /// The response's head, then the welcome, until each is whole.
    private var head: [UInt8] = []
    private(set) var isReady = false
    private var isWelcomed = false
    /// What is left of the HTTP chunk, its line end included.
    private var chunkLeft = 0
    private var chunkLine: [UInt8] = []
    /// How much of the reference it has.
    private(set) var position = 0

    init(_ descriptor: CInt, _ kind: Crowd.Kind) {
        self.descriptor = descriptor
        self.kind = kind
    }

    /// Takes bytes; returns what is wrong with them.
    mutating func take(_ bytes: UnsafeRawBufferPointer, _ reference: inout [UInt8]) -> String? {
        var rest = bytes[...]
        while !isReady {
            guard let byte = rest.popFirst() else { return nil }
            head.append(byte)
            if head.suffix(4) == [13, 10, 13, 10] { isReady = true }
        }
        if kind == .webSocket {
            return compare(rest, &reference)
        }
        while !rest.isEmpty {
            if chunkLeft == 0 {
                guard let byte = rest.popFirst() else { return nil }
                chunkLine.append(byte)
                guard byte == 10, chunkLine.count > 2 else { continue }
                guard let size = Int(String(decoding: chunkLine.dropLast(2), as: UTF8.self), radix: 16), size > 0 else {
                    return "the chunk size is \(chunkLine)"
                }
                chunkLine = []
                chunkLeft = size + 2
            }
            let count = min(chunkLeft, rest.count)
            // The chunk's line end is no content.
            let content = rest.prefix(max(0, min(count, chunkLeft - 2)))
            chunkLeft -= count
            rest = rest.dropFirst(count)
            if let failure = takeContent(content, &reference) { return failure }
        }
        return nil
    }

    /// The welcome differs from reader to reader, by its time to come back.
    private mutating func takeContent(
        _ content: Slice<UnsafeRawBufferPointer>,
        _ reference: inout [UInt8]
    ) -> String? {
        var content = content
        while !isWelcomed {
            guard let byte = content.popFirst() else { return nil }
            chunkLine.append(byte)
            if chunkLine.suffix(2) == [10, 10] {
                isWelcomed = true
                chunkLine = []
            }
        }
        return compare(content, &reference)
    }

    private mutating func compare(_ bytes: Slice<UnsafeRawBufferPointer>, _ reference: inout [UInt8]) -> String? {
        let known = min(bytes.count, reference.count - position)
        let isSame = reference.withUnsafeBytes { reference in
            guard known > 0, let mine = UnsafeRawBufferPointer(rebasing: bytes).baseAddress,
                let theirs = reference.baseAddress
            else { return true }
            return memcmp(mine, theirs + position, known) == 0
        }
        guard isSame else { return "a subscriber got other bytes than the first, near \(position)" }
        if known < bytes.count { reference.append(contentsOf: bytes.dropFirst(known)) }
        position += bytes.count
        return nil
    }
}
