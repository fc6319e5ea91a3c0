import Broadcast
import Dialects

/// Messages to a socket's reader that aren't events.
struct SessionAnswer {
    private(set) var bytes: [UInt8] = []
    /// What it repeats of the message that it answers.
    let ref: JSONValue?
    /// Set where it says that something isn't done.
    private(set) var error: SessionError?

    init(_ type: StaticString, ref: JSONValue? = nil) {
        self.ref = ref
        bytes.append(verbatim: "{\"type\":\"")
        bytes.append(verbatim: type)
        bytes.append(UInt8(ascii: "\""))
        if let ref { add("ref", ref) }
    }

    /// The message, to be sent as it is.
    var text: [UInt8] { bytes + [UInt8(ascii: "}")] }

    mutating func add(_ name: StaticString, _ value: JSONValue) {
        add(name)
        bytes.append(contentsOf: value.jsonText.utf8)
    }

    mutating func add(_ name: StaticString, _ value: String) {
        add(name)
        bytes.appendJSON(string: value)
    }

    /// Adds a member whose value is JSON text.
    mutating func add(_ name: StaticString, json: [UInt8]) {
        add(name)
        bytes.append(contentsOf: json)
    }

    private mutating func add(_ name: StaticString) {
        bytes.append(verbatim: ",\"")
        bytes.append(verbatim: name)
        bytes.append(verbatim: "\":")
    }
}

extension SessionAnswer {
    static func error(_ error: SessionError, ref: JSONValue?) -> SessionAnswer {
        var answer = SessionAnswer("error", ref: ref)
        answer.error = error
        answer.add("code", error.code.rawValue)
        answer.add("message", error.message)
        if let target = error.target { answer.add(target.member, target.name) }
        return answer
    }

    /// The answer to `subscribe` or `unsubscribe`: what it was done to.
    static func done(_ type: StaticString, _ targets: [SessionTarget], ref: JSONValue?) -> SessionAnswer {
        var answer = SessionAnswer(type, ref: ref)
        var channels: [JSONValue] = []
        var streams: [JSONValue] = []
        for target in targets {
            if case .channel = target {
                channels.append(.string(target.name))
            } else {
                streams.append(.string(target.name))
            }
        }
        answer.add("channels", .array(channels))
        answer.add("streams", .array(streams))
        return answer
    }

    /// A subscription is over without having been asked to be.
    static func over(_ target: SessionTarget, _ reason: ReaderEnd) -> SessionAnswer {
        var answer = SessionAnswer("unsubscribed")
        answer.add(target.member, target.name)
        answer.add("reason", reason.name)
        return answer
    }
}

extension ReaderEnd {
    /// What a socket's reader is told.
    fileprivate var name: String {
        switch self {
        case .complete: "complete"
        case .incomplete: "incomplete"
        case .shutdown: "shutdown"
        }
    }
}
