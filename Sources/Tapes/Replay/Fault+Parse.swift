extension Fault {
    /// The texts there are, for errors and helps.
    public static let forms = """
        drop, reset, stall, stall:MS, status:CODE (;retry-after=SECONDS), malformed, inject:TEXT, no-terminal, dup or \
        slow:FACTOR, then @event:N, @byte:N, @ms:N or @end, and ;times=N
        """
    /// How many one answer may have.
    public static let maximumCount = 16
    /// The longest text of one or of a list, in bytes.
    public static let maximumText = 4096

    /// Reads faults joined by `+`, or by `,` where that is free; `none` is none.
    ///
    /// - Parameter texts: as the lines of a header, or the elements of an array.
    /// - Throws: ``ReplayTextError`` with the forms there are.
    public static func list(parsing texts: [String]) throws(ReplayTextError) -> [Fault] {
        guard texts.reduce(0, { $0 + $1.utf8.count }) <= maximumText else {
            throw ReplayTextError("the faults are longer than \(maximumText) bytes")
        }
        var faults: [Fault] = []
        for text in texts {
            // HTTP joins the lines of a header with commas (RFC 9110, section 5.3).
            for part in ReplayText.parts(text, at: UInt8(ascii: "+"), UInt8(ascii: ",")) {
                let part = ReplayText.trimmed(part)
                if part.utf8.elementsEqual("none".utf8) { continue }
                faults.append(try Fault(parsing: part))
            }
        }
        guard faults.count <= maximumCount else {
            throw ReplayTextError("one answer can have \(maximumCount) faults at most, not \(faults.count)")
        }
        return faults
    }

    /// Reads one fault: `drop@event:5`, `status:429;retry-after=1;times=2`, `inject:%3A%20ping%0A%0A@byte:180`.
    ///
    /// - Throws: ``ReplayTextError`` with the forms there are.
    public init(parsing text: String) throws(ReplayTextError) {
        guard text.utf8.count <= Self.maximumText else {
            throw ReplayTextError("a fault is longer than \(Self.maximumText) bytes")
        }
        var reader = FaultReader(text)
        self = try reader.read()
    }
}

/// Takes the text of one fault apart.
private struct FaultReader {
    private let text: String
    private var address: Fault.Address?
    private var retryAfter: Int?
    private var times: Int?

    private static let largest = 1_000_000_000
    private static let day = 86_400

    init(_ text: String) {
        self.text = text
    }

    mutating func read() throws(ReplayTextError) -> Fault {
        let parts = ReplayText.parts(text, at: UInt8(ascii: ";"))
        let kind = try kind(try takeAddress(parts[0]))
        for part in parts.dropFirst() { try takeParameter(try takeAddress(part)) }
        return Fault(try finished(kind), at: address ?? .start, times: times)
    }

    /// Takes an address from the end of a part, and gives what stands before it.
    private mutating func takeAddress(_ part: String) throws(ReplayTextError) -> String {
        let (head, place) = ReplayText.halves(part, at: UInt8(ascii: "@"))
        guard let place else { return head }
        guard address == nil, !place.utf8.contains(UInt8(ascii: "@")) else { throw wrong("it has two addresses") }
        let (name, value) = ReplayText.halves(place, at: UInt8(ascii: ":"))
        switch (name, value) {
        case ("start", nil): address = .start
        case ("end", nil): address = .end
        case ("event", let value?): address = .event(try whole(value, "event", 1...Self.largest))
        case ("byte", let value?): address = .byte(try whole(value, "byte", 0...Self.largest))
        case ("ms", let value?): address = .milliseconds(try whole(value, "ms", 0...Self.day * 1000))
        default: throw wrong("'@\(place)' is no address: there are @event:N, @byte:N, @ms:N, @start and @end")
        }
        return head
    }

    private func kind(_ text: String) throws(ReplayTextError) -> Fault.Kind {
        let (name, value) = ReplayText.halves(text, at: UInt8(ascii: ":"))
        switch (name, value) {
        case ("drop", nil): return .drop(reset: false)
        case ("reset", nil): return .drop(reset: true)
        case ("stall", nil): return .stall(milliseconds: nil)
        case ("stall", let value?): return .stall(milliseconds: try whole(value, "stall", 0...Self.day * 1000))
        case ("status", let value?): return .status(try whole(value, "status", 200...599), retryAfter: nil)
        case ("malformed", nil): return .malformed
        case ("inject", let value?): return .inject(try unescaped(value))
        case ("no-terminal", nil): return .noTerminal
        case ("dup", nil): return .duplicate
        case ("slow", let value?):
            guard let factor = Double(value), factor > 0, factor <= 1e6 else {
                throw wrong("slow takes a factor above 0, 1000000 at most")
            }
            return .slow(factor: factor)
        default: throw ReplayTextError("'\(self.text)' is no fault: there are \(Fault.forms)")
        }
    }

    private mutating func takeParameter(_ part: String) throws(ReplayTextError) {
        let (name, value) = ReplayText.halves(part, at: UInt8(ascii: "="))
        switch (name, value) {
        case ("times", let value?) where times == nil:
            times = try whole(value, "times", 1...Self.largest)
        case ("retry-after", let value?) where retryAfter == nil:
            retryAfter = try whole(value, "retry-after", 0...Self.day)
        default:
            throw wrong("'\(part)' can't stand there: there are times=N and retry-after=SECONDS, once each")
        }
    }

    /// Puts together what belongs together, and refuses what doesn't.
    private func finished(_ kind: Fault.Kind) throws(ReplayTextError) -> Fault.Kind {
        switch kind {
        case .status(let status, _):
            guard address ?? .start == .start else { throw wrong("a status stands for the whole answer: no address") }
            return .status(status, retryAfter: retryAfter)
        case .noTerminal where address != nil: throw wrong("the terminal has its place: no address")
        default:
            guard retryAfter == nil else { throw wrong("retry-after goes with status") }
            return kind
        }
    }

    private func whole(_ text: String, _ name: String, _ range: ClosedRange<Int>) throws(ReplayTextError) -> Int {
        guard let number = ReplayText.whole(text, in: range) else {
            throw wrong("\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return number
    }

    /// The bytes of a text in which `%XX` stands for any.
    private func unescaped(_ text: String) throws(ReplayTextError) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self).lowercased()
            guard digits.utf8.count == 2, let escape = Hex.decode(digits) else {
                throw wrong("'%' in the text of inject is written %25")
            }
            bytes += escape
            rest = rest.dropFirst(2)
        }
        guard !bytes.isEmpty else { throw wrong("inject needs a text") }
        return bytes
    }

    private func wrong(_ message: String) -> ReplayTextError { ReplayTextError("'\(text)': \(message)") }
}
