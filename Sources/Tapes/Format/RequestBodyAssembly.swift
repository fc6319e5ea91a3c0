import Dialects

/// Puts a request's body together from its lines.
///
/// `qb` and `qh` lines come in the order that the members and elements have; a member whose lines have an index is an
/// array. A body is either there or in digests, but for its `model` and `stream`.
struct RequestBodyAssembly {
    private var members: [JSONValue.Member] = []
    private var names: Set<[UInt8]> = []
    /// The elements of the last member while its lines come.
    private var elements: [JSONValue]?
    private var whole: TapeRequest.Body?
    private(set) var isHashed = false
    /// Whether a member is there that a body in digests doesn't have in clear.
    private var isClear = false

    var body: TapeRequest.Body {
        if let whole { return whole }
        if members.isEmpty { return .none }
        var members = members
        if let elements { members[members.count - 1].value = .array(elements) }
        return .json(JSONValue(.object(members)))
    }

    mutating func add(contentType: String, _ bytes: [UInt8]) throws(LineError) {
        guard whole == nil, members.isEmpty else { throw LineError(.order, "the request has a body already") }
        whole = .raw(contentType: contentType, bytes: bytes)
    }

    mutating func add(contentType: String, digest: String) throws(LineError) {
        guard RequestDigest.isDigest(digest) else { throw Self.noDigest(digest) }
        try add(contentType: contentType, Array(digest.utf8))
        isHashed = true
    }

    mutating func add(pointer text: String, digest: String) throws(LineError) {
        guard RequestDigest.isDigest(digest) else { throw Self.noDigest(digest) }
        guard let pointer = JSONValue.Pointer(text), let name = pointer.tokens.first, !RequestDigest.isClear(name)
        else { throw LineError(.value, "\"\(text)\" is no pointer to what has a digest") }
        guard !isClear else { throw LineError(.order, "the request has a member in clear already") }
        try add(pointer, text, .string(digest))
        isHashed = true
    }

    private static func noDigest(_ text: String) -> LineError {
        LineError(.value, "the digest must be \"sha256:\" and 64 digits in lower-case hex, not \"\(text)\"")
    }

    mutating func add(pointer text: String, _ value: JSONValue) throws(LineError) {
        guard let pointer = JSONValue.Pointer(text) else {
            throw LineError(.value, "\"\(text)\" is no pointer to a member or an element of one")
        }
        let isAlwaysClear = pointer.tokens.first.map(RequestDigest.isClear) ?? false
        guard isAlwaysClear || !isHashed else { throw LineError(.order, "the request has digests already") }
        try add(pointer, text, value)
        if !isAlwaysClear { isClear = true }
    }

    private mutating func add(
        _ pointer: JSONValue.Pointer,
        _ text: String,
        _ value: JSONValue
    ) throws(LineError) {
        guard pointer.tokens.count <= 2 else {
            throw LineError(.value, "\"\(text)\" is no pointer to a member or an element of one")
        }
        guard whole == nil else { throw LineError(.order, "the request has a body already") }
        guard let name = pointer.tokens.first else {
            guard members.isEmpty, value.members?.isEmpty == true else {
                throw LineError(.value, "the empty pointer is for the empty object only")
            }
            whole = .json(value)
            return
        }
        guard pointer.tokens.count == 2 else { return try begin(name, value) }
        guard let index = JSONValue.Pointer.index(pointer.tokens[1]) else {
            throw LineError(.value, "\"\(text)\" has no index")
        }
        if index == 0 {
            try begin(name, .array([]))
            elements = [value]
        } else {
            guard let last = members.last, last.name.hasSameBytes(as: name), elements?.count == index else {
                throw LineError(.order, "\"\(text)\" doesn't follow the element before it")
            }
            elements?.append(value)
        }
    }

    private mutating func begin(_ name: String, _ value: JSONValue) throws(LineError) {
        guard names.insert(Array(name.utf8)).inserted else {
            throw LineError(.value, "the request has the member \"\(name)\" twice")
        }
        if let elements {
            members[members.count - 1].value = .array(elements)
            self.elements = nil
        }
        members.append(JSONValue.Member(name, value))
    }
}
