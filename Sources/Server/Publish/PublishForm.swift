import Broadcast
import Dialects
import NIOHTTP1

/// What the body of a request to publish is, as its headers say (CloudEvents' HTTP protocol binding, section 3).
enum PublishForm: Equatable {
    /// The data of an event of ours.
    case data
    /// One CloudEvent in JSON.
    case structured
    /// The data of a CloudEvent whose attributes are headers.
    case binary
    /// CloudEvents in JSON.
    case batch
    /// CloudEvents in a format that isn't known here.
    case unknown(type: String)

    /// What bodies there are, for documents of the API.
    static let types = ["application/json", CloudEvent.mediaType, CloudEvent.batchMediaType, "*/*"]

    init(_ headers: HTTPHeaders) {
        let type = headers.first(name: "content-type").map(MediaType.essence) ?? ""
        switch type {
        case CloudEvent.mediaType: self = .structured
        case CloudEvent.batchMediaType: self = .batch
        case _ where type.hasPrefix("application/cloudevents"): self = .unknown(type: type)
        case _ where CloudEvent.isBinary(headers: headers.lazy.map(\.name)): self = .binary
        default: self = .data
        }
    }

    /// How large the body may be, in bytes.
    func limit(_ configuration: ServerConfiguration) -> Int {
        let limit = configuration.limits.publishBytes
        guard self == .batch else { return limit }
        // What is configured may be any number.
        let (many, overflows) = limit.multipliedReportingOverflow(by: 16)
        return max(limit, min(overflows ? .max : many, configuration.maximumBufferedBody))
    }
}
