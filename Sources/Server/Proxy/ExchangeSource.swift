import NIOCore
import Upstream

/// Where an exchange's answer comes from: a server through libcurl, or a tape.
protocol ExchangeSource: AnyObject {
    func cancel()
    func pause()
    func resume()
    /// The next part of a streamed request body; nil ends it.
    func send(_ part: ByteBuffer?)
}

extension UpstreamTransfer: ExchangeSource {}
