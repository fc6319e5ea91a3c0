/// What a tape holds of its request's body.
public enum RequestBodyStorage: String, Sendable, Hashable, CaseIterable {
    /// All of it, with the secrets masked.
    case full
    /// Digests only, by which the request is recognised: prompts aren't on the tape.
    case hash
}
