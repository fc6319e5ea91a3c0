import Broadcast
import Foundation
import Testing

@testable import Server

/// `docs/api.md` is the table, written out.
@Suite("The API's reference")
struct APIReferenceTests {
    private static let path = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/api.md").standardizedFileURL

    /// With `TOKENCAST_WRITE_DOCS` set the page is written anew.
    @Test("is what the table says")
    func reference() throws {
        let text = Self.page
        if ProcessInfo.processInfo.environment["TOKENCAST_WRITE_DOCS"] != nil {
            try text.write(to: Self.path, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: Self.path, encoding: .utf8) == text)
    }

    @Test("Every operation has its place, and each place is found by its method and path")
    func operations() {
        #expect(Set(API.endpoints.map(\.operation)) == Set(Endpoint.Operation.allCases))
        for endpoint in API.endpoints {
            let path = endpoint.path.replacing("{id}", with: "x").replacing("{name}", with: "x")
            guard case .endpoint(let found, _) = API.match(method: endpoint.method, path: path) else {
                Issue.record("\(endpoint.method) \(path) leads nowhere")
                continue
            }
            #expect(found.operation == endpoint.operation)
        }
    }

    private static var page: String {
        var lines = [
            "# API", "",
            "Tokencast's own routes. Everything else is [proxied](proxying.md). Made from the table that the router goes by;",
            "a parameter that isn't named here is refused. What a caller must be allowed to is explained in",
            "[access](access.md); without configured keys everybody on this machine may do everything.", "",
        ]
        for endpoint in API.endpoints { lines += section(endpoint) }
        lines += [
            "## Events", "",
            "The kinds of events in the view `delta`, and the types that they have as [CloudEvents](cloudevents.md);",
            "[subscribing](subscribing.md) tells when they come.", "",
            "| event | as a CloudEvent | |", "|---|---|---|",
        ]
        lines += EventKind.all.map { "| `\($0.name)` | `\($0.cloudEventType)` | \($0.summary) |" }
        lines += ["", "## Views", "", "| view | |", "|---|---|"]
        lines += View.allCases.map { "| `\($0.rawValue)` | \($0.summary) |" }
        lines += ["", "## WebSocket subprotocols", "", "| subprotocol | carries |", "|---|---|"]
        lines += Subprotocol.allCases.map { "| `\($0.rawValue)` | \($0.summary) |" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func section(_ endpoint: Endpoint) -> [String] {
        var lines = [
            "## `\(endpoint.method) \(endpoint.path)`", "", "\(endpoint.summary) Access: \(endpoint.access.rawValue).",
            "",
        ]
        if let body = endpoint.body {
            lines += ["Body (\(body.types.map { "`\($0)`" }.joined(separator: ", "))): \(body.summary).", ""]
        }
        if !endpoint.parameters.isEmpty {
            lines += ["| parameter | takes | default | |", "|---|---|---|---|"]
            lines += endpoint.parameters.map { parameter in
                "| `\(parameter.name)` | \(takes(parameter.kind)) | \(parameter.standard.map { "`\($0)`" } ?? "") | \(parameter.summary) |"
            }
            lines.append("")
        }
        lines += ["| answer | |", "|---|---|"]
        lines += endpoint.answers.map { answer in
            "| \(answer.status) | \(answer.type.map { "`\($0)`: " } ?? "")\(answer.summary) |"
        }
        return lines + [""]
    }

    private static func takes(_ kind: Parameter.Kind) -> String {
        switch kind {
        case .text: "text"
        case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .integer(let range) where range.upperBound == .max: "a number from \(range.lowerBound)"
        case .integer(let range): "a number, \(range.lowerBound) to \(range.upperBound)"
        case .seconds(let range): "seconds, \(range.lowerBound) to \(range.upperBound)"
        case .flag: "`true`, `false`"
        }
    }
}
