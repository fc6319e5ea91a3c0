import Dialects
import Foundation

/// Frames put into one JSON array, as Google streams them without `alt=sse`.
enum JSONArrays {
    static func array(of frames: [String], isPretty: Bool) -> [UInt8] {
        let elements = frames.map { frame -> String in
            guard isPretty, let value = try? JSONValue(parsing: Array(frame.utf8)) else { return frame }
            return pretty(value, indent: "")
        }
        return Array(("[" + elements.joined(separator: "\r\n,\r\n") + "\r\n]\r\n").utf8)
    }

    private static func pretty(_ value: JSONValue, indent: String) -> String {
        let inner = indent + "  "
        switch value.kind {
        case .object(let members) where !members.isEmpty:
            let lines = members.map { member in
                let name = JSONValue.string(member.name).jsonText
                return "\(inner)\(name): \(pretty(member.value, indent: inner))"
            }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        case .array(let elements) where !elements.isEmpty:
            let lines = elements.map { inner + pretty($0, indent: inner) }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(indent)]"
        default: return value.jsonText
        }
    }

    /// Places in a body, the same ones in every run.
    static func places(_ count: Int, in body: [UInt8]) -> [Int] {
        var random = SeededRandom(seed: UInt64(body.count))
        return (0..<count).map { _ in Int.random(in: body.indices, using: &random) }
    }
}

/// The arguments of calls that come one by one, put together as a tree: another way than the dialect's.
enum PartialArguments {
    static func calls(in frames: [String]) -> [JSON] {
        var calls: [JSON] = []
        for frame in frames {
            guard case .array(let candidates) = JSON(frame)?["candidates"],
                case .array(let parts) = candidates.first?["content"]?["parts"]
            else { continue }
            for call in parts.compactMap({ $0["functionCall"] }) {
                if call["name"] != nil { calls.append(call["args"] ?? .object([:])) }
                guard case .array(let pieces) = call["partialArgs"], !calls.isEmpty else { continue }
                for piece in pieces {
                    let steps = (piece["jsonPath"]?.string ?? "").dropFirst(2)
                        .replacing("[", with: ".").replacing("]", with: "").split(separator: ".").map(String.init)
                    put(piece, at: steps[...], into: &calls[calls.count - 1])
                }
            }
        }
        return calls
    }

    private static func put(_ piece: JSON, at steps: ArraySlice<String>, into value: inout JSON?) {
        var known = value ?? .null
        put(piece, at: steps, into: &known)
        value = known
    }

    private static func put(_ piece: JSON, at steps: ArraySlice<String>, into value: inout JSON) {
        guard let step = steps.first else {
            if let text = piece["stringValue"]?.string {
                value = .string((value.string ?? "") + text)
            } else {
                value = piece["numberValue"] ?? piece["boolValue"] ?? .null
            }
            return
        }
        if let index = Int(step) {
            var elements: [JSON] = if case .array(let elements) = value { elements } else { [] }
            while elements.count <= index { elements.append(.null) }
            put(piece, at: steps.dropFirst(), into: &elements[index])
            value = .array(elements)
        } else {
            var members: [String: JSON] = if case .object(let members) = value { members } else { [:] }
            put(piece, at: steps.dropFirst(), into: &members[step])
            value = .object(members)
        }
    }
}
