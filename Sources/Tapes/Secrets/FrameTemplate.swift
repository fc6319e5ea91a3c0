import Dialects

/// The last frame that was looked through and came out clean, by which those like it are recognised.
///
/// A stream's frames are alike but for their values. Where one has the template's bytes up to a value, the reader of the
/// frame is in the state that it was in there; where the value is clean by itself, as each of the template's is, it comes out
/// of it in the same state again; and where all is passed, it is where a clean frame leaves it: at rest. So only the values
/// that differ are looked at. Whatever doesn't fit is left to the careful way.
struct FrameTemplate: Sendable {
    private var bytes: [UInt8] = []
    private var slots: [FrameSlots.Slot] = []

    /// What is longer isn't kept.
    private static let longest = 4 << 10

    /// Whether it ends with a carriage return, to which a line feed may belong.
    var endsWithCarriageReturn: Bool { bytes.last == UInt8(ascii: "\r") }

    /// Takes a frame as the template, which was read from rest to rest without finding anything.
    ///
    /// - Parameter found: its values, by their places in the body.
    mutating func learn(_ text: Span<UInt8>, _ range: Range<Int>, base: Int, _ found: FrameSlots) {
        guard range.count <= Self.longest, !found.isOpen, !found.isFull, !found.isEntangled, !found.slots.isEmpty
        else { return }
        bytes.removeAll(keepingCapacity: true)
        slots.removeAll(keepingCapacity: true)
        text.extracting(range).withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        let start = base + range.lowerBound
        for slot in found.slots {
            let place = slot.range.lowerBound - start..<slot.range.upperBound - start
            slots.append(FrameSlots.Slot(range: place, isBare: slot.isBare))
        }
    }

    /// Where a frame ends that is like the template and as clean; nil where it must be looked at with care.
    func end(of text: Span<UInt8>, from start: Int, _ rules: SecretRules) -> Int? {
        guard !bytes.isEmpty else { return nil }
        var mine = 0
        var theirs = start
        var next = 0
        while true {
            let same = bytes.span.bytes.commonPrefix(from: mine, text.bytes, from: theirs)
            mine += same
            theirs += same
            if mine == bytes.count { return theirs }
            while next < slots.count, slots[next].range.upperBound < mine { next += 1 }
            guard next < slots.count, slots[next].range.lowerBound <= mine else { return nil }
            // What differs is this value: it is looked at whole.
            let slot = slots[next]
            let begin = theirs - (mine - slot.range.lowerBound)
            let end =
                slot.isBare
                ? Self.endOfBare(text, from: begin, rules) : Self.endOfString(text, from: begin, rules)
            guard let end else { return nil }
            mine = slot.range.upperBound
            theirs = end
            next += 1
        }
    }

    /// Where the quote stands that ends a clean string.
    private static func endOfString(_ text: Span<UInt8>, from start: Int, _ rules: SecretRules) -> Int? {
        var index = start
        var context: UInt64 = 0
        while true {
            let stop = text.bytes.endOfPlainText(from: index, to: text.count)
            guard stop < text.count, rules.isClean(text, index..<stop, context: context) else { return nil }
            if text[stop] == UInt8(ascii: "\"") { return stop }
            // A control character ends the line, or is broken JSON.
            guard text[stop] == UInt8(ascii: "\\"), stop + 1 < text.count,
                let escaped = JSONEscapeReader.short(text[stop + 1]), !rules.isNearBeginning(escaped)
            else { return nil }
            context = UInt64(escaped)
            index = stop + 2
        }
    }

    /// Where a clean number or literal ends.
    private static func endOfBare(_ text: Span<UInt8>, from start: Int, _ rules: SecretRules) -> Int? {
        var end = start
        while end < text.count, isBare(text[end]) { end += 1 }
        guard end > start, end < text.count, rules.isClean(text, start..<end, context: 0) else { return nil }
        return end
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        CharacterClasses(of: byte).isAlphanumeric || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "+")
    }
}
