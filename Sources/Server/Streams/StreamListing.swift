import Broadcast
import Dialects
import Tapes

/// The streams that a caller may read, a page at a time.
enum StreamListing {
    /// What is asked for.
    struct Terms {
        var state: String?
        var channel: String?
        /// A pattern, where `*` stands for any text.
        var model: String?
        var limit = 100
        var cursor: StreamID?

        init(_ query: Query) throws(APIRefusal) {
            state = query["state"]
            channel = query["channel"]
            model = query["model"]
            limit = query.integer("limit") ?? limit
            guard let text = query["cursor"] else { return }
            guard let id = StreamID(text) else {
                throw APIRefusal(400, "invalid_cursor", "cursor takes the 'next' of the page before, not '\(text)'")
            }
            cursor = id
        }

        func matches(_ record: StreamRecord) -> Bool {
            if let channel, !record.request.channel.isSame(as: channel), channel != Hub.allChannel { return false }
            guard state != nil || model != nil else { return true }
            let progress = record.progress
            if let state, progress.state != state { return false }
            if let model {
                guard let found = progress.model, wildcard(model, matches: found) else { return false }
            }
            return true
        }
    }

    static func page(_ terms: Terms, _ principal: Principal, _ hub: Hub) -> [UInt8] {
        let page = hub.streams(before: terms.cursor, limit: terms.limit) { record in
            terms.matches(record) && principal.maySubscribe(to: record.id, record.origin)
        }
        var bytes = Array("{\"streams\":".utf8)
        bytes.appendJSON(array: page.streams) { $0.appendSummary(to: &$1) }
        bytes.append(verbatim: ",\"next\":")
        bytes.appendJSON(string: page.next?.description)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}

extension String? {
    /// Whether it is this text, byte for byte.
    fileprivate func isSame(as text: String) -> Bool { map { $0.utf8.elementsEqual(text.utf8) } ?? false }
}
