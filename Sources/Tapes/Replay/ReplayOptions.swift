/// How a tape is played. What is nil is left to whoever stands behind: the scope, the cassette, the defaults.
public struct ReplayOptions: Sendable, Hashable {
    /// 0 is at once, 1 as recorded, 2 twice as fast.
    public var speed: Double?
    /// No pause is longer than so many seconds, measured after `speed`; the one before the head counts as well.
    public var maxGap: Double?
    public var rechunk: Rechunk?
    public var faults: [Fault]?

    public init(speed: Double? = nil, maxGap: Double? = nil, rechunk: Rechunk? = nil, faults: [Fault]? = nil) {
        self.speed = speed
        self.maxGap = maxGap
        self.rechunk = rechunk
        self.faults = faults
    }

    /// These, and where they are silent, `other`'s.
    public func or(_ other: ReplayOptions) -> ReplayOptions {
        ReplayOptions(
            speed: speed ?? other.speed,
            maxGap: maxGap ?? other.maxGap,
            rechunk: rechunk ?? other.rechunk,
            faults: faults ?? other.faults
        )
    }

    /// What `speed` and `maxGap` may be: no clock is asked for more than about a year.
    public static let numbers: ClosedRange<Double> = 0...3e7

    /// Reads a speed or a number of seconds as headers, URLs and variables have it.
    ///
    /// - Parameter name: what it is called there, for the error.
    public static func number(_ text: String, called name: String) throws(ReplayTextError) -> Double {
        guard let number = Double(ReplayText.trimmed(text)), numbers.contains(number) else {
            throw ReplayTextError("\(name) must be a number from 0 to 30000000, not '\(text)'")
        }
        return number
    }
}
