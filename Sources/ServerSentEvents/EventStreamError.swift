/// Why an ``EventStreamParser`` gave up: the stream asked for more memory than its limits grant.
///
/// The standard itself knows no errors: any bytes are an event stream.
public struct EventStreamError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was too long. It is a struct, not an enum, so that limits may be added.
    public struct Code: Sendable, Hashable {
        fileprivate enum Value: Sendable, Hashable {
            case lineTooLong
            case dataTooLong
        }

        fileprivate var value: Value

        /// A line is longer than ``EventStreamParser/Limits/line``.
        public static let lineTooLong = Code(value: .lineTooLong)
        /// The data of one event is longer than ``EventStreamParser/Limits/data``.
        public static let dataTooLong = Code(value: .dataTooLong)
    }

    public var code: Code
    /// The limit that was exceeded, in bytes.
    public var limit: Int

    public var description: String {
        switch code.value {
        case .lineTooLong: "a line of the event stream is longer than \(limit) bytes"
        case .dataTooLong: "the data of an event is longer than \(limit) bytes"
        }
    }
}
