extension Timestamp {
    /// Appends a time as `2026-01-31T12:00:00.250Z`: what is written with every event asks no library for it.
    ///
    /// - Parameter milliseconds: since 1970; what lies before it, or behind the year 9999, is written as the nearest that can be.
    package static func append(milliseconds: Int, to bytes: inout [UInt8]) {
        let milliseconds = min(max(milliseconds, 0), 253_402_300_799_999)
        let (seconds, fraction) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let (days, clock) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, day) = date(ofDay: days)
        append(year, digits: 4, UInt8(ascii: "-"), to: &bytes)
        append(month, digits: 2, UInt8(ascii: "-"), to: &bytes)
        append(day, digits: 2, UInt8(ascii: "T"), to: &bytes)
        append(clock / 3600, digits: 2, UInt8(ascii: ":"), to: &bytes)
        append(clock / 60 % 60, digits: 2, UInt8(ascii: ":"), to: &bytes)
        append(clock % 60, digits: 2, UInt8(ascii: "."), to: &bytes)
        append(fraction, digits: 3, UInt8(ascii: "Z"), to: &bytes)
    }

    private static func append(_ number: Int, digits: Int, _ end: UInt8, to bytes: inout [UInt8]) {
        var divisor = digits == 4 ? 1000 : digits == 3 ? 100 : 10
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
        bytes.append(end)
    }

    /// The date of a day in the Gregorian calendar, counted from 1970 on. Years are counted from March, so that the leap
    /// day is the last one.
    private static func date(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
        // 719 468 days lie between 1 March of year 0 and 1970; 400 years have 146 097.
        let (era, dayOfEra) = (day + 719_468).quotientAndRemainder(dividingBy: 146_097)
        let year = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            year: era * 400 + year + (month <= 2 ? 1 : 0),
            month: month,
            day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }
}
