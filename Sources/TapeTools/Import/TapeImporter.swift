public import Tapes

/// Makes tapes of other tools' files.
///
/// All or nothing: every file is read before a tape is written, and the tapes are put into the cassette once all of
/// them are written. They pass through the recorder, so what is stored and what is masked is the same as when recording.
public struct TapeImporter: Sendable {
    /// The cassette; it is made where it is missing, its parent must be there.
    public var directory: String
    public var scope = TapeScope.root
    /// Nil finds out from each file.
    public var format: ImportFormat?
    /// Microseconds between two events, whose real times aren't known. Default 20 000; 0 is all at once.
    public var pace: Int64 = 20_000
    /// Whether tapes of equal requests are replaced, rather than given the next number.
    public var replaces = false
    /// What bodies without their exchange answer.
    public var plain = PlainBody()
    /// The model in the requests of fixtures that name none.
    public var fixtureModel = "gpt-4o"
    /// What makes the tapes, for their headers: `tokencast/0.1.0`.
    public var tool: String

    /// The largest file that is read, in bytes.
    static let fileLimit = 256 << 20

    public init(directory: String, tool: String) {
        self.directory = directory
        self.tool = tool
    }

    /// What became of an import.
    public struct Outcome: Sendable {
        /// The paths of the new tapes.
        public var tapes: [String] = []
        /// What couldn't be put on a tape, with file and line; the rest was.
        public var skipped: [TapeError] = []
        /// What else to know.
        public var notes: [String] = []
    }

    /// Why nothing was imported: everything that was found, so that it can be mended in one go.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        public var errors: [TapeError]
        public var description: String { errors.map(\.description).joined(separator: "\n") }
    }

    /// Imports files.
    ///
    /// - Parameter progress: called before each file with its number, from 1.
    /// - Throws: ``Failure`` where nothing was imported.
    public func run(_ files: [String], progress: (Int) -> Void = { _ in }) async throws(Failure) -> Outcome {
        var outcome = Outcome()
        var sources: [(format: ImportFormat, exchanges: [ImportedExchange])] = []
        var rules: FixtureRules?
        var errors: [TapeError] = []
        for (index, file) in files.enumerated() {
            progress(index + 1)
            do throws(TapeError) {
                let bytes = try FileSystem.read(file, limit: Self.fileLimit)
                guard let format = format ?? ImportFormat(file: file, bytes) else {
                    throw TapeError(.value, "its format isn't known: say --format", file: file)
                }
                switch format {
                case .vcrpy:
                    sources.append((format, try VcrpyCassette.read(bytes, file: file, pace: pace)))
                case .aimock:
                    let fixtures = try AimockFixtures.read(bytes, file: file, model: fixtureModel, pace: pace)
                    sources.append((format, fixtures.exchanges))
                    outcome.skipped += fixtures.skipped
                    rules = FixtureRules(namesModels: rules?.namesModels == true || fixtures.namesModels)
                case .sse, .ndjson:
                    sources.append((format, [try plain.exchange(bytes, format, file: file, pace: pace)]))
                }
                for note in sources.last?.exchanges.compactMap(\.note) ?? [] {
                    outcome.notes.append("\(file): \(note)")
                }
            } catch {
                errors.append(error)
            }
        }
        guard errors.isEmpty else { throw Failure(errors: errors) }
        do throws(TapeError) {
            let isNew = ((try? FileSystem.list(directory)) ?? []).isEmpty
            let staging = try ImportStaging(directory: directory, scope: scope)
            for (format, exchanges) in sources {
                try await staging.write(exchanges, tool: "\(tool) (import \(format.rawValue))")
            }
            outcome.tapes = try staging.publish(replacing: replaces)
            if let rules { outcome.notes.append(try rules.write(to: directory, isNew: isNew)) }
        } catch {
            throw Failure(errors: [error])
        }
        return outcome
    }
}
