import Broadcast
import Testing

@testable import Server

@Suite("Signed links")
struct LinkSignerTests {
    private let secret = "0123456789abcdef0123456789abcdef"
    private let resource = LinkResource.channel("demo")

    private func check(
        _ signer: LinkSigner,
        _ resource: LinkResource,
        expires: Int?,
        signature: String?,
        at now: Int = 0
    ) -> LinkSigner.Problem? {
        do throws(LinkSigner.Problem) {
            try signer.check(resource, expires: expires, signature: signature, at: now)
            return nil
        } catch {
            return error
        }
    }

    /// The signature was made with Python's `hmac` and `base64`.
    private let known = "ra7wmRxT_rBWiPOldQP-3RaUNhJVjXoxiXJ0BeBWMQs"

    @Test("The signature is HMAC-SHA256 over path and time, as anybody can make it")
    func vector() throws {
        let target = try #require(LinkSigner(secrets: [secret]).target(of: resource, expires: 1_900_000_000))
        #expect(target == "/channels/demo?expires=1900000000&signature=\(known)")
    }

    @Test("A link is good until it ends, for its resource, unchanged")
    func checks() {
        let signer = LinkSigner(secrets: [secret])
        let end = 1_900_000_000
        #expect(check(signer, resource, expires: end, signature: known) == nil)
        #expect(check(signer, resource, expires: end, signature: known, at: end - 1) == nil)
        #expect(check(signer, resource, expires: end, signature: known, at: end) == .expired(end))
        #expect(check(signer, resource, expires: end + 1, signature: known) == .notSigned)
        #expect(check(signer, .channel("demo2"), expires: end, signature: known) == .notSigned)
        #expect(check(signer, .stream("demo"), expires: end, signature: known) == .notSigned)
        #expect(check(signer, resource, expires: nil, signature: known) == .incomplete)
        #expect(check(signer, resource, expires: end, signature: nil) == .incomplete)
        // Nobody learns which long gone ends were signed.
        #expect(check(signer, resource, expires: 5, signature: known, at: end) == .notSigned)
    }

    @Test("No change of a character passes, nor one more or less")
    func tampering() {
        let signer = LinkSigner(secrets: [secret])
        let letters = Array(known)
        for index in letters.indices {
            var changed = letters
            changed[index] = changed[index] == "A" ? "B" : "A"
            #expect(check(signer, resource, expires: 1_900_000_000, signature: String(changed)) == .notSigned)
        }
        for text in ["", known + "=", known + "A", String(known.dropLast())] {
            #expect(check(signer, resource, expires: 1_900_000_000, signature: text) == .notSigned)
        }
    }

    @Test("Any of several secrets verifies, the first signs")
    func rotation() throws {
        let old = LinkSigner(secrets: [secret])
        let new = LinkSigner(secrets: ["another secret of some length", secret])
        #expect(check(new, resource, expires: 1_900_000_000, signature: known) == nil)
        let target = try #require(new.target(of: resource, expires: 1_900_000_000))
        #expect(!target.hasSuffix(known))
        #expect(target != old.target(of: resource, expires: 1_900_000_000))
        let none = LinkSigner(secrets: [""])
        #expect(none.isEmpty && none.target(of: resource, expires: 1) == nil)
        #expect(check(none, resource, expires: 1_900_000_000, signature: known) == .notSigned)
    }

    @Test("What a link can lead to")
    func resources() {
        let id = StreamID().description
        #expect(LinkResource(path: "/streams/\(id)") == .stream(id))
        #expect(LinkResource(path: "/channels/demo") == .channel("demo"))
        for path in ["/channels/", "/channels/a/b", "/channels/a?b=c", "/streams/x", "channels/demo", "/tapes/x", ""] {
            #expect(LinkResource(path: path) == nil, "\(path)")
        }
    }
}
