import Broadcast
import NIOHTTP1
import Testing

@testable import Server

/// Counters as Prometheus reads them, and the WebSocket handshake's digest.
@Suite struct MetricsTests {
    @Test func everyFamilyIsDescribedAndEverySampleHasAValue() {
        let counters = Counters()
        counters.activeStreams.add(3)
        counters.failedStreams.add(2)
        counters.webSocketSubscribers.add()
        counters.timeToFirstToken.record(microseconds: 7000)
        let text = MetricsText(counters).text
        #expect(text.hasSuffix("\n"))
        var families: Set<String> = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("# ") {
                #expect(["HELP", "TYPE"].contains(words[1]))
                if words[1] == "TYPE" { families.insert(String(words[2])) }
                continue
            }
            let name = words[0].prefix { $0 != "{" }
            let family =
                ["_bucket", "_sum", "_count"].first { name.hasSuffix($0) }.map { name.dropLast($0.count) } ?? name
            #expect(families.contains(String(family)), "\(line)")
            #expect(words.count == 2 && Double(words[1]) != nil, "\(line)")
        }
        let lines = Set(text.split(separator: "\n").map(String.init))
        #expect(lines.contains("tokencast_streams 3"))
        #expect(lines.contains(#"tokencast_streams_ended_total{state="error"} 2"#))
        #expect(lines.contains(#"tokencast_subscribers{transport="websocket"} 1"#))
        #expect(lines.contains(#"tokencast_time_to_first_token_seconds_bucket{le="0.005"} 0"#))
        #expect(lines.contains(#"tokencast_time_to_first_token_seconds_bucket{le="0.01"} 1"#))
        #expect(lines.contains("tokencast_time_to_first_token_seconds_sum 0.007"))
    }

    @Test func theDigestOfTheRFCsExample() {
        #expect(WebSocketHandshake.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(
        "Handshakes that are refused",
        arguments: [
            ("12", "dGhlIHNhbXBsZSBub25jZQ==", 426), ("13", "dGhlIHNhbXBsZSBub25jZQ=", 400), ("13", "", 400),
            ("13", "dGhlIHNhbXBsZSBub25jZ!==", 400), ("13", "dGhlIHNhbXBsZSBub25jZQAA", 400),
        ]
    )
    func refusals(version: String, key: String, status: Int) {
        let headers = HTTPHeaders([("Sec-WebSocket-Version", version), ("Sec-WebSocket-Key", key)])
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: headers)
        do throws(WebSocketHandshake.Refusal) {
            _ = try WebSocketHandshake(head)
            Issue.record("it was taken")
        } catch {
            #expect(error.status == status)
        }
    }
}
