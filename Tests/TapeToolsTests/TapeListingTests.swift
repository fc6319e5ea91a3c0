import TapeTools
import Testing

@Suite("tape ls")
struct TapeListingTests {
    @Test("a directory that isn't there is a problem, and no table of nothing")
    func missing() {
        let listing = TapeListing(directory: "/nowhere/at/all")
        #expect(listing.problems.count == 1)
    }
}
