import Dialects
import NIOHTTP1
import Tapes
import Upstream

/// A request for the list of all models, or for one of them, that several upstreams and tapes have the answer to.
struct ModelsRequest {
    /// Where models are to be had.
    enum Source: Sendable {
        case tapes(TapeDeck, owner: String)
        /// An upstream, asked with its own key.
        case upstream(String, UpstreamRequest)
        /// The upstream that the caller's route chooses, asked as the caller asks.
        case chosen(String, UpstreamRequest)
    }

    /// As it came, without options and query.
    let path: String
    let format: ModelListFormat
    /// The model that is asked for, percent-decoded; nil for all.
    let id: String?
    let sources: [Source]

    /// Nil where the request is about something else, or one upstream alone is to answer it.
    init?(_ head: HTTPRequestHead, _ target: RequestTarget, _ configuration: ServerConfiguration) {
        guard head.method == .GET || head.method == .HEAD, !head.headers.contains(name: "content-length"),
            !head.headers.contains(name: "transfer-encoding")
        else { return nil }
        let first = target.path.dropFirst().prefix { $0 != "/" }
        let named = configuration.upstreams.first { $0.name == first }
        let path = named == nil ? target.path : String(target.path.dropFirst(1 + first.count))
        guard let id = Self.model(in: path) else { return nil }
        let format = ModelListFormat(path: path, head: head, query: target.query)
        self.path = target.path
        self.format = format
        self.id = id.isEmpty ? nil : id.percentDecoded
        let route = configuration.destination(path: target.path, model: nil)
        var played: TapeDeck?
        if let tapes = route?.tapes, !tapes.isOff {
            // What may be recorded is one upstream's answer.
            guard tapes.isOffline else { return nil }
            played = tapes.deck
        }
        if case .replay(let setting)? = route?.upstream.kind { played = setting.deck }
        // A recorded list is played as it was recorded.
        guard played?.hasTape(path) != true else { return nil }
        if let named {
            guard case .replay(let setting) = named.kind else { return nil }
            sources = [.tapes(setting.deck, owner: named.name)]
        } else {
            let isOffline = route?.tapes?.isOffline ?? false
            sources = Self.sources(head, target, format, configuration, isOffline: isOffline)
        }
        // Where the route's upstream is the only one, there is nothing to add to what it says.
        guard sources.contains(where: { $0.upstream != route?.upstream.name }) else { return nil }
    }

    /// What stands behind the models' path: empty for all of them, nil for another path.
    private static func model(in path: String) -> String? {
        for list in ["/v1/models", "/v1beta/models", "/models"] {
            if path == list || path == list + "/" { return "" }
            if path.hasPrefix(list + "/") { return String(path.dropFirst(list.count + 1)) }
        }
        return nil
    }

    // MARK: Whom to ask

    /// Tapes first: what is replayed costs nothing. Then the upstreams in their order, unless the route is played from
    /// tapes alone.
    private static func sources(
        _ head: HTTPRequestHead,
        _ target: RequestTarget,
        _ format: ModelListFormat,
        _ configuration: ServerConfiguration,
        isOffline: Bool
    ) -> [Source] {
        let chosen = chosen(target, format, configuration)
        var tapes: [Source] = []
        var upstreams: [Source] = []
        for upstream in configuration.upstreams {
            switch upstream.kind {
            case .unset: continue
            case .replay(let setting): tapes.append(.tapes(setting.deck, owner: upstream.name))
            case .http(let url, let authentication):
                let callers = upstream.name == chosen ? (head, target.query) : nil
                guard !isOffline, let source = upstream.models(url, authentication, callers) else { continue }
                upstreams.append(source)
            }
        }
        var known = Set(tapes.compactMap(\.deck))
        for setting in configuration.decks where setting.policy.modes.contains(where: \.plays) {
            guard known.insert(ObjectIdentifier(setting.deck)).inserted else { continue }
            tapes.append(.tapes(setting.deck, owner: "tapes"))
        }
        return tapes + upstreams
    }

    /// The upstream that may see the caller's own key: the route's, or the first of the provider whose SDK asks.
    private static func chosen(
        _ target: RequestTarget,
        _ format: ModelListFormat,
        _ configuration: ServerConfiguration
    ) -> String? {
        let route = configuration.destination(path: target.path, model: nil)?.upstream
        guard let family = format.family, route?.family != family else { return route?.name }
        return configuration.upstreams.first { $0.dialect?.family == family }?.name
    }
}

extension ModelsRequest.Source {
    /// The name of the upstream that is asked; nil for tapes.
    fileprivate var upstream: String? {
        switch self {
        case .tapes: nil
        case .upstream(let name, _), .chosen(let name, _): name
        }
    }

    fileprivate var deck: ObjectIdentifier? {
        if case .tapes(let deck, _) = self { ObjectIdentifier(deck) } else { nil }
    }
}

extension TapeDeck {
    /// Whether a request for a path was recorded.
    fileprivate func hasTape(_ path: String) -> Bool {
        tapes.contains { $0.item.tape.request.method == "GET" && $0.item.tape.request.path == path }
    }
}
