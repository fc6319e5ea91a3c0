/// What a request to AWS is signed with (Signature Version 4).
///
/// A signed request bears what AWS reads: `content-type`, `accept`, `user-agent`, `accept-encoding` and the headers
/// that begin with `x-amz`. All others stay behind, and so does any signature of the caller's own, which was made for
/// another host. Its body has to be known whole: one that streams up can't be signed.
public struct AWSSigning: Sendable, Hashable {
    public var accessKey: String
    public var secretKey: String
    /// Comes with temporary credentials.
    public var sessionToken: String?
    /// Such as `us-east-1`.
    public var region: String
    /// Such as `bedrock`.
    public var service: String

    public init(accessKey: String, secretKey: String, sessionToken: String? = nil, region: String, service: String) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.region = region
        self.service = service
    }
}
