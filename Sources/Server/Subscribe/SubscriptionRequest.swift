import Broadcast
import Dialects
import NIOHTTP1

/// What a reader asks for: which log, in which view, from where on.
struct SubscriptionRequest {
    enum Resource: Equatable {
        case stream(String)
        case channel(String)
    }

    /// Why a subscription is refused.
    struct Refusal: Error, Equatable {
        var status: Int
        var message: String
    }

    var resource: Resource
    var query: Query
    var head: HTTPRequestHead

    /// What the parameters say, checked.
    struct Terms: Equatable {
        var view: View
        var position: ReadPosition
        var includesUsage = false
    }

    /// Reads `view`, `include_usage`, `since` and `Last-Event-ID`; the header beats the parameter, as a reconnecting browser needs it.
    func terms() throws(Refusal) -> Terms {
        let view = query["view"].flatMap(View.init) ?? .delta
        let includesUsage = query.flag("include_usage")
        guard view == .openai || !query.isGiven("include_usage") else {
            throw Refusal(status: 400, message: "include_usage is for the view openai; others have it anyway")
        }
        let last = head.headers.first(name: "last-event-id").flatMap { $0.isEmpty ? nil : $0 }
        guard let since = last ?? query["since"] else {
            return Terms(view: view, position: .earliest, includesUsage: includesUsage)
        }
        guard let position = ReadPosition(since) else {
            if last != nil { throw Refusal(status: 400, message: "Last-Event-ID '\(since)' is no token of ours") }
            throw Refusal(status: 400, message: "since takes earliest, now, or an event's id, not '\(since)'")
        }
        return Terms(view: view, position: position, includesUsage: includesUsage)
    }
}
