import NIOHTTP1
import Testing
import Upstream

@testable import Server

@Suite("Where a key is shown, and what goes on without it")
struct KeySlotTests {
    private let access = AccessControl(keys: [
        TestKeys.key("a", [.call]), TestKeys.key("b", [.call]), TestKeys.key("old", [.admin], expires: 1000),
    ])
    private let a = TestKeys.text("a")

    private func caller(_ fields: [(String, String)], query: String? = nil) -> Result<String, AccessRefusal> {
        do throws(AccessRefusal) {
            return .success(try access.caller(HTTPHeaders(fields), query: query, at: 5000).principal.owner ?? "-")
        } catch {
            return .failure(error)
        }
    }

    /// What is left of headers and query.
    private func left(_ fields: [(String, String)], query: String? = nil) throws -> (lines: [String], query: String?) {
        var headers = HTTPHeaders(fields)
        var query = query
        let caller = try access.caller(headers, query: query, at: 5000)
        access.removeKeys(of: caller, from: &headers, query: &query)
        return (headers.lines, query)
    }

    @Test(
        "A key is found in every place where SDKs put theirs, and taken out there",
        arguments: [
            ("Authorization", "Bearer KEY"), ("authorization", "bearer  KEY "), ("AUTHORIZATION", "KEY"),
            ("x-api-key", "KEY"), ("X-Api-Key", "\tKEY"), ("api-key", "KEY"), ("x-goog-api-key", "KEY"),
            ("Tokencast-Key", "KEY"), ("tokencast-key", "Bearer KEY"),
        ]
    )
    func slots(name: String, form: String) throws {
        let field = (name, form.replacing("KEY", with: a))
        #expect(caller([field]) == .success("a"))
        #expect(try left([("A", "1"), field]).lines == ["A: 1"])
    }

    @Test(
        "Google's place in the query",
        arguments: [
            ("key=KEY", nil), ("key=KEY&alt=sse", "alt=sse"), ("alt=sse&key=KEY", "alt=sse"), ("k%65y=KEY&a", "a"),
            ("key=%74ck_secret-of-a", nil), ("key=KEY&other=KEY&x=1", "x=1"),
        ] as [(String, String?)]
    )
    func query(form: String, rest: String?) throws {
        let query = form.replacing("KEY", with: a)
        #expect(caller([], query: query) == .success("a"))
        #expect(try left([], query: query).query == rest)
    }

    @Test("A query that bears none goes on byte for byte")
    func untouchedQuery() throws {
        for query in ["", "a&&b=%20&", "key=", "key=AIza", "monkey=x"] {
            #expect(try left([("Tokencast-Key", a)], query: query).query == query)
        }
    }

    @Test("Our own header goes before the SDK's, whose credential goes on as it is")
    func own() throws {
        let fields = [("Authorization", "Bearer sk-real"), ("Tokencast-Key", a), ("x-api-key", "unused")]
        #expect(caller(fields) == .success("a"))
        #expect(try left(fields).lines == ["Authorization: Bearer sk-real", "x-api-key: unused"])
    }

    @Test("Whatever else bears a key of ours is taken out: a second one, the same one elsewhere")
    func everywhere() throws {
        let fields = [
            ("Authorization", "Bearer \(a)"), ("x-api-key", TestKeys.text("b")), ("Cookie", "session=\(a); x=y"),
            ("X-Forwarded-Auth", a), ("api-key", TestKeys.text("old")), ("Other", "kept"),
        ]
        #expect(try left(fields).lines == ["Other: kept"])
        // With our own header, an SDK's place may hold another of ours.
        let both = [("Tokencast-Key", a), ("Authorization", "Bearer \(TestKeys.text("b"))"), ("x-api-key", "sk-real")]
        #expect(try left(both).lines == ["x-api-key: sk-real"])
    }

    @Test("The first of ours counts, where an SDK sends a placeholder before it")
    func order() {
        #expect(caller([("Authorization", "Bearer unused"), ("x-api-key", TestKeys.text("b"))]) == .success("b"))
        #expect(caller([("x-goog-api-key", a), ("Authorization", "Bearer \(TestKeys.text("b"))")]) == .success("b"))
    }

    @Test(
        "What is none is refused, and the words say what it is",
        arguments: [
            ([], "a key is needed"), ([("Authorization", "Bearer ")], "a key is needed"),
            ([("Tokencast-Key", "")], "a key is"),
            ([("Authorization", "Bearer sk-real")], "none of this server's; where it is your provider's"),
            ([("Authorization", "Basic dXNlcjpwYXNz")], "none of this server's"),
            ([("Tokencast-Key", "tck_wrong")], "the key in Tokencast-Key is none"),
            ([("x-api-key", "tck_secret-of-old")], "the key 'old' expired at 1970-01-01T00:16:40Z"),
        ]
    )
    func refusals(fields: [(String, String)], words: String) throws {
        guard case .failure(let refusal) = caller(fields) else { throw Unexpected(fields: fields) }
        #expect(refusal.status == 401)
        #expect(refusal.message.contains(words), "\(refusal.message)")
        #expect(refusal.headers.contains { $0.name == "WWW-Authenticate" && $0.value == "Bearer" })
        for (_, value) in fields where value.utf8.count > 7 { #expect(!refusal.message.contains(value)) }
    }

    private struct Unexpected: Error { var fields: [(String, String)] }

    @Test("A wrong key of our own header isn't made good by another place")
    func wrongOwn() {
        guard case .failure = caller([("Tokencast-Key", "x"), ("Authorization", "Bearer \(a)")]) else {
            Issue.record("it was let in")
            return
        }
    }

    @Test("Without keys nothing is looked at and nothing taken out")
    func open() throws {
        let open = AccessControl()
        var fields = HTTPHeaders([("Authorization", "Bearer \(a)"), ("Tokencast-Key", "x")])
        var query: String? = "key=\(a)"
        let caller = try open.caller(fields, query: query)
        open.removeKeys(of: caller, from: &fields, query: &query)
        #expect(caller.principal == .anyone && fields.count == 2 && query == "key=\(a)")
    }
}
