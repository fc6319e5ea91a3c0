/// Where the members of a content part, or of a part of a summary, stand.
struct OpenAIResponsesPart {
    var section: OpenAIResponsesParts.Section?
    var text = JSONSlice.absent
    var annotations = JSONSlice.absent

    init(_ part: JSONSlice, in data: RawSpan) {
        var type = JSONSlice.absent
        var refusal = JSONSlice.absent
        var scanner = JSONScanner(data, part)
        guard scanner.enterObject(in: data) else { return }
        while let key = scanner.nextKey(in: data), let value = scanner.nextValue(in: data) {
            if key.equals("type", in: data) {
                type = value
            } else if key.equals("text", in: data) {
                text = value
            } else if key.equals("refusal", in: data) {
                refusal = value
            } else if key.equals("annotations", in: data) {
                annotations = value
            }
        }
        if type.equals("output_text", in: data) || type.equals("text", in: data) {
            section = .text
        } else if type.equals("refusal", in: data) {
            section = .refusal
            text = refusal
        } else if type.equals("reasoning_text", in: data) {
            section = .reasoning
        } else if type.equals("summary_text", in: data) {
            section = .summary
        }
    }
}
