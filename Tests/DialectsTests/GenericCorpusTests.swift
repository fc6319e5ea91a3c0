import Dialects
import Testing

/// Recorded streams of formats that have no dialect: Assistants, Interactions, MCP, plain text data …
@Suite(.enabled(if: Recording.folder != nil, "TOKENCAST_CORPUS is not set"))
struct GenericCorpusTests {
    @Test("Every recording's format has a row in the table, and every dialect's recordings are counted")
    func table() {
        #expect(!Recording.all.isEmpty)
        #expect(Set(Recording.all.filter { !$0.isKnown }.map(\.wire_format)) == [])
        let counts = Dialect.all.map { (name: $0.name, count: Recording.of($0).count) }
        #expect(counts.map(\.count).reduce(0, +) == Recording.all.count)
        print("Recordings: \(counts.map { "\($0.name) \($0.count)" }.joined(separator: ", "))")
    }

    @Test("A format without a dialect gives its frames and says nothing of them", arguments: Recording.of(.generic))
    func opaque(_ recording: Recording) throws {
        let whole = try recording.decoded()
        #expect(whole.end == StreamEnd(state: .complete))
        #expect(whole.events.dropFirst().allSatisfy { $0 == .opaque })
        #expect(whole.events.count == whole.frames.count)
        #expect(whole.frames.count == recording.frameCount)
        #expect(whole.fold.text.isEmpty)
        try recording.expectSameEventsHoweverCut()
    }

    @Test("No dialect takes a stream without one for its own", arguments: Recording.of(.generic))
    func unrecognized(_ recording: Recording) throws {
        #expect(try recording.decoded().dialect == "generic")
    }

    @Test("The generic dialect keeps every frame of any stream and says nothing of it", arguments: Recording.all)
    func certain(_ recording: Recording) throws {
        let whole = decode([try recording.body()], .generic, framing: recording.bodyFraming, isCertain: true)
        #expect(whole.end == StreamEnd(state: .complete))
        #expect(whole.events.dropFirst().allSatisfy { $0 == .opaque })
        #expect(whole.events.count == whole.frames.count)
        if let count = recording.frameCount { #expect(whole.frames.count == count) }
    }
}
