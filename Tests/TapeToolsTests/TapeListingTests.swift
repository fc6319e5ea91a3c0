import Dialects
import Tapes
import TestSupport
import Testing

@testable import TapeTools

@Suite("tape ls")
struct TapeListingTests {
    @Test("a directory that isn't there is a problem, and no table of nothing")
    func missing() {
        let listing = TapeListing(directory: "/nowhere/at/all", now: 0)
        #expect(listing.problems.count == 1)
        #expect(listing.json == "[]\n")
    }

    @Test("lists what there is in recorded order, partial tapes flagged, others' files left out")
    func lists() async throws {
        try await withDirectory { directory in
            let now = try #require(Timestamp.secondsSince1970("2026-01-04T00:00:00Z"))
            let good = try sample("東京 is a city") { $0.model = "東京" }
            for number in [10, 2, 1] {
                try NewTape.write(good, to: "\(directory)/\(recordedName(good, number: number))")
            }
            var part = good
            part.end = nil
            try FileSystem.write(part.encoded, to: "\(directory)/z.tape.jsonl.part", replacing: false)
            let failed = try sample("") { $0.failure = TapeScript.Failure(status: 500) }
            try NewTape.write(failed, to: "\(directory)/y.tape.jsonl")
            try write("not one\n", to: "\(directory)/x.tape.jsonl")
            try write("{}", to: "\(directory)/cassette.json")
            var seen: [Int] = []
            let listing = TapeListing(directory: directory, now: now) { number, _, _ in seen.append(number) }
            #expect(seen == Array(1...6))
            #expect(listing.problems.count == 1)
            #expect(listing.problems.first?.hasPrefix("\(directory)/x.tape.jsonl:1: ") == true)

            let array = try #require(try JSONValue(parsing: listing.json).array)
            #expect(array.compactMap { $0["name"]?.string }.suffix(2) == ["y.tape.jsonl", "z.tape.jsonl.part"])
            #expect(array[1]["name"]?.string == recordedName(good, number: 2))
            #expect(array[0]["age_seconds"]?.int == 3 * 86_400)
            #expect(array[0]["first_token_us"]?.int == 300_000)
            #expect(array[3]["first_token_us"]?.isNull == true)
            #expect(array[4]["partial"]?.bool == true)
            #expect(array[4]["end"]?.isNull == true)

            let lines = listing.table().split(separator: "\n")
            #expect(lines.count == 6)
            #expect(Set(lines.map { DisplayWidth.of(String($0)) }).count == 1, "the last column is lined up")
            #expect(lines[5].contains("partial"))
            for width in [20, 40, 60, 80, 120] {
                let narrow = listing.table(Appearance(width: width)).split(separator: "\n")
                #expect(narrow.allSatisfy { DisplayWidth.of(String($0)) <= max(width, 17) }, "\(width)")
            }
        }
    }

    @Test("nothing in a name, a model or an end reaches a terminal raw")
    func harmless() async throws {
        try await withDirectory { directory in
            var tape = try sample { $0.model = attack }
            tape.end?.reason = TapeEnd.Reason(rawValue: attack)
            try NewTape.write(tape, to: "\(directory)/\u{1B}[31mred.tape.jsonl")
            #expect(isHarmless(TapeListing(directory: directory, now: 0).table()))
        }
    }
}
