/// Where the members of a response stand that the interpreter looks at, in any order. The values are read later.
struct GeminiChunk {
    var model = JSONSlice.absent
    var id = JSONSlice.absent
    var usage = JSONSlice.absent
    var feedback = JSONSlice.absent
    var error = JSONSlice.absent
    /// Whether there is an array of candidates, be it empty.
    var hasCandidates = false
    var candidateCount = 0
    /// The first candidate; most responses have no other.
    var candidate = GeminiCandidate()
    /// The others.
    var moreCandidates: [GeminiCandidate] = []
    /// What Cloud Code puts a response into.
    private var response = JSONSlice.absent

    /// Reads a response that is all there is.
    ///
    /// - Returns: false if the data isn't one JSON object; what was found then doesn't count.
    mutating func read(_ data: RawSpan) -> Bool {
        var scanner = JSONScanner(data)
        guard readMembers(&scanner, data), scanner.isAtEnd(in: data) else { return false }
        unwrap(data)
        return true
    }

    /// Reads a response that was passed over before.
    mutating func read(_ value: JSONSlice, _ data: RawSpan) -> Bool {
        var scanner = JSONScanner(data, value)
        guard readMembers(&scanner, data) else { return false }
        unwrap(data)
        return true
    }

    private mutating func unwrap(_ data: RawSpan) {
        guard response.kind == .object, !hasCandidates else { return }
        var scanner = JSONScanner(data, response)
        response = .absent
        _ = readMembers(&scanner, data)
    }

    private mutating func readMembers(_ scanner: inout JSONScanner, _ data: RawSpan) -> Bool {
        guard scanner.enterObject(in: data) else { return false }
        while let key = scanner.nextKey(in: data) {
            if key.equals("candidates", in: data) {
                readCandidates(&scanner, data)
                continue
            }
            guard let value = scanner.nextValue(in: data) else { return false }
            if key.equals("usageMetadata", in: data) {
                usage = value
            } else if key.equals("modelVersion", in: data) {
                model = value
            } else if key.equals("responseId", in: data) {
                id = value
            } else if key.equals("promptFeedback", in: data) {
                feedback = value
            } else if key.equals("error", in: data) {
                error = value
            } else if key.equals("response", in: data) {
                response = value
            }
        }
        return scanner.isValid
    }

    private static let maximumCandidates = 1024

    private mutating func readCandidates(_ scanner: inout JSONScanner, _ data: RawSpan) {
        // Should a name be repeated, the last one counts, as with most JSON readers.
        if candidateCount > 0 { candidate = GeminiCandidate() }
        candidateCount = 0
        if !moreCandidates.isEmpty { moreCandidates = [] }
        guard scanner.enterArray(in: data) else {
            _ = scanner.nextValue(in: data)
            return
        }
        hasCandidates = true
        var position = 0
        while scanner.nextElement(in: data) {
            // More than any server gives aren't even kept.
            if candidateCount < Self.maximumCandidates, scanner.enterObject(in: data) {
                candidateCount += 1
                if candidateCount == 1 {
                    candidate.read(&scanner, data, position: position)
                } else {
                    moreCandidates.append(GeminiCandidate())
                    moreCandidates[candidateCount - 2].read(&scanner, data, position: position)
                }
            } else {
                _ = scanner.nextValue(in: data)
            }
            position += 1
        }
    }
}

/// Where the members of one candidate stand.
struct GeminiCandidate {
    /// As it is given, else its place among the others.
    var index = 0
    var parts = JSONSlice.absent
    var finishReason = JSONSlice.absent
    var grounding = JSONSlice.absent
    var citations = JSONSlice.absent
    var hasContent = false

    /// Reads a candidate that the scanner has just entered.
    mutating func read(_ scanner: inout JSONScanner, _ data: RawSpan, position: Int) {
        index = position
        while let key = scanner.nextKey(in: data) {
            if key.equals("content", in: data), scanner.enterObject(in: data) {
                hasContent = true
                while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
                    if key.equals("parts", in: data) { parts = value }
                }
                continue
            }
            guard let value = scanner.nextValue(in: data) else { return }
            if key.equals("index", in: data) {
                index = value.integer(in: data) ?? index
            } else if key.equals("finishReason", in: data) {
                finishReason = value
            } else if key.equals("groundingMetadata", in: data) {
                grounding = value
            } else if key.equals("citationMetadata", in: data) {
                citations = value
            }
        }
    }
}

extension GeminiChunk {
    /// Whether data can only be a response of Gemini's, or an error in its shape, or an array of one of these.
    static func isRecognized(_ data: RawSpan) -> Bool {
        var chunk = GeminiChunk()
        if chunk.read(data) { return chunk.isRecognized(data) }
        var scanner = JSONScanner(data)
        guard scanner.enterArray(in: data), scanner.nextElement(in: data), let element = scanner.nextValue(in: data)
        else { return false }
        chunk = GeminiChunk()
        return chunk.read(element, data) && chunk.isRecognized(data)
    }

    private func isRecognized(_ data: RawSpan) -> Bool {
        if candidateCount > 0 { return candidate.parts.kind == .array || candidate.finishReason.isString }
        if usage.kind == .object {
            let names: [StaticString] = ["promptTokenCount", "totalTokenCount", "trafficType"]
            return names.contains { usage.member($0, in: data).isPresent }
        }
        if feedback.kind == .object || model.isString { return true }
        return error.member("status", in: data).isString && error.member("code", in: data).kind == .number
            && error.member("message", in: data).isString
    }
}
