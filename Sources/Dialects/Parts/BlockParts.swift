/// The parts of an answer whose blocks the provider numbers itself: which part each block is, and which tool call.
struct BlockParts<Key: Hashable & Sendable>: Sendable {
    struct Block: Sendable {
        /// From 0, in order of first appearance.
        let part: Int
        let kind: MessageFold.Part.Kind
        /// For a tool call, which of them it is.
        let call: Int
    }

    private var blocks: [Key: Block] = [:]
    /// One of the blocks, the last that was opened or found: nearly every piece belongs to the one before's.
    private var latest: (key: Key, block: Block)?
    private var partCount = 0
    private(set) var callCount = 0

    /// More blocks than any model makes; a hostile stream's further ones aren't interpreted.
    private static var maximum: Int { 1024 }

    /// The block with a key; nil where none was opened.
    subscript(key: Key) -> Block? {
        if let latest, latest.key == key { return latest.block }
        return blocks[key]
    }

    /// Opens a block, which takes the place of an earlier one with the same key.
    ///
    /// - Returns: nil where there are too many.
    mutating func open(_ key: Key, _ kind: MessageFold.Part.Kind) -> Block? {
        guard partCount < Self.maximum else { return nil }
        let block = Block(part: partCount, kind: kind, call: callCount)
        partCount += 1
        if kind == .toolCall { callCount += 1 }
        blocks[key] = block
        latest = (key, block)
        return block
    }

    /// Ends a block: what comes with its key from now on is another one.
    mutating func close(_ key: Key) {
        blocks[key] = nil
        if let latest, latest.key == key { self.latest = nil }
    }

    /// The block with a key if it is of a kind, else a new one in its place.
    mutating func block(_ key: Key, _ kind: MessageFold.Part.Kind) -> Block? {
        guard let block = self[key], block.kind == kind else { return open(key, kind) }
        latest = (key, block)
        return block
    }
}
