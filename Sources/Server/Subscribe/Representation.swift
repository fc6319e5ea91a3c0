/// What a reader over plain HTTP gets: a stream or a channel as events, or as it is now.
enum Representation: Equatable {
    case eventStream
    case snapshot

    /// Chooses by the request's `Accept` (RFC 9110, section 12.5.1): JSON where it is liked better than an event stream, or
    /// as well but named more exactly. What fits neither, as a browser's `text/html`, gets the event stream.
    ///
    /// - Parameter accept: the header's values; none takes anything.
    init(accept: [String]) {
        let ranges = accept.flatMap { $0.split(separator: ",") }.compactMap { MediaRange($0) }
        let stream = ranges.preference("text", "event-stream")
        let json = ranges.preference("application", "json")
        self = json.quality > 0 && json > stream ? .snapshot : .eventStream
    }
}

/// How much a media type is liked: by its quality, then by how exactly it was named.
private struct Preference: Comparable {
    /// In thousandths.
    var quality = 0
    var exactness = -1

    static func < (left: Self, right: Self) -> Bool {
        (left.quality, left.exactness) < (right.quality, right.exactness)
    }
}

/// One element of an `Accept` header.
private struct MediaRange {
    private let type: Substring
    private let subtype: Substring
    let quality: Int

    /// Nil for what isn't `type/subtype`.
    init?(_ text: Substring) {
        let parts = text.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
        let names = (parts.first ?? "").split(separator: "/", omittingEmptySubsequences: false)
        guard names.count == 2, !names[0].isEmpty, !names[1].isEmpty else { return nil }
        type = names[0]
        subtype = names[1]
        var quality = 1000
        for parameter in parts.dropFirst() where parameter.hasPrefix("q=") {
            quality = Self.thousandths(parameter.dropFirst(2)) ?? 0
        }
        self.quality = quality
    }

    /// `0`, `0.5`, `1.000`; nil for anything else.
    private static func thousandths(_ text: Substring) -> Int? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }), parts.last?.utf8.count ?? 4 <= 3
        else {
            return nil
        }
        guard let whole = Int(parts[0]), whole <= 1 else { return nil }
        guard parts.count == 2 else { return whole * 1000 }
        let fraction = parts[1] + String(repeating: "0", count: 3 - parts[1].utf8.count)
        return min(1000, whole * 1000 + (Int(fraction) ?? 0))
    }

    /// How exactly it names a media type; nil where it doesn't fit.
    func exactness(_ type: String, _ subtype: String) -> Int? {
        if self.type == type, self.subtype == subtype { return 2 }
        if self.type == type, self.subtype == "*" { return 1 }
        return self.type == "*" && self.subtype == "*" ? 0 : nil
    }
}

extension [MediaRange] {
    /// By the range that names the type most exactly.
    fileprivate func preference(_ type: String, _ subtype: String) -> Preference {
        var found = Preference()
        for range in self {
            guard let exactness = range.exactness(type, subtype), exactness > found.exactness else { continue }
            found = Preference(quality: range.quality, exactness: exactness)
        }
        return found
    }
}
