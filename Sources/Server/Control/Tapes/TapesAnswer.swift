import Dialects
import Tapes

/// The answers of `/tapes`.
struct TapesAnswer: Sendable {
    var status = 200
    var body: JSONValue

    /// Works an answer out; what it looks at may be large, so not on an event loop.
    init(_ request: TapesRequest) async {
        switch request.resource {
        case .list: body = .object([("cassettes", .array(request.decks.map { Self.cassette($0, request) }))])
        case .requests: body = Self.requests(request)
        case .verify:
            body = Self.verification(request)
            if body["ok"]?.bool != true { status = 409 }
        case .reset:
            do throws(CassetteError) {
                for deck in request.decks { try await deck.reset(scope: request.scope) }
                body = .object([("ok", .bool(true)), ("scope", Self.name(request.scope))])
            } catch {
                status = 409
                body = .object([
                    ("ok", .bool(false)), ("errors", .array(error.errors.map { .string($0.description) })),
                ])
            }
        }
    }

    private static func name(_ scope: TapeScope?) -> JSONValue { scope.map { .string($0.description) } ?? .null }

    // MARK: GET /tapes

    private static func cassette(_ deck: TapeDeck, _ request: TapesRequest) -> JSONValue {
        let uses = request.settings.filter { $0.deck === deck }.map { setting in
            JSONValue.object([
                ("mode", .string(setting.policy.mode.rawValue)),
                ("scopes", .object(setting.policy.scopes.map { ($0.pattern, .string($0.mode.rawValue)) })),
            ])
        }
        let tapes = deck.tapes.filter { request.scope == nil || $0.item.scope == request.scope }
        let asked = deck.touchedScopes.filter { request.scope == nil || $0 == request.scope }
        return .object([
            ("cassette", .string(deck.directory)),
            ("uses", .array(uses)),
            ("asked", .array(asked.map(name))),
            ("tapes", .array(tapes.map { tape($0.item, isPlayed: $0.isPlayed) })),
        ])
    }

    private static func tape(_ item: Cassette.Item, isPlayed: Bool) -> JSONValue {
        let tape = item.tape
        return .object([
            ("name", .string(item.name)),
            ("scope", name(item.scope)),
            ("method", .string(tape.request.method)),
            ("path", .string(tape.request.path)),
            ("model", tape.request.model.map { .string($0) } ?? .null),
            ("created", .string(tape.header.created)),
            ("status", tape.response.map { .integer($0.status) } ?? .null),
            ("end", tape.end.map { .string($0.reason.rawValue) } ?? .null),
            ("chunks", .integer(tape.chunks.count)),
            ("servable", .bool(item.isServable)),
            ("played", .bool(isPlayed)),
        ])
    }

    // MARK: GET /tapes/requests

    private static func requests(_ request: TapesRequest) -> JSONValue {
        var shown: [JSONValue] = []
        var dropped = 0
        for deck in request.decks {
            let found = deck.requests(scope: request.scope)
            dropped += found.dropped
            shown += found.kept.map { placed($0.json, in: deck) }
        }
        return .object([("requests", .array(shown)), ("dropped", .integer(dropped))])
    }

    private static func placed(_ value: JSONValue, in deck: TapeDeck) -> JSONValue {
        let cassette = JSONValue.Member("cassette", .string(deck.directory))
        return JSONValue(.object([cassette] + (value.members ?? [])))
    }

    // MARK: GET /tapes/verify

    private static func verification(_ request: TapesRequest) -> JSONValue {
        var unexpected: [JSONValue] = []
        var unexpectedCount = 0
        var unused: [JSONValue] = []
        for deck in request.decks {
            let found = deck.verify(scope: request.scope)
            unexpected += found.unexpected.map { placed($0.json, in: deck) }
            unexpectedCount += found.unexpectedCount
            unused += found.unused.map { .string($0) }
        }
        return .object([
            ("ok", .bool(unexpectedCount == 0 && unused.isEmpty)),
            ("scope", name(request.scope)),
            ("unexpected", .array(unexpected)),
            ("unexpectedCount", .integer(unexpectedCount)),
            ("unused", .array(unused)),
        ])
    }
}
