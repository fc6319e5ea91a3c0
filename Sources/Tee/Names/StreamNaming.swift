import Broadcast
import Dialects
import Tapes

/// What the name of a stream's files is made of.
struct StreamNaming: Sendable {
    var id: StreamID
    /// Seconds since 1970.
    var created: Int
    var status: Int?
    var request: TeeStreamRequest

    /// What stands for a placeholder, its secrets masked; nil where there is nothing.
    func value(_ placeholder: NameTemplate.Placeholder) -> String? {
        switch placeholder {
        case .id: id.description
        case .model: request.model.map(request.secrets.masking)
        case .dialect: request.dialect
        case .channel: request.channel.map(request.secrets.masking)
        case .upstream: request.upstream
        case .date: String(timestamp.prefix(10))
        case .time: String(timestamp.dropFirst(11).prefix(8).map { $0 == ":" ? "-" : $0 })
        case .hour: String(timestamp.dropFirst(11).prefix(2))
        case .status: status.map(String.init)
        }
    }

    private var timestamp: String { Timestamp.string(secondsSince1970: created) }
}
