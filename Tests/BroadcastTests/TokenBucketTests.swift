import NIOCore
import Testing

@testable import Broadcast

/// How fast may be published.
@Suite struct TokenBucketTests {
    @Test("A burst passes, then as many as the rate says, and a rest fills it up again")
    func rate() {
        var bucket = TokenBucket()
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
        func passed(from: Int64, to: Int64) -> Int {
            (from..<to).count { bucket.take(rate: 100, burst: 5, at: start + .milliseconds($0)) == nil }
        }
        #expect((0..<10).count { _ in bucket.take(rate: 100, burst: 5, at: start) == nil } == 5)
        #expect(bucket.take(rate: 100, burst: 5, at: start) == .milliseconds(10))
        #expect(bucket.take(rate: 100, burst: 5, at: start + .milliseconds(9)) == .milliseconds(1))
        #expect(passed(from: 10, to: 1010) == 100)
        let rested = start + .seconds(10)
        #expect((0..<10).count { _ in bucket.take(rate: 100, burst: 5, at: rested) == nil } == 5)
    }

    @Test("One a second is one a second", arguments: [(1, 1), (0, 0)])
    func slowest(rate: Int, burst: Int) {
        var bucket = TokenBucket()
        let start = NIODeadline.uptimeNanoseconds(5)
        #expect(bucket.take(rate: rate, burst: burst, at: start) == nil)
        #expect(bucket.take(rate: rate, burst: burst, at: start + .milliseconds(400)) == .milliseconds(600))
        #expect(bucket.take(rate: rate, burst: burst, at: start + .seconds(1)) == nil)
    }
}
