extension Dialect {
    /// Amazon Bedrock's InvokeModel: each model's own format, as base64 in messages of AWS's event streams.
    ///
    /// The first chunk shows whose format it is; a stream is complete where that one says so.
    public static let bedrockInvoke = Dialect(
        name: "bedrock.invoke",
        framing: .awsEventStream,
        errors: .bedrock,
        matches: { BedrockPath.model($0, operations: ["invoke-with-response-stream", "invoke"]) != nil },
        recognizes: { name, data in
            if name.equals("chunk", 0..<name.byteCount), let payload = data.wholeJSON {
                return payload.member("bytes", in: data).isString
            }
            return StreamError.isBedrockException(name)
        },
        model: { BedrockPath.model($0, operations: ["invoke-with-response-stream", "invoke"]) },
        makeInterpreter: { BedrockInvokeInterpreter() }
    )
}

/// Takes the models' own chunks out of their wrapping, and gives them to the interpreter of that format.
struct BedrockInvokeInterpreter: FrameInterpreter {
    private(set) var end: StreamEnd?
    private var model: InvokedModel?
    private var interpreter: (any FrameInterpreter)?
    /// What the model itself has told: some formats end with the body, and some count no tokens.
    private var hasFinish = false
    private var hasUsage = false

    func start(name: RawSpan, data: RawSpan) -> StreamStart {
        guard let chunk = Self.chunk(data) else { return StreamStart() }
        let data = chunk.span.bytes
        return InvokedModel(data)?.makeInterpreter().start(name: RawSpan(), data: data) ?? StreamStart()
    }

    mutating func frame(name: RawSpan, data: RawSpan, into events: inout EventBuffer) {
        if let error = StreamError(bedrock: name, data) {
            end = StreamEnd(state: .error, terminal: "exception", error: error)
            return
        }
        guard let chunk = Self.chunk(data), find(chunk.span.bytes) else { return }
        take(chunk.span.bytes, into: &events) { interpreter, events in
            interpreter?.frame(name: RawSpan(), data: chunk.span.bytes, into: &events)
        }
    }

    mutating func document(_ data: RawSpan, into events: inout EventBuffer) {
        guard let payload = data.wholeJSON else { return }
        if find(data) {
            take(data, into: &events) { $0?.document(data, into: &$1) }
        } else if let error = StreamError(bedrockDocument: payload, data) {
            end = StreamEnd(state: .error, terminal: "error", error: error)
        } else {
            // Embeddings, images: nothing of them is a message, and they are whole.
            end = StreamEnd(state: .complete)
        }
    }

    mutating func endOfBody(into events: inout EventBuffer) -> StreamEnd {
        if let end { return end }
        guard let judged = interpreter?.endOfBody(into: &events) else { return StreamEnd(state: .truncated) }
        // Bedrock leaves out the marker with which this format ends elsewhere.
        if judged.state == .truncated, model == .choices, hasFinish { return StreamEnd(state: .complete) }
        return judged
    }

    /// Finds whose format it is, which stays so for all that follows.
    private mutating func find(_ data: RawSpan) -> Bool {
        if model == nil, let found = InvokedModel(data) {
            model = found
            interpreter = found.makeInterpreter()
        }
        return model != nil
    }

    /// Has the model's own interpreter take a chunk, and adds what Bedrock says in it.
    private mutating func take(
        _ data: RawSpan,
        into events: inout EventBuffer,
        _ body: (inout (any FrameInterpreter)?, inout EventBuffer) -> Void
    ) {
        let first = events.events.count
        body(&interpreter, &events)
        for event in events.events[first...] {
            switch event {
            case .finish: hasFinish = true
            case .usage: hasUsage = true
            default: break
            }
        }
        // Where the model gives its usage, that is the exact one: Bedrock's metrics don't count all of its output.
        if !(hasUsage && model?.hasExactUsage == true), let payload = data.wholeJSON,
            let usage = TokenUsage(bedrock: payload.member("amazon-bedrock-invocationMetrics", in: data), in: data)
        {
            events.append(.usage(usage))
        }
        end = interpreter?.end
    }

    /// The model's own bytes in a frame. Its other member is filling that hides how long they are.
    private static func chunk(_ data: RawSpan) -> [UInt8]? {
        let bytes = data.memberOfWhole("bytes")
        switch bytes.kind {
        case .string: return Base64.decode(data.extracting(bytes.range.lowerBound + 1..<bytes.range.upperBound - 1))
        case .escapedString: return bytes.string(in: data).flatMap { Base64.decode($0) }
        default: return nil
        }
    }
}
