import COpenSSL
package import NIOCore
package import NIOHTTP1

/// The server's side of the opening handshake (RFC 6455, section 4.2).
package struct WebSocketHandshake {
    /// Why there is no WebSocket.
    package struct Refusal: Error, Equatable {
        package var status: Int
        package var message: String
    }

    package let response: ByteBuffer

    /// - Parameter subprotocol: one that the client offers; nil where none is agreed on.
    package init(_ head: HTTPRequestHead, subprotocol: String? = nil) throws(Refusal) {
        guard head.headers.first(name: "sec-websocket-version") == "13" else {
            throw .init(status: 426, message: "only WebSocket version 13 is spoken here")
        }
        let keys = head.headers["sec-websocket-key"]
        guard keys.count == 1, let key = keys.first, Self.isKey(key) else {
            throw .init(status: 400, message: "sec-websocket-key must be 16 bytes in base 64")
        }
        var response = ByteBuffer()
        response.writeString("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n")
        response.writeString("sec-websocket-accept: \(Self.accept(key))\r\n")
        if let subprotocol { response.writeString("sec-websocket-protocol: \(subprotocol)\r\n") }
        response.writeString("\r\n")
        self.response = response
    }

    /// Whether the caller wants a WebSocket (section 4.1).
    ///
    /// Only the forms that clients send are taken: the HTTP decoder must see the same in them, and stop reading, or
    /// parts of a next request would reach the WebSocket's handlers.
    package static func isWanted(by head: HTTPRequestHead) -> Bool {
        let connection = head.headers["connection"]
        guard head.method == .GET, head.version == .http1_1, connection.count == 1,
            head.headers["upgrade"].map({ $0.lowercased() }) == ["websocket"]
        else {
            return false
        }
        let options = connection[0].lowercased().filter { $0 != " " }
        return ["upgrade", "keep-alive,upgrade", "upgrade,keep-alive"].contains(options)
    }

    /// 22 characters of base 64 and two equals signs.
    private static func isKey(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard bytes.count == 24, bytes.suffix(2) == [0x3D, 0x3D] else { return false }
        return bytes.dropLast(2).allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "+"), UInt8(ascii: "/"): true
            default: false
            }
        }
    }

    /// The digest that proves that the key was read.
    static func accept(_ key: String) -> String {
        let input = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        EVP_Digest(input, input.count, &digest, &length, EVP_sha1(), nil)
        var text = [UInt8](repeating: 0, count: 64)
        let count = EVP_EncodeBlock(&text, digest, CInt(length))
        return String(decoding: text.prefix(Int(count)), as: UTF8.self)
    }
}
