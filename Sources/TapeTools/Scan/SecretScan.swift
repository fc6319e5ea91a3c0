public import Dialects
import Tapes

/// Looks for secrets in files: tapes, tees, any text.
///
/// In a tape a secret is found as well where chunks or token deltas part it. What is found is never shown.
public struct SecretScan: Sendable {
    /// A secret in a file.
    public struct Finding: Sendable, Hashable {
        public var file: String
        /// 1-based.
        public var line: Int
        /// The detector's name, or `value of NAME`.
        public var detector: String
        /// What is around it, with asterisks in its place, on one line.
        public var excerpt: String

        public var description: String { "\(file):\(line): \(detector): \(excerpt)" }

        public var json: JSONValue {
            .object([
                ("file", .string(file)), ("line", .integer(line)), ("detector", .string(detector)),
                ("excerpt", .string(excerpt)),
            ])
        }
    }

    /// A value that is shorter isn't looked for.
    public static let shortestValue = TapeSecrets.minimumLength

    /// In the order of files and lines.
    public private(set) var findings: [Finding] = []
    /// Files that couldn't be read, and so may hold anything.
    public private(set) var problems: [String] = []
    public private(set) var fileCount = 0

    private let secrets: TapeSecrets
    private static let deepestDirectory = 32

    /// Scans files, and directories with all that is in them. Names that begin with a dot, and links, are left out of
    /// directories.
    ///
    /// - Parameter values: secrets that are known, by the names to report them with.
    public init(_ paths: [String], values: [(name: String, value: String)] = []) {
        secrets = TapeSecrets(named: values)
        for path in paths {
            if FileSystem.isDirectory(path) {
                scan(directory: path, depth: 0)
            } else {
                scan(file: path)
            }
        }
    }

    /// One object: how many files there are, the findings, the problems.
    public var json: String {
        let value = JSONValue.object([
            ("files", .integer(fileCount)), ("findings", .array(findings.map(\.json))),
            ("problems", .array(problems.map { .string($0) })),
        ])
        return value.jsonText + "\n"
    }

    private mutating func scan(directory: String, depth: Int) {
        guard depth <= Self.deepestDirectory else {
            problems.append("\(directory): is nested too deep")
            return
        }
        do throws(TapeError) {
            for (name, kind) in try FileSystem.list(directory) {
                switch kind {
                case .directory: scan(directory: "\(directory)/\(name)", depth: depth + 1)
                case .file: scan(file: "\(directory)/\(name)")
                case .other: break
                }
            }
        } catch {
            problems.append(error.description)
        }
    }

    private mutating func scan(file: String) {
        do throws(TapeError) {
            let bytes = try FileSystem.read(file, limit: TapeLimits().file)
            fileCount += 1
            let isTape = file.hasSuffix(TapeName.suffix) || file.hasSuffix(TapeName.partSuffix)
            let found = isTape ? TapeScan(secrets, bytes).found : TextScan(secrets, bytes, name: file).found
            findings += found.map { Finding(file: file, line: $0.line, detector: $0.detector, excerpt: $0.excerpt) }
        } catch {
            problems.append(error.description)
        }
    }
}

/// A secret in one file.
struct FoundSecret: Hashable {
    var line: Int
    var detector: String
    var excerpt: String
}

/// A text around a secret.
enum SecretExcerpt {
    private static let context = 24
    private static let length = 96

    /// - Parameter range: where the secret stood in the text, which is masked already.
    static func of(_ masked: [UInt8], around range: Range<Int>) -> String {
        let first = max(0, range.lowerBound - context)
        let last = min(masked.count, max(range.upperBound, range.lowerBound) + context)
        var shown = Array(masked[min(first, masked.count)..<last])
        let isLong = shown.count > length
        if isLong { shown = Array(shown.prefix(length)) }
        // A cut character says nothing.
        while let byte = shown.first, byte & 0xC0 == 0x80, first > 0 { shown.removeFirst() }
        let text = Printable.line(String(decoding: shown, as: UTF8.self))
        return (first > 0 ? "…" : "") + text + (isLong || last < masked.count ? "…" : "")
    }
}
