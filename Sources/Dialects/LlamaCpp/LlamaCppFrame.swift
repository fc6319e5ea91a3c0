/// Where the members of a frame of llama.cpp's stand that the interpreter looks at.
struct LlamaCppFrame {
    var index = JSONSlice.absent
    var content = JSONSlice.absent
    var stop = JSONSlice.absent
    var model = JSONSlice.absent
    var error = JSONSlice.absent
    /// Why it stopped: `eos`, `word`, `limit`, or `none`.
    var stopType = JSONSlice.absent
    /// The word of older builds, which have a flag for each.
    var stopFlag: String?
    var evaluated = JSONSlice.absent
    var predicted = JSONSlice.absent
    var cached = JSONSlice.absent
    var timings = JSONSlice.absent

    init() {}

    /// - Returns: false if the data isn't one JSON object; what was found then doesn't count.
    mutating func read(_ data: RawSpan) -> Bool {
        var scanner = JSONScanner(data)
        return read(&scanner, data) && scanner.isAtEnd(in: data)
    }

    /// Reads an object that is an element of the data.
    mutating func read(_ value: JSONSlice, _ data: RawSpan) -> Bool {
        var scanner = JSONScanner(data, value)
        return read(&scanner, data)
    }

    private mutating func read(_ scanner: inout JSONScanner, _ data: RawSpan) -> Bool {
        guard scanner.enterObject(in: data) else { return false }
        while let key = scanner.nextKey(in: data) {
            guard let value = scanner.nextValue(in: data) else { return false }
            if key.equals("content", in: data) {
                content = value
            } else if key.equals("stop", in: data) {
                stop = value
            } else if key.equals("index", in: data) {
                index = value
            } else if key.equals("model", in: data) {
                model = value
            } else if key.equals("error", in: data) {
                error = value
            } else {
                readLast(key, value, data)
            }
        }
        return scanner.isValid
    }

    /// Takes what only a choice's last frame has to say.
    private mutating func readLast(_ key: JSONSlice, _ value: JSONSlice, _ data: RawSpan) {
        if key.equals("stop_type", in: data) {
            stopType = value
        } else if key.equals("tokens_evaluated", in: data) {
            evaluated = value
        } else if key.equals("tokens_predicted", in: data) {
            predicted = value
        } else if key.equals("tokens_cached", in: data) {
            cached = value
        } else if key.equals("timings", in: data) {
            timings = value
        } else if value.isTrue(in: data) {
            if key.equals("stopped_eos", in: data) {
                stopFlag = "eos"
            } else if key.equals("stopped_word", in: data) {
                stopFlag = "word"
            } else if key.equals("stopped_limit", in: data) {
                stopFlag = "limit"
            }
        }
    }

    /// Why the choice stopped; nil where the frame doesn't say.
    func finishReason(_ data: RawSpan) -> FinishReason? {
        guard let word = stopType.nonEmptyString(in: data) ?? stopFlag else { return nil }
        let kind: FinishReason.Kind =
            switch word.knownWord {
            case "eos", "word": .stop
            case "limit": .length
            default: .other
            }
        return FinishReason(raw: word, kind: kind)
    }

    /// The counts, or nil where the frame has none.
    func usage(_ data: RawSpan) -> TokenUsage? {
        guard evaluated.isPresent || predicted.isPresent else { return nil }
        var raw: [UInt8] = []
        for (name, value) in [
            ("tokens_evaluated", evaluated), ("tokens_predicted", predicted), ("tokens_cached", cached),
            ("timings", timings),
        ] where value.isPresent {
            raw.append(raw.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            raw.appendJSON(string: name)
            raw.append(UInt8(ascii: ":"))
            raw.append(data, value.range)
        }
        raw.append(UInt8(ascii: "}"))
        // `tokens_cached` counts what the cache holds now, the answer included; the timings have what came from it.
        return TokenUsage(
            input: evaluated.integer(in: data),
            output: predicted.integer(in: data),
            cached: timings.member("cache_n", in: data).integer(in: data),
            raw: String(decoding: raw, as: UTF8.self)
        )
    }
}
