/// The files of a cassette: its tapes, those that are being recorded included, none of them read yet.
package struct CassetteFiles: Sendable {
    package struct File: Sendable, Hashable {
        /// The path within the cassette: `tests/chat/openai.chat-gpt-4o-1a2b3c4d.tape.jsonl`.
        package var name: String
        /// The path to open.
        package var path: String
        /// The directory that it lies in; nil where that isn't named as a scope can be.
        package var scope: TapeScope?
        /// Whether it is a `.part`.
        package var isPart: Bool

        /// The name within its directory.
        var lastName: String {
            let segment = name.utf8.split(separator: UInt8(ascii: "/")).last
            return segment.map { String(decoding: $0, as: UTF8.self) } ?? name
        }

        /// Nil where the name is none of a tape.
        package init?(name: String, path: String, scope: TapeScope?) {
            isPart = name.hasSuffix(TapeName.partSuffix)
            guard isPart || name.hasSuffix(TapeName.suffix) else { return nil }
            self.name = name
            self.path = path
            self.scope = scope
        }
    }

    /// In recorded order: by directory and name, numbers by their value.
    package private(set) var files: [File] = []
    /// Directories that can't be read.
    package private(set) var errors: [TapeError] = []

    private static let deepestDirectory = 16

    /// Looks through a directory and those in it. Links aren't followed.
    package init(directory: String) {
        do throws(TapeError) {
            try add(directory, inner: "", depth: 0)
        } catch {
            errors.append(error)
        }
        files.sort { TapeName.precedes($0.name, $1.name) }
    }

    /// Looks at a scope's own directory only.
    init(directory: String, scope: TapeScope) {
        do throws(TapeError) {
            try add(directory, inner: scope.description, depth: nil)
        } catch {
            errors.append(error)
        }
        files.sort { TapeName.precedes($0.name, $1.name) }
    }

    /// - Parameter depth: how deep the directory lies; nil leaves those within it out.
    private mutating func add(_ root: String, inner: String, depth: Int?) throws(TapeError) {
        let here = inner.isEmpty ? root : "\(root)/\(inner)"
        if let depth, depth > Self.deepestDirectory {
            throw TapeError(.tooLarge, "is nested too deep", file: here)
        }
        for (entry, kind) in try FileSystem.list(here) {
            let name = inner.isEmpty ? entry : "\(inner)/\(entry)"
            if kind == .directory {
                guard let depth else { continue }
                do throws(TapeError) {
                    try add(root, inner: name, depth: depth + 1)
                } catch {
                    errors.append(error)
                }
            } else if let file = File(name: name, path: "\(root)/\(name)", scope: TapeScope(inner)) {
                files.append(file)
            }
        }
    }
}
