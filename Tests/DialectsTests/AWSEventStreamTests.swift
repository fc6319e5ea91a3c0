import Testing

@testable import Dialects

/// Messages of AWS's binary event streams, as their own writer makes them.
enum Message {
    static func event(_ type: String, _ json: String) throws -> [UInt8] {
        try #require(AWSEventStreamMessage.event(type, json: Array(json.utf8)).bytes)
    }

    static func exception(_ type: String, _ message: String) throws -> [UInt8] {
        try #require(AWSEventStreamMessage.exception(type, message: message).bytes)
    }

    /// A header of each type of value.
    static let allTypes = [
        AWSEventStreamHeader("t", .bool(true)),
        AWSEventStreamHeader("f", .bool(false)),
        AWSEventStreamHeader("byte", .byte(-1)),
        AWSEventStreamHeader("short", .int16(.min)),
        AWSEventStreamHeader("int", .int32(.max)),
        AWSEventStreamHeader("long", .int64(-2)),
        AWSEventStreamHeader("bytes", .bytes([0, 255])),
        AWSEventStreamHeader(":event-type", .string("é")),
        AWSEventStreamHeader("time", .timestamp(1_700_000_000_000)),
        AWSEventStreamHeader("uuid", .uuid(Array(0..<16))),
        AWSEventStreamHeader("empty", .string("")),
    ]
}

@Suite struct CRC32Tests {
    @Test(
        "The checksum is that of the standard",
        arguments: [
            ("", 0), ("a", 0xE8B7_BE43), ("123456789", 0xCBF4_3926),
            ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
        ] as [(String, UInt32)]
    )
    func known(text: String, expected: UInt32) {
        #expect(CRC32.checksum(Array(text.utf8).span.bytes) == expected)
    }

    @Test("Eight bytes at a time give what a bit at a time gives")
    func bitwise() {
        var random = SeededRandom(seed: 1)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            var crc = UInt32.max
            for byte in bytes {
                crc ^= UInt32(byte)
                for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB8_8320 }
            }
            #expect(CRC32.checksum(bytes.span.bytes) == ~crc)
        }
    }
}

@Suite struct AWSEventStreamTests {
    /// No headers and no payload: both checksums as AWS's own libraries make them.
    private static let empty: [UInt8] = [0, 0, 0, 16, 0, 0, 0, 0, 0x05, 0xC2, 0x48, 0xEB, 0x7D, 0x98, 0xC8, 0xFF]

    @Test("The smallest message is read and written")
    func smallest() {
        #expect(AWSEventStreamMessage().bytes == Self.empty)
        let result = decode([Self.empty], .generic, framing: .awsEventStream)
        #expect(result.frames == [""])
        #expect(result.end == StreamEnd(state: .complete))
    }

    @Test("Headers of all ten types are read, and the event's type names the frame")
    func headerTypes() throws {
        let message = try #require(AWSEventStreamMessage(headers: Message.allTypes, payload: [0x7B, 0x7D]).bytes)
        let result = decode([message], .generic, framing: .awsEventStream)
        #expect(result.frames == ["é: {}"])
    }

    @Test("Headers that can't be written are refused")
    func unwritable() {
        let headers: [AWSEventStreamHeader] = [
            AWSEventStreamHeader("", .bool(true)),
            AWSEventStreamHeader(String(repeating: "n", count: 256), .bool(true)),
            AWSEventStreamHeader("n", .string(String(repeating: "v", count: 65536))),
            AWSEventStreamHeader("n", .uuid([1, 2])),
        ]
        for header in headers { #expect(AWSEventStreamMessage(headers: [header]).bytes == nil) }
        let large = AWSEventStreamHeader("n", .string(String(repeating: "v", count: 65000)))
        #expect(AWSEventStreamMessage(headers: [large, large]).bytes != nil)
        #expect(AWSEventStreamMessage(headers: [large, large, large]).bytes == nil)
    }

    @Test("An exception is named by its type, and an error that no interface defines is told by its headers")
    func failures() throws {
        let exception = try Message.exception("throttlingException", "too many \"requests\"")
        let result = decode([exception], .generic, framing: .awsEventStream)
        #expect(result.frames == [#"throttlingException: {"message":"too many \"requests\""}"#])
        let error = AWSEventStreamMessage(headers: [
            AWSEventStreamHeader(":message-type", .string("error")),
            AWSEventStreamHeader(":error-code", .string("InternalError")),
            AWSEventStreamHeader(":error-message", .string("it \"broke\"")),
        ])
        let failed = decode([try #require(error.bytes)], .generic, framing: .awsEventStream)
        #expect(failed.frames == [#"error: {"code":"InternalError","message":"it \"broke\""}"#])
    }

    @Test("R2: messages are the same, cut anywhere")
    func cuts() throws {
        var body = try Message.event("chunk", #"{"bytes":"é"}"#)
        body += Self.empty
        body += try #require(AWSEventStreamMessage(headers: Message.allTypes, payload: [UInt8](0...255)).bytes)
        body += try Message.exception("throttlingException", "m")
        let whole = decode([body], .generic, framing: .awsEventStream)
        #expect(whole.frames.count == 4)
        #expect(decode(body.singleBytes, .generic, framing: .awsEventStream) == whole)
        for index in body.indices {
            #expect(decode(body, cutAt: index, .generic, framing: .awsEventStream) == whole)
        }
    }

    @Test("A frame of ours may follow only behind a whole message")
    func boundary() throws {
        let message = try Message.event("chunk", "{}")
        var decoder = StreamDecoder(dialect: .generic, framing: .awsEventStream)
        var buffer = EventBuffer()
        #expect(decoder.isAtFrameBoundary)
        for (index, byte) in message.enumerated() {
            decoder.feed([byte].span.bytes, into: &buffer)
            #expect(decoder.isAtFrameBoundary == (index == message.count - 1))
        }
    }
}

/// Damaged bodies: what isn't right is an error with a name, and what came before it stands.
@Suite struct AWSEventStreamDamageTests {
    private func end(_ body: [UInt8], limits: StreamDecoder.Limits = .init()) -> StreamEnd {
        let whole = decode([body], .generic, framing: .awsEventStream, limits: limits)
        #expect(decode(body.singleBytes, .generic, framing: .awsEventStream, limits: limits) == whole)
        return whole.end
    }

    @Test("Every flipped bit of a message is found, and what came before stands")
    func flipped() throws {
        let first = try Message.event("chunk", #"{"bytes":"eA=="}"#)
        let second = try #require(AWSEventStreamMessage(headers: Message.allTypes, payload: [1, 2, 3]).bytes)
        for index in second.indices {
            for bit in 0..<8 {
                var damaged = second
                damaged[index] ^= 1 << bit
                let result = decode([first + damaged + first], .generic, framing: .awsEventStream)
                #expect(result.frames == [#"chunk: {"bytes":"eA=="}"#])
                #expect(result.end.state == .error)
                #expect(result.end.error?.code == "bad_checksum")
                #expect(result.end.error?.message.isEmpty == false)
            }
        }
    }

    @Test("R5: a body that ends within a message is an error")
    func cut() throws {
        let message = try Message.event("chunk", "{}")
        for count in 1..<message.count {
            let end = end(message + message[..<count])
            #expect(end.state == .error)
            #expect(end.error?.code == "cut_message")
        }
        #expect(end(message + message).state == .complete)
    }

    @Test(
        "Lengths that can't be are refused, however right their checksum is",
        arguments: [(15, 0), (0, 0), (16, 1), (100, 85), (20, Int(UInt32.max)), (Int(UInt32.max), 0)]
    )
    func lengths(total: Int, headers: Int) {
        var message = [UInt8](repeating: 0, count: 120)
        for place in 0..<4 {
            message[place] = UInt8(truncatingIfNeeded: total >> (24 - 8 * place))
            message[4 + place] = UInt8(truncatingIfNeeded: headers >> (24 - 8 * place))
        }
        AWSEventStreamMessage.renewChecksums(of: &message)
        let end = end(message)
        #expect(end.state == .error)
        #expect(end.error?.code == (total > 1 << 20 ? "frame_too_large" : "bad_length"))
    }

    @Test("R6: a message beyond the limit is refused by its prelude, and one at the limit is taken")
    func limit() throws {
        let message = try #require(AWSEventStreamMessage(payload: [UInt8](repeating: 0x20, count: 984)).bytes)
        #expect(end(message, limits: .init(frame: 1000)).state == .complete)
        let refused = end(Array(message[..<12]), limits: .init(frame: 999))
        #expect(refused.error?.code == "frame_too_large")
        #expect(refused.error?.message == "a message is longer than 999 bytes")
    }

    @Test("Headers longer than any service's are refused by the prelude")
    func longHeaders() {
        var message = [UInt8](repeating: 0, count: 300_000)
        message.replaceSubrange(0..<8, with: [0, 4, 0x93, 0xE0, 0, 2, 0, 1])
        AWSEventStreamMessage.renewChecksums(of: &message)
        #expect(end(Array(message[..<12])).error?.message == "the headers of a message are longer than 131072 bytes")
    }

    @Test(
        "Malformed headers are refused, however right their checksums are",
        arguments: [
            [0], [1, 0x61], [1, 0x61, 10], [5, 0x61, 0], [1, 0x61, 7, 0, 9, 0x62], [1, 0x61, 7, 0], [1, 0x61, 9, 1, 2],
            [1, 0x61, 2], [1, 0x61, 4, 1, 2, 3], [0, 0], [1, 0x61, 0, 1], [1, 0x61, 255],
        ] as [[UInt8]]
    )
    func headers(bytes: [UInt8]) {
        var message = [UInt8](repeating: 0, count: 8)
        message[3] = UInt8(16 + bytes.count + 2)
        message[7] = UInt8(bytes.count)
        message += [0, 0, 0, 0] + bytes + [0x7B, 0x7D] + [0, 0, 0, 0]
        AWSEventStreamMessage.renewChecksums(of: &message)
        #expect(end(message).error?.code == "bad_headers")
    }

    @Test("R10: a document labelled as messages is one, and messages labelled as text are messages")
    func labels() throws {
        let refusal = decode(#"{"message":"no"}"#, .bedrockConverse, framing: .awsEventStream)
        #expect(refusal.frames == [#"{"message":"no"}"#])
        let body = try Message.event("messageStart", "{}")
        for framing in [.serverSentEvents, .ndjson, .document] as [Dialect.Framing] {
            #expect(decode([body], .bedrockConverse, framing: framing).frames == ["messageStart: {}"])
        }
    }
}
