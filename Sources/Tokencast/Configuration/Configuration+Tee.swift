import Tee

extension Configuration {
    /// Where streams are written to while they run, and which.
    public struct Tee: Sendable, Hashable {
        public enum Target: Sendable, Hashable {
            /// A file per stream and format, named by a template: `{date}/{model}-{id}`.
            case directory(String, name: String)
            /// One file that all streams are appended to.
            case file(String)
            case standardOutput
        }

        /// What is written of a stream.
        public enum Format: String, Sendable, Hashable, CaseIterable {
            /// One event a line, as JSON.
            case jsonl
            /// The assistant's text.
            case text
            /// The upstream's body as it came, but for secrets.
            case raw
        }

        /// When a file is put aside and another begun.
        public struct Rotation: Sendable, Hashable {
            /// How large a file gets.
            public var bytes: Int
            /// How many files are kept beside the current one. Default 5.
            public var keep: Int

            public init(bytes: Int, keep: Int = 5) {
                self.bytes = bytes
                self.keep = keep
            }
        }

        public var target: Target
        /// Default: `jsonl` and `text` in a directory, else `jsonl`.
        public var formats: [Format]
        /// When files are put aside; nil, the default, for never.
        public var rotation: Rotation?
        /// A pattern for the model that a request asks for, where `*` stands for any text; nil takes any.
        public var model: String?
        /// A pattern for the path that goes upstream.
        public var path: String?
        /// The name of the upstream that answers.
        public var upstream: String?
        /// What requests call it.
        public var label: String?
        /// Whether it takes only the streams of requests that name it.
        public var onRequest = false

        public init(_ target: Target, formats: [Format]? = nil, rotation: Rotation? = nil) {
            self.target = target
            self.rotation = rotation
            if case .directory = target {
                self.formats = formats ?? [.jsonl, .text]
            } else {
                self.formats = formats ?? [.jsonl]
            }
        }

        /// Writes files named by their streams' ids.
        public init(directory: String, formats: [Format] = [.jsonl, .text]) {
            self.init(.directory(directory, name: "{id}"), formats: formats)
        }
    }

    /// Whether streams are written to standard output, which is no place for anything else then.
    public var usesStandardOutput: Bool { tee.contains { $0.target == .standardOutput } }
}

extension Configuration.Tee {
    /// What it can't be because of, and the key that says so.
    var problem: (key: String, message: String)? {
        if formats.isEmpty { return ("formats", "a tee needs a format: jsonl, text, raw") }
        if Set(formats).count < formats.count { return ("formats", "a format is there twice") }
        if case .directory(_, let name) = target {
            do throws(NameTemplate.Problem) {
                _ = try NameTemplate(name)
            } catch {
                return ("name", "'\(name)' can't name files: \(error)")
            }
        } else if formats == [.raw] {
            return ("formats", "bodies of several streams in one file can't be told apart: take a directory for raw")
        } else if formats.count > 1 {
            return ("formats", "one file holds one format: jsonl or text")
        }
        if target == .standardOutput, rotation != nil { return ("rotate", "standard output can't be put aside") }
        if onRequest, label == nil { return ("onRequest", "requests need a label to name it by") }
        if !onRequest, label != nil { return ("label", "only a tee with \"onRequest\": true is named by requests") }
        return nil
    }

    /// Makes the tee; nil where there is a ``problem``.
    func make(report: @escaping @Sendable (String?) -> Void) -> Tee? {
        let target: TeeTarget
        switch self.target {
        case .directory(let path, let name):
            guard let template = try? NameTemplate(name) else { return nil }
            target = .directory(path, name: template)
        case .file(let path): target = .file(path)
        case .standardOutput: target = .standardOutput
        }
        return Tee(
            target,
            formats: formats.compactMap { TeeFormat(rawValue: $0.rawValue) },
            rotation: rotation.map { TeeRotation(bytes: $0.bytes, keep: $0.keep) },
            report: report
        )
    }

    /// Whether it writes to the same place as another.
    func collides(with other: Self) -> Bool {
        switch (target, other.target) {
        case (.file(let path), .file(let otherPath)): path == otherPath
        case (.standardOutput, .standardOutput): true
        default: false
        }
    }

    /// For a person to read.
    var summary: String {
        var parts: [String] = []
        switch target {
        case .directory(let path, let name): parts.append("\(path)/\(name) (\(formatList))")
        case .file(let path): parts.append("\(path) (\(formatList))")
        case .standardOutput: parts.append("standard output (\(formatList))")
        }
        if let rotation { parts.append("a file of \(rotation.bytes) bytes and \(rotation.keep) before it") }
        if let model { parts.append("model \(model)") }
        if let path { parts.append("path \(path)") }
        if let upstream { parts.append("upstream \(upstream)") }
        if let label { parts.append("for requests that name \(label)") }
        return parts.joined(separator: ", ")
    }

    private var formatList: String { formats.map(\.rawValue).joined(separator: ", ") }
}
