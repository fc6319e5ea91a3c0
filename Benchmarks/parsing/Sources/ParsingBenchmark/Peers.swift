import Foundation
import NIOCore

/// What Foundation takes to read the same chunks' JSON, without framing, log and fold: for a ratio.
enum Peer: String, CaseIterable {
    case decoder = "JSONDecoder, typed"
    case serialization = "JSONSerialization"

    private struct Chunk: Decodable {
        struct Choice: Decodable {
            struct Delta: Decodable {
                var content: String?
            }

            var index: Int
            var delta: Delta
            var finish_reason: String?
        }

        var id: String
        var model: String
        var choices: [Choice]
    }

    /// - Parameter documents: chat chunks, each alone.
    func read(_ documents: [Data]) throws -> Cost {
        let decoder = JSONDecoder()
        var size = 0
        let cost = try measured {
            for document in documents {
                switch self {
                case .decoder:
                    size += try decoder.decode(Chunk.self, from: document).choices[0].delta.content?.utf8.count ?? 0
                case .serialization:
                    let chunk = try JSONSerialization.jsonObject(with: document) as? [String: Any]
                    let choice = (chunk?["choices"] as? [[String: Any]])?.first
                    size += ((choice?["delta"] as? [String: Any])?["content"] as? String)?.utf8.count ?? 0
                }
            }
        }
        guard size > 0 else { throw Problem("\(rawValue): no text was found") }
        return cost
    }

    /// The JSON of a chat's chunks that have text.
    static func documents(of chat: Workload) -> [Data] {
        chat.chunks.map { Data($0.readableBytesView.dropFirst(6).dropLast(2)) }.filter { $0.count > 200 }
    }
}
