import Dialects
import Testing

@testable import Broadcast

/// The HTTP protocol binding's binary mode.
@Suite("A CloudEvent in headers")
struct CloudEventHeaderTests {
    private static let required = [
        (name: "Ce-Specversion", value: "1.0"), ("ce-id", "a"), ("CE-SOURCE", "/s"), ("ce-type", "t"),
    ]

    private func read(_ headers: [(name: String, value: String)], _ body: [UInt8] = []) throws -> String {
        String(decoding: try CloudEvent(headers: Self.required + headers, body: body).json, as: UTF8.self)
    }

    @Test(
        "has its values encoded as the binding says, and reads back what it writes",
        arguments: [
            ("plain-~!#$&'()*+,/:;=?@[]{}|^`<>\\", nil), ("Euro € 😀", "Euro%20%E2%82%AC%20%F0%9F%98%80"),
            ("\"100%\"", "%22100%25%22"),
            ("%41", "%2541"), ("", ""), ("a\u{7F}\u{80}", "a%7F%C2%80"),
        ] as [(String, String?)]
    )
    func values(text: String, encoded: String?) {
        #expect(HeaderText.encode(text) == encoded ?? text)
        #expect(HeaderText.decode(encoded ?? text) == text)
    }

    @Test(
        "is read whether it is quoted or encoded, in small letters or in large ones",
        arguments: [
            (#""a \"b\" \\ c""#, #"a "b" \ c"#), (#""%e2%82%ac""#, "€"), ("100%", "100%"), ("%zz%4", "%zz%4"),
            ("%41", "A"),
            ("\"open", nil), ("\"open\\", nil), ("%C0%A0", nil), ("%FF", nil), ("%ED%A0%80", nil),
        ] as [(String, String?)]
    )
    func lenient(text: String, decoded: String?) { #expect(HeaderText.decode(text) == decoded) }

    @Test("has its data in the body, as its content type says")
    func data() throws {
        let head = #"{"specversion":"1.0","id":"a","source":"/s","type":"t""#
        func typed(_ type: String, _ body: [UInt8]) throws -> String { try read([("Content-Type", type)], body) }
        #expect(try read([]) == head + "}")
        #expect(try read([("ce-x", "%20"), ("host", "h"), ("ce", "no")]) == head + #","x":" "}"#)
        // Without a type nothing is known of it (JSON event format, section 3.2).
        #expect(try read([], Array("{}".utf8)) == head + #","data_base64":"e30="}"#)
        let json = "application/json; charset=utf-8"
        #expect(
            try typed(json, Array("{ \"a\":\n1.0 }".utf8)) == head + #","datacontenttype":"\#(json)","data":{"a":1.0}}"#
        )
        #expect(try typed("text/plain", Array("é\n".utf8)) == head + #","datacontenttype":"text/plain","data":"é\n"}"#)
        #expect(try typed("text/plain", [0xFF]) == head + #","datacontenttype":"text/plain","data_base64":"/w=="}"#)
        let latin = "text/plain; charset=iso-8859-1"
        #expect(try typed(latin, [0x61]) == head + #","datacontenttype":"\#(latin)","data_base64":"YQ=="}"#)
        #expect(try typed("image/png", [0x61]) == head + #","datacontenttype":"image/png","data_base64":"YQ=="}"#)
        #expect(try typed("a/b+xml", [0x61]) == head + #","datacontenttype":"a/b+xml","data":"a"}"#)
    }

    @Test(
        "is refused where it breaks a rule",
        arguments: [
            ("ce-datacontenttype", "text/plain", "", "content-type"), ("ce-id", "b", "", "'id' is there twice"),
            ("ce-a-b", "x", "", "'a-b' can't name"), ("ce-data", "x", "", "can't be called 'data'"),
            ("ce-x", "%00", "", "control"), ("ce-x", "%FF", "", "percent-encoded"), ("ce-é", "x", "", "can't name"),
            ("content-type", "application/json", "{", "no JSON"), ("content-type", "nothing", "", "media type"),
        ]
    )
    func refused(name: String, value: String, body: String, message: String) {
        let problem = #expect(throws: CloudEvent.Problem.self) { try read([(name, value)], Array(body.utf8)) }
        #expect(problem?.description.contains(message) == true, "\(problem?.description ?? "")")
    }

    @Test("is known by any of its headers")
    func known() {
        #expect(CloudEvent.isBinary(headers: ["host", "Ce-Id"]) && CloudEvent.isBinary(headers: ["ce-x"]))
        #expect(!CloudEvent.isBinary(headers: ["host", "ce-", "ce", "cex", "accept"]))
    }

    @Test(
        "goes out so that it comes in again",
        arguments: [
            #""data":{"a":1}"#, #""datacontenttype":"text/xml","data":"<é/>""#, #""data_base64":"AAH/""#, "",
            #""datacontenttype":"image/png","data_base64":"AAH/""#, #""subject":"a \"b\" 100% é😀","x":"\\""#,
        ]
    )
    func roundTrip(members: String) throws {
        let head = #"{"specversion":"1.0","id":"a","source":"/s","type":"t""#
        let text = head + (members.isEmpty ? "" : ",") + members + "}"
        let message = try CloudEvent(json: try JSONValue(parsing: text)).binary
        for header in message.headers {
            #expect(header.value.utf8.allSatisfy { (0x20...0x7E).contains($0) })
            #expect(header.name == "content-type" || header.name.hasPrefix("ce-"))
        }
        let back = String(decoding: try CloudEvent(headers: message.headers, body: message.body).json, as: UTF8.self)
        // JSON goes without saying in JSON, but not in a body.
        #expect(back == text.replacing(#","data":{"#, with: #","datacontenttype":"application/json","data":{"#))
    }

    @Test("says numbers and flags in words")
    func canonical() throws {
        let text = #"{"specversion":"1.0","id":"a","source":"/s","type":"t","n":-7,"f":false,"datacontenttype":"a/b"}"#
        let message = try CloudEvent(json: try JSONValue(parsing: text)).binary
        #expect(
            message.headers.map { "\($0.name): \($0.value)" } == [
                "ce-specversion: 1.0", "ce-id: a", "ce-source: /s", "ce-type: t", "ce-n: -7", "ce-f: false",
                "content-type: a/b",
            ]
        )
        #expect(message.body.isEmpty)
        let batch = CloudEventMessage.batch(Array(text.utf8))
        #expect(batch.body == Array("[\(text)]".utf8))
        #expect(batch.headers.map(\.value) == ["application/cloudevents-batch+json; charset=utf-8"])
        #expect(CloudEventMessage.structured(Array(text.utf8)).body == Array(text.utf8))
    }
}
