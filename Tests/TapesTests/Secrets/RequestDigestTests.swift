import Dialects
import Testing

@testable import Tapes

@Suite("Requests as digests")
struct RequestDigestTests {
    private let body =
        #"{"model":"m","stream":true,"messages":[{"role":"user","content":"hush"},{"content":1.0,"role":"x"}],"user":"u","#
        + #""metadata":{"user_id":"1","run_id":"2"},"tools":[],"temperature":1.50,"stop":null}"#

    private func key(_ request: TapeRequest, _ rules: CassetteRules = CassetteRules()) -> String {
        CanonicalRequest(request, rules: rules).key
    }

    private func tape(_ request: TapeRequest) -> Tape {
        var tape = makeTape(chunks: [[1]])
        tape.request = request
        return tape
    }

    @Test("hold no content, come back from their file as they were, and match the live request")
    func roundTrip() throws {
        let live = TapeRequest(liveRequest(body))
        let hashed = live.hashed
        let bytes = tape(hashed).encoded
        let text = String(decoding: bytes, as: UTF8.self)
        for word in ["hush", "run_id", "user_id", "1.5", "\"x\""] { #expect(!text.contains(word)) }
        for line in [
            #"["qb","/model","m"]"#, #"["qb","/stream",true]"#, #"["qh","/messages/0","sha256:"#,
            #"["qh","/messages/1","sha256:"#, #"["qh","/metadata","sha256:"#, #"["qh","/tools","sha256:"#,
            #"["qh","/temperature","sha256:"#, #"["qh","/stop","sha256:"#,
        ] {
            #expect(text.contains(line), "\(line)")
        }
        #expect(!text.contains("/user\""))
        let read = try TapeReader.read(bytes, name: "t")
        #expect(read.request.isHashed)
        #expect(read.encoded == bytes)
        #expect(key(read.request) == key(live))
        #expect(read.request.model == "m")
        #expect(read.request.asksForStream)
        #expect(read.request.hashed.bodyText == read.request.bodyText)
        let same =
            #"{"stop":null,"temperature":15e-1,"metadata":{"run_id":"2"},"tools":[],"model":"m","stream":true,"#
            + #""messages":[{"content":"hush","role":"user"},{"role":"x","content":1}]}"#
        #expect(key(TapeRequest(liveRequest(same))) == key(read.request))
        #expect(key(TapeRequest(liveRequest(same.replacing("hush", with: "hash")))) != key(read.request))
    }

    @Test("are recognised under rules that name members")
    func rules() throws {
        let hashed = TapeRequest(liveRequest(body)).hashed
        let other = TapeRequest(liveRequest(body.replacing("1.50", with: "2").replacing("\"2\"", with: "\"3\"")))
        #expect(key(other) != key(hashed))
        func holds(_ rules: CassetteRules) -> Bool { key(other, rules) == key(hashed, rules) }
        let ignored = ["/temperature", "/metadata"].compactMap { JSONValue.Pointer($0) }
        #expect(holds(CassetteRules(ignore: ignored)))
        #expect(!holds(CassetteRules(ignore: [ignored[0]])))
        #expect(holds(CassetteRules(match: ["model", "messages"])))
        #expect(!holds(CassetteRules(match: ["model", "temperature"])))
        // What is deeper than a digest can't be left out of it: such a tape isn't found, and never a wrong one.
        #expect(
            !holds(CassetteRules(ignore: ["/temperature", "/metadata/run_id"].compactMap { JSONValue.Pointer($0) }))
        )
        let first = CassetteRules(ignore: ["/messages/0"].compactMap { JSONValue.Pointer($0) })
        #expect(key(TapeRequest(liveRequest(body.replacing("hush", with: "x"))), first) == key(hashed, first))
        let all = CassetteRules(ignore: ["/messages/*"].compactMap { JSONValue.Pointer($0) })
        #expect(key(TapeRequest(liveRequest(body)), all) == key(hashed, all))
    }

    @Test("of other bodies are recognised by their type and bytes")
    func raw() throws {
        let live = LiveRequest(method: "POST", path: "/x", headers: [("Content-Type", "audio/wav")], body: [0, 255])
        let request = TapeRequest(live)
        let bytes = tape(request.hashed).encoded
        let read = try TapeReader.read(bytes, name: "t")
        #expect(read.encoded == bytes)
        #expect(read.request.isHashed)
        #expect(key(read.request) == key(request))
        let empty = TapeRequest(liveRequest("{}"))
        #expect(key(try TapeReader.read(tape(empty.hashed).encoded, name: "t").request) == key(empty))
        #expect(key(TapeRequest(liveRequest(#"{"user":"u"}"#)).hashed) == key(empty))
        #expect(!TapeRequest(liveRequest("")).hashed.isHashed)
    }

    private static let names = ["a.tape.jsonl", "a-2.tape.jsonl", "a-3.tape.jsonl"]

    @Test("play beside tapes with bodies, in recorded order; a miss names the member that differs")
    func mixed() throws {
        let clear = TapeRequest(liveRequest(body))
        let items = [clear, clear.hashed, clear].enumerated().map { number, request in
            Cassette.Item(name: Self.names[number], scope: .root, tape: tape(request))
        }
        let deck = TapeDeck(Cassette(directory: "c", rules: CassetteRules(), items: items))
        for (number, name) in Self.names.enumerated() {
            guard case .play(let playback) = deck.decide(liveRequest(body), mode: .none) else {
                Issue.record("number \(number) wasn't played")
                return
            }
            #expect(playback.item.name == name)
        }
        let hashedOnly = TapeDeck(Cassette(directory: "c", rules: CassetteRules(), items: [items[1]]))
        let changed = liveRequest(body.replacing("hush", with: "what?"))
        guard case .miss(let report) = hashedOnly.decide(changed, mode: .none) else {
            Issue.record("it was played")
            return
        }
        #expect(report.differences.map(\.place) == ["/messages/0"])
        #expect(report.differences.first?.recorded?.contains("sha256:") == true)
        #expect(report.differences.first?.requested?.contains("what?") == true)
    }

    @Test("mask secrets before they are digested, so that another key makes no other request")
    func masked() {
        let secrets = ["sk-one-0123456789", "sk-two-0123456789"].map { TapeSecrets([$0]) }
        let requests = zip(["sk-one-0123456789", "sk-two-0123456789"], secrets).map { value, secrets in
            TapeRequest(liveRequest(#"{"prompt":"key \#(value)"}"#), secrets: secrets).hashed
        }
        #expect(requests[0].bodyText == requests[1].bodyText)
    }

    private static let digest = "sha256:" + String(repeating: "0a", count: 32)

    @Test(
        "that are none are refused with their line",
        arguments: [
            (#"["qh","/a","sha256:00"]"#, "64 digits"), (#"["qh","/a",1]"#, "must be a string"),
            (#"["qh","/a","\#(digest.uppercased())"]"#, "64 digits"), (#"["qh","","\#(digest)"]"#, "no pointer"),
            (#"["qh","/model","\#(digest)"]"#, "no pointer"), (#"["qh","/a/b/c","\#(digest)"]"#, "no pointer"),
            (#"["qh","/a/1","\#(digest)"]"#, "doesn't follow"), (#"["qh","a","\#(digest)"]"#, "no pointer"),
            (#"["qr","a/b",{"digest":1}]"#, "must be a string"), (#"["qr","a/b",{"digest":"x"}]"#, "64 digits"),
        ]
    )
    func hostile(_ line: String, _ message: String) {
        let error = #expect(throws: TapeError.self) { try parse(#"{"tape":1}"#, #"["q","POST","/"]"#, line) }
        #expect(error?.line == 3)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test("don't stand beside what is in clear")
    func mixedLines() throws {
        let digest = #"["qh","/a","\#(Self.digest)"]"#
        for pair in [(#"["qb","/b",1]"#, digest), (digest, #"["qb","/b",1]"#), (digest, digest)] {
            let error = #expect(throws: TapeError.self) {
                try parse(#"{"tape":1}"#, #"["q","POST","/"]"#, pair.0, pair.1)
            }
            #expect(error?.line == 4)
        }
        let tape = try parse(#"{"tape":1}"#, #"["q","POST","/"]"#, digest, #"["qb","/model","m"]"#, isPart: true)
        #expect(tape.request.isHashed)
    }
}
