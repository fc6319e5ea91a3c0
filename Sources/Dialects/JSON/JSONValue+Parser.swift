extension JSONValue {
    /// A recursive-descent parser that is an index; the bytes are handed down, so that it may borrow them.
    struct Parser {
        let options: Options
        var index = 0
        var line = 1
        /// Where the current line starts: the column is counted from here.
        var lineStart = 0
        var depth = 0

        init(options: Options) {
            self.options = options
        }

        mutating func parse(_ bytes: Span<UInt8>) throws(SyntaxError) -> JSONValue {
            if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { throw error(.byteOrderMark) }
            skipSpace(bytes)
            let value = try parseValue(bytes)
            skipSpace(bytes)
            guard index == bytes.count else { throw error(.trailingBytes) }
            return value
        }

        func error(_ reason: SyntaxError.Reason, at offset: Int? = nil) -> SyntaxError {
            SyntaxError(reason: reason, line: line, column: (offset ?? index) - lineStart + 1)
        }

        mutating func skipSpace(_ bytes: Span<UInt8>) {
            while index < bytes.count {
                switch bytes[index] {
                case 0x20, 0x09, 0x0D: index += 1
                case 0x0A:
                    index += 1
                    line += 1
                    lineStart = index
                default: return
                }
            }
        }

        /// The next byte that isn't space; it stays where it is.
        private mutating func peek(_ bytes: Span<UInt8>) throws(SyntaxError) -> UInt8 {
            skipSpace(bytes)
            guard index < bytes.count else { throw error(.unexpectedEnd) }
            return bytes[index]
        }

        private mutating func parseValue(_ bytes: Span<UInt8>) throws(SyntaxError) -> JSONValue {
            let first = try peek(bytes)
            let line = line
            switch first {
            case UInt8(ascii: "{"): return JSONValue(.object(try parseObject(bytes)), line: line)
            case UInt8(ascii: "["): return JSONValue(.array(try parseArray(bytes)), line: line)
            case UInt8(ascii: "\""): return JSONValue(.string(try parseString(bytes)), line: line)
            case UInt8(ascii: "t"): return JSONValue(try parseWord("true", .bool(true), bytes), line: line)
            case UInt8(ascii: "f"): return JSONValue(try parseWord("false", .bool(false), bytes), line: line)
            case UInt8(ascii: "n"): return JSONValue(try parseWord("null", .null, bytes), line: line)
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                return JSONValue(.number(try parseNumber(bytes)), line: line)
            default: throw error(.unexpectedByte)
            }
        }

        private mutating func parseWord(
            _ word: StaticString,
            _ kind: Kind,
            _ bytes: Span<UInt8>
        ) throws(SyntaxError) -> Kind {
            for offset in 0..<word.utf8CodeUnitCount {
                guard index < bytes.count else { throw error(.unexpectedEnd) }
                guard bytes[index] == word.utf8Start[offset] else { throw error(.unexpectedByte) }
                index += 1
            }
            return kind
        }

        private mutating func enter() throws(SyntaxError) {
            depth += 1
            guard depth <= options.maximumDepth else { throw error(.tooDeep) }
            index += 1
        }

        private mutating func leave() {
            depth -= 1
            index += 1
        }

        private mutating func parseArray(_ bytes: Span<UInt8>) throws(SyntaxError) -> [JSONValue] {
            try enter()
            var elements: [JSONValue] = []
            if try peek(bytes) == UInt8(ascii: "]") {
                leave()
                return elements
            }
            while true {
                elements.append(try parseValue(bytes))
                switch try peek(bytes) {
                case UInt8(ascii: ","): index += 1
                case UInt8(ascii: "]"):
                    leave()
                    return elements
                default: throw error(.unexpectedByte)
                }
            }
        }

        private mutating func parseObject(_ bytes: Span<UInt8>) throws(SyntaxError) -> [Member] {
            try enter()
            var members: [Member] = []
            var names = NameSet()
            if try peek(bytes) == UInt8(ascii: "}") {
                leave()
                return members
            }
            while true {
                guard try peek(bytes) == UInt8(ascii: "\"") else { throw error(.unexpectedByte) }
                let start = index
                let nameLine = line
                let name = try parseString(bytes)
                if options.duplicateMembers == .refuse, !names.insert(name, among: members) {
                    throw error(.duplicateMember, at: start)
                }
                guard try peek(bytes) == UInt8(ascii: ":") else { throw error(.unexpectedByte) }
                index += 1
                members.append(Member(name, try parseValue(bytes), line: nameLine))
                switch try peek(bytes) {
                case UInt8(ascii: ","): index += 1
                case UInt8(ascii: "}"):
                    leave()
                    return members
                default: throw error(.unexpectedByte)
                }
            }
        }
    }

    /// The names of one object, to find a doubled one: a walk while they are few, a set of their bytes when they are
    /// many.
    private struct NameSet {
        private var set: Set<[UInt8]> = []

        /// Takes a name that is about to become a member; false where it is there already.
        mutating func insert(_ name: String, among members: [Member]) -> Bool {
            if members.count < 16 { return !members.contains { $0.name.hasSameBytes(as: name) } }
            if set.isEmpty { set = Set(members.map { Array($0.name.utf8) }) }
            return set.insert(Array(name.utf8)).inserted
        }
    }
}
