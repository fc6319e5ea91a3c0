import Dialects
import Testing

@testable import Tapes

private let header = #"{"tape":1}"#
private let request = #"["q","POST","/x",{},{}]"#
private let response = #"["r",0,200,[],{}]"#
private let emptySHA = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

@Suite("A tape that isn't to be trusted")
struct HostileTapeTests {
    @Test(
        "is refused with the line that is wrong",
        arguments: [
            ([#"{"tape":2}"#], 1, TapeError.Code.version),
            ([#"{"tape":0}"#], 1, .value),
            ([#"{"tape":"1"}"#], 1, .value),
            ([#"{}"#], 1, .value),
            ([#"{"tape":1,"tape":1}"#], 1, .syntax),
            ([#"{"tape":1,"scope":"../../etc"}"#], 1, .value),
            ([#"{"tape":1,"scope":"/etc"}"#], 1, .value),
            ([request], 1, .order),
            ([header, header], 2, .order),
            ([header, request, request], 3, .order),
            ([header, response], 2, .order),
            ([header, request, ""], 3, .syntax),
            ([header, request, "null"], 3, .value),
            ([header, request, "[]"], 3, .value),
            ([header, request, "[1]"], 3, .value),
            ([header, request, #"["z",1]"#], 3, .value),
            ([header, #"["q","POST"]"#], 2, .value),
            ([header, #"["q","POST","/x",{"a":1},{}]"#], 2, .value),
            ([header, #"["q","POST","/x",{},{"a":"1","a":"2"}]"#], 2, .syntax),
            ([header, request, #"["qb","/a",1]"#, #"["qb","/a",2]"#], 4, .value),
            ([header, request, #"["qb","/a/1",1]"#], 3, .order),
            ([header, request, #"["qb","/a/0",1]"#, #"["qb","/b/1",1]"#], 4, .order),
            ([header, request, #"["qb","/a",[]]"#, #"["qb","/a/0",1]"#], 4, .value),
            ([header, request, #"["qb","/a/b/c",1]"#], 3, .value),
            ([header, request, #"["qb","a",1]"#], 3, .value),
            ([header, request, #"["qb","",[]]"#], 3, .value),
            ([header, request, #"["qr","","x"]"#, #"["qb","/a",1]"#], 4, .order),
            ([header, request, #"["qr","",{"base64":"A"}]"#], 3, .value),
            ([header, request, #"["c",1,"x"]"#], 3, .order),
            ([header, request, #"["r",-1,200,[],{}]"#], 3, .value),
            ([header, request, #"["r",1.0,200,[],{}]"#], 3, .value),
            ([header, request, #"["r",99999999999999999999,200,[],{}]"#], 3, .value),
            ([header, request, #"["r",0,20,[],{}]"#], 3, .value),
            ([header, request, #"["r",0,200,[["a"]],{}]"#], 3, .value),
            ([header, request, response, response], 4, .order),
            ([header, request, response, #"["qb","/a",1]"#], 4, .order),
            ([header, request, response, #"["c",5,"x"]"#, #"["c",4,"x"]"#], 5, .value),
            ([header, request, response, #"["c",5,7]"#], 4, .value),
            ([header, request, response, #"["c",5,"x",{"pre":"A9"}]"#], 4, .value),
            ([header, request, response, #"["c",5,"x",{"pre":"a"}]"#], 4, .value),
            ([header, request, response, #"["c",5,"x",{"post":"a9a9a9a9"}]"#], 4, .value),
            ([header, request, response, #"["b",5,"AA="]"#], 4, .value),
            ([header, request, response, #"["b",5,"AAB="]"#], 4, .value),
            ([header, request, response, #"["b",5,"A A="]"#], 4, .value),
            ([header, request, response, #"["w",5,"?","text",""]"#], 4, .value),
            ([header, request, response, #"["w",5,">","nope",""]"#], 4, .value),
            ([header, request, response, #"["e",5,{"reason":"eof","bytes":0,"chunks":0}]"#], 4, .value),
            (
                [header, request, response, #"["e",5,{"reason":"eof","bytes":1,"chunks":0,"sha256":"\#(emptySHA)"}]"#],
                4, .integrity
            ),
            (
                [header, request, response, #"["e",5,{"reason":"eof","bytes":0,"chunks":1,"sha256":"\#(emptySHA)"}]"#],
                4, .integrity
            ),
            (
                [header, request, response, #"["e",5,{"reason":"eof","bytes":0,"chunks":0,"sha256":"00"}]"#], 4,
                .integrity
            ),
            (
                [
                    header, request, response,
                    #"["e",5,{"reason":"eof","bytes":0,"chunks":0,"sha256":"\#(emptySHA)"}]"#,
                    #"["m",6,"late",{}]"#,
                ], 5, .order
            ),
        ]
    )
    func isRefused(_ lines: [String], _ line: Int, _ code: TapeError.Code) throws {
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        let error = try #require(throws: TapeError.self) { try TapeReader.read(bytes, name: "bad.tape.jsonl") }
        #expect(error.line == line, "\(error)")
        #expect(error.code == code, "\(error)")
        #expect(error.description.hasPrefix("bad.tape.jsonl:\(line): "))
    }

    @Test("is refused where a line nests too deep")
    func depthBomb() throws {
        let bomb = String(repeating: "[", count: 100_000)
        let error = try #require(throws: TapeError.self) { try parse(header, request, #"["qb","/a","# + bomb) }
        #expect(error.code == .tooLarge)
        #expect(error.line == 3)
    }

    @Test("is refused where a line or the file is too long")
    func tooLong() throws {
        let limits = TapeLimits(line: 100, file: 1000)
        let long = Array("\(header)\n\(request)\n[\"qr\",\"\",\"\(String(repeating: "x", count: 200))\"]\n".utf8)
        let line = try #require(throws: TapeError.self) { try TapeReader.read(long, name: "t", limits: limits) }
        #expect(line.code == .tooLarge)
        #expect(line.line == 3)
        let file = try #require(throws: TapeError.self) {
            try TapeReader.read([UInt8](repeating: 32, count: 1001), name: "t", limits: limits)
        }
        #expect(file.code == .tooLarge)
        #expect(file.line == nil)
    }

    @Test("is refused where there is nothing, or no request")
    func empty() {
        #expect(throws: TapeError.self) { try TapeReader.read([], name: "t") }
        #expect(throws: TapeError.self) { try parse(header) }
    }

    @Test("is taken where it knows more than this version does")
    func unknown() throws {
        let tape = try parse(
            #"{"tape":1,"colour":"blue","canon":"c9"}"#,
            #"["x-note","anything",{"a":[]}]"#,
            #"["q","GET","/x",{},{},{"more":1}]"#,
            #"["r",0,200,[],{"http":"2","tls":true},"more"]"#,
            #"["c",1,"x",{"event":"e"}]"#,
            #"["x-"]"#
        )
        #expect(tape.body == [120])
        #expect(tape.response?.httpVersion == "2")
        #expect(tape.isPartial)
        #expect(!tape.isServable)
    }

    @Test("is taken with lines that end as on Windows")
    func carriageReturns() throws {
        let text = String(decoding: makeTape(chunks: [[97]]).encoded, as: UTF8.self)
        let windows = text.split(separator: "\n").joined(separator: "\r\n")
        #expect(try TapeReader.read(Array(windows.utf8), name: "t").body == [97])
    }

    @Test("never traps, cut at any byte or with any byte changed; as a .part it always loads when cut")
    func cutAnywhere() throws {
        let bytes = makeTape(chunks: [Array("data: é\n\n".utf8), [0xC3], [0xFF, 0]]).encoded
        for cut in 0...bytes.count {
            let part = try TapeReader.read(Array(bytes[..<cut]), name: "t", isPart: true)
            #expect(part.isPartial == (cut < bytes.count))
            _ = try? TapeReader.read(Array(bytes[..<cut]), name: "t")
        }
        for index in bytes.indices {
            for byte in [0x00, 0x0A, 0x22, 0x2D, 0x5B, 0x7D, 0xFF] as [UInt8] {
                var broken = bytes
                broken[index] = byte
                _ = try? TapeReader.read(broken, name: "t")
                _ = try? TapeReader.read(broken, name: "t", isPart: true)
            }
        }
    }

    @Test("doesn't excuse a broken line that isn't the last, even in a .part")
    func brokenInTheMiddle() throws {
        let error = try #require(throws: TapeError.self) {
            try parse(header, request, #"["r",0,20"#, #"["c",1,"x"]"#, isPart: true)
        }
        #expect(error.line == 3)
    }

    @Test(
        "has no scope that leads out of its directory",
        arguments: [
            "..", "../x", "x/../y", "/x", "x/", "x//y", ".", ".git", "x/.y", "-rf", "x y", "x\0", "é", "x\\y",
            "a/b/c/d/e/f/g/h/i", String(repeating: "x", count: 65),
        ]
    )
    func scopes(_ text: String) {
        #expect(TapeScope(text) == nil)
    }

    @Test("has a scope of plain segments", arguments: ["", "tests", "tests/chat-2", "a.b/_c/D9"])
    func goodScopes(_ text: String) {
        #expect(TapeScope(text)?.description == text)
    }
}
