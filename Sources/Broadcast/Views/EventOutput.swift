import Dialects
import NIOCore
import ServerSentEvents
import WebSockets

/// Writes events in a transport's framing.
struct EventOutput {
    private let transport: ViewFormat.Transport
    private let epoch: StreamID
    /// The channel's name, where it is a channel's log.
    private let channel: String?
    private var bytes: [UInt8] = []
    /// A WebSocket frame's length stands before its payload, so that is written here first.
    private var payload: [UInt8] = []
    private(set) var count = 0

    init(transport: ViewFormat.Transport, epoch: StreamID, channel: String? = nil) {
        self.transport = transport
        self.epoch = epoch
        self.channel = channel
    }

    var size: Int { bytes.count }

    /// One event whose data is JSON, which has no line breaks.
    ///
    /// - Parameters:
    ///   - sequence: nil for what moves no reader on.
    ///   - stream: the stream that it belongs to; nil for what concerns the log as a whole.
    mutating func event(
        _ name: StaticString,
        sequence: Int?,
        stream: StreamID?,
        _ data: (inout [UInt8]) -> Void
    ) {
        count += 1
        guard transport.isEventStream else { return object(name, sequence: sequence, stream: stream, data) }
        bytes.append(verbatim: "event: ")
        bytes.append(verbatim: name)
        if let sequence {
            bytes.append(verbatim: "\nid: ")
            appendToken(sequence, to: &bytes)
        }
        bytes.append(verbatim: "\ndata: ")
        data(&bytes)
        bytes.append(verbatim: "\n\n")
    }

    /// An event that somebody published.
    mutating func published(_ event: PublishedEvent, sequence: Int) {
        count += 1
        guard transport.isEventStream else {
            return object("message", sequence: sequence, stream: nil, publisher: event.name) { bytes in
                bytes.append(contentsOf: event.data)
            }
        }
        bytes.append(verbatim: "event: ")
        bytes.append(contentsOf: event.name.utf8)
        bytes.append(verbatim: "\nid: ")
        appendToken(sequence, to: &bytes)
        bytes.append(verbatim: "\ndata: ")
        bytes.append(contentsOf: event.data)
        bytes.append(verbatim: "\n\n")
    }

    /// One event that is JSON and says of itself all there is to say: an event stream's data, a message, an element.
    mutating func whole(sequence: Int?, _ write: (inout [UInt8]) -> Void) {
        count += 1
        guard transport.isEventStream else {
            payload.removeAll(keepingCapacity: true)
            write(&payload)
            return appendPayload()
        }
        if let sequence {
            bytes.append(verbatim: "id: ")
            appendToken(sequence, to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        bytes.append(verbatim: "data: ")
        write(&bytes)
        bytes.append(verbatim: "\n\n")
    }

    /// One event of the default name, as the `text` and `openai` views have them. On a WebSocket it is called `name`.
    mutating func message(
        _ name: StaticString,
        sequence: Int,
        stream: StreamID,
        text: String
    ) {
        guard transport.isEventStream else {
            return event(name, sequence: sequence, stream: stream) { $0.appendJSON(string: text) }
        }
        count += 1
        bytes.appendEvent(id: token(sequence), data: text)
    }

    /// One event whose data are lines of text: on a WebSocket, a string.
    mutating func text(_ name: StaticString, sequence: Int, stream: StreamID?, _ text: [UInt8]) {
        guard transport.isEventStream else {
            return event(name, sequence: sequence, stream: stream) { $0.appendJSON(string: text.span.bytes) }
        }
        count += 1
        bytes.appendEvent(name: "\(name)", id: token(sequence), data: text.span.bytes)
    }

    /// Data of the default event name that is JSON already.
    mutating func message(_ name: StaticString, sequence: Int, stream: StreamID, json: (inout [UInt8]) -> Void) {
        guard transport.isEventStream else { return event(name, sequence: sequence, stream: stream, json) }
        count += 1
        bytes.append(verbatim: "id: ")
        appendToken(sequence, to: &bytes)
        bytes.append(verbatim: "\ndata: ")
        json(&bytes)
        bytes.append(verbatim: "\n\n")
    }

    /// An upstream's frame as it came.
    mutating func frame(name: RawSpan, data: RawSpan, sequence: Int, stream: StreamID) {
        guard transport.isEventStream else {
            // A text frame must be UTF-8 (RFC 6455, section 5.6); an upstream's bytes may not be.
            let name = name.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            let data = data.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            event("raw", sequence: sequence, stream: stream) { bytes in
                bytes.append(verbatim: "{\"event\":")
                bytes.appendJSON(string: name.isEmpty ? nil : name)
                bytes.append(verbatim: ",\"data\":")
                bytes.appendJSON(string: data)
                bytes.append(verbatim: "}")
            }
            return
        }
        count += 1
        let name = name.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        bytes.appendEvent(name: name.isEmpty ? nil : name, id: token(sequence), data: data)
    }

    /// Sets the resume point without firing an event: an id, and no data.
    ///
    /// - Parameter sequence: nil where the reader stands nowhere yet.
    mutating func prime(sequence: Int?) {
        guard transport.isEventStream else { return }
        // Spread, so that a thousand readers cut off together don't return together.
        bytes.append(verbatim: "retry: ")
        bytes.appendJSON(integer: Int.random(in: 1000...3000))
        if let sequence {
            bytes.append(verbatim: "\nid: ")
            appendToken(sequence, to: &bytes)
        }
        bytes.append(verbatim: "\n\n")
    }

    /// All that was written, ready for the socket.
    func framed() -> ByteBuffer {
        guard !bytes.isEmpty, transport == .chunkedEventStream else { return ByteBuffer(bytes: bytes) }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(bytes.count + 16)
        buffer.writeString(String(bytes.count, radix: 16))
        buffer.writeStaticString("\r\n")
        buffer.writeBytes(bytes)
        buffer.writeStaticString("\r\n")
        return buffer
    }

    /// One event as a JSON object: a WebSocket's message, an element of a long poll's answer.
    private mutating func object(
        _ name: StaticString,
        sequence: Int?,
        stream: StreamID?,
        publisher: String? = nil,
        _ data: (inout [UInt8]) -> Void
    ) {
        payload.removeAll(keepingCapacity: true)
        payload.append(verbatim: "{\"type\":\"")
        payload.append(verbatim: name)
        if let sequence {
            payload.append(verbatim: "\",\"id\":\"")
            appendToken(sequence, to: &payload)
        }
        if let channel {
            payload.append(verbatim: "\",\"channel\":\"")
            payload.append(contentsOf: channel.utf8)
        }
        if let stream {
            payload.append(verbatim: "\",\"stream\":\"")
            payload.append(contentsOf: stream.description.utf8)
        }
        if let publisher {
            payload.append(verbatim: "\",\"event\":\"")
            payload.append(contentsOf: publisher.utf8)
        }
        payload.append(verbatim: "\",\"data\":")
        data(&payload)
        payload.append(UInt8(ascii: "}"))
        appendPayload()
    }

    /// Appends what was written to the payload, framed.
    private mutating func appendPayload() {
        if transport == .webSocket {
            FrameEncoder.appendHeader(.text, length: payload.count, to: &bytes)
        } else if !bytes.isEmpty {
            bytes.append(UInt8(ascii: ","))
        }
        bytes.append(contentsOf: payload)
    }

    func place(_ sequence: Int) -> ResumeToken { ResumeToken(epoch: epoch, sequence: sequence) }

    private func token(_ sequence: Int) -> String { place(sequence).description }

    private func appendToken(_ sequence: Int, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: epoch.description.utf8)
        bytes.append(UInt8(ascii: "_"))
        ResumeToken.append(sequence, to: &bytes)
    }

    /// Whether events of several streams meet in this log, so that each must name its own.
    func isForeign(_ stream: StreamID) -> Bool { stream != epoch && transport.isEventStream }
}
