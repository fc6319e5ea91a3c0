import NIOCore
import TestSupport
import Testing

@testable import Upstream

/// Requests signed for AWS, checked as AWS checks them, as they arrive.
@Suite struct SigningTests {
    private static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

    private static func signing(token: String? = nil) -> AWSSigning {
        AWSSigning(
            accessKey: "AKIDEXAMPLE",
            secretKey: secret,
            sessionToken: token,
            region: "eu-west-3",
            service: "bedrock"
        )
    }

    private func problem(of request: ReceivedRequest, mustSign: [String] = []) -> String? {
        AWSSignature.problem(
            of: request,
            accessKey: "AKIDEXAMPLE",
            secret: Self.secret,
            region: "eu-west-3",
            mustSign: ["host", "x-amz-date"] + mustSign
        )
    }

    /// What arrives of a request.
    private func arrival(_ change: (inout UpstreamRequest) -> Void) async throws -> ReceivedRequest {
        let upstream = try TestUpstream { _, connection in
            try connection.readBody()
            try connection.reply("{}")
        }
        return try await withEngine { engine in
            var request = UpstreamRequest(
                method: "POST",
                url: upstream.url + "/model/m/converse",
                headers: [.init("content-type", "application/json")],
                body: .bytes(Array(#"{"messages":[]}"#.utf8)),
                signing: Self.signing()
            )
            let origin = request.url
            change(&request)
            request.url = request.url.hasPrefix("/") ? upstream.url + request.url : origin
            let heard = try await engine.run(request).end()
            #expect(heard.heads.map(\.status) == [200])
            return try #require(upstream.log.current.requests.first)
        }
    }

    @Test(
        "A path arrives as it was given and is signed encoded once more",
        arguments: [
            ("/model/amazon.nova-micro-v1%3A0/converse-stream", nil),
            ("/model/a.b-c_d~e:0/invoke", nil), ("/", nil),
            ("/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aprofile%2Fx/converse", nil),
            ("/model/m%3a0/converse", "/model/m%3A0/converse"), ("/a//b/(c)/%25/'*!+,;=@$&", nil),
            ("/model/m/invoke?b=2&a=1", "/model/m/invoke?a=1&b=2"),
            ("/model/m/invoke?b&a=%3a%20x", "/model/m/invoke?a=%3A%20x&b="),
            ("/model/m/invoke?", "/model/m/invoke?"), ("/%zz/%", nil),
        ] as [(String, String?)]
    )
    func paths(path: String, sent: String?) async throws {
        let request = try await arrival { $0.url = path }
        #expect(request.target == sent ?? path)
        #expect(problem(of: request, mustSign: ["content-type"]) == nil)
    }

    @Test("Bodies of any kind are signed, and so is none")
    func bodies() async throws {
        for body in [[], [0, 255, 10], Array(#"{"é":1}"#.utf8), [UInt8](repeating: 0x78, count: 3 << 20)] {
            let request = try await arrival { $0.body = .bytes(body) }
            #expect(request.body == body)
            #expect(problem(of: request) == nil)
        }
        let request = try await arrival {
            $0.method = "GET"
            $0.body = .none
            $0.headers = []
        }
        #expect(problem(of: request) == nil)
        #expect(request.value("content-type") == nil)
    }

    @Test("A session's token is sent and signed")
    func token() async throws {
        let request = try await arrival { $0.signing = Self.signing(token: "FwoG//EXAMPLE+token==") }
        #expect(request.value("x-amz-security-token") == "FwoG//EXAMPLE+token==")
        #expect(problem(of: request, mustSign: ["x-amz-security-token"]) == nil)
    }

    @Test("What AWS reads is signed, each name once; the rest stays behind, a foreign signature too")
    func headers() async throws {
        let request = try await arrival {
            $0.headers = [
                .init("Accept", "application/vnd.amazon.eventstream"), .init("X-Amzn-Bedrock-Trace", "ENABLED"),
                .init("x-amzn-b", "1"), .init("X-Amzn-B", " 2   3 "), .init("x-amz-user-agent", "ua/2"),
                .init("User-Agent", "Boto3/1"), .init("accept-encoding", "identity"), .init("x-amzn-empty", ""),
                .init("X-Amz-Date", "20000101T000000Z"), .init("X-Amz-Security-Token", "callers"),
                .init("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), .init("date", "Sat, 01 Jan 2000 00:00:00 GMT"),
                .init("amz-sdk-request", "attempt=1"), .init("x-stainless-runtime", "node"),
                .init(name: "X-Amzn-Raw", bytes: Array("é".utf8)),
            ]
        }
        #expect(problem(of: request, mustSign: ["accept", "content-type", "x-amzn-b", "x-amzn-raw"]) == nil)
        #expect(request.values("x-amzn-b") == ["1, 2   3 "] || request.values("x-amzn-b") == ["1, 2   3"])
        #expect(request.value("user-agent") == "Boto3/1")
        #expect(request.values("accept-encoding") == ["identity"])
        #expect(request.values("x-amz-date").count == 1)
        #expect(request.value("content-type") == "application/json")
        for name in ["x-amz-security-token", "x-amz-content-sha256", "date", "amz-sdk-request", "x-amzn-empty"] {
            #expect(request.value(name) == nil)
        }
    }

    @Test("The verifier takes no signature but the right one")
    func verifier() async throws {
        let good = try await arrival { $0.url = "/model/m%3A0/invoke?a=1" }
        #expect(problem(of: good) == nil)
        var changed = good
        changed.body += [0x20]
        #expect(problem(of: changed) != nil)
        changed = good
        changed.target = "/model/m:0/invoke?a=1"
        #expect(problem(of: changed) != nil)
        changed = good
        changed.method = "PUT"
        #expect(problem(of: changed) != nil)
        changed = good
        changed.fields.removeAll { $0.name.lowercased() == "content-type" }
        #expect(problem(of: changed) != nil)
        let foreign = AWSSignature.problem(
            of: good,
            accessKey: "AKIDEXAMPLE",
            secret: "other",
            region: "eu-west-3"
        )
        #expect(foreign?.hasPrefix("the signature") == true)
    }

    @Test(
        "The URL's path is what this version of libcurl has to sign",
        arguments: [
            (0x075801, "http://h:1/model/m%253A0//x?a=1"), (0x080D00, "http://h:1/model/m%253A0//x?a=1"),
            (0x080E00, "http://h:1/model/m%3A0//x?a=1"),
        ] as [(UInt32, String)]
    )
    func versions(version: UInt32, url: String) {
        let request = UpstreamRequest(method: "POST", url: "http://h:1/model/m%3A0//x?a=1")
        let signed = SignedRequest(request, Self.signing(), version: version)
        #expect(signed.url == url)
        #expect(signed.target == "/model/m%3A0//x?a=1")
    }
}
