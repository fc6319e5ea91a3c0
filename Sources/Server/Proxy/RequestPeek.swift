import Dialects
import NIOCore

/// What a JSON request body tells a router, found without building a tree.
struct RequestPeek {
    var model: String?
    var isStream: Bool?

    init() {}

    init(_ body: ByteBuffer) {
        self = body.withUnsafeReadableBytes { Self(bytes: $0.bytes) }
    }

    private init(bytes: RawSpan) {
        var scanner = JSONScanner(bytes)
        guard scanner.enterObject(in: bytes) else { return }
        while let key = scanner.nextKey(in: bytes), let value = scanner.nextValue(in: bytes) {
            if key.equals("model", in: bytes) {
                model = value.string(in: bytes)
            } else if key.equals("stream", in: bytes) {
                isStream = value.kind == .bool && value.raw(in: bytes) == "true"
            }
        }
    }
}
