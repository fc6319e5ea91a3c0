import Glibc
import TestSupport
import Testing

@testable import Tee

func removeFile(_ path: String) { unlink(path) }

/// The files of single streams, and what keeps them in their directory.
@Suite struct StreamFilesTests {
    @Test("Streams of one name don't share a file")
    func numbers() async throws {
        try await withDirectory { directory in
            let files = StreamFiles(root: directory + "/tee", rotation: nil)
            for word in ["a", "b", "c"] {
                let made = try files.make(["day", "gpt"], [.jsonl, .text])
                try made[.jsonl]?.append(Array(word.utf8))
            }
            let day = directory + "/tee/day"
            let stems = ["gpt-2", "gpt-3", "gpt"]
            #expect(names(in: day) == stems.flatMap { [$0 + ".jsonl", $0 + ".text"] })
            #expect(contents(of: day + "/gpt.jsonl") == Array("a".utf8))
            #expect(contents(of: day + "/gpt-3.jsonl") == Array("c".utf8))
            // Another program's: what is there is never touched, and both formats have the same number.
            try write("mine", to: day + "/gpt-4.text")
            _ = try StreamFiles(root: directory + "/tee", rotation: nil).make(["day", "gpt"], [.jsonl, .text])
            #expect(names(in: day).filter { $0.hasPrefix("gpt-4") } == ["gpt-4.text"])
            #expect(names(in: day).filter { $0.hasPrefix("gpt-5") } == ["gpt-5.jsonl", "gpt-5.text"])
            #expect(contents(of: day + "/gpt-4.text") == Array("mine".utf8))
        }
    }

    @Test("No link leads out of the directory")
    func links() async throws {
        try await withDirectory { directory in
            mkdir(directory + "/tee", 0o700)
            mkdir(directory + "/outside", 0o700)
            symlink(directory + "/outside", directory + "/tee/day")
            symlink(directory + "/outside/x", directory + "/tee/file.text")
            let files = StreamFiles(root: directory + "/tee", rotation: nil)
            #expect(throws: TeeFailure.self) { try files.make(["day", "x"], [.text]) }
            _ = try files.make(["file"], [.text])
            #expect(names(in: directory + "/outside").isEmpty)
            #expect(names(in: directory + "/tee") == ["day", "file-2.text", "file.text"])
        }
    }

    @Test("A root that can't be is a failure")
    func noRoot() async throws {
        try await withDirectory { directory in
            try write("", to: directory + "/file")
            for root in [directory + "/file", directory + "/file/x"] {
                #expect(throws: TeeFailure.self) {
                    try StreamFiles(root: root, rotation: nil).make(["a"], [.text])
                }
            }
        }
    }

    @Test("A stream's own files are put aside when they are full")
    func rotation() async throws {
        try await withDirectory { directory in
            let files = try StreamFiles(root: directory, rotation: TeeRotation(bytes: 4, keep: 2)).make(["a"], [.text])
            for word in ["1\n", "23\n", "4", "5\n", "6\n"] { try files[.text]?.append(Array(word.utf8)) }
            #expect(names(in: directory) == ["a.text", "a.text.1", "a.text.2"])
            #expect(contents(of: directory + "/a.text.2") == Array("1\n".utf8))
            #expect(contents(of: directory + "/a.text.1") == Array("23\n45\n".utf8))
        }
    }
}
