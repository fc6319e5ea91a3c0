import TapeTools
import Testing

@Suite("tape ls")
struct TapeListingTests {
    @Test("a directory that isn't there is a problem, and no table of nothing")
    func missing() {
        let listing = TapeListing(directory: "/nowhere/at/all", now: 0)
        #expect(listing.problems.count == 1)
        #expect(listing.json == "[]\n")
    }
}
