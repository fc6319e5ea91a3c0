import Testing

@testable import Upstream

/// Header lines as libcurl hands them over, one by one.
@Suite struct HeaderBlockTests {
    private func heads(_ lines: [String]) -> [UpstreamHead] {
        var block = HeaderBlock()
        return lines.compactMap { line in
            Array(line.utf8).withUnsafeBytes { block.take($0, offset: 7) }
        }
    }

    @Test func aHeadIsItsStatusLineAndItsFields() throws {
        let found = heads([
            "HTTP/1.1 200 All right\r\n", "A: 1\r\n", "a:2  \r\n", "B:\t x: y \r\n", "Empty:\r\n", "\r\n",
        ])
        let head = try #require(found.first)
        #expect(found.count == 1)
        #expect(head.status == 200)
        #expect(head.reason == "All right")
        #expect(head.httpVersion == "1.1")
        #expect(head.offset == 7)
        #expect(head.headers == [.init("A", "1"), .init("a", "2"), .init("B", "x: y"), .init("Empty", "")])
    }

    @Test(
        "Status lines",
        arguments: [
            ("HTTP/1.1 200 OK\r\n", 200, "OK", "1.1"), ("HTTP/1.1 200 \r\n", 200, "", "1.1"),
            ("HTTP/1.1 200\r\n", 200, "", "1.1"), ("HTTP/2 204 \r\n", 204, "", "2"),
            ("HTTP/1.0 404 Not Found\n", 404, "Not Found", "1.0"),
        ]
    )
    func statusLines(line: String, status: Int, reason: String, version: String) throws {
        let head = try #require(heads([line, "\r\n"]).first)
        #expect(head.status == status)
        #expect(head.reason == reason)
        #expect(head.httpVersion == version)
    }

    @Test func interimAnswersAreSkipped() throws {
        let found = heads([
            "HTTP/1.1 100 Continue\r\n", "\r\n", "HTTP/1.1 103 Early Hints\r\n", "Link: x\r\n", "\r\n",
            "HTTP/1.1 200 OK\r\n",
            "A: 1\r\n", "\r\n",
        ])
        #expect(found.map(\.status) == [200])
        #expect(found.first?.headers.map(\.name) == ["A"])
    }

    @Test func trailersAreIgnored() {
        let found = heads(["HTTP/1.1 200 OK\r\n", "\r\n", "X-Checksum: 1\r\n", "\r\n", "HTTP/1.1 500 x\r\n", "\r\n"])
        #expect(found.map(\.status) == [200])
        #expect(found.first?.headers.isEmpty == true)
    }

    @Test func aFoldedLineIsUnfolded() throws {
        let head = try #require(
            heads(["HTTP/1.1 200 OK\r\n", "A: one\r\n", " \t two \r\n", "\tthree\r\n", "B: 1\r\n", "\r\n"]).first
        )
        #expect(head.headers == [.init("A", "one two three"), .init("B", "1")])
    }

    @Test func bytesThatAreNoTextStay() throws {
        var block = HeaderBlock()
        let lines: [[UInt8]] = [
            Array("HTTP/1.1 200 OK\r\n".utf8), Array("A: ".utf8) + [0xE9, 0xFF, 13, 10], [13, 10],
        ]
        let head = lines.compactMap { line in line.withUnsafeBytes { block.take($0, offset: 0) } }.first
        #expect(try #require(head).headers.first?.bytes == [0xE9, 0xFF])
    }

    @Test func namesAreComparedWithoutCase() {
        let field = HeaderField("Retry-After", "3")
        #expect(field.isNamed("retry-after"))
        #expect(field.isNamed("RETRY-AFTER"))
        #expect(!field.isNamed("retry_after"))
        #expect(!field.isNamed("retry-afte"))
        // A bit apart from each other, and no letters.
        #expect(!HeaderField("a[", "").isNamed("a{"))
        #expect([field].first("retry-after") == "3")
        #expect([field].first("other") == nil)
    }
}
