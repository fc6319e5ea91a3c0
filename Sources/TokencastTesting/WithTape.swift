public import Tapes
import Tokencast

/// Runs `body` with a server that answers from the tapes of a scope: the form for XCTest and any other framework.
///
/// ```swift
/// func testTellsTheWeather() async throws {
///     try await withTape("weather", rechunk: .random(seed: 7)) { server in
///         let client = Client(baseURL: server.baseURL, key: "unused")
///         XCTAssertTrue(try await client.ask("How is the weather?").contains("sunny"))
///     }
/// }
/// ```
///
/// The parameters are those of the trait `tape`.
///
/// - Throws: what `body` throws, else ``TapeVerificationError`` for requests without a tape and tapes without a request.
public func withTape<R>(
    _ name: String,
    cassette: String = "Tapes",
    speed: Double = 0,
    maxGap: Double? = nil,
    rechunk: Rechunk? = nil,
    faults: [Fault]? = nil,
    upstream: String? = nil,
    key: String? = nil,
    verify: Bool = true,
    filePath: String = #filePath,
    _ body: (TapeServer) async throws -> R
) async throws -> R {
    let settings = TapeSettings(
        name: name,
        cassette: cassette,
        file: filePath,
        options: ReplayOptions(speed: speed, maxGap: maxGap, rechunk: rechunk, faults: faults),
        upstream: upstream,
        keyVariable: key,
        verifies: verify
    )
    return try await withTape(settings, environment: ProcessEnvironment.variables, body)
}

func withTape<R>(
    _ settings: TapeSettings,
    environment: [String: String],
    _ body: (TapeServer) async throws -> R
) async throws -> R {
    var problems: [String] = []
    let result = try await run(settings, environment: environment, body) { problems.append($0) }
    guard problems.isEmpty else { throw TapeVerificationError(problems: problems) }
    return result
}

/// Starts a server, runs `body`, stops it, and reports what doesn't fit the tapes.
///
/// Where `body` throws, the requests without a tape are reported all the same: they are likely why.
func run<R>(
    _ settings: TapeSettings,
    environment: [String: String],
    _ body: (TapeServer) async throws -> R,
    report: (String) -> Void
) async throws -> R {
    let server = try await TapeServer.start(settings, environment: environment)
    do {
        let result = try await body(server)
        await server.stop()
        if settings.verifies { server.verify().forEach(report) }
        return result
    } catch {
        await server.stop()
        if settings.verifies { server.unexpected().forEach(report) }
        throw error
    }
}

/// What a test asked for isn't what was recorded.
public struct TapeVerificationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A sentence for each request without a tape and each tape without a request.
    public let problems: [String]

    public var description: String { problems.joined(separator: "\n") }
}
