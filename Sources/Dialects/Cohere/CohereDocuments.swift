/// The documents that a stream of version 1 names, for its citations to refer to.
struct CohereDocuments: Sendable {
    /// By the id's bytes: strings are compared by their characters, which takes too long for hostile ones.
    private var origins: [[UInt8]: (url: String?, title: String?)] = [:]

    /// More documents than any prompt holds; a hostile stream's further ones aren't kept.
    private static let maximum = 1024

    mutating func add(_ documents: JSONSlice, in data: RawSpan) {
        documents.forEachElement(in: data) { document in
            guard origins.count < Self.maximum, let id = document.member("id", in: data).nonEmptyString(in: data) else {
                return
            }
            let url = document.member("url", in: data).nonEmptyString(in: data)
            let title = document.member("title", in: data).nonEmptyString(in: data)
            if url != nil || title != nil { origins[Array(id.utf8)] = (url, title) }
        }
    }

    /// Reads a citation: the first of its documents that has an address or a title gives them.
    func citation(_ value: JSONSlice, in data: RawSpan) -> Citation {
        var citation = Citation(raw: value.raw(in: data))
        value.member("document_ids", in: data).forEachElement(in: data) { id in
            guard citation.url == nil, citation.title == nil, let id = id.string(in: data),
                let origin = origins[Array(id.utf8)]
            else { return }
            citation.url = origin.url
            citation.title = origin.title
        }
        return citation
    }
}
