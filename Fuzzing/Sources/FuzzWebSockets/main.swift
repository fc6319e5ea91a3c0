import CFuzzer
import Glibc
import WebSockets

// What a client sends means the same however it is cut, and the same to a slow and simple reader of the specification;
// no message is larger than allowed, and texts are texts.

/// What a decoder made of bytes.
struct Outcome: Equatable {
    var items: [MessageDecoder.Item] = []
    var failure: CloseCode?

    /// - Parameter pieces: how long each piece is, over and over.
    init(_ bytes: [UInt8], pieces: [Int], limit: Int) {
        var decoder = MessageDecoder(maximumMessage: limit)
        var start = 0
        var turn = 0
        while start < bytes.count {
            let end = min(start + max(pieces[turn % pieces.count], 1), bytes.count)
            let piece = Array(bytes[start..<end])
            var index = 0
            do throws(WebSocketFailure) {
                while let item = try decoder.next(in: piece.span.bytes, from: &index) { items.append(item) }
            } catch {
                failure = error.code
            }
            require(index == piece.count || failure != nil, "bytes were left unread")
            start = end
            turn += 1
        }
    }
}

/// The optimizer leaves nothing of `precondition`'s message.
func require(_ condition: Bool, _ message: String) {
    guard !condition else { return }
    let line = Array("broken: \(message)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    abort()
}

/// The first byte of an input says how it is cut, the second how large a message may be.
func fuzz(_ input: UnsafeBufferPointer<UInt8>) {
    guard input.count > 2 else { return }
    let bytes = Array(input.dropFirst(2))
    let limit = Int(input[1]) * 16
    let whole = Outcome(bytes, pieces: [bytes.count], limit: limit)
    let cut = Outcome(bytes, pieces: [Int(input[0]), 1, Int(input[0]) % 7], limit: limit)
    require(whole == cut, "cut otherwise it means something else")
    let reference = ReferenceReader(bytes, limit: limit)
    require(whole.items == reference.items, "a simple reader finds other messages")
    require(whole.failure == reference.failure, "a simple reader fails otherwise")
    for item in whole.items {
        switch item {
        case .text(let text):
            require(text.count <= limit, "a text is larger than allowed")
            require(String(validating: text, as: UTF8.self) != nil, "a text isn't UTF-8")
        case .binary(let data): require(data.count <= limit, "a message is larger than allowed")
        case .ping(let payload), .pong(let payload): require(payload.count <= 125, "a control frame is too large")
        case .close(let code, let reason):
            require(
                FrameEncoder.close(code, String(decoding: reason, as: UTF8.self)).count <= 127,
                "a close is too large"
            )
        }
    }
}

/// The name by which libFuzzer's own main program finds what is to be fuzzed.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(UnsafeBufferPointer(start: start, count: count))
    return 0
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
// The package manager makes this file the main program, so it hands over by hand.
LLVMFuzzerRunDriver(&count, &arguments) { testOneInput($0, $1) }
