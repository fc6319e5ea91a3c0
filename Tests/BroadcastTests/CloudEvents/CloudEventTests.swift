import Dialects
import Testing

@testable import Broadcast

/// CloudEvents that others make, by the specification's rules.
@Suite("A CloudEvent")
struct CloudEventTests {
    private func read(_ text: String) throws -> CloudEvent {
        try CloudEvent(json: try JSONValue(parsing: text))
    }

    /// What is said of an event that isn't one; nil where it is.
    private func problem(_ text: String) throws -> String? {
        let value = try JSONValue(parsing: text)
        do throws(CloudEvent.Problem) {
            _ = try CloudEvent(json: value)
            return nil
        } catch {
            return error.description
        }
    }

    /// An event with these members beside the required ones.
    private static func event(_ members: String) -> String {
        #"{"specversion":"1.0","id":"a","source":"/s","type":"t"\#(members.isEmpty ? "" : ",")\#(members)}"#
    }

    @Test(
        "comes out as it came in, its data last",
        arguments: [
            "", #""subject":"é 😀""#, #""time":"2026-01-31T12:00:00.123456+02:00""#,
            #""text":"a","number":-2147483648,"flag":true"#,
            #""datacontenttype":"application/json","data":{"b":1.50,"a":[]}"#,
            #""data":null"#, #""data":"plain""#, #""datacontenttype":"text/xml","data":"<a/>""#,
            #""datacontenttype":"application/x+json; a=b","data":[1]"#, #""data_base64":"AAH/""#,
            #""datacontenttype":"application/json","data_base64":"e30=""#, #""dataschema":"https://a.example/s?x#y""#,
        ]
    )
    func same(members: String) throws {
        let text = Self.event(members)
        #expect(String(decoding: try read(text).json, as: UTF8.self) == text)
    }

    @Test("has no attribute that is null, and its data at the end")
    func order() throws {
        let event = try read(
            #"{"data":1,"type":"t","subject":null,"id":"a","data_base64":null,"source":"s","specversion":"1.0"}"#
        )
        #expect(
            String(decoding: event.json, as: UTF8.self)
                == #"{"type":"t","id":"a","source":"s","specversion":"1.0","data":1}"#
        )
        #expect(event.id == "a" && event.source == "s" && event.type == "t")
    }

    @Test(
        "is refused where it breaks a rule, and the rule is named",
        arguments: [
            ("[]", "JSON object"), (#"{"id":"a","source":"s","type":"t"}"#, "'specversion' is missing"),
            (#"{"specversion":"1.0","source":"s","type":"t"}"#, "'id' is missing"),
            (#"{"specversion":"1.0","id":"a","type":"t"}"#, "'source' is missing"),
            (#"{"specversion":"1.0","id":"a","source":"s"}"#, "'type' is missing"),
            (#"{"specversion":"1.0","id":null,"source":"s","type":"t"}"#, "'id' is missing"),
            (#"{"specversion":"0.3","id":"a","source":"s","type":"t"}"#, "specversion is '1.0' here"),
            (#"{"specversion":1,"id":"a","source":"s","type":"t"}"#, "'specversion' is a string"),
            (#"{"specversion":"1.0","id":"","source":"s","type":"t"}"#, "'id' is empty"),
            (#"{"specversion":"1.0","id":"a","source":"a b","type":"t"}"#, "URI reference"),
            (#"{"specversion":"1.0","id":"a","source":"é","type":"t"}"#, "URI reference"),
            (#"{"specversion":"1.0","id":7,"source":"s","type":"t"}"#, "'id' is a string"),
            (event(#""subject":"""#), "'subject' is empty"), (event(#""time":"yesterday""#), "RFC 3339"),
            (event(#""time":"2026-02-30T00:00:00Z""#), "RFC 3339"), (event(#""dataschema":"s""#), "absolute URI"),
            (event(#""datacontenttype":"json""#), "media type"),
            (event(#""datacontenttype":"a/b\r\nx: y""#), "control"),
            (event(#""Upper":"a""#), "'Upper' can't name"), (event(#""under_score":"a""#), "'under_score' can't name"),
            (event(#""":"a""#), "can't name"), (event("\"\(String(repeating: "x", count: 65))\":1"), "can't name"),
            (event(#""list":[]"#), "'list' is an array"), (event(#""object":{}"#), "'object' is an object"),
            (event(#""number":1.5"#), "whole one of 32 bits"), (event(#""number":2147483648"#), "whole one of 32 bits"),
            (event(#""text":"a\u0000b""#), "control character"), (event(#""text":"\u0085""#), "control character"),
            (event(#""text":"\ufdd0""#), "one that is none"), (event(#""text":"\ud83f\udffe""#), "one that is none"),
            (event(#""data":1,"data_base64":"AA==""#), "too much"), (event(#""data_base64":"A""#), "isn't base64"),
            (event(#""data_base64":7"#), "isn't base64"),
            (event(#""datacontenttype":"text/plain","data":{}"#), "isn't JSON"),
            (event((0..<125).map { "\"a\($0)\":1" }.joined(separator: ",")), "128 attributes at most"),
        ]
    )
    func refused(text: String, message: String) throws {
        let problem = try #require(try problem(text))
        #expect(problem.contains(message), "\(problem)")
        #expect(problem.utf8.count < 1000)
    }

    @Test("comes in batches of any number up to a limit, and the one that isn't an event is named")
    func batches() throws {
        let event = Self.event("")
        func batch(_ text: String) throws -> Int {
            try CloudEvent.batch(json: try JSONValue(parsing: text), atMost: 3).count
        }
        #expect(try batch("[]") == 0)
        #expect(try batch("[\(event),\(event),\(event)]") == 3)
        #expect(throws: CloudEvent.Problem("a batch has 3 events at most")) {
            try batch("[\(event),\(event),\(event),\(event)]")
        }
        #expect(throws: CloudEvent.Problem("a batch is a JSON array, not an object")) { try batch(event) }
        #expect(throws: CloudEvent.Problem("event 2 of the batch: the attribute 'specversion' is missing")) {
            try batch("[\(event),{}]")
        }
    }

    @Test(
        "is published under its type, with its data as JSON",
        arguments: [
            ("com.example.done", "", "com.example.done", "null"), ("a b", "", "message", "null"),
            ("delta", "", "message", "null"), ("a/b", #","data":{"x":1}"#, "message", #"{"x":1}"#),
            ("t", #","datacontenttype":"text/xml","data":"<a/>""#, "t", #""<a/>""#),
            ("t", #","data_base64":"AAH/""#, "t", #""AAH/""#), ("t", #","data":null"#, "t", "null"),
        ]
    )
    func published(type: String, data: String, name: String, expected: String) throws {
        let text = #"{"specversion":"1.0","id":"a","source":"/s","type":"\#(type)"\#(data)}"#
        let event = try #require(PublishedEvent(try read(text)))
        #expect(event.name == name)
        #expect(String(decoding: event.data, as: UTF8.self) == expected)
        #expect(event.cloudEvent.map { String(decoding: $0, as: UTF8.self) } == text)
        #expect(PublishedEvent(try read(text), name: "other")?.name == "other")
        #expect(PublishedEvent(try read(text), name: "end") == nil)
    }
}
