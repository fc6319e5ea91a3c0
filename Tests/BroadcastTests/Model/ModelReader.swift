import Dialects
import NIOCore
import TestSupport

@testable import Broadcast

/// A reader that takes as many bytes as the test says, and is held to the reference.
final class ModelReader: ReaderConnection {
    let loop: Int
    private(set) var transcript: ModelTranscript
    /// How many bytes the socket takes yet.
    private(set) var room: Int
    private(set) var end: ReaderEnd?
    /// The messages of this connection.
    private(set) var messages: [JSONValue] = []
    var reader: LogReader?
    /// Called within a write, as a socket that fails calls back.
    var onWrite: (() -> Void)?
    private let isNow: Bool
    /// Whether it came with a token of another log.
    private let isForeign: Bool

    init(loop: Int, transcript: ModelTranscript, room: Int, isNow: Bool, isForeign: Bool) {
        self.loop = loop
        self.transcript = transcript
        self.room = room
        self.isNow = isNow
        self.isForeign = isForeign
    }

    var isWritable: Bool { room > 0 }

    func write(_ bytes: ByteBuffer) {
        room -= bytes.readableBytes
        for frame in WebSocketClient.parse(Array(bytes.readableBytesView)) {
            guard frame.opcode == 1, let message = try? JSONValue(parsing: Array(frame.text.utf8)) else { continue }
            messages.append(message)
        }
        onWrite?()
    }

    func joined() {
        if isNow, messages.isEmpty, let token = reader?.token { transcript.stands(at: token.sequence) }
    }

    func ended(_ reason: ReaderEnd) { end = reason }

    func accept(_ count: Int) {
        room = max(0, room) + count
        reader?.writable()
    }

    func stall() { room = 0 }

    /// Holds what came to the reference, but for the last `lost` messages, which were on their way when the socket broke.
    ///
    /// - Returns: the token to come back with; nil where nothing was received that has one.
    func settle(_ reference: ModelReference, mayReset: Bool, lost: Int = 0) -> ResumeToken? {
        var token: ResumeToken?
        for message in messages.dropLast(lost) {
            transcript.take(message, reference, mayReset: mayReset || isForeign)
            token = message["id"]?.string.flatMap { ResumeToken($0) } ?? token
        }
        messages = []
        return token
    }
}
