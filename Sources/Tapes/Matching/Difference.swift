package import Dialects

/// One place where a request isn't what a tape recorded.
public struct Difference: Sendable {
    /// A JSON pointer into the body (`/messages/1/content`), or `method`, `path`, `query`, `stream`, `body`.
    public var place: String
    /// What was recorded, shortened; nil where there was nothing.
    public var recorded: String?
    /// What is asked for now, shortened; nil where there is nothing.
    public var requested: String?
    /// Both texts in full, where both are texts.
    var texts: (recorded: String, requested: String)?

    public var description: String {
        switch (recorded, requested) {
        case (let recorded?, let requested?): "\(place) (recorded \(recorded), now \(requested))"
        case (let recorded?, nil): "\(place) (recorded \(recorded), now missing)"
        case (nil, let requested?): "\(place) (not recorded, now \(requested))"
        case (nil, nil): place
        }
    }
}

/// Finds where two canonical requests differ, up to a number of places.
package struct DifferenceFinder {
    package private(set) var differences: [Difference] = []
    private let limit: Int

    package init(limit: Int) {
        self.limit = limit
    }

    package var isFull: Bool { differences.count >= limit }

    package mutating func compare(recorded: CanonicalRequest, requested: CanonicalRequest) {
        text("method", recorded.method, requested.method)
        text("path", recorded.path, requested.path)
        text("query", Self.text(recorded.query), Self.text(requested.query))
        text("stream", String(recorded.asksForStream), String(requested.asksForStream))
        switch (recorded.body, requested.body) {
        case (let left?, let right?) where recorded.isHashed || requested.isHashed:
            compareDigests(of: left, recorded.isHashed, with: right, requested.isHashed)
        case (let left?, let right?): compare(left, right, at: JSONValue.Pointer())
        case (nil, nil):
            // Not JSON on either side: whether they are the same is all that can be said.
            if differences.isEmpty, !recorded.key.hasSameBytes(as: requested.key) {
                add(Difference(place: "body", recorded: nil, requested: nil))
            }
        case (let left, let right):
            add(Difference(place: "body", recorded: left?.typeName, requested: right?.typeName))
        }
    }

    /// Compares bodies of which one, or both, are digests; what there is in clear is shown so.
    private mutating func compareDigests(
        of left: JSONValue,
        _ isLeftHashed: Bool,
        with right: JSONValue,
        _ isRightHashed: Bool
    ) {
        let first = differences.count
        compare(
            RequestDigest.body(left, isHashed: isLeftHashed),
            RequestDigest.body(right, isHashed: isRightHashed),
            at: JSONValue.Pointer()
        )
        for index in first..<differences.count {
            let place = differences[index].place
            differences[index].recorded = left.value(at: place).flatMap { Excerpt.pair($0.jsonText, nil).0 }
            differences[index].requested = right.value(at: place).flatMap { Excerpt.pair($0.jsonText, nil).0 }
            // A text and a digest have no common pattern.
            differences[index].texts = nil
        }
    }

    /// Compares two values whose members are sorted, as ``CanonicalJSON`` has them.
    package mutating func compare(
        _ left: JSONValue,
        _ right: JSONValue,
        at pointer: JSONValue.Pointer = JSONValue.Pointer()
    ) {
        guard !isFull, left != right else { return }
        switch (left.kind, right.kind) {
        case (.object(let old), .object(let new)):
            // Both are sorted by the bytes of their names, so they are walked side by side.
            var (oldIndex, newIndex) = (0, 0)
            while oldIndex < old.count || newIndex < new.count {
                let was = oldIndex < old.count ? old[oldIndex] : nil
                let now = newIndex < new.count ? new[newIndex] : nil
                if let was, let now, was.name.hasSameBytes(as: now.name) {
                    compare(was.value, now.value, at: pointer.appending(was.name))
                    oldIndex += 1
                    newIndex += 1
                } else if let was, now.map({ was.name.utf8.lexicographicallyPrecedes($0.name.utf8) }) ?? true {
                    differ(was.value, nil, at: pointer.appending(was.name))
                    oldIndex += 1
                } else if let now {
                    differ(nil, now.value, at: pointer.appending(now.name))
                    newIndex += 1
                }
            }
        case (.array(let old), .array(let new)):
            for index in 0..<max(old.count, new.count) where !isFull {
                let inner = pointer.appending(String(index))
                if index < old.count, index < new.count {
                    compare(old[index], new[index], at: inner)
                } else {
                    differ(index < old.count ? old[index] : nil, index < new.count ? new[index] : nil, at: inner)
                }
            }
        default: differ(left, right, at: pointer)
        }
    }

    private mutating func differ(_ left: JSONValue?, _ right: JSONValue?, at pointer: JSONValue.Pointer) {
        guard !isFull else { return }
        let (recorded, requested) = Excerpt.pair(left?.jsonText, right?.jsonText)
        var difference = Difference(place: pointer.description, recorded: recorded, requested: requested)
        if let old = left?.string, let new = right?.string { difference.texts = (old, new) }
        add(difference)
    }

    private mutating func text(_ place: String, _ left: String, _ right: String) {
        guard !left.hasSameBytes(as: right) else { return }
        let (recorded, requested) = Excerpt.pair(left, right)
        add(Difference(place: place, recorded: recorded, requested: requested))
    }

    private mutating func add(_ difference: Difference) {
        if !isFull { differences.append(difference) }
    }

    private static func text(_ query: [TapeField]) -> String {
        query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }
}

/// Two texts cut short around the place where they part.
package enum Excerpt {
    private static let length = 40
    private static let before = 12

    package static func pair(_ left: String?, _ right: String?) -> (String?, String?) {
        guard let left, let right else { return (left.map { cut($0, from: 0) }, right.map { cut($0, from: 0) }) }
        let common = zip(left.unicodeScalars, right.unicodeScalars).prefix { $0 == $1 }.count
        let start = common > before + 4 ? common - before : 0
        return (cut(left, from: start), cut(right, from: start))
    }

    private static func cut(_ text: String, from start: Int) -> String {
        let rest = text.unicodeScalars.dropFirst(start)
        let shown = rest.prefix(length)
        return (start > 0 ? "…" : "") + String(shown) + (rest.dropFirst(length).isEmpty ? "" : "…")
    }
}
