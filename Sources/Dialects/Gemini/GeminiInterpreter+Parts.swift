/// Text, thoughts and calls. What else a part may be (code and its result, an image, a signature) has no event.
extension GeminiInterpreter {
    mutating func parts(_ parts: JSONSlice, _ slot: Int, _ data: RawSpan, into events: inout EventBuffer) {
        var scanner = JSONScanner(data, parts)
        guard scanner.enterArray(in: data) else { return }
        while scanner.nextElement(in: data) {
            guard scanner.enterObject(in: data) else {
                _ = scanner.nextValue(in: data)
                continue
            }
            var text = JSONSlice.absent
            var call = JSONSlice.absent
            var isThought = false
            while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
                if key.equals("text", in: data) {
                    text = value
                } else if key.equals("thought", in: data) {
                    isThought = value.isTrue(in: data)
                } else if key.equals("functionCall", in: data) {
                    call = value
                }
            }
            if let text = text.nonEmptyString(in: data) {
                let part = choices[slot].part(isThought: isThought)
                let content: TokenDelta.Content = isThought ? .reasoning(text) : .text(text)
                events.append(.delta(TokenDelta(choice: choices[slot].index, part: part, content: content)))
            }
            if call.kind == .object { functionCall(call, slot, data, into: &events) }
        }
    }

    /// Takes a call: a whole one, or a piece of one whose arguments come one by one.
    private mutating func functionCall(
        _ value: JSONSlice,
        _ slot: Int,
        _ data: RawSpan,
        into events: inout EventBuffer
    ) {
        var piece = GeminiCallPiece()
        piece.read(value, data)
        if let open = choices[slot].openCall, !open.isContinued(by: piece) { closeCall(slot, into: &events) }
        if choices[slot].openCall == nil {
            // The end of a call that is over already, or was never begun.
            guard piece.name != nil || piece.arguments.kind == .object || piece.partialArguments.kind == .array else {
                return
            }
            guard let number = choices[slot].beginCall() else { return }
            choices[slot].openCall = GeminiPartialCall(number: number, name: piece.name, id: piece.id)
        }
        guard var call = choices[slot].takeOpenCall() else { return }
        var text = call.arguments.add(piece.partialArguments, data)
        if piece.arguments.kind == .object { text += call.arguments.whole(piece.arguments, data) }
        if !piece.continues { text += call.arguments.close() }
        if piece.continues { choices[slot].openCall = call }
        if let delta = choices[slot].delta(call.number, id: piece.id, name: piece.name, text) {
            events.append(.delta(delta))
        }
    }

    /// Ends a call that goes on no more.
    mutating func closeCall(_ slot: Int, into events: inout EventBuffer) {
        guard var call = choices[slot].takeOpenCall() else { return }
        if let delta = choices[slot].delta(call.number, id: nil, name: nil, call.arguments.close()) {
            events.append(.delta(delta))
        }
    }
}

/// What a `functionCall` says.
struct GeminiCallPiece {
    var name: String?
    var id: String?
    var arguments = JSONSlice.absent
    var partialArguments = JSONSlice.absent
    /// Whether another piece of the same call follows.
    var continues = false

    mutating func read(_ value: JSONSlice, _ data: RawSpan) {
        var scanner = JSONScanner(data, value)
        guard scanner.enterObject(in: data) else { return }
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("name", in: data) {
                name = value.nonEmptyString(in: data)
            } else if key.equals("id", in: data) {
                id = value.nonEmptyString(in: data)
            } else if key.equals("args", in: data) {
                arguments = value
            } else if key.equals("partialArgs", in: data) {
                partialArguments = value
            } else if key.equals("willContinue", in: data) {
                continues = value.isTrue(in: data)
            }
        }
    }
}

/// A call whose arguments come one by one.
struct GeminiPartialCall: Sendable {
    let number: Int
    let name: String?
    let id: String?
    var arguments = GeminiArguments()

    /// Whether a piece belongs to this call: it has no name, or the same one with more arguments.
    func isContinued(by piece: GeminiCallPiece) -> Bool {
        if let id, let other = piece.id, !id.hasSameBytes(as: other) { return false }
        guard let name = piece.name else { return true }
        return self.name?.hasSameBytes(as: name) == true && piece.partialArguments.kind == .array
    }
}
