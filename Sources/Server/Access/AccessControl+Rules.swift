import Broadcast
import Dialects
import NIOHTTP1
import Tapes

/// What is asked of an endpoint, as far as rights depend on it.
struct AccessQuestion {
    var endpoint: Endpoint
    /// The path's variables.
    var variables: [String: String]
    /// Nil where it isn't what the endpoint takes.
    var query: Query?
    /// The origin of the stream that the path names; nil where there is none.
    var origin: StreamOrigin?
}

extension AccessControl {
    /// Decides whether a request to an endpoint is let in, and as whose.
    ///
    /// Our own resources are asked for by no SDK of Google's: there a query bears no key, which would end up in logs.
    func caller(
        _ fields: HTTPHeaders,
        for question: AccessQuestion,
        at now: Int = WallClock.seconds
    ) throws(AccessRefusal) -> Caller {
        if isOpen { return Caller(principal: .anyone) }
        if question.endpoint.access == .open { return Caller(principal: .none) }
        do throws(AccessRefusal) {
            let caller = try caller(fields, query: nil, at: now)
            if let refusal = caller.principal.refusal(question, at: now) { throw refusal }
            return caller
        } catch {
            // Where the key alone doesn't do, a link may.
            guard let query = question.query, let resource = question.linkResource(query) else { throw error }
            return Caller(principal: try link(resource, query, at: now))
        }
    }

    /// Decides whether a request may go upstream.
    func checkCall(_ principal: Principal, channel: String?, at now: Int = WallClock.seconds) throws(AccessRefusal) {
        guard principal.may(.call, at: now) else { throw principal.lacks(.call) }
        guard principal.mayCall(channel: channel, at: now) else { throw principal.lacks(.call, on: channel ?? "") }
    }

    private func link(_ resource: LinkResource, _ query: Query, at now: Int) throws(AccessRefusal) -> Principal {
        guard !links.isEmpty else {
            throw .forbidden("this server takes no signed links: access.linkSecret isn't set", code: "invalid_link")
        }
        do throws(LinkSigner.Problem) {
            try links.check(resource, expires: query.integer("expires"), signature: query["signature"], at: now)
            return .link(resource, expires: query.integer("expires") ?? now)
        } catch {
            switch error {
            case .incomplete: throw .forbidden("a signed link has both expires and signature", code: "invalid_link")
            case .notSigned: throw .forbidden("the link's signature isn't for this", code: "invalid_link")
            case .expired(let time):
                let text = Timestamp.string(secondsSince1970: time)
                throw .forbidden("the link expired at \(text.isEmpty ? "\(time)" : text)", code: "expired_link")
            }
        }
    }
}

extension AccessQuestion {
    /// What a link would have to lead to; nil where the request bears none, or none is taken.
    fileprivate func linkResource(_ query: Query) -> LinkResource? {
        guard query.isGiven("signature") || query.isGiven("expires") else { return nil }
        switch endpoint.access {
        case .readStream: return .stream(variables["id"] ?? "")
        case .subscribe: return .channel(variables["name"] ?? "")
        case .open, .key, .call, .cancelStream, .publish, .admin: return nil
        }
    }
}

extension Principal {
    /// Why an endpoint isn't for this one; nil where it is.
    fileprivate func refusal(_ question: AccessQuestion, at now: Int) -> AccessRefusal? {
        let channel = question.variables["name"] ?? ""
        switch question.endpoint.access {
        case .open, .key: return nil
        case .call: return may(.call, at: now) ? nil : lacks(.call)
        case .admin: return may(.admin, at: now) ? nil : lacks(.admin)
        case .subscribe:
            return maySubscribe(channel: channel, at: now) ? nil : lacks(.subscribe, on: channel)
        case .publish:
            return mayPublish(channel: channel, at: now) ? nil : lacks(.publish, on: channel)
        case .readStream:
            // What isn't there is nobody's; that it isn't is said behind this.
            guard let id = question.variables["id"].flatMap({ StreamID($0) }), let origin = question.origin else {
                return nil
            }
            guard !maySubscribe(to: id, origin, at: now) else { return nil }
            return .forbidden(
                "\(name) may not read this stream: that takes the key that made it, or the scope 'subscribe' on its "
                    + "channel"
            )
        case .cancelStream:
            guard let origin = question.origin, !mayCancel(origin, at: now) else { return nil }
            return .forbidden(
                "\(name) may not stop this stream: that takes the key that made it, or the scope 'admin'"
            )
        }
    }

    /// Which scope is missing.
    func lacks(_ scope: AccessScope, on channel: String? = nil) -> AccessRefusal {
        guard case .key(let key) = self, key.has(scope), let channel else {
            return .forbidden("\(name) lacks the scope '\(scope.rawValue)'")
        }
        let channels = key.channels.joined(separator: ", ")
        return .forbidden(
            "\(name) has the scope '\(scope.rawValue)' for other channels than '\(channel)': \(channels)"
        )
    }

    private var name: String {
        switch self {
        case .key(let key): "the key '\(key.name)'"
        case .link: "a link"
        case .anyone, .none: "whoever has no key"
        }
    }
}
