import Broadcast
import Dialects
import NIOHTTP1
import Tapes

/// Who may do what on a server.
public struct AccessControl: Sendable {
    public var keys: AccessKeys
    package var links: LinkSigner

    /// - Parameters:
    ///   - keys: none lets everybody do everything.
    ///   - linkSecrets: any of them verifies signed links, the first signs.
    public init(keys: [AccessKey] = [], linkSecrets: [String] = []) {
        self.keys = AccessKeys(keys)
        links = LinkSigner(secrets: linkSecrets)
    }

    /// Whether whoever reaches the server may do everything.
    public var isOpen: Bool { keys.isEmpty }

    /// Finds out who asks. A key in our own header is the one that counts; else the first of ours where SDKs put theirs.
    ///
    /// - Parameter query: nil where no key is looked for in it.
    func caller(_ fields: HTTPHeaders, query: String?, at now: Int = WallClock.seconds) throws(AccessRefusal) -> Caller
    {
        if isOpen { return Caller(principal: .anyone) }
        let own = fields[KeySlots.own].map(KeySlots.value).filter { !$0.isEmpty }
        let shown = own.isEmpty ? KeySlots.shown(in: fields, query: query) : own
        for text in own.isEmpty ? shown : Array(own.prefix(1)) {
            guard let key = keys.key(shownAs: text) else { continue }
            if let expires = key.expires, key.isExpired(at: now) {
                let time = Timestamp.string(secondsSince1970: expires)
                throw .unauthenticated("the key '\(key.name)' expired at \(time)")
            }
            return Caller(principal: .key(key), shown: text)
        }
        if !own.isEmpty { throw .unauthenticated("the key in Tokencast-Key is none of this server's") }
        if !shown.isEmpty {
            throw .unauthenticated(
                "the key that was sent is none of this server's; where it is your provider's, send this server's in "
                    + "the header Tokencast-Key beside it"
            )
        }
        throw .unauthenticated(
            "a key is needed: send it as 'Authorization: Bearer KEY', or where your SDK puts its provider's"
        )
    }

    /// Takes out of a request's headers and query what is ours, so that it goes nowhere else.
    func removeKeys(of caller: Caller, from fields: inout HTTPHeaders, query: inout String?) {
        guard !isOpen else { return }
        let isOurs = { keys.key(shownAs: $0) != nil }
        fields = KeySlots.without(ours: caller.shown, fields, isOurs: isOurs)
        query = KeySlots.without(ours: caller.shown, query: query, isOurs: isOurs)
    }
}

/// Who sends a request, and what it showed.
struct Caller: Sendable {
    var principal: Principal
    /// The key as it came, which is to be seen nowhere else.
    var shown: String?
}
