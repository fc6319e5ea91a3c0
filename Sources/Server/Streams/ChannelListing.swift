import Broadcast
import Dialects

/// The channels that a caller may read.
enum ChannelListing {
    static func json(_ principal: Principal, _ hub: Hub) -> [UInt8] {
        var bytes = Array("{\"channels\":".utf8)
        let channels = hub.channels(matching: { principal.maySubscribe(channel: $0) })
        bytes.appendJSON(array: channels) { $0.append(to: &$1) }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}
