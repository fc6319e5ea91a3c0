extension EventKind {
    static let snapshot = EventKind(
        name: "snapshot",
        summary: "Everything up to `asOf` in one event, in place of the events themselves.",
        data: .union([
            .object([asOf] + streamMembers),
            .object([
                asOf,
                .init("channel", .string),
                .init("streams", .array(.object(streamMembers)), "those that run"),
            ]),
        ])
    )

    private static let asOf = JSONSchema.Property("asOf", .string, "the id of the last event that it covers")

    private static let streamMembers: [JSONSchema.Property] =
        [
            .init("stream", .string),
            .init("state", .choice(StreamRecord.Progress.states)),
            .init("dialect", .string),
            .init("model", .nullable(.string)),
            .init("method", .string),
            .init("path", .string),
            .init("channel", .nullable(.string)),
            .init("status", .nullable(.integer)),
            .init("created", .integer),
            .init("choices", .array(choice)),
            .init("usage", .nullable(.object(TokenCounts.properties))),
            .init("cut", .boolean, "whether there is more text than is kept"),
            .init("end", .nullable(.object(StreamEnding.properties))),
        ]

    private static let choice = JSONSchema.object([
        .init("index", .integer),
        .init("finish", .nullable(.string)),
        .init("parts", .array(.union([text, toolCall]))),
    ])

    private static let text = JSONSchema.object([
        .init("part", .integer),
        .init("type", .choice(["text", "reasoning", "refusal"])),
        .init("text", .string),
        .init(
            "citations",
            .array(
                .object([
                    .init("url", .nullable(.string)), .init("title", .nullable(.string)), .init("raw", .string),
                ])
            ),
            optional: true
        ),
    ])

    private static let toolCall = JSONSchema.object([
        .init("part", .integer),
        .init("type", .choice(["tool_call"])),
        .init("id", .nullable(.string)),
        .init("name", .nullable(.string)),
        .init("arguments", .string),
    ])
}
