import Testing

@testable import Dialects

@Suite("A time to the millisecond")
struct TimestampMillisecondsTests {
    private func text(_ milliseconds: Int) -> String {
        var bytes: [UInt8] = []
        Timestamp.append(milliseconds: milliseconds, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("is what the system's calendar says, on every day of 400 years")
    func everyDay() {
        for day in 0..<146_097 {
            let seconds = day * 86_400 + (day * 7919) % 86_400
            let whole = Timestamp.string(secondsSince1970: seconds)
            #expect(text(seconds * 1000 + day % 1000).hasPrefix(whole.dropLast()))
        }
    }

    @Test(
        "is written in full, and never beyond four digits of a year",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"), (-1, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (Int.max, "9999-12-31T23:59:59.999Z"), (Int.min, "1970-01-01T00:00:00.000Z"),
        ]
    )
    func edges(milliseconds: Int, expected: String) { #expect(text(milliseconds) == expected) }
}
