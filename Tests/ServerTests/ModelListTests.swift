import Dialects
import NIOCore
import NIOHTTP1
import Synchronization
import Tapes
import Testing
import Upstream

@testable import Server

/// Lists of models: read, asked for, kept, and written.
@Suite("Lists of models")
struct ModelListTests {
    private func ids(_ text: String) -> [String]? { ListedModel.list(Array(text.utf8), owner: "u")?.map(\.id) }

    @Test(
        "Every provider's list is read",
        arguments: [
            (
                #"{"object":"list","data":[{"id":"a","object":"model","created":1,"owned_by":"x"},{"id":"b"}]}"#,
                ["a", "b"]
            ),
            (#"{"data":[{"type":"model","id":"c","display_name":"C","created_at":"x"}],"has_more":true}"#, ["c"]),
            (#"{"models":[{"name":"models/g","displayName":"G"}],"nextPageToken":"x"}"#, ["g"]),
            (#"{"models":[{"name":"llama3.2:latest","model":"llama3.2:latest","size":1}]}"#, ["llama3.2:latest"]),
            (#"{"models":[{"name":"command-r","endpoints":["chat"]}]}"#, ["command-r"]), (#"[{"id":"t"}]"#, ["t"]),
            (#"{"data":[{"id":""},{"id":7},{},3,null,"x",{"id":"y","id":"z"}]}"#, ["z"]), (#"{"data":[]}"#, []),
            (#"{"error":{"data":[]},"data":[{"id":"a/b"}]}"#, ["a/b"]), (#"{"data":{"id":"a"}}"#, nil),
            (#"{"data":[{"id":"a"}"#, ["a"]), (#"{"data":[{"id":"a""#, nil), ("", nil), ("<html>", nil), ("{}", nil),
            (#"{"data":[{"id":"\u00e9\ud83d"}]}"#, ["\u{E9}\u{FFFD}"]),
        ] as [(String, [String]?)]
    )
    func read(text: String, found: [String]?) {
        #expect(ids(text) == found)
    }

    @Test func aListOfAMillionIsCut() {
        let text = "[" + String(repeating: #"{"id":"a"},"#, count: 20_000) + #"{"id":"b"}]"#
        #expect(ids(text)?.count == ListedModel.limit)
        #expect(ids(#"[{"id":"\#(String(repeating: "x", count: 2000))"}]"#) == [])
    }

    @Test func timesAndNamesAreKept() throws {
        let text =
            #"{"data":[{"id":"a","created":5},{"id":"b","created_at":"1970-01-01T00:01:00Z","display_name":"B"}]}"#
        let models = try #require(ListedModel.list(Array(text.utf8), owner: "u"))
        #expect(models.map(\.created) == [5, 60])
        #expect(models.map(\.name) == [nil, "B"])
        #expect(models.map(\.owner) == ["u", "u"])
    }

    @Test("Of one id the first counts")
    func unique() {
        let models = [("a", "1"), ("b", "1"), ("a", "2"), ("\u{E9}", "2"), ("e\u{301}", "3")]
            .map { ListedModel(id: $0, owner: $1) }
        #expect(models.unique.map { "\($0.id) \($0.owner)" } == ["a 1", "b 1", "\u{E9} 2", "e\u{301} 3"])
    }

    @Test("A list is in the shape of whoever asks")
    func formats() throws {
        let models = [ListedModel(id: "a\"b", owner: "u", created: 60, name: "A"), ListedModel(id: "c", owner: "v")]
        let openAI = ModelListFormat.openAI.list(models)
        #expect(openAI["object"]?.string == "list")
        #expect(
            openAI["data"]?.array?.first?.jsonText == #"{"id":"a\"b","object":"model","created":60,"owned_by":"u"}"#
        )
        let anthropic = ModelListFormat.anthropic.list(models)
        #expect(anthropic["has_more"]?.bool == false)
        #expect(anthropic["last_id"]?.string == "c")
        #expect(
            anthropic["data"]?.array?.first?.jsonText
                == #"{"type":"model","id":"a\"b","display_name":"A","created_at":"1970-01-01T00:01:00Z"}"#
        )
        #expect(ModelListFormat.anthropic.list([])["first_id"]?.string == nil)
        let gemini = ModelListFormat.gemini.list(models)
        #expect(gemini["models"]?.array?.map { $0["name"]?.string } == ["models/a\"b", "models/c"])
        for format in [ModelListFormat.openAI, .anthropic, .gemini] {
            #expect(try JSONValue(parsing: format.list(models).jsonText) == format.list(models))
        }
    }

    @Test(
        "Who asks is told by headers and path",
        arguments: [
            ("/v1/models", [], nil, ProviderFamily?.none),
            ("/v1/models", [("Anthropic-Version", "x")], nil, .anthropic),
            ("/v1/models", [("X-Goog-Api-Key", "x")], nil, .gemini), ("/v1beta/models", [], nil, .gemini),
            ("/models", [], "key=x", .gemini), ("/v1/models", [("x-api-key", "x")], "limit=1", nil),
        ] as [(String, [(String, String)], String?, ProviderFamily?)]
    )
    func shapes(path: String, fields: [(String, String)], query: String?, family: ProviderFamily?) {
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: HTTPHeaders(fields))
        #expect(ModelListFormat(path: path, head: head, query: query).family == family)
    }

    @Test("An answer is kept for a minute, a failure for ten seconds")
    func cache() {
        let clock = Mutex(NIODeadline.uptimeNanoseconds(0))
        let cache = ModelListCache { clock.withLock { $0 } }
        func pass(_ seconds: Int64) { clock.withLock { $0 = $0 + .seconds(seconds) } }
        #expect(cache["a"] == nil)
        cache.keep([ListedModel(id: "m", owner: "a")], of: "a")
        cache.keep(nil, of: "b")
        pass(9)
        #expect(cache["a"]?.map(\.id) == ["m"])
        #expect(cache["b"] == [])
        pass(2)
        #expect(cache["b"] == nil)
        pass(48)
        #expect(cache["a"] != nil)
        pass(2)
        #expect(cache["a"] == nil)
    }

    // MARK: Whom to ask

    private static let configuration: ServerConfiguration = {
        func upstream(_ name: String, _ url: String, _ word: String, key: String? = nil) -> UpstreamTarget? {
            UpstreamURL(url).map {
                UpstreamTarget(
                    name: name,
                    kind: .http(url: $0, authentication: key.map { .key($0) } ?? .callers),
                    dialect: UpstreamDialect(word)
                )
            }
        }
        var configuration = ServerConfiguration()
        configuration.upstreams =
            [
                upstream("openai", "https://o/v1", "openai", key: "sk-o"),
                upstream("anthropic", "https://a", "anthropic", key: "sk-a"),
                upstream("gemini", "https://g", "gemini", key: "sk-g"),
                upstream("cohere", "https://c", "cohere", key: "sk-c"),
                upstream("azure", "https://z", "azure", key: "sk-z"), upstream("keyless", "https://k", "openai"),
                upstream("ollama", "http://127.0.0.1:1", "ollama"), upstream("local", "http://localhost:2", "openai"),
                upstream("vertex", "https://v", "vertex", key: "sk-v"),
            ].compactMap { $0 } + [UpstreamTarget(name: "unset", kind: .unset(variable: "X"))]
        configuration.routes = [Route(upstream: "openai")]
        return configuration
    }()

    /// What is asked, as `name url header`.
    private func asked(
        _ uri: String,
        _ fields: [(String, String)] = [],
        method: HTTPMethod = .GET,
        in configuration: ServerConfiguration = Self.configuration
    ) throws -> [String]? {
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: HTTPHeaders(fields))
        let target = try RequestTarget(uri, headers: head.headers)
        return ModelsRequest(head, target, configuration)?.sources.map { source in
            switch source {
            case .tapes(let deck, let owner): return "\(owner) \(deck.directory)"
            case .upstream(let name, let request), .chosen(let name, let request):
                let keys = ["authorization", "x-api-key", "api-key", "x-goog-api-key"].compactMap {
                    request.headers.first($0)
                }
                return ([name, request.url] + keys).joined(separator: " ")
            }
        }
    }

    private static let own = [
        "openai https://o/v1/models Bearer sk-o", "anthropic https://a/v1/models?limit=1000 sk-a",
        "gemini https://g/v1beta/models?pageSize=1000 sk-g", "cohere https://c/v1/models?page_size=1000 Bearer sk-c",
        "azure https://z/openai/v1/models sk-z", "ollama http://127.0.0.1:1/api/tags",
        "local http://localhost:2/v1/models",
    ]

    @Test("Each upstream is asked with its own key, and none with another's")
    func eachWithItsOwn() throws {
        for uri in ["/v1/models", "/models", "/v1beta/models", "/v1/models/x%2Fy", "/~channel=c/v1/models?limit=3"] {
            #expect(try asked(uri) == Self.own)
            #expect(try asked(uri, [("Authorization", "Bearer unused")], method: .HEAD) == Self.own)
        }
    }

    @Test("The caller's key is shown to the upstream that its route or its SDK means, alone")
    func chosen() throws {
        var expected = Self.own
        expected[0] = "openai https://o/v1/models Bearer sk-mine"
        #expect(try asked("/v1/models", [("Authorization", "Bearer sk-mine")]) == expected)
        expected = Self.own
        expected[1] = "anthropic https://a/v1/models?limit=1000 sk-mine"
        #expect(try asked("/v1/models", [("x-api-key", "sk-mine"), ("anthropic-version", "1")]) == expected)
        expected = Self.own
        expected[2] = "gemini https://g/v1beta/models?pageSize=1000&key=AIza"
        #expect(try asked("/v1beta/models?key=AIza") == expected)
    }

    @Test(
        "What isn't asked of all",
        arguments: [
            ("/v1/model", "GET"), ("/v1/modelsx", "GET"), ("/v1/models", "POST"), ("/v1/models/x", "DELETE"),
            ("/openai/v1/models", "GET"), ("/v2/models", "GET"), ("/", "GET"),
        ]
    )
    func others(uri: String, method: String) throws {
        #expect(try asked(uri, method: HTTPMethod(rawValue: method)) == nil)
    }

    @Test func oneUpstreamAnswersItself() throws {
        var configuration = Self.configuration
        configuration.upstreams = [configuration.upstreams[0]]
        #expect(try asked("/v1/models", in: configuration) == nil)
        configuration.routes = []
        #expect(try asked("/v1/models", in: configuration) == [Self.own[0]])
        configuration.upstreams = []
        #expect(try asked("/v1/models", in: configuration) == nil)
    }
}
