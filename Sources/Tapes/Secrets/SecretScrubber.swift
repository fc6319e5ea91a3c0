import Dialects

/// Masks the secrets in a body that comes in chunks: known values, and what looks like a credential, however the chunks
/// or the frames in them cut it.
///
/// What comes out are the chunks that went in: the same borders, lengths and offsets, with asterisks where a secret
/// stood, so that framing stays and JSON stays JSON. A chunk is held back only while its tail may still become part of
/// a secret, and at most until ``chunkLimit`` chunks or ``byteLimit`` bytes wait behind it. Then what is undecided of it
/// is masked, except for a public prefix such as `sk-`, and the chunk is let go. It does no I/O.
///
/// ```swift
/// var scrubber = SecretScrubber(secrets, contentType: "text/event-stream")
/// scrubber.feed(offset: 336_021, bytes, into: &chunks)
/// scrubber.finish(into: &chunks)
/// ```
public struct SecretScrubber: Sendable {
    public struct Chunk: Sendable {
        /// As it was given: microseconds, for tapes.
        public var offset: Int64
        public var bytes: [UInt8]
    }

    /// A secret that was found.
    public struct Finding: Sendable {
        /// The rule's name, as the documentation lists it.
        public var rule: String
        /// Where it stands in the body, the framing between its pieces included.
        public var range: Range<Int>
    }

    /// How many chunks are held back at most, once they come to 16 KiB.
    public static let chunkLimit = 256
    /// How many bytes are held back behind an undecided chunk at most.
    public static let byteLimit = 64 << 10
    /// How many chunks are held back for a beginning that says nothing, such as the `s` of `sk-`.
    private static let publicChunkLimit = 32
    private static let tinyChunkLimit = 16 << 10
    private static let smallBytes = 16 << 10

    private let rules: SecretRules
    private var scanner: BodyScanner
    private var masks = SecretMasks()
    /// For binary messages with checksums.
    private var checksums: ChecksumRenewal?
    private var held: [Chunk] = []
    /// The position in the body of the first held byte, and of the next one to come.
    private var start = 0
    private var end = 0

    /// - Parameters:
    ///   - secrets: the credentials that are known; detectors are looked for in any case.
    ///   - contentType: the header's value. Event streams, NDJSON and JSON are understood, and recognised by their first
    ///     byte where this is wrong; all else is looked at as it is.
    ///   - keepsFindings: whether ``findings`` are kept.
    public init(_ secrets: TapeSecrets = .none, contentType: String? = nil, keepsFindings: Bool = false) {
        rules = secrets.rules
        let framing = contentType.flatMap { Dialect.Framing(contentType: $0) }
        scanner = BodyScanner(secrets.rules, framing: framing)
        masks.keepsFindings = keepsFindings
        if framing == .awsEventStream { checksums = ChecksumRenewal() }
    }

    /// What was found so far, in the order in which it was decided; 10,000 at most.
    public var findings: [Finding] {
        masks.findings.map { Finding(rule: rules.rules[$0.rule].name, range: $0.range) }
    }

    /// Takes a chunk, and appends the chunks that are decided.
    public mutating func feed(offset: Int64, _ bytes: [UInt8], into output: inout [Chunk]) {
        if scan(bytes.span) {
            output.append(Chunk(offset: offset, bytes: bytes))
        } else {
            hold(Chunk(offset: offset, bytes: bytes), into: &output)
        }
    }

    /// Takes a chunk. Where it goes out as it came, which is the rule, it is neither copied nor appended.
    ///
    /// - Returns: whether that is so; then no other waits before it.
    mutating func passes(offset: Int64, _ bytes: Span<UInt8>, into output: inout [Chunk]) -> Bool {
        if scan(bytes) { return true }
        hold(Chunk(offset: offset, bytes: bytes.withUnsafeBufferPointer { Array($0) }), into: &output)
        return false
    }

    /// Looks through a chunk; true where nothing waits and nothing is masked.
    private mutating func scan(_ bytes: Span<UInt8>) -> Bool {
        scanner.take(bytes, base: end, &masks)
        end += bytes.count
        guard held.isEmpty, masks.isEmpty, checksums == nil,
            scanner.isIdle || scanner.firstPosition(from: start) == nil
        else { return false }
        start = end
        return true
    }

    private mutating func hold(_ chunk: Chunk, into output: inout [Chunk]) {
        held.append(chunk)
        if !masks.isEmpty { applyMasks() }
        guard !scanner.isIdle, let first = scanner.firstPosition(from: start) else { return releaseAll(into: &output) }
        var count = 0
        while count < held.count, start + held[count].bytes.count <= first {
            start += held[count].bytes.count
            count += 1
        }
        release(count, into: &output)
        while !held.isEmpty, isOverfull { giveUpFirst(into: &output) }
    }

    /// Takes the end of the body, and appends the chunks that were held. A known value that was cut off is masked.
    public mutating func finish(into output: inout [Chunk]) {
        scanner.end(&masks)
        if !masks.isEmpty { applyMasks() }
        releaseAll(into: &output)
    }

    /// A whole body with its secrets masked.
    static func masking(_ body: [UInt8], _ secrets: TapeSecrets, contentType: String?) -> [UInt8] {
        var scrubber = SecretScrubber(secrets, contentType: contentType)
        var chunks: [Chunk] = []
        scrubber.feed(offset: 0, body, into: &chunks)
        scrubber.finish(into: &chunks)
        return chunks.first?.bytes ?? []
    }

    private var isOverfull: Bool {
        let behind = end - start - held[0].bytes.count
        if behind > Self.byteLimit || held.count > Self.tinyChunkLimit { return true }
        // Few bytes are no burden, into however many chunks they were cut.
        guard behind > Self.smallBytes else { return false }
        return held.count > Self.chunkLimit || held.count > Self.publicChunkLimit && scanner.isPublic
    }

    private mutating func giveUpFirst(into output: inout [Chunk]) {
        scanner.maskPending(in: start..<start + held[0].bytes.count, &masks)
        if !masks.isEmpty { applyMasks() }
        start += held[0].bytes.count
        release(1, into: &output)
    }

    private mutating func releaseAll(into output: inout [Chunk]) {
        start = end
        append(held[...], to: &output)
        held.removeAll(keepingCapacity: true)
    }

    private mutating func release(_ count: Int, into output: inout [Chunk]) {
        append(held[..<count], to: &output)
        held.removeFirst(count)
    }

    private mutating func append(_ chunks: ArraySlice<Chunk>, to output: inout [Chunk]) {
        guard checksums != nil else { return output.append(contentsOf: chunks) }
        for var chunk in chunks {
            checksums?.pass(&chunk.bytes)
            output.append(chunk)
        }
    }

    /// Masks what is still held. What was let go before can't be changed any more.
    private mutating func applyMasks() {
        for mask in masks.masks {
            checksums?.masked(mask.range)
            var position = start
            for index in held.indices where position < mask.range.upperBound {
                let chunk = position..<position + held[index].bytes.count
                position = chunk.upperBound
                for place in mask.range.clamped(to: chunk) {
                    let byte = held[index].bytes[place - chunk.lowerBound]
                    held[index].bytes[place - chunk.lowerBound] = SecretMasks.masked(byte, isBare: mask.isBare)
                }
            }
        }
        masks.removeAll()
    }
}
