import Synchronization
import Testing

@testable import Tapes

#if canImport(Glibc)
import Glibc
#endif

@Suite("A recorder whose disk fails")
struct RecorderRobustnessTests {
    private final class Outcomes: Sendable {
        private let list = Mutex<[RecordingOutcome]>([])

        func add(_ outcome: RecordingOutcome) { list.withLock { $0.append(outcome) } }
        var all: [RecordingOutcome] { list.withLock { $0 } }

        /// The messages of those that failed.
        var errors: [String] {
            all.compactMap { if case .failed(let error) = $0.state { "\(error)" } else { nil } }
        }
    }

    private let request = liveRequest(#"{"model":"m","stream":true}"#)

    /// A directory on a file system of 64 KiB; nil where none can be mounted.
    private static func mountSmall(_ directory: String) -> Bool {
        #if canImport(Glibc)
        mount("tmpfs", directory, "tmpfs", 0, "size=64k") == 0
        #else
        false
        #endif
    }

    private static let canMount: Bool = {
        var template = Array("/tmp/tokencast-mount-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return false }
        let path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        defer { rmdir(path) }
        guard mountSmall(path) else { return false }
        umount(path)
        return true
    }()

    @Test(
        "ends with a part of whole lines where the disk is full",
        .enabled(if: canMount, "nothing can be mounted here")
    )
    func fullDisk() async throws {
        try await withDirectory { directory in
            try #require(Self.mountSmall(directory))
            defer { umount(directory) }
            let queue = RecordingQueue()
            let outcomes = Outcomes()
            let recorder = CassetteRecorder(directory: directory, tool: "t", queue: queue, report: outcomes.add)
            let recording = recorder.begin(request, api: "api")
            recording.response(offset: 1, status: 200, headers: [])
            let piece = Array(String(repeating: "word ", count: 200).utf8)
            for index in 0..<200 { recording.chunk(offset: Int64(index + 2), bytes: piece) }
            await queue.flush()
            #expect(outcomes.errors.count == 1)
            #expect(outcomes.errors.first?.contains("No space left on device") == true)
            // Nobody keeps a stream alive for it any more.
            #expect(!recording.isActive)
            recording.finish(offset: 1000, TapeEnd(reason: .eof))
            #expect(await queue.shutdown(within: .seconds(10)))
            #expect(outcomes.all.count == 1)
            let name = try #require(names(in: directory).first)
            #expect(name.hasSuffix(".part"))
            let bytes = try read("\(directory)/\(name)")
            #expect(bytes.last == UInt8(ascii: "\n"))
            let tape = try TapeReader.read(path: "\(directory)/\(name)")
            #expect(tape.isPartial)
            #expect(tape.chunks.count > 20)
            let isWhole = tape.chunks.allSatisfy { $0 == piece }
            #expect(isWhole)
        }
    }

    @Test("seals a tape that is as large as it may be, and lets its stream go")
    func largest() async throws {
        try await withDirectory { directory in
            let queue = RecordingQueue()
            let outcomes = Outcomes()
            var recorder = CassetteRecorder(directory: directory, tool: "t", queue: queue, report: outcomes.add)
            recorder.limits.file = 34 << 20
            let recording = recorder.begin(request, api: "api")
            recording.response(offset: 1, status: 200, headers: [])
            let piece = Array(repeating: UInt8(ascii: "x"), count: 100_000)
            var sent = 0
            while recording.isActive, sent < 1000 {
                recording.chunk(offset: Int64(sent + 2), bytes: piece)
                await queue.flush()
                sent += 1
            }
            // 2 MiB and not one chunk more.
            #expect(sent == 21)
            recording.chunk(offset: 1000, bytes: piece)
            recording.finish(offset: 1001, TapeEnd(reason: .eof))
            #expect(await queue.shutdown(within: .seconds(10)))
            #expect(outcomes.all.count == 1)
            guard case .overflowed(.file)? = outcomes.all.first?.state else {
                Issue.record("it didn't overflow: \(outcomes.all)")
                return
            }
            let item = try #require(try Cassette.load(directory: directory).items.first)
            #expect(item.tape.end?.reason == .recorderOverflow)
            #expect(item.tape.chunks.count == sent)
            #expect(!item.isServable)
        }
    }

    @Test("leaves nothing of a tape that it gave up in the next one's")
    func neighbours() async throws {
        try await withDirectory { directory in
            let queue = RecordingQueue()
            let outcomes = Outcomes()
            var recorder = CassetteRecorder(directory: directory, tool: "t", queue: queue, report: outcomes.add)
            recorder.limits.line = 4096
            // Both are in one batch, so that one is worked on right behind the other.
            let long = recorder.begin(liveRequest(#"{"model":"long"}"#), api: "long")
            let short = recorder.begin(liveRequest(#"{"model":"short"}"#), api: "short")
            for recording in [long, short] { recording.response(offset: 1, status: 200, headers: []) }
            long.chunk(offset: 2, bytes: Array(repeating: UInt8(ascii: "x"), count: 5000))
            short.chunk(offset: 2, bytes: Array("mine".utf8))
            short.finish(offset: 3, TapeEnd(reason: .eof))
            #expect(await queue.shutdown(within: .seconds(10)))
            #expect(outcomes.errors.count == 1)
            let name = try #require(names(in: directory).first { $0.contains("short") })
            #expect(try !String(decoding: read("\(directory)/\(name)"), as: UTF8.self).contains("xxxx"))
            #expect(try TapeReader.read(path: "\(directory)/\(name)").chunks == [Array("mine".utf8)])
        }
    }

    @Test("says that its directory was taken away")
    func directoryGone() async throws {
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            let queue = RecordingQueue()
            let outcomes = Outcomes()
            let recorder = CassetteRecorder(directory: cassette, tool: "t", queue: queue, report: outcomes.add)
            let recording = recorder.begin(request, api: "api", scope: TapeScope("s"))
            recording.response(offset: 1, status: 200, headers: [])
            await queue.flush()
            remove(tree: cassette)
            recording.chunk(offset: 2, bytes: [1, 2])
            recording.finish(offset: 3, TapeEnd(reason: .eof))
            await queue.flush()
            #expect(outcomes.errors.count == 1)
            #expect(outcomes.errors.first?.contains("can't be renamed: No such file") == true)
            // The next recording makes it anew.
            recorder.begin(request, api: "api", scope: TapeScope("s")).finish(offset: 1, TapeEnd(reason: .eof))
            #expect(await queue.shutdown(within: .seconds(10)))
            let items = try Cassette.load(directory: cassette).items
            #expect(items.map(\.isServable) == [true])
        }
    }

    @Test("says that a path is too long")
    func longPath() async throws {
        try await withDirectory { directory in
            let queue = RecordingQueue()
            let outcomes = Outcomes()
            let cassette = directory + "/" + String(repeating: "d", count: 300)
            let recorder = CassetteRecorder(directory: cassette, tool: "t", queue: queue, report: outcomes.add)
            recorder.begin(request, api: "api").finish(offset: 1, TapeEnd(reason: .eof))
            #expect(await queue.shutdown(within: .seconds(10)))
            #expect(outcomes.errors.first?.contains("File name too long") == true)
            // The longest that a request can make of its name fits.
            #expect(
                TapeName.stem(
                    api: String(repeating: "a", count: 500),
                    model: String(repeating: "m", count: 500),
                    key8: "12345678"
                ).utf8.count <= 106
            )
        }
    }
}
