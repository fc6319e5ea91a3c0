import Dialects
import TestSupport

@testable import Tokencast

/// A stream as a server would send it.
enum Answers {
    static let stream = "01k85bsougi3mbupbth6frmieg47b14bgbaa"

    static func id(_ sequence: Int, epoch: String = stream) -> String {
        let digits = String(sequence)
        return "\(epoch)_\(String(repeating: "0", count: 10 - digits.utf8.count))\(digits)"
    }

    static func event(_ name: String, _ sequence: Int?, _ data: String) -> String {
        "event: \(name)\n" + (sequence.map { "id: \(id($0))\n" } ?? "") + "data: \(data)\n\n"
    }

    static func delta(_ sequence: Int, _ text: String) -> String {
        event("delta", sequence, #"{"choice":0,"part":0,"type":"text","text":"\#(text)"}"#)
    }

    static func end(_ sequence: Int) -> String {
        event("end", sequence, #"{"state":"complete","finish":"stop","terminal":"[DONE]"}"#)
    }

    static func prime(_ sequence: Int, retry: Int = 1) -> String { "retry: \(retry)\nid: \(id(sequence))\n\n" }

    /// A whole answer, with all that may stand in one: comments, line ends of each kind, more than one `data` line.
    static let whole: [(sequence: Int, text: String)] = [
        (1, event("start", 1, #"{"dialect":"openai.chat","model":"demo","id":"c1"}"#)),
        (2, delta(2, "Gr\u{FC}\u{DF}e")),
        (3, ": ping\n" + delta(3, " and").split(separator: "\n").joined(separator: "\r\n") + "\r\n\r\n"),
        (
            4,
            "id: \(id(4))\ndata: {\"choice\":0,\"part\":0,\ndata: \"type\":\"text\",\"text\":\" more\"}\nevent: delta\n\n"
        ),
        (6, event("usage", 6, #"{"input_tokens":3,"output_tokens":2,"total_tokens":5}"#)),
        (7, end(7)),
    ]

    /// What follows an id, as the server would send it.
    static func rest(after sequence: Int) -> String {
        prime(sequence) + whole.filter { $0.sequence > sequence }.map(\.text).joined()
    }

    static let texts = ["Gr\u{FC}\u{DF}e", " and", " more"]

    /// The sequence that a request wants to resume behind.
    static func position(_ request: ReceivedRequest) -> Int {
        request.value("last-event-id").flatMap { $0.split(separator: "_").last.flatMap { Int($0) } } ?? 0
    }
}

extension TokenStreamEvent {
    var sequence: Int? { id.flatMap { $0.split(separator: "_").last.flatMap { Int($0) } } }

    var text: String? {
        if case .delta(let delta) = content, case .text(let text) = delta.content { text } else { nil }
    }
}
