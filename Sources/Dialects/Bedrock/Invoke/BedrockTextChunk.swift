/// What stands in a chunk of a format that is text and counts. Each model family has names of its own for the same few
/// things, and no two mean different ones by a name.
struct BedrockTextChunk {
    /// A piece of one answer.
    struct Piece {
        var index = 0
        var text = JSONSlice.absent
        var reasoning = JSONSlice.absent
        var toolCalls = JSONSlice.absent
        var finish = JSONSlice.absent
    }

    /// The members of the chunk itself make one piece, those of an array's elements one each.
    var pieces: [Piece] = []
    /// OpenAI's object, where there is one.
    var usage = JSONSlice.absent
    var inputCount = JSONSlice.absent
    var outputCount = JSONSlice.absent
    /// Whether a guardrail stepped in.
    var isIntervened = false

    /// Names that tell the format apart.
    static func isKey(_ key: JSONSlice, _ data: RawSpan) -> Bool {
        let names: [StaticString] = [
            "outputText", "completionReason", "inputTextTokenCount", "results",  // Titan
            "generation", "generation_token_count",  // Llama
            "outputs",  // Mistral
            "is_finished", "generations", "generation_id",  // Command
            "completions",  // Jurassic
        ]
        return names.contains { key.equals($0, in: data) }
    }

    /// Reads a chunk, which has to be JSON.
    init(_ data: RawSpan) {
        var scanner = JSONScanner(data)
        guard scanner.enterObject(in: data) else { return }
        var own = Piece()
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("outputs", in: data) || key.equals("results", in: data) || key.equals("choices", in: data)
                || key.equals("generations", in: data) || key.equals("completions", in: data)
            {
                readPieces(value, data)
            } else if key.equals("inputTextTokenCount", in: data) || key.equals("prompt_token_count", in: data) {
                inputCount = value
            } else if key.equals("totalOutputTextTokenCount", in: data)
                || key.equals("generation_token_count", in: data)
            {
                outputCount = value
            } else if key.equals("usage", in: data) {
                usage = value
            } else if key.equals("amazon-bedrock-guardrailAction", in: data) {
                isIntervened = value.equals("INTERVENED", in: data)
            } else {
                own.read(key, value, data)
            }
        }
        if own.text.isPresent || own.finish.isPresent { pieces.append(own) }
    }

    private mutating func readPieces(_ array: JSONSlice, _ data: RawSpan) {
        var scanner = JSONScanner(data, array)
        guard scanner.enterArray(in: data) else { return }
        pieces = []
        while scanner.nextElement(in: data), let element = scanner.nextValue(in: data) {
            // More than any model gives aren't even kept.
            guard pieces.count < 1024 else { continue }
            var piece = Piece()
            piece.index = pieces.count
            piece.readMembers(element, data)
            // Titan's documents count each result's tokens.
            let count = element.member("tokenCount", in: data)
            if count.isPresent { outputCount = count }
            pieces.append(piece)
        }
    }
}

extension BedrockTextChunk.Piece {
    mutating func readMembers(_ value: JSONSlice, _ data: RawSpan) {
        var scanner = JSONScanner(data, value)
        guard scanner.enterObject(in: data) else { return }
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) { read(key, value, data) }
    }

    mutating func read(_ key: JSONSlice, _ value: JSONSlice, _ data: RawSpan) {
        if key.equals("text", in: data) || key.equals("outputText", in: data) || key.equals("generation", in: data)
            || key.equals("content", in: data)
        {
            text = value
        } else if key.equals("reasoning_content", in: data) {
            reasoning = value
        } else if key.equals("tool_calls", in: data) {
            toolCalls = value
        } else if key.equals("message", in: data) || key.equals("data", in: data) {
            readMembers(value, data)
        } else if key.equals("stop_reason", in: data) || key.equals("finish_reason", in: data)
            || key.equals("completionReason", in: data)
        {
            finish = value
        } else if key.equals("finishReason", in: data) {
            finish = value.kind == .object ? value.member("reason", in: data) : value
        } else if key.equals("index", in: data), let index = value.count(in: data) {
            self.index = index
        }
    }
}
