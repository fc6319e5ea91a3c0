/// An event that somebody published to a channel, among those of its streams.
public struct PublishedEvent: Sendable, Hashable {
    /// What an event stream calls it.
    public let name: String
    /// JSON text on one line.
    public let data: [UInt8]

    /// What an event is called whose publisher gave it no name.
    public static let defaultName = "message"

    /// - Parameters:
    ///   - name: see ``isValid(name:)``.
    ///   - data: JSON text. That it is JSON is the caller's to know; here it must only be a line, and not empty.
    /// - Returns: nil where the name can't be an event's, or the data are no line.
    public init?(name: String = defaultName, data: [UInt8]) {
        guard Self.isValid(name: name), !data.isEmpty, !data.contains(where: { $0 == 10 || $0 == 13 }) else {
            return nil
        }
        self.name = name
        self.data = data
    }

    /// Whether a publisher may call its events so: 1 to 128 of ASCII letters, digits, `.`, `_`, `-`, `:`, and no name that
    /// our own events have, or those that a browser fires by itself.
    public static func isValid(name: some StringProtocol) -> Bool {
        guard (1...128).contains(name.utf8.count) else { return false }
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case 48...58, 65...90, 97...122, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        }
        return isPlain && !reserved.contains(String(name))
    }

    private static let reserved = Set(EventKind.all.map(\.name) + ["error", "open"]).subtracting([defaultName])
}

/// A published event in the logs that hold it.
final class Publication: Sendable {
    let event: PublishedEvent
    /// About what it takes in memory.
    let byteCount: Int
    private let held: HeldBytes?

    init(_ event: PublishedEvent, held: HeldBytes? = nil) {
        self.event = event
        self.held = held
        byteCount = 128 + event.data.count + event.name.utf8.count
        held?.add(byteCount)
    }

    deinit { held?.subtract(byteCount) }
}
