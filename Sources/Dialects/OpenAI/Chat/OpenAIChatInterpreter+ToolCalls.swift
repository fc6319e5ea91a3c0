/// Tool calls, which compatible servers number in many ways (R21).
extension OpenAIChatInterpreter {
    /// Takes an array of calls, or one alone.
    mutating func toolCalls(_ calls: JSONSlice, _ slot: Int, _ data: RawSpan, into events: inout EventBuffer) {
        if calls.kind == .object { return toolCall(calls, slot, data, into: &events) }
        guard calls.kind == .array else { return }
        var scanner = JSONScanner(data, calls)
        guard scanner.enterArray(in: data) else { return }
        while scanner.nextElement(in: data), let call = scanner.nextValue(in: data) {
            toolCall(call, slot, data, into: &events)
        }
    }

    private mutating func toolCall(_ call: JSONSlice, _ slot: Int, _ data: RawSpan, into events: inout EventBuffer) {
        var scanner = JSONScanner(data, call)
        guard scanner.enterObject(in: data) else { return }
        var index: Int?
        var id: String?
        var function = Function()
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("index", in: data) {
                index = value.integer(in: data)
            } else if key.equals("id", in: data) {
                id = value.nonEmptyString(in: data)
            } else if key.equals("function", in: data) || key.equals("custom", in: data) {
                function.read(value, data)
            }
        }
        append(function, index: index ?? function.index, id: id, slot, into: &events)
    }

    /// The form before `tool_calls`: one call, without index and id.
    mutating func functionCall(_ call: JSONSlice, _ slot: Int, _ data: RawSpan, into events: inout EventBuffer) {
        var function = Function()
        function.read(call, data)
        append(function, index: ChoiceState.functionCallIndex, id: nil, slot, into: &events)
    }

    private mutating func append(
        _ function: Function,
        index: Int?,
        id: String?,
        _ slot: Int,
        into events: inout EventBuffer
    ) {
        guard index != nil || id != nil || function.name != nil || !function.arguments.isEmpty else { return }
        let delta = choices[slot].toolCall(
            index: index,
            id: id,
            name: function.name,
            arguments: function.arguments
        )
        if let delta { events.append(.delta(delta)) }
    }

    /// What is called: a function, or a custom tool, whose input is any text.
    private struct Function {
        var index: Int?
        var name: String?
        var arguments = ""

        mutating func read(_ value: JSONSlice, _ data: RawSpan) {
            var scanner = JSONScanner(data, value)
            guard scanner.enterObject(in: data) else { return }
            while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
                if key.equals("name", in: data) {
                    name = value.nonEmptyString(in: data)
                } else if key.equals("arguments", in: data) || key.equals("input", in: data) {
                    // A string of JSON, or, from servers with Ollama's manners, the JSON itself.
                    arguments = value.string(in: data) ?? (value.isPresent ? value.raw(in: data) : "")
                } else if key.equals("index", in: data) {
                    index = value.integer(in: data)
                }
            }
        }
    }
}
