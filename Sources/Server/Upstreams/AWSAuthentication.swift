import Upstream

/// How requests to Amazon Bedrock are shown who pays: what AWS's usual environment variables hold.
public struct AWSAuthentication: Sendable, Hashable {
    /// A Bedrock API key, sent as it is; it goes before a signature.
    private let bearerToken: String?
    private let accessKey: String?
    private let secretKey: String?
    private let sessionToken: String?
    private let region: String?

    /// - Parameters:
    ///   - environment: read are `AWS_BEARER_TOKEN_BEDROCK`; `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and
    ///     `AWS_SESSION_TOKEN`; and, where the address names no region, `AWS_REGION` or `AWS_DEFAULT_REGION`.
    ///   - key: a Bedrock API key that is configured, and goes before the environment's.
    ///   - url: the upstream's address.
    public init(environment: [String: String], key: String? = nil, url: UpstreamURL) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        bearerToken = key ?? value("AWS_BEARER_TOKEN_BEDROCK")
        accessKey = value("AWS_ACCESS_KEY_ID")
        secretKey = value("AWS_SECRET_ACCESS_KEY")
        sessionToken = value("AWS_SESSION_TOKEN")
        region = Self.region(in: url) ?? value("AWS_REGION") ?? value("AWS_DEFAULT_REGION")
    }

    /// What must never be seen in tapes, tees and logs.
    var secrets: [String] { [bearerToken, secretKey, sessionToken].compactMap { $0 } }

    /// Puts the credential into a request, or has it signed.
    ///
    /// A caller's own API key passes as it is. A caller's signature doesn't: it was made for our address, and is wrong
    /// for any other.
    func apply(to request: inout UpstreamRequest) throws(AuthenticationProblem) {
        request.headers.removeAll { $0.isNamed("authorization") && $0.value.hasPrefix("AWS4-") }
        guard !Credentials.isGiven(in: request, of: .bedrock) else { return removeSignature(from: &request) }
        Credentials.remove(from: &request, of: .bedrock)
        if let bearerToken {
            removeSignature(from: &request)
            request.headers.append(ProviderFamily.bedrock.header(for: bearerToken))
            return
        }
        guard let accessKey, let secretKey else { throw .noCredentials }
        guard let region, Self.isRegion(region) else { throw .noRegion }
        if case .stream = request.body { throw .bodyTooLarge }
        request.signing = AWSSigning(
            accessKey: accessKey,
            secretKey: secretKey,
            sessionToken: sessionToken,
            region: region,
            service: "bedrock"
        )
    }

    private func removeSignature(from request: inout UpstreamRequest) {
        for name in ["x-amz-date", "x-amz-security-token", "x-amz-content-sha256"] {
            request.headers.removeAll { $0.isNamed(name) }
        }
    }

    /// The region that an address of AWS's names, behind the service: `bedrock-runtime.us-east-1.amazonaws.com`, or
    /// `vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com`.
    private static func region(in url: UpstreamURL) -> String? {
        let host = url.origin.split(separator: "/").last?.prefix { $0 != ":" } ?? ""
        let labels = host.lowercased().split(separator: ".").map(String.init)
        guard labels.last != "localhost", let service = labels.firstIndex(where: { $0.hasPrefix("bedrock") }),
            service + 1 < labels.count, labels.count > service + 2
        else { return nil }
        let region = labels[service + 1]
        // `eu-west-3`, `us-gov-east-1`: words and a number.
        return isRegion(region) && region.contains("-") && region.last?.isNumber == true ? region : nil
    }

    private static func isRegion(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.allSatisfy { $0 == "-" || $0.isASCII && ($0.isLetter || $0.isNumber) }
    }
}

/// Why a request can't be shown to be paid for; it is refused before anything goes upstream.
struct AuthenticationProblem: Error, Hashable {
    var status: Int
    var code: String
    /// What follows the upstream's name.
    var reason: String

    static let noCredentials = Self(
        status: 403,
        code: "no_credentials",
        reason:
            "has no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, with AWS_SESSION_TOKEN where they "
            + "are temporary, or AWS_BEARER_TOKEN_BEDROCK"
    )
    static let noRegion = Self(
        status: 403,
        code: "no_region",
        reason: "has no region: its address names none, so set AWS_REGION, as us-east-1"
    )
    static let bodyTooLarge = Self(
        status: 413,
        code: "body_too_large",
        reason: "takes no body of this size: what is signed has to be held whole"
    )
}
