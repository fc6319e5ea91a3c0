import Testing

@testable import Dialects

@Suite("A time as text")
struct TimestampTests {
    @Test(
        "is read as it is written",
        arguments: [
            0, 1, 86_399, 951_782_400, 951_868_800, 1_767_225_600, 4_102_444_800, 4_107_542_399, 253_402_300_799,
        ]
    )
    func roundTrip(_ seconds: Int) {
        #expect(Timestamp.secondsSince1970(Timestamp.string(secondsSince1970: seconds)) == seconds)
    }

    @Test("is right on every day of the years around a century's leap day")
    func everyDay() {
        // 1999 to 2001 and 2099 to 2101.
        for start in [915_148_800, 4_070_908_800] {
            for day in 0..<1096 {
                let seconds = start + day * 86_400 + 3723
                #expect(Timestamp.secondsSince1970(Timestamp.string(secondsSince1970: seconds)) == seconds)
            }
        }
    }

    @Test(
        "is none where it is written otherwise",
        arguments: [
            "", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02T03:04:05+01:00", "2026-13-02T03:04:05Z",
            "2026-02-29T03:04:05Z", "2026-00-10T03:04:05Z", "2026-01-32T03:04:05Z", "2026-01-02T24:00:00Z",
            "2026-01-02T03:60:05Z", "2026-01-02t03:04:05z", "2026-01-02T03:04:0١Z", "-026-01-02T03:04:05Z",
        ]
    )
    func refused(_ text: String) { #expect(Timestamp.secondsSince1970(text) == nil) }
}
