import ArgumentParser
import Dialects
import TapeTools
import Tapes

#if canImport(Glibc)
import Glibc
#endif

/// What the options of `tape` commands are read with; what can't be read is wrong usage.
enum TapeArguments {
    struct Usage {
        var input: Int
        var output: Int
    }

    static func toolCall(_ text: String) throws -> TapeScript.ToolCall {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw ValidationError("'\(text)' is no tool call: it is NAME={\"…\": …}.")
        }
        let arguments = String(parts[1])
        guard let value = try? JSONValue(parsing: arguments), value.members != nil else {
            throw ValidationError("The arguments of '\(parts[0])' are no JSON object.")
        }
        return TapeScript.ToolCall(name: String(parts[0]), arguments: arguments)
    }

    static func usage(_ text: String) throws -> Usage {
        let counts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard counts.count == 2, let input = counts[0], let output = counts[1],
            (0...1_000_000_000).contains(input), (0...1_000_000_000).contains(output)
        else { throw ValidationError("'\(text)' are no token counts: they are INPUT,OUTPUT.") }
        return Usage(input: input, output: output)
    }

    static func pieces(_ text: String) throws -> TextPieces {
        guard let pieces = TextPieces(text) else {
            throw ValidationError("'\(text)' is none of words, characters, tokens-ish, size:N and one.")
        }
        return pieces
    }

    static func pace(_ text: String) throws -> Double {
        let number = text.hasSuffix("/s") ? text.dropLast(2) : text[...]
        guard let pace = Double(number), (0.001...1_000_000).contains(pace) else {
            throw ValidationError("'\(text)' is no pace: it is a number of pieces a second, such as 50/s.")
        }
        return pace
    }

    /// Microseconds of `300ms` or `1.5s`.
    static func duration(_ text: String) throws -> Int64 {
        let factors = [("ms", 1000.0), ("us", 1.0), ("s", 1_000_000.0)]
        guard let (unit, factor) = factors.first(where: { text.hasSuffix($0.0) }),
            let number = Double(text.dropLast(unit.count)), (0...86_400_000_000.0).contains(number * factor)
        else { throw ValidationError("'\(text)' is no time: it is such as 300ms or 1.5s, a day at most.") }
        return Int64((number * factor).rounded())
    }

    static func isTime(_ text: String) -> Bool { Timestamp.secondsSince1970(text) != nil }

    static func now() -> String { Timestamp.now() }

    private static let longestInput = 16 << 20

    /// All of standard input, which must be text.
    static func standardInput() throws -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(0, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Exit.fail("standard input can't be read", .failure) }
            if count == 0 { break }
            bytes += buffer[..<count]
            guard bytes.count <= longestInput else {
                throw Exit.fail("standard input is longer than \(longestInput) bytes", .failure)
            }
        }
        guard let text = try? UTF8Span(validating: bytes.span) else {
            throw Exit.fail("standard input is not UTF-8", .failure)
        }
        return String(copying: text)
    }
}
