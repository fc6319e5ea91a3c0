/// What an ``EventStreamParser`` hands its findings to.
///
/// Every span is valid only during the call: it points into the chunk that is being parsed wherever that is possible.
/// The bytes are those of the stream; they are UTF-8 if the sender kept to the standard, and nothing checks that here.
///
/// ```swift
/// struct Printer: EventStreamHandler {
///     mutating func event(name: RawSpan, data: RawSpan, lastEventID: RawSpan) {
///         print(data.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
///     }
/// }
/// ```
public protocol EventStreamHandler {
    /// Takes an event, at its blank line.
    ///
    /// - Parameters:
    ///   - name: the value of the `event` field; empty means the default name, `message`.
    ///   - data: the values of the `data` fields, joined with LF.
    ///   - lastEventID: the last `id` that the stream has set up to here, empty where there is none.
    mutating func event(name: RawSpan, data: RawSpan, lastEventID: RawSpan)

    /// Takes a comment: what follows the colon, a leading space included.
    mutating func comment(_ text: RawSpan)

    /// Takes a valid `retry` field: how long to wait before reconnecting.
    mutating func retry(milliseconds: Int)

    /// Takes a line whose field name the standard doesn't know, and would have ignored.
    mutating func unknownField(name: RawSpan, value: RawSpan)
}

extension EventStreamHandler {
    public mutating func comment(_ text: RawSpan) {}
    public mutating func retry(milliseconds: Int) {}
    public mutating func unknownField(name: RawSpan, value: RawSpan) {}
}
