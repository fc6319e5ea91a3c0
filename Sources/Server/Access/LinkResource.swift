import Broadcast

/// What a signed link leads to: one stream or one channel.
package enum LinkResource: Sendable, Hashable {
    case stream(String)
    case channel(String)

    /// Its path, which the signature covers.
    package var path: String {
        switch self {
        case .stream(let id): "/streams/\(id)"
        case .channel(let name): "/channels/\(name)"
        }
    }
}

extension LinkResource {
    /// Reads `/streams/{id}` or `/channels/{name}`; nil for other paths, and for what can be neither.
    package init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty else { return nil }
        switch parts[1] {
        case "streams":
            guard StreamID(parts[2]) != nil else { return nil }
            self = .stream(String(parts[2]))
        case "channels":
            guard EventChannel.isValid(name: String(parts[2])) else { return nil }
            self = .channel(String(parts[2]))
        default: return nil
        }
    }
}
