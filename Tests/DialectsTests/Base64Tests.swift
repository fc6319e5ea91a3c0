import Foundation
import Testing

@testable import Dialects

@Suite("Base64")
struct Base64Tests {
    @Test("What Foundation writes is read, at every length")
    func lengths() {
        for count in 0...70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 201) }
            let text = Data(bytes).base64EncodedString()
            #expect(Base64.decode(text) == bytes)
            #expect(Base64.encode(bytes) == text)
        }
    }

    @Test("Every byte that is no letter is refused, wherever it stands")
    func strangers() {
        let text = Array(Data((0..<7).map { UInt8($0) }).base64EncodedString().utf8)
        let letters = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        for place in 0..<text.count - 2 {
            for byte in UInt8.min...UInt8.max where !letters.contains(byte) {
                var broken = text
                broken[place] = byte
                #expect(Base64.decode(broken.span.bytes) == nil, "\(byte) at \(place)")
            }
        }
    }

    @Test(
        "What isn't base64 is refused",
        arguments: [
            "A", "AA", "AAA", "AAAAA", "A===", "====", "=", "==AA", "A=AA", "AA=A", "AAAA====", "AA==AAAA", "AAB=",
            "AB==",
            "AAAA\n", "AAA\n", " AAA", "AA-_",
        ]
    )
    func refusals(_ text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
