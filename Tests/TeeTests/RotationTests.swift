import TestSupport
import Testing

@testable import Tapes
@testable import Tee

/// Files that are put aside when they are full.
@Suite struct RotationTests {
    @Test("A line is never split, wherever the bytes are cut")
    func pure() {
        let text = Array("one\ntwo two\n\nthree three three\nx\n".utf8)
        for limit in 1...40 {
            for cut in 0...text.count {
                var files: [[UInt8]] = [[]]
                for piece in [text[..<cut], text[cut...]] {
                    var rest = piece
                    while !rest.isEmpty {
                        let current = files[files.count - 1]
                        let isAtStart = current.last.map { $0 == 10 } ?? true
                        switch TeeRotation(bytes: limit).step(for: rest, size: current.count, isAtLineStart: isAtStart)
                        {
                        case .append(let count):
                            files[files.count - 1] += rest.prefix(count)
                            rest = rest.dropFirst(count)
                        case .rotate:
                            #expect(!current.isEmpty)
                            files.append([])
                        }
                    }
                }
                #expect(Array(files.joined()) == text)
                for file in files {
                    #expect(file.last == 10)
                    // Larger than the limit only where one line is.
                    #expect(file.count <= limit || file.dropLast().firstIndex(of: 10) == nil || cut > 0)
                }
            }
        }
    }

    @Test("The youngest is .1, the oldest goes")
    func onDisk() async throws {
        try await withDirectory { directory in
            let path = directory + "/all.jsonl"
            let file = try SharedFile.open(path, rotation: TeeRotation(bytes: 8, keep: 3))
            for number in 0..<7 { try file.append(Array("line \(number)\n".utf8)) }
            #expect(names(in: directory) == ["all.jsonl", "all.jsonl.1", "all.jsonl.2", "all.jsonl.3"])
            #expect(contents(of: path) == Array("line 6\n".utf8))
            #expect(contents(of: path + ".1") == Array("line 5\n".utf8))
            #expect(contents(of: path + ".3") == Array("line 3\n".utf8))
            #expect(file.rotations == 6)
        }
    }

    @Test("A gap that a killed program left is filled, and nothing older is lost for it")
    func gap() async throws {
        try await withDirectory { directory in
            let path = directory + "/a"
            try write("old\n", to: path)
            try write("one\n", to: path + ".1")
            try write("three\n", to: path + ".3")
            let file = try SharedFile.open(path, rotation: TeeRotation(bytes: 4, keep: 3))
            try file.append(Array("new\n".utf8))
            #expect(contents(of: path) == Array("new\n".utf8))
            #expect(contents(of: path + ".1") == Array("old\n".utf8))
            #expect(contents(of: path + ".2") == Array("one\n".utf8))
            #expect(contents(of: path + ".3") == Array("three\n".utf8))
        }
    }

    @Test("What is appended to goes on behind what is there, on a line of its own")
    func appended() async throws {
        try await withDirectory { directory in
            for (before, after) in [("a\n", "a\nb\n"), ("", "b\n"), ("to", "to\nb\n")] {
                let path = directory + "/deep/er/all"
                _ = SafeDirectory.make(directory + "/deep/er", mode: 0o755)
                try write(before, to: path)
                try SharedFile.open(path, rotation: nil).append(Array("b\n".utf8))
                #expect(contents(of: path) == Array(after.utf8))
            }
            try SharedFile.open(directory + "/new/all", rotation: nil).append(Array("b\n".utf8))
            #expect(contents(of: directory + "/new/all") == Array("b\n".utf8))
        }
    }

    @Test("A full disk and a removed file are failures")
    func failures() async throws {
        let full = try SharedFile.open("/dev/full", rotation: TeeRotation(bytes: 1))
        #expect(throws: TeeFailure.self) { try full.append([1, 10]) }
        try await withDirectory { directory in
            let file = try SharedFile.open(directory + "/a", rotation: nil)
            try file.append([1])
            removeFile(directory + "/a")
            #expect(throws: TeeFailure.self) { try file.append([2]) }
            #expect(throws: TeeFailure.self) { try SharedFile.open(directory, rotation: nil) }
        }
    }
}
