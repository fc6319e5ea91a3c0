import NIOCore
import TestSupport

@testable import Broadcast

/// A reader's connection without a socket: keeps what is written, and is writable when the test says so.
final class FakeReader: ReaderConnection {
    var isWritable = true
    var bytes: [UInt8] = []
    private(set) var end: ReaderEnd?
    private(set) var writes = 0
    /// Called with each write, as a socket that fails calls back.
    var onWrite: () -> Void = {}

    func write(_ buffer: ByteBuffer) {
        bytes += Array(buffer.readableBytesView)
        writes += 1
        onWrite()
    }

    func ended(_ reason: ReaderEnd) { end = reason }

    var events: [ServerSentEvent] { ServerSentEvent.parse(bytes) }
}

extension LogReader {
    /// A reader of an event stream without chunks.
    convenience init(_ connection: FakeReader, view: View = .delta, position: ReadPosition = .earliest) {
        self.init(
            format: ViewFormat(view: view, transport: .plainEventStream),
            position: position,
            connection: connection
        )
    }
}

/// SplitMix64: the same numbers for the same seed, so that a failure can be run again.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
