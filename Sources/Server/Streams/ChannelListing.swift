import Broadcast
import Dialects

/// The channels that a caller may read.
enum ChannelListing {
    static func json(_ principal: Principal, _ hub: Hub) -> [UInt8] {
        var bytes = Array("{\"channels\":[".utf8)
        for (index, channel) in hub.channels(matching: { principal.maySubscribe(channel: $0) }).enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            channel.append(to: &bytes)
        }
        bytes.append(verbatim: "]}")
        return bytes
    }
}
