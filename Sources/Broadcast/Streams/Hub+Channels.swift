import Dialects

extension Hub {
    /// What a listing says of a channel.
    public struct ChannelSummary: Sendable {
        public var name: String
        /// The id of its newest event: whoever subscribes behind it gets what is yet to come.
        public var end: ResumeToken
        public var readerCount: Int
        /// Its running streams, in order of their beginnings.
        public var running: [StreamID]

        /// Appends it as a JSON object.
        public func append(to bytes: inout [UInt8]) {
            bytes.append(verbatim: "{\"channel\":")
            bytes.appendJSON(string: name)
            bytes.append(verbatim: ",\"end\":")
            bytes.appendJSON(string: end.description)
            bytes.append(verbatim: ",\"subscribers\":")
            bytes.appendJSON(integer: readerCount)
            bytes.append(verbatim: ",\"running\":")
            bytes.appendJSON(array: running) { $1.appendJSON(string: $0.description) }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// Lists channels by name.
    ///
    /// - Parameter isWanted: whether a name is to be listed. Called without any lock held.
    public func channels(matching isWanted: (String) -> Bool = { _ in true }) -> [ChannelSummary] {
        var running: [String: [StreamID]] = [:]
        for record in orderedStreams where record.progress.end == nil {
            running[Self.allChannel, default: []].append(record.id)
            if let name = record.request.channel, name != Self.allChannel {
                running[name, default: []].append(record.id)
            }
        }
        return knownChannels.filter { isWanted($0.name) }.sorted { $0.name < $1.name }.map { channel in
            ChannelSummary(
                name: channel.name,
                end: ResumeToken(epoch: channel.log.epoch, sequence: channel.log.newest),
                readerCount: channel.log.readerCount,
                running: running[channel.name] ?? []
            )
        }
    }
}
