import Upstream

/// How an upstream is shown who pays, where the caller has no credential of its own.
///
/// It belongs to one upstream and is put into requests to that one only.
public enum UpstreamAuthentication: Sendable, Hashable {
    /// There is nothing to put in: what the caller brings passes as it is.
    case callers
    /// A key, in the header that the provider's family looks for it in.
    case key(String)
    /// AWS's own ways.
    case aws(AWSAuthentication)

    /// Whether a request's body has to be known before it can go.
    var needsWholeBody: Bool {
        if case .aws = self { true } else { false }
    }

    /// What must never be seen in tapes, tees and logs.
    var secrets: [String] {
        switch self {
        case .callers: []
        case .key(let key): [key]
        case .aws(let authentication): authentication.secrets
        }
    }

    /// Puts the configured credential into a request whose caller's is absent or a placeholder.
    ///
    /// The request is complete but for this: a signature can cover all of it.
    func apply(to request: inout UpstreamRequest, of family: ProviderFamily) throws(AuthenticationProblem) {
        switch self {
        case .callers: return
        case .key(let key):
            guard !Credentials.isGiven(in: request, of: family) else { return }
            Credentials.remove(from: &request, of: family)
            request.headers.append(family.header(for: key))
        case .aws(let authentication): try authentication.apply(to: &request)
        }
    }
}
