import Broadcast
import Foundation
import TestSupport
import Testing

@testable import Server
@testable import Tokencast

/// `docs/access.md` says who may what; here each of its cells is asked for.
@Suite("The table of access")
struct AccessTableTests {
    /// The rows of the page: a route, and what each kind of credential gets.
    private static func table() throws -> [String: [String: String]] {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../docs/access.md").standardizedFileURL
        let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
        let rows = lines.drop { $0 != "## Who may what" }.filter { $0.hasPrefix("|") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
        }
        let head = try #require(rows.first)
        var table: [String: [String: String]] = [:]
        for row in rows.dropFirst(2) {
            try #require(row.count == head.count)
            table[row[0]] = Dictionary(uniqueKeysWithValues: zip(head.dropFirst(), row.dropFirst()))
        }
        return table
    }

    /// A credential as it is sent: headers, and a query.
    private struct Credential {
        var kind: String
        var fields: [Field] = []
        var query: String?
        var label = ""
    }

    private static let slots = ["Authorization", "x-api-key", "api-key", "x-goog-api-key", "Tokencast-Key"]
    private static let proxied = "anything else: proxied"

    /// All credentials of every kind, for a path.
    private static func credentials(_ path: String) throws -> [Credential] {
        var list = [Credential(kind: "none")]
        for kind in ["wrong", "expired", "call", "subscribe", "publish", "admin", "maker", "other"] {
            for slot in slots {
                let value = slot == "Authorization" ? "Bearer \(KeyedServer.text(kind))" : KeyedServer.text(kind)
                list.append(Credential(kind: kind, fields: [Field(slot, value)], label: slot))
            }
        }
        let resource = path.hasPrefix("/streams/") || path.hasPrefix("/channels/") ? path : "/channels/team"
        let link = try KeyedServer.link(resource)
        list.append(Credential(kind: "link", query: link))
        list.append(Credential(kind: "ended", query: try KeyedServer.link(resource, expires: 1_000_000_000)))
        list.append(Credential(kind: "elsewhere", query: try KeyedServer.link("/channels/elsewhere")))
        list.append(Credential(kind: "elsewhere", query: try KeyedServer.link("/streams/\(StreamID())")))
        let signature = try #require(link.split(separator: "=").last)
        let flipped = (signature.first == "A" ? "B" : "A") + signature.dropFirst()
        let expires = KeyedServer.soon + 1000
        list.append(Credential(kind: "changed", query: link.replacing(signature, with: flipped)))
        list.append(Credential(kind: "changed", query: "expires=\(expires)&signature=\(signature)"))
        list.append(Credential(kind: "changed", query: "expires=\(expires)"))
        return list
    }

    private static func request(_ row: String, _ path: String, _ credential: Credential) -> RawRequest {
        let target = path + (credential.query.map { "?\($0)" } ?? "")
        switch row {
        case proxied:
            return .post(target, Chat.body(), credential.fields + [Field("Tokencast-Channel", "team")])
        case "POST /streams":
            let body = #"{"path":"\#(Chat.path)","channel":"team","body":\#(Chat.body())}"#
            return .post(target, body, credential.fields)
        default:
            let method = String(row.prefix { $0 != " " })
            guard method == "POST" else { return RawRequest(method, target, credential.fields) }
            return .post(target, "{}", credential.fields)
        }
    }

    private static func withKeys(_ body: (TestServer, _ stream: String) async throws -> Void) async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(.test(upstream) { $0.access = KeyedServer.access }) { server async throws in
            let fields = [KeyedServer.bearer("maker"), Field("Tokencast-Channel", "team")]
            let made = try await fetch(Chat.request("demo", fields), port: server.port)
            try #require(made.status == 200)
            try await body(server, try #require(made.value("tokencast-stream")))
        }
    }

    private static func status(_ request: RawRequest, _ server: TestServer) async throws -> RawResponse {
        let connection = try RawConnection(port: server.port)
        try await connection.send(request)
        return try await connection.head()
    }

    @Test("has every route, and nothing else")
    func routes() throws {
        let routes = API.endpoints.map { "\($0.method) \($0.path)" } + [Self.proxied]
        #expect(Set(try Self.table().keys) == Set(routes))
    }

    @Test("is what the server does", arguments: API.endpoints.map { "\($0.method) \($0.path)" } + [proxied])
    func cells(row: String) async throws {
        let wanted = try #require(try Self.table()[row])
        try await Self.withKeys { server, stream async throws in
            let template = row == Self.proxied ? Chat.path : String(row.drop { $0 != " " }.dropFirst())
            let path = template.replacing("{id}", with: stream).replacing("{name}", with: "team")
            let credentials = try Self.credentials(path)
            #expect(Set(credentials.map(\.kind)) == Set(wanted.keys))
            for credential in credentials {
                let request = Self.request(row, path, credential)
                let answer = try await Self.status(request, server)
                let got = [401, 403].contains(answer.status) ? "\(answer.status)" : "✓"
                #expect(got == wanted[credential.kind], "\(credential.kind) \(credential.label): \(answer.status)")
                #expect((answer.value("www-authenticate") == "Bearer") == (answer.status == 401))
                guard row == "GET /streams/{id}" || row == "GET /channels/{name}" else { continue }
                let socket = WebSocketClient.request(request.target, credential.fields)
                let upgraded = try await Self.status(socket, server).status
                let reached = [401, 403].contains(upgraded) ? "\(upgraded)" : "✓"
                #expect(
                    reached == wanted[credential.kind],
                    "WebSocket, \(credential.kind) \(credential.label): \(upgraded)"
                )
                #expect(upgraded == 101 || reached != "✓")
            }
        }
    }

    @Test("is about servers with keys: without any everybody may everything")
    func withoutKeys() async throws {
        let upstream = try Script.chat(["a"])
        try await withServer(to: upstream) { server async throws in
            for row in try Self.table().keys {
                let template = row == Self.proxied ? Chat.path : String(row.drop { $0 != " " }.dropFirst())
                let path = template.replacing("{id}", with: "\(StreamID())").replacing("{name}", with: "team")
                for credential in [
                    Credential(kind: "none"), Credential(kind: "wrong", fields: [Field("x-api-key", "x")]),
                ] {
                    let answer = try await Self.status(Self.request(row, path, credential), server)
                    #expect(![401, 403].contains(answer.status), "\(row)")
                }
            }
        }
    }
}
