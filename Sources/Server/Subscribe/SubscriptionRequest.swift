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
        /// A word for programs, where there is one.
        var code: String?
        /// Seconds after which another try makes sense.
        var retryAfter: Int?
    }

    var resource: Resource
    var query: Query
    var head: HTTPRequestHead

    /// What the reader wants over plain HTTP.
    ///
    /// Who names a view wants events: SDKs ask for JSON even where they read an event stream.
    var representation: Representation {
        query.isGiven("view") ? .eventStream : Representation(accept: head.headers["accept"])
    }

    /// The view that is named; nil where none is.
    var view: View? { query.isGiven("view") ? query["view"].flatMap(View.init) : nil }

    /// Reads the parameters and `Last-Event-ID`; the header beats `since`, as a reconnecting browser needs it.
    ///
    /// - Parameter view: what counts where none is named; nil for the usual one.
    func terms(view: View? = nil) throws(Refusal) -> Terms {
        let last = head.headers.first(name: "last-event-id").flatMap { $0.isEmpty ? nil : $0 }
        if let last, ReadPosition(last) == nil {
            throw Refusal(status: 400, message: "Last-Event-ID '\(last)' is no token of ours")
        }
        return try Terms(query, view: self.view ?? view, since: last ?? query["since"])
    }
}

extension SubscriptionRequest {
    /// What the parameters say, checked.
    struct Terms: Equatable {
        var view: View
        var position: ReadPosition
        var includesUsage = false
        var catchUp = CatchUp.replay
        var merges = true

        /// Reads `view`, `include_usage`, `catchup` and `merge`.
        ///
        /// - Parameters:
        ///   - view: what counts in place of the one that is named, or that goes without saying.
        ///   - since: where to begin, as it is written; nil for the earliest.
        init(_ query: Query, view: View? = nil, since: String?) throws(Refusal) {
            self.view = view ?? query["view"].flatMap(View.init) ?? .delta
            includesUsage = query.flag("include_usage")
            guard self.view == .openai || !query.isGiven("include_usage") else {
                throw Refusal(status: 400, message: "include_usage is for the view openai; others have it anyway")
            }
            catchUp = query["catchup"] == "fold" ? .fold : .replay
            guard catchUp == .replay || self.view.interleaves else {
                let views = View.allCases.filter(\.interleaves).map(\.rawValue).joined(separator: ", ")
                throw Refusal(status: 400, message: "catchup=fold is for the views \(views), not \(self.view)")
            }
            merges = query["merge"] != "false"
            position = .earliest
            guard let since else { return }
            guard let found = ReadPosition(since) else {
                throw Refusal(status: 400, message: "since takes earliest, now, or an event's id, not '\(since)'")
            }
            position = found
        }
    }
}
