import Broadcast
import Dialects

/// The members of a command, each looked at once, with errors that name them.
struct CommandFields {
    private let message: JSONValue
    private let kind: SessionCommand.Kind

    init(_ message: JSONValue, of kind: SessionCommand.Kind) {
        self.message = message
        self.kind = kind
    }

    /// Refuses members that mean nothing here: a mistyped one must not do something else.
    func check(known: [String]) throws(SessionError) {
        for member in message.members ?? [] where !(["type", "ref"] + known).contains(member.name) {
            let list = known.isEmpty ? "only ref" : known.joined(separator: ", ")
            throw error("'\(member.name.prefix(64))' is not known in \(kind.rawValue): there are \(list)")
        }
    }

    func value(_ name: String) throws(SessionError) -> JSONValue {
        guard let value = message[name] else { throw error("\(kind.rawValue) needs \(name)") }
        return value
    }

    func string(_ name: String) throws(SessionError) -> String {
        let value = try value(name)
        guard let text = value.string else { throw error("\(name) is a string, not \(value.typeName)") }
        return text
    }

    func optionalString(_ name: String) throws(SessionError) -> String? {
        guard let value = message[name], !value.isNull else { return nil }
        guard let text = value.string else { throw error("\(name) is a string, not \(value.typeName)") }
        return text
    }

    func channel(_ name: String) throws(SessionError) -> String {
        guard EventChannel.isValid(name: name) else {
            throw SessionError(
                .unknownChannel,
                EventChannel.refusal(ofName: name.prefix(160))
            )
        }
        return name
    }

    func stream(_ text: String) throws(SessionError) -> StreamID {
        guard let id = StreamID(text) else {
            throw SessionError(APIRefusal.noStream(String(text.prefix(64))), otherwise: .unknownStream)
        }
        return id
    }

    /// The channels and streams that the command names, none twice.
    func targets() throws(SessionError) -> [SessionTarget] {
        var targets: [SessionTarget] = []
        for name in try names("channels") { targets.append(.channel(try channel(name))) }
        for name in try names("streams") { targets.append(.stream(try stream(name))) }
        guard !targets.isEmpty else { throw error("\(kind.rawValue) needs channels or streams, and a name in them") }
        guard Set(targets).count == targets.count else { throw error("\(kind.rawValue) has one name twice") }
        return targets
    }

    private func names(_ member: String) throws(SessionError) -> [String] {
        guard let value = message[member], !value.isNull else { return [] }
        let strings = value.array?.compactMap(\.string)
        guard let strings, strings.count == value.array?.count else {
            throw error("\(member) is an array of strings")
        }
        return strings
    }

    func error(_ message: String) -> SessionError { SessionError(.badCommand, message) }
}

extension CommandFields {
    /// What a reader may say of a subscription beside its place, as in a URL's query.
    private static let parameters = API.reading.filter {
        ["view", "catchup", "include_usage", "merge"].contains($0.name)
    }

    /// What a `subscribe` asks for.
    func subscriptions() throws(SessionError) -> [(target: SessionTarget, terms: SubscriptionRequest.Terms)] {
        try check(known: ["channels", "streams", "since"] + Self.parameters.map(\.name))
        let targets = try targets()
        let places = try places(of: targets)
        let query = try query()
        var found: [(target: SessionTarget, terms: SubscriptionRequest.Terms)] = []
        for target in targets {
            do throws(SubscriptionRequest.Refusal) {
                found.append((target, try SubscriptionRequest.Terms(query, since: places[target])))
            } catch {
                throw self.error(error.message)
            }
        }
        return found
    }

    private func query() throws(SessionError) -> Query {
        var values: [(String, String)] = []
        for parameter in Self.parameters {
            guard let value = message[parameter.name], !value.isNull else { continue }
            switch (value.kind, parameter.kind) {
            case (.bool(let flag), .flag): values.append((parameter.name, flag ? "true" : "false"))
            case (.string(let text), .choice), (.string(let text), .text): values.append((parameter.name, text))
            default:
                let wanted = parameter.kind == .flag ? "true or false" : "a string"
                throw error("\(parameter.name) takes \(wanted), not \(value.typeName)")
            }
        }
        do throws(Query.Problem) {
            return try Query(values, for: Self.parameters)
        } catch {
            throw self.error(error.message)
        }
    }

    /// Where each subscription begins: one word for all, or one for each name.
    private func places(of targets: [SessionTarget]) throws(SessionError) -> [SessionTarget: String] {
        guard let since = message["since"], !since.isNull else { return [:] }
        if let text = since.string { return Dictionary(uniqueKeysWithValues: targets.map { ($0, text) }) }
        guard let members = since.members else {
            throw error("since is a string, or an object with one for each name, not \(since.typeName)")
        }
        let named = Dictionary(grouping: targets, by: \.name)
        var places: [SessionTarget: String] = [:]
        for member in members {
            guard let found = named[member.name] else {
                throw error("since has '\(member.name.prefix(160))', which isn't subscribed to here")
            }
            guard let text = member.value.string else {
                throw error("since has \(member.value.typeName) for '\(member.name)', where a string belongs")
            }
            // A channel may have a stream's id for its name.
            for target in found { places[target] = text }
        }
        return places
    }
}
