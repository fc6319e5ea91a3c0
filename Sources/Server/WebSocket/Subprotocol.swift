public import Broadcast
import NIOHTTP1

/// What is spoken on a WebSocket (RFC 6455, section 1.9), as its client offers it.
public enum Subprotocol: String, Sendable, CaseIterable {
    /// Our messages and commands. Who offers nothing that is known here speaks it as well, though nothing is agreed on.
    case tokencast
    /// CloudEvents in JSON, one a message, both ways.
    case cloudevents = "cloudevents.json"

    /// What comes and goes, for documents of the API.
    public var summary: String {
        switch self {
        case .tokencast: "events in any view, and commands, as JSON objects with a `type`"
        case .cloudevents:
            "a CloudEvent in JSON a message: events of what the socket was opened at, and events to publish there"
        }
    }

    /// The one view that it has; nil where there is a choice.
    public var view: View? { self == .cloudevents ? .cloudevents : nil }

    /// Agrees on one for a socket that is told what to read; nil where none is offered that is known here.
    ///
    /// - Throws: where the only one that is known has no commands.
    init?(bare head: HTTPRequestHead) throws(SubscriptionRequest.Refusal) {
        let offered = Self.offered(by: head)
        guard let first = offered.first else { return nil }
        guard let found = offered.first(where: { $0 == .tokencast }) else {
            throw .init(
                status: 400,
                message: "the subprotocol \(first.rawValue) has no commands: open the socket at what it is to read"
            )
        }
        self = found
    }

    private static func offered(by head: HTTPRequestHead) -> [Subprotocol] {
        head.headers[canonicalForm: "sec-websocket-protocol"].compactMap { Self(rawValue: String($0)) }
    }

    /// Agrees on the first that is offered and fits; nil where none is offered that is known here.
    ///
    /// - Parameter view: the one that the URL names; nil where it names none.
    /// - Throws: where the only one that is known has another view.
    init?(of head: HTTPRequestHead, view: View?) throws(SubscriptionRequest.Refusal) {
        let offered = Self.offered(by: head)
        guard let first = offered.first else { return nil }
        if let view {
            // A view that is named can be had in our own messages; one that has a subprotocol of its own is better off there.
            if let own = offered.first(where: { $0.view == view }) ?? offered.first(where: { $0.view == nil }) {
                self = own
                return
            }
            throw .init(
                status: 400,
                message:
                    "the subprotocol \(first.rawValue) has the view cloudevents, not \(view); offer tokencast, or none"
            )
        }
        self = first
    }
}
