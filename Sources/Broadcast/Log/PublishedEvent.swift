/// An event that somebody published to a channel, among those of its streams.
public struct PublishedEvent: Sendable {
    /// What an event stream calls it.
    public let name: String
    /// The event as CloudEvents' JSON, on one line; nil where it was published as data alone.
    public var cloudEvent: [UInt8]? { isCloudEvent ? text : nil }
    private let text: [UInt8]
    /// Where in the text the data are.
    private let place: Range<Int>
    private let isCloudEvent: Bool

    /// What an event is called whose publisher gave it no name.
    public static let defaultName = "message"
    private static let null = Array("null".utf8)[...]

    /// - Parameters:
    ///   - name: see ``isValid(name:)``.
    ///   - data: JSON text. That it is JSON is the caller's to know; here it must only be a line, and not empty.
    /// - Returns: nil where the name can't be an event's, or the data are no line.
    public init?(name: String = defaultName, data: [UInt8]) {
        guard Self.isValid(name: name), !data.isEmpty, !data.contains(where: { $0 == 10 || $0 == 13 }) else {
            return nil
        }
        self.name = name
        text = data
        place = data.indices
        isCloudEvent = false
    }

    /// - Parameter name: see ``isValid(name:)``; nil takes the event's type, or ``defaultName`` where that can't be a name.
    /// - Returns: nil where the name can't be an event's.
    public init?(_ event: CloudEvent, name: String? = nil) {
        let name = name ?? (Self.isValid(name: event.type) ? event.type : Self.defaultName)
        guard Self.isValid(name: name) else { return nil }
        self.name = name
        (text, place) = event.jsonWithData
        isCloudEvent = true
    }

    /// Its data as JSON text on one line: of a CloudEvent that has text or bytes a string, of one that has none `null`.
    public var data: ArraySlice<UInt8> { place.isEmpty ? Self.null : text[place] }

    /// How many bytes it takes as it is kept.
    public var byteCount: Int { text.count }

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
    /// When it came, in milliseconds since 1970.
    let time: Int
    /// About what it takes in memory.
    let byteCount: Int
    private let held: HeldBytes?

    init(_ event: PublishedEvent, at time: Int = Hub.milliseconds, held: HeldBytes? = nil) {
        self.event = event
        self.time = time
        self.held = held
        byteCount = 128 + event.byteCount + event.name.utf8.count
        held?.add(byteCount)
    }

    deinit { held?.subtract(byteCount) }
}
