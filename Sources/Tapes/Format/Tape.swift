public import Dialects

/// One recorded interaction: the request, and what came back, chunk by chunk, as it came.
///
/// Offsets are microseconds since the request went out; they never fall.
public struct Tape: Sendable {
    /// The format's major version that this code writes, and the highest that it reads.
    public static let version = 1

    /// The first line of a tape: where it comes from.
    public struct Header: Sendable {
        /// When it was recorded: RFC 3339, UTC, to the second.
        public var created: String
        /// What recorded it: `tokencast/0.1.0`.
        public var tool: String
        public var scope: TapeScope
        /// The version of the redaction rules that it was written under.
        public var redact: String
        /// The version of the canonical request; for information, since keys are computed at load.
        public var canon: String

        public init(
            created: String,
            tool: String,
            scope: TapeScope = .root,
            redact: String = TapeSecrets.version,
            canon: String = CanonicalRequest.version
        ) {
            self.created = created
            self.tool = tool
            self.scope = scope
            self.redact = redact
            self.canon = canon
        }
    }

    /// The head of the response.
    public struct Response: Sendable {
        public var offset: Int64
        public var status: Int
        /// In the order they came in, names doubled where they were.
        public var headers: [TapeField]
        /// `1.0`, `1.1`, `2`.
        public var httpVersion: String

        public init(offset: Int64, status: Int, headers: [TapeField], httpVersion: String = "1.1") {
            self.offset = offset
            self.status = status
            self.headers = headers
            self.httpVersion = httpVersion
        }
    }

    /// A message of a WebSocket.
    public struct Message: Sendable {
        public enum Direction: String, Sendable {
            case toUpstream = ">"
            case fromUpstream = "<"
        }

        public enum Opcode: String, Sendable {
            case text
            case binary = "bin"
            case ping
            case pong
            case close
        }

        public var direction: Direction
        public var opcode: Opcode
        public var payload: [UInt8]

        public init(direction: Direction, opcode: Opcode, payload: [UInt8]) {
            self.direction = direction
            self.opcode = opcode
            self.payload = payload
        }
    }

    /// One thing that happened between the head and the end.
    public struct Entry: Sendable {
        public enum Content: Sendable {
            /// A piece of the body as one write callback delivered it.
            case chunk([UInt8])
            case message(Message)
            /// Something worth knowing that is never replayed: `client_cancel`. The details are an object.
            case marker(name: String, details: JSONValue)
        }

        public var offset: Int64
        public var content: Content

        public init(offset: Int64, _ content: Content) {
            self.offset = offset
            self.content = content
        }
    }

    public var header: Header
    public var request: TapeRequest
    /// Nil where none came: a refused connection, a time-out before the first byte.
    public var response: Response?
    public var entries: [Entry]
    /// Nil where the recorder didn't come to write it.
    public var end: TapeEnd?

    public init(
        header: Header,
        request: TapeRequest,
        response: Response? = nil,
        entries: [Entry] = [],
        end: TapeEnd? = nil
    ) {
        self.header = header
        self.request = request
        self.response = response
        self.entries = entries
        self.end = end
    }

    /// Whether the end is missing: readable, never served.
    public var isPartial: Bool { end == nil }

    /// Whether a player may serve it: it has its end, and that end was the stream's own, not the recorder's failure.
    public var isServable: Bool {
        end?.reason.isServable == true
    }

    /// The chunks of the body, in order.
    public var chunks: [[UInt8]] {
        entries.compactMap { if case .chunk(let bytes) = $0.content { bytes } else { nil } }
    }

    /// The whole body.
    public var body: [UInt8] { Array(chunks.joined()) }
}

/// A header or a query item: its name and its value.
public struct TapeField: Sendable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
