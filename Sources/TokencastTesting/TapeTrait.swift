@_exported public import Tapes
public import Testing
import Tokencast

/// Gives a test a server of its own that answers from tapes; for a suite, each of its tests.
///
/// ```swift
/// @Test(.tape("weather", rechunk: .random(seed: 7)))
/// func tellsTheWeather() async throws {
///     let server = try #require(TapeServer.current)
///     let client = Client(baseURL: server.baseURL, key: "unused")
///     #expect(try await client.ask("How is the weather?").contains("sunny"))
///     #expect(server.requests.count == 1)
/// }
/// ```
///
/// When the test is over, a request that no tape answered, or a tape that nobody asked for, is an issue of the test, even
/// where the program under test swallowed the error. With `TOKENCAST_TAPES` set to `once` or `new_episodes` what isn't on
/// tape is asked live and recorded.
public struct TapeTrait: TestTrait, SuiteTrait, TestScoping {
    let settings: TapeSettings

    public var isRecursive: Bool { true }

    @concurrent
    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await run(settings, environment: ProcessEnvironment.variables) { server in
            try await TapeServer.$current.withValue(server, operation: function)
        } report: { problem in
            Issue.record(Comment(rawValue: problem), sourceLocation: test.sourceLocation)
        }
    }
}

extension Trait where Self == TapeTrait {
    /// Answers the test's requests from the tapes of a scope.
    ///
    /// - Parameters:
    ///   - name: the scope: a directory within the cassette, such as `weather` or `chat/weather`.
    ///   - cassette: the cassette's directory, seen from the test's file unless it is absolute.
    ///   - speed: 0 is at once, 1 as recorded, 2 twice as fast.
    ///   - maxGap: no pause is longer than so many seconds; nil leaves them.
    ///   - rechunk: how bodies are cut into chunks; nil is as `cassette.json` says, or as they were recorded.
    ///   - faults: what is to go wrong.
    ///   - upstream: where a request goes that is to be recorded; nil is what `TOKENCAST_UPSTREAM` says.
    ///   - key: the variable with the key that goes there where the client has none, such as `OPENAI_API_KEY`.
    ///   - verify: whether requests without a tape and tapes without a request are issues of the test.
    public static func tape(
        _ name: String,
        cassette: String = "Tapes",
        speed: Double = 0,
        maxGap: Double? = nil,
        rechunk: Rechunk? = nil,
        faults: [Fault]? = nil,
        upstream: String? = nil,
        key: String? = nil,
        verify: Bool = true,
        filePath: String = #filePath
    ) -> Self {
        TapeTrait(
            settings: TapeSettings(
                name: name,
                cassette: cassette,
                file: filePath,
                options: ReplayOptions(speed: speed, maxGap: maxGap, rechunk: rechunk, faults: faults),
                upstream: upstream,
                keyVariable: key,
                verifies: verify
            )
        )
    }
}
