/// Puts together the texts that a body hands over piece by piece: a string of one frame that goes on in the next.
///
/// Only what matters is kept: texts of which the last piece may be the beginning of a secret. Which pieces belong
/// together is told by the names that lead to them, and by the members of the objects around them that say which one
/// of several it is (`index`, `output_index`, `id`, …), so that two answers or tool calls side by side don't mix.
struct SecretStreams: Sendable {
    /// An object of the frame that is being read.
    private struct Object {
        var parent: Int
        /// Its place in an array.
        var position: Int
        /// Digests of the members that tell it apart; 0 where there are none.
        var index: UInt64 = 0
        var id: UInt64 = 0
    }

    /// A string of the frame that is being read.
    private struct Piece {
        var path: UInt64
        var object: Int
        /// Its text in `recorded`; nil where none of it was kept.
        var text: Range<Int>?
        /// Whether that is only its beginning.
        var isCut: Bool
        /// Where it was left if it begins a text.
        var cursor: SecretCursor
    }

    private struct Stream {
        var path: UInt64
        var key: UInt64
        var cursor: SecretCursor
    }

    private var objects: [Object] = []
    private var pieces: [Piece] = []
    private var recorded: [UInt8] = []
    private var sources: [SourceByte] = []
    /// Whether there was more to record in this frame than there is room for.
    private var isFull = false
    private var streams: [Stream] = []

    private static let objectLimit = 4096
    /// Enough for the rest of a secret; the more there is, the more is gone through again where a chunk must be let go.
    private static let recordLimit = 8 << 10
    private static let streamLimit = 64
    private static let pieceLimit = 64

    /// Whether nothing waits, and nothing of this frame may.
    @inline(__always)
    var isIdle: Bool { streams.isEmpty && pieces.isEmpty }

    /// Whether the text of a string is needed, because something may go on in it.
    func awaits(path: UInt64) -> Bool {
        if isIdle { return false }
        return streams.contains { $0.path == path } || pieces.contains { $0.path == path }
    }

    /// Whether any text waits for its next piece.
    var isWaiting: Bool { !streams.isEmpty }

    var recordedCount: Int { recorded.count }

    /// Where the first byte stands that isn't decided, at or behind `floor`.
    func firstPosition(from floor: Int) -> Int? {
        guard !isIdle else { return nil }
        let cursors = streams.map(\.cursor) + pieces.map(\.cursor)
        // What may go on with an earlier text is decided only where the frame ends, even if a secret that it may belong
        // to is known already, so that nothing of it is pending.
        let kept = sources.first { $0.length > 0 && $0.position >= floor }?.position
        return (cursors.map { $0.firstPosition(from: floor) } + [kept]).compactMap(\.self).min()
    }

    // MARK: The frame

    mutating func beginFrame() {
        if !objects.isEmpty { objects.removeAll(keepingCapacity: true) }
    }

    /// Adds an object; -1 where there are too many to tell apart.
    mutating func addObject(in parent: Int, position: Int) -> Int {
        guard objects.count < Self.objectLimit else { return -1 }
        objects.append(Object(parent: parent, position: position))
        return objects.count - 1
    }

    mutating func set(index: UInt64, of object: Int) {
        // Of several (`output_index`, `content_index`) each counts.
        if objects.indices.contains(object) { objects[object].index = Self.mix(objects[object].index, index) }
    }

    mutating func set(id: UInt64, of object: Int) {
        if objects.indices.contains(object) { objects[object].id = Self.mix(objects[object].id, id) }
    }

    mutating func record(_ text: Span<UInt8>, _ range: Range<Int>, base: Int) {
        let room = Self.recordLimit - recorded.count
        if range.count > room { isFull = true }
        for index in range.prefix(max(0, room)) {
            recorded.append(text[index])
            sources.append(SourceByte(position: base + index, length: 1))
        }
    }

    mutating func record(_ byte: UInt8, _ source: SourceByte) {
        guard recorded.count < Self.recordLimit else {
            isFull = true
            return
        }
        recorded.append(byte)
        sources.append(source)
    }

    /// Adds a string that is over.
    ///
    /// - Parameter start: where its text begins in what is recorded; nil where it wasn't.
    mutating func addPiece(
        path: UInt64,
        object: Int,
        from start: Int?,
        _ cursor: SecretCursor,
        _ rules: SecretRules,
        _ masks: inout SecretMasks
    ) {
        var text = start.map { min($0, recorded.count)..<recorded.count }
        if isFull, text?.isEmpty == true { text = nil }
        pieces.append(Piece(path: path, object: object, text: text, isCut: isFull, cursor: cursor))
        // A frame of very many is not waited for: what its objects have said up to here must do.
        if pieces.count >= Self.pieceLimit { endFrame(rules, &masks) }
    }

    /// Takes the end of a frame: now it is known which pieces belong together. A frame may go on nevertheless.
    mutating func endFrame(_ rules: SecretRules, _ masks: inout SecretMasks) {
        guard !pieces.isEmpty else { return }
        for piece in pieces {
            let key = key(of: piece)
            if let place = streams.firstIndex(where: { $0.key == key }) {
                if let text = piece.text {
                    streams[place].cursor.take(recorded[text], sources[text], rules, &masks)
                }
                if piece.text == nil || piece.isCut {
                    // How the text ends, only the cursor knows that was in it to its end.
                    streams[place].cursor.maskPending(in: 0..<Int.max, rules, &masks)
                    streams[place].cursor = piece.cursor
                }
                if !streams[place].cursor.isLive { streams.remove(at: place) }
            } else if piece.cursor.isLive {
                streams.append(Stream(path: piece.path, key: key, cursor: piece.cursor))
            }
        }
        while streams.count > Self.streamLimit {
            streams.removeFirst().cursor.maskPending(in: 0..<Int.max, rules, &masks)
        }
        forgetPieces()
    }

    /// Takes the end of the body, which may have cut off any text.
    mutating func end(_ rules: SecretRules, _ masks: inout SecretMasks) {
        endFrame(rules, &masks)
        for index in streams.indices { streams[index].cursor.end(.cut, rules, &masks) }
        streams = []
    }

    // MARK: Giving up

    /// Masks what is undecided in a range, because it must be let go. Nothing tells yet where the strings of a frame
    /// that isn't over belong, so each is taken to go on with every text that waits.
    ///
    /// Where no more of the frame is kept, nothing more can decide: all that waits is masked, once, and waits no longer.
    mutating func maskPending(
        in range: Range<Int>,
        from start: Int?,
        _ rules: SecretRules,
        _ masks: inout SecretMasks
    ) {
        let undecided = isFull ? 0..<Int.max : range
        let texts = pieces.map(\.text) + [min(start ?? recorded.count, recorded.count)..<recorded.count]
        for stream in streams {
            stream.cursor.maskPending(in: undecided, rules, &masks)
            goOn(stream.cursor, texts[...], undecided, rules, &masks)
        }
        if isFull { streams = [] }
        for (index, piece) in pieces.enumerated() {
            piece.cursor.maskPending(in: range, rules, &masks)
            if piece.cursor.isLive { goOn(piece.cursor, texts[(index + 1)...], range, rules, &masks) }
        }
    }

    /// Masks what is undecided of each of some texts of this frame, should it go on with what a cursor has seen.
    private func goOn(
        _ cursor: SecretCursor,
        _ texts: ArraySlice<Range<Int>?>,
        _ range: Range<Int>,
        _ rules: SecretRules,
        _ masks: inout SecretMasks
    ) {
        for text in texts.compactMap(\.self) {
            var cursor = cursor
            cursor.take(recorded[text], sources[text], rules, &masks)
            cursor.maskPending(in: range, rules, &masks)
        }
    }

    /// Whether all that is pending could be read by anybody.
    func isPublic(_ rules: SecretRules) -> Bool {
        streams.allSatisfy { $0.cursor.isPublic(rules) } && pieces.allSatisfy { $0.cursor.isPublic(rules) }
    }

    // MARK: Keys

    private func key(of piece: Piece) -> UInt64 {
        var key = piece.path
        var object = piece.object
        while objects.indices.contains(object) {
            let found = objects[object]
            var mark = UInt64(truncatingIfNeeded: found.position)
            if found.index != 0 {
                mark = found.index
            } else if found.id != 0 {
                mark = found.id
            }
            key = Self.mix(key, mark)
            object = found.parent
        }
        return key
    }

    static func mix(_ hash: UInt64, _ value: UInt64) -> UInt64 {
        let product = (hash ^ value).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low &+ 0x1234_5678_9ABC_DEF1
    }

    private mutating func forgetPieces() {
        isFull = false
        pieces.removeAll(keepingCapacity: true)
        recorded.removeAll(keepingCapacity: recorded.capacity <= 64 << 10)
        sources.removeAll(keepingCapacity: sources.capacity <= 64 << 10)
    }
}
