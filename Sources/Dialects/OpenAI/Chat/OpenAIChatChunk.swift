/// Where the members of a chunk stand that the interpreter looks at. The values themselves are read later.
///
/// Finding them reads the chunk to its end, each byte once; so a malformed one is known before any of it was believed.
struct OpenAIChatChunk {
    var id = JSONSlice.absent
    var model = JSONSlice.absent
    var object = JSONSlice.absent
    var usage = JSONSlice.absent
    var groq = JSONSlice.absent
    var error = JSONSlice.absent
    /// What an error is told by that has no object of its own.
    var message = JSONSlice.absent
    var detail = JSONSlice.absent
    /// Sources of the answer, which Perplexity and xAI put beside the choices: addresses alone, and with titles.
    var citations = JSONSlice.absent
    var searchResults = JSONSlice.absent
    /// Random filling that hides how long the text is.
    var padding = JSONSlice.absent
    /// Whether there is an array of choices, be it empty.
    var hasChoices = false
    var choiceCount = 0
    /// The first choice; most chunks have no other.
    var choice = OpenAIChatChoice()
    /// The others.
    var moreChoices: [OpenAIChatChoice] = []

    /// Reads a chunk. The values found fill a struct in place: as a result it would be copied more than it is read.
    ///
    /// - Returns: false if the data isn't one JSON object; what was found then doesn't count.
    mutating func read(_ data: RawSpan) -> Bool {
        var scanner = JSONScanner(data)
        guard scanner.enterObject(in: data) else { return false }
        while let key = scanner.nextKey(in: data) {
            if key.equals("choices", in: data) {
                readChoices(&scanner, data)
                continue
            }
            guard let value = scanner.nextValue(in: data) else { return false }
            if key.equals("id", in: data) {
                id = value
            } else if key.equals("object", in: data) {
                object = value
            } else if key.equals("created", in: data) {
                // In every chunk, and of no use: it shouldn't be compared with all that follows.
                continue
            } else if key.equals("model", in: data) {
                model = value
            } else {
                readOthers(key, value, data)
            }
        }
        return scanner.isAtEnd(in: data)
    }

    /// Takes a member that few chunks have.
    private mutating func readOthers(_ key: JSONSlice, _ value: JSONSlice, _ data: RawSpan) {
        if key.equals("usage", in: data) {
            usage = value
        } else if key.equals("error", in: data) {
            error = value
        } else if key.equals("x_groq", in: data) {
            groq = value
        } else if key.equals("obfuscation", in: data) || key.equals("p", in: data) {
            padding = value
        } else if key.equals("citations", in: data) {
            citations = value
        } else if key.equals("search_results", in: data) {
            searchResults = value
        } else if key.equals("message", in: data) {
            message = value
        } else if key.equals("detail", in: data) {
            detail = value
        }
    }

    private static let maximumChoices = 1024

    private mutating func readChoices(_ scanner: inout JSONScanner, _ data: RawSpan) {
        // Should a name be repeated, the last one counts, as with most JSON readers.
        if choiceCount > 0 { choice = OpenAIChatChoice() }
        choiceCount = 0
        if !moreChoices.isEmpty { moreChoices = [] }
        guard scanner.enterArray(in: data) else {
            _ = scanner.nextValue(in: data)
            return
        }
        hasChoices = true
        var position = 0
        while scanner.nextElement(in: data) {
            // More than any server gives aren't even kept.
            if choiceCount < Self.maximumChoices, scanner.enterObject(in: data) {
                choiceCount += 1
                if choiceCount == 1 {
                    choice.read(&scanner, data, position: position)
                } else {
                    moreChoices.append(OpenAIChatChoice())
                    moreChoices[choiceCount - 2].read(&scanner, data, position: position)
                }
            } else {
                _ = scanner.nextValue(in: data)
            }
            position += 1
        }
    }
}
