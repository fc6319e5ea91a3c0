import Broadcast
import Foundation
import Testing

@testable import Server

/// What `docs/cloudevents.md` and its neighbours say is what there is.
@Suite("The page on CloudEvents")
struct CloudEventsPageTests {
    private func page(_ name: String) throws -> String {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/\(name)")
        return try String(contentsOf: path, encoding: .utf8)
    }

    @Test("has every type in its table, in order, and no other")
    func types() throws {
        let rows = try page("cloudevents.md").split(separator: "\n").filter { $0.hasPrefix("| `dev.tokencast.") }
        let types = rows.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
        #expect(types == (EventKind.all + [.error]).map(\.cloudEventType))
    }

    @Test("Every view and subprotocol has its place where one reads about them")
    func views() throws {
        let subscribing = try page("subscribing.md")
        for view in View.allCases { #expect(subscribing.contains("\n**`\(view.rawValue)`**"), "\(view)") }
        let webSocket = try page("websocket.md")
        for subprotocol in Subprotocol.allCases { #expect(webSocket.contains("subprotocol `\(subprotocol.rawValue)`")) }
    }
}
