import NIOHTTP1
import Upstream

extension UpstreamTarget {
    var family: ProviderFamily { dialect?.family ?? .openai }

    /// How its models are asked for; nil where it has no list, or nobody has a key for it.
    ///
    /// - Parameter caller: the head and the query of a caller whose own key may be shown to it.
    func models(
        _ url: UpstreamURL,
        _ authentication: UpstreamAuthentication,
        _ caller: (head: HTTPRequestHead, query: String?)?
    ) -> ModelsRequest.Source? {
        guard let list = modelList else { return nil }
        if let caller {
            let key = family.takesKeyInQuery ? Credentials.keyItem(in: caller.query) : nil
            let target = key.map { "\(list)\(list.contains("?") ? "&" : "?")\($0)" } ?? list
            let request = request(url.url(for: target), HeaderPolicy.upstream(caller.head.headers))
            if Credentials.isGiven(in: request, of: family) { return .chosen(name, request) }
        }
        guard authentication != .callers || url.isLoopback else { return nil }
        var request = request(url.url(for: list), [HeaderField("accept-encoding", "identity")])
        // Without a credential there is no list to be had.
        guard (try? authentication.apply(to: &request, of: family)) != nil else { return nil }
        return .upstream(name, request)
    }

    /// The target of its list of models, the first page as long as can be.
    private var modelList: String? {
        switch family {
        case .openai, .mistral: target("/v1/models", query: nil)
        case .azure: target("/openai/v1/models", query: nil)
        case .anthropic: target("/v1/models", query: "limit=1000")
        case .gemini: target("/v1beta/models", query: "pageSize=1000")
        case .cohere: target("/v1/models", query: "page_size=1000")
        case .ollama: target("/api/tags", query: nil)
        case .vertex, .bedrock: nil
        }
    }

    private func request(_ url: String, _ headers: [HeaderField]) -> UpstreamRequest {
        var headers = headers
        if headers.first("accept") == nil { headers.append(HeaderField("accept", "application/json")) }
        if family == .anthropic, headers.first("anthropic-version") == nil {
            headers.append(HeaderField("anthropic-version", "2023-06-01"))
        }
        let patience = UpstreamTimeouts(connect: .seconds(2), firstByte: .seconds(2), idle: .seconds(2))
        return UpstreamRequest(method: "GET", url: url, headers: headers, timeouts: patience)
    }
}
