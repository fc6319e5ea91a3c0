import Tapes
import Testing

@Suite("The texts of replay options")
struct ReplayTextTests {
    @Test(
        "Ways to cut a body are read and printed",
        arguments: [
            ("recorded", Rechunk.recorded), ("event", .event), ("line", .line), ("byte", .byte), ("size:17", .size(17)),
            ("utf8-split", .utf8Split), ("crlf-split", .crlfSplit), ("coalesce", .coalesce),
            ("random", .random(seed: nil)), ("random:7", .random(seed: 7)),
            ("random:18446744073709551615", .random(seed: .max)),
        ]
    )
    func rechunk(_ text: String, _ mode: Rechunk) throws {
        #expect(try Rechunk(parsing: text) == mode)
        #expect(try Rechunk(parsing: "  \(text)\t") == mode)
        #expect(mode.description == text)
    }

    @Test(
        "What is no way to cut a body is refused",
        arguments: [
            "", "bytes", "Event", "size", "size:", "size:0", "size:-1", "size:+1", "size:1.5", "size:9999999999",
            "byte:1",
            "random:", "random:-1", "random:18446744073709551616", "random:0x7", "event,line", "size:1:2", "s\u{0}ze:1",
        ]
    )
    func noRechunk(_ text: String) throws {
        let error = try #require(throws: ReplayTextError.self) { try Rechunk(parsing: text) }
        #expect(error.message.contains("is no way to cut a body"))
    }

    @Test(
        "Faults are read and printed",
        arguments: [
            ("drop", Fault(.drop(reset: false))),
            ("drop@event:5", Fault(.drop(reset: false), at: .event(5))),
            ("reset@byte:180", Fault(.drop(reset: true), at: .byte(180))),
            ("reset@end", Fault(.drop(reset: true), at: .end)),
            ("stall", Fault(.stall(milliseconds: nil))),
            ("stall:2000@ms:500", Fault(.stall(milliseconds: 2000), at: .milliseconds(500))),
            ("status:429", Fault(.status(429, retryAfter: nil))),
            ("status:429;retry-after=1;times=2", Fault(.status(429, retryAfter: 1), times: 2)),
            ("malformed@event:3", Fault(.malformed, at: .event(3))),
            ("no-terminal", Fault(.noTerminal)),
            ("dup@event:3;times=1", Fault(.duplicate, at: .event(3), times: 1)),
            ("slow:4@event:2", Fault(.slow(factor: 4), at: .event(2))),
            ("slow:0.25", Fault(.slow(factor: 0.25))),
            ("inject:%3A%20ping%0A%0A@event:2", Fault(.inject(Array(": ping\n\n".utf8)), at: .event(2))),
            ("inject:%FF%00%2B%40%3B%2C%25%2F", Fault(.inject([0xFF, 0] + Array("+@;,%/".utf8)))),
        ]
    )
    func fault(_ text: String, _ fault: Fault) throws {
        let read = try Fault(parsing: text)
        #expect(read == fault)
        #expect(try Fault(parsing: fault.description) == fault)
        #expect(try Fault(parsing: read.description) == fault)
        #expect(fault.description.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
    }

    @Test("Parameters may stand on either side of the address, and a plain text needs no escapes")
    func order() throws {
        #expect(try Fault(parsing: "drop;times=1@event:5") == Fault(.drop(reset: false), at: .event(5), times: 1))
        #expect(try Fault(parsing: "drop@start") == Fault(.drop(reset: false)))
        #expect(try Fault(parsing: "inject:data: {\"a\":1}%0a%0a") == Fault(.inject(Array("data: {\"a\":1}\n\n".utf8))))
        #expect(try Fault(parsing: "inject:é") == Fault(.inject(Array("é".utf8))))
        #expect(Fault(.inject(Array("data: x\n".utf8))).description == "inject:data:%20x%0A")
    }

    @Test(
        "What is no fault is refused",
        arguments: [
            ("", "is no fault"), ("drpo", "is no fault"), ("drop:1", "is no fault"), ("Drop", "is no fault"),
            ("slow", "is no fault"), ("status", "is no fault"), ("inject", "is no fault"), ("dup:2", "is no fault"),
            ("inject:", "needs a text"), ("inject:%4", "%25"), ("inject:%zz", "%25"), ("inject:100%", "%25"),
            ("drop@", "is no address"), ("drop@event", "is no address"), ("drop@line:1", "is no address"),
            ("drop@event:0", "event takes a whole number from 1"), ("drop@byte:-1", "byte takes"),
            ("drop@ms:1.5", "ms takes"), ("drop@ms:99999999999999999999", "ms takes"),
            ("drop@start:1", "is no address"),
            ("drop@event:1@byte:2", "two addresses"), ("drop@event:1;times=2@ms:1", "two addresses"),
            ("status:99", "status takes"), ("status:600", "status takes"), ("status:4x9", "status takes"),
            ("status:429@event:1", "no address"), ("no-terminal@event:1", "no address"),
            ("drop;retry-after=1", "goes with status"), ("status:429;retry-after=x", "retry-after takes"),
            ("drop;times=0", "times takes"), ("drop;times=1;times=2", "once each"),
            ("drop;time=1", "can't stand there"),
            ("drop;", "can't stand there"), ("slow:0@event:1", "slow takes"), ("slow:-1", "slow takes"),
            ("slow:nan", "slow takes"), ("slow:inf", "slow takes"), ("stall:x", "stall takes"),
        ]
    )
    func noFault(_ text: String, _ message: String) throws {
        let error = try #require(throws: ReplayTextError.self) { try Fault(parsing: text) }
        #expect(error.message.contains(message), "\(error)")
        #expect(error.message.contains("'\(text)'"))
    }

    @Test("Several are joined by a plus, or by commas as HTTP joins header lines; none is none")
    func lists() throws {
        let two = [Fault(.drop(reset: false), at: .event(5)), Fault(.slow(factor: 2))]
        #expect(try Fault.list(parsing: ["drop@event:5+slow:2"]) == two)
        #expect(try Fault.list(parsing: ["drop@event:5, slow:2"]) == two)
        #expect(try Fault.list(parsing: ["drop@event:5", " slow:2 "]) == two)
        #expect(try Fault.list(parsing: ["none"]) == [])
        #expect(try Fault.list(parsing: []) == [])
        #expect(throws: ReplayTextError.self) { try Fault.list(parsing: [""]) }
        #expect(throws: ReplayTextError.self) { try Fault.list(parsing: ["drop++drop"]) }
    }

    @Test("They are bounded in number and in size")
    func bounds() throws {
        let many = Array(repeating: "dup", count: Fault.maximumCount)
        #expect(try Fault.list(parsing: many).count == Fault.maximumCount)
        #expect(throws: ReplayTextError.self) { try Fault.list(parsing: many + ["dup"]) }
        let long = "inject:" + String(repeating: "x", count: Fault.maximumText - 7)
        #expect(try Fault.list(parsing: [long]).count == 1)
        #expect(throws: ReplayTextError.self) { try Fault.list(parsing: [long + "x"]) }
        #expect(throws: ReplayTextError.self) { try Fault(parsing: long + "x") }
        #expect(throws: ReplayTextError.self) { try Fault.list(parsing: [long, "dup"]) }
    }

    @Test("Any bytes are either refused or read back from what is printed")
    func anything() {
        var random = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0 ... .max, using: &random)
        var generator = SplitMix64(seed: seed)
        let alphabet = Array("dropestuinjc:@;=+,%0123456789-. \u{E9}\0".utf8)
        for _ in 0..<2000 {
            let count = Int.random(in: 0..<24, using: &generator)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            let start = ["", "drop@", "inject:", "status:429;", "slow:"].randomElement(using: &generator) ?? ""
            let text = start + String(decoding: bytes, as: UTF8.self)
            guard let fault = try? Fault(parsing: text) else { continue }
            #expect((try? Fault(parsing: fault.description)) == fault, "seed \(seed): \(text)")
        }
    }

    @Test("What a request leaves open is the next one's to say")
    func merging() {
        let request = ReplayOptions(rechunk: .byte)
        let cassette = ReplayOptions(speed: 2, rechunk: .line, faults: [Fault(.duplicate)])
        #expect(request.or(cassette) == ReplayOptions(speed: 2, rechunk: .byte, faults: [Fault(.duplicate)]))
        #expect(ReplayOptions(faults: []).or(cassette).faults == [])
    }

    @Test("Numbers are from 0 to 30 million", arguments: ["-1", "nan", "inf", "", "x", "30000001", "1,5", "1 2"])
    func numbers(_ text: String) {
        #expect(throws: ReplayTextError.self) { try ReplayOptions.number(text, called: "speed") }
        #expect((try? ReplayOptions.number(" 0.5", called: "speed")) == 0.5)
    }
}
