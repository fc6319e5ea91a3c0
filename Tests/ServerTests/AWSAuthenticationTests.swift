import Testing
import Upstream

@testable import Server

/// Who pays for requests to Bedrock.
@Suite struct AWSAuthenticationTests {
    private static let keys = [
        "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-west-2",
    ]
    private static let regional = "https://bedrock-runtime.eu-west-3.amazonaws.com"

    private func applied(
        _ environment: [String: String],
        key: String? = nil,
        url: String = regional,
        headers: [HeaderField] = [],
        body: UpstreamRequest.Body = .bytes([])
    ) throws -> UpstreamRequest {
        let address = try #require(UpstreamURL(url))
        let authentication = AWSAuthentication(environment: environment, key: key, url: address)
        var request = UpstreamRequest(method: "POST", url: url + "/model/m/converse", headers: headers, body: body)
        try UpstreamAuthentication.aws(authentication).apply(to: &request, of: .bedrock)
        return request
    }

    /// What boto3 sends that is pointed at us.
    private static let foreign = [
        HeaderField("Authorization", "AWS4-HMAC-SHA256 Credential=callers/20260101/us-east-1/bedrock/aws4_request"),
        HeaderField("X-Amz-Date", "20260101T000000Z"), HeaderField("X-Amz-Security-Token", "callers"),
        HeaderField("Content-Type", "application/json"),
    ]

    @Test("A request is signed with the environment's keys, whoever signed it for another host")
    func keys() throws {
        var environment = Self.keys
        environment["AWS_SESSION_TOKEN"] = "session"
        for headers in [[], Self.foreign, [HeaderField("authorization", "Bearer unused")]] {
            let request = try applied(environment, headers: headers)
            #expect(
                request.signing
                    == AWSSigning(
                        accessKey: "AKID",
                        secretKey: "secret",
                        sessionToken: "session",
                        region: "eu-west-3",
                        service: "bedrock"
                    )
            )
            #expect(request.headers.first("authorization") == nil)
        }
    }

    @Test("An API key goes before a signature, and a caller's own before both")
    func bearer() throws {
        var environment = Self.keys
        environment["AWS_BEARER_TOKEN_BEDROCK"] = "token"
        let request = try applied(environment, headers: Self.foreign)
        #expect(request.signing == nil)
        #expect(request.headers.map(\.name) == ["Content-Type", "authorization"])
        #expect(request.headers.first("authorization") == "Bearer token")
        #expect(try applied(environment, key: "mine").headers.first("authorization") == "Bearer mine")
        let own = try applied(environment, headers: [HeaderField("Authorization", "Bearer callers-own")])
        #expect(own.headers.first("authorization") == "Bearer callers-own")
        #expect(own.signing == nil)
    }

    @Test("Without credentials the request is refused, by the names of the variables")
    func none() {
        for environment in [[:], ["AWS_ACCESS_KEY_ID": "AKID"], ["AWS_SECRET_ACCESS_KEY": ""]] {
            #expect(throws: AuthenticationProblem.noCredentials) { try applied(environment, headers: Self.foreign) }
        }
        #expect(AuthenticationProblem.noCredentials.reason.contains("AWS_ACCESS_KEY_ID"))
    }

    @Test(
        "The region is the address's, else the environment's",
        arguments: [
            ("https://bedrock-runtime.us-east-1.amazonaws.com", "us-east-1"),
            ("https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
            ("https://vpce-1.bedrock-runtime.ap-south-1.vpce.amazonaws.com", "ap-south-1"),
            ("https://bedrock-runtime.cn-north-1.amazonaws.com.cn/prefix", "cn-north-1"),
            ("http://127.0.0.1:8080", "us-west-2"), ("http://bedrock.localhost", "us-west-2"),
            ("https://bedrock.example.com", "us-west-2"),
        ]
    )
    func regions(url: String, region: String) throws {
        #expect(try applied(Self.keys, url: url).signing?.region == region)
    }

    @Test("Without a region, or with one that can't be, the request is refused", arguments: [nil, "", "a:b", "x/y"])
    func noRegion(region: String?) {
        var environment = Self.keys
        environment["AWS_REGION"] = region
        #expect(throws: AuthenticationProblem.noRegion) { try applied(environment, url: "http://127.0.0.1:1") }
        environment["AWS_DEFAULT_REGION"] = "eu-north-1"
        if region?.isEmpty != false {
            #expect(throws: Never.self) { try applied(environment, url: "http://127.0.0.1:1") }
        }
    }

    @Test("A body that streams up can't be signed")
    func streamed() {
        #expect(throws: AuthenticationProblem.bodyTooLarge) { try applied(Self.keys, body: .stream(length: 5)) }
    }

    @Test("No secret is seen in tapes and logs")
    func secrets() throws {
        let address = try #require(UpstreamURL(Self.regional))
        var environment = Self.keys
        environment["AWS_SESSION_TOKEN"] = "session"
        let authentication = AWSAuthentication(environment: environment, key: "key", url: address)
        #expect(UpstreamAuthentication.aws(authentication).secrets == ["key", "secret", "session"])
    }
}
