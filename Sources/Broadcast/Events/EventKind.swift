import Dialects

/// A kind of event in the `delta` view: its name, when it comes, what its data are.
///
/// The table of all kinds is what documents of the API are made of; tests hold what is rendered to it.
public struct EventKind: Sendable {
    /// What an event stream's `event` field and a WebSocket message's `type` say. A published event has its publisher's
    /// name in the former.
    public var name: String
    public var summary: String
    public var data: JSONSchema

    /// In the order in which a reader may meet them.
    public static let all = [start, restart, delta, usage, end, message, snapshot, reset, slow]

    static let start = EventKind(
        name: "start",
        summary: "A stream began: what is known when its first frame is there.",
        data: .object([
            .init("dialect", .string),
            .init("model", .nullable(.string), "the one that answers, or else the one asked for"),
            .init("id", .nullable(.string), "the provider's own id"),
            .init("method", .string),
            .init("path", .string),
            .init("status", .nullable(.integer), "the upstream's HTTP status"),
            .init("created", .integer, "seconds since 1970"),
            stream,
        ])
    )

    static let restart = EventKind(
        name: "restart",
        summary: "The provider began the message anew: what came before is void.",
        data: .object([.init("model", .nullable(.string)), .init("id", .nullable(.string)), stream])
    )

    static let delta = EventKind(
        name: "delta",
        summary: "A piece of the answer.",
        data: .union([
            piece(["text", "reasoning", "refusal"], [.init("text", .string)]),
            piece(
                ["tool_call"],
                [
                    .init("id", .nullable(.string), "comes once"),
                    .init("name", .nullable(.string), "comes once"),
                    .init("arguments", .string, "a piece of JSON text"),
                ]
            ),
            piece(
                ["citation"],
                [
                    .init("url", .nullable(.string)),
                    .init("title", .nullable(.string)),
                    .init("raw", .string, "the provider's own object, as JSON text"),
                ]
            ),
        ])
    )

    static let usage = EventKind(
        name: "usage",
        summary: "Token counts so far; a later one replaces an earlier one.",
        data: .object(TokenCounts.properties + [stream])
    )

    static let end = EventKind(
        name: "end",
        summary: "A stream ended, and how.",
        data: .object(StreamEnding.properties + [stream])
    )

    static let message = EventKind(
        name: "message",
        summary: "Somebody published this to the channel.",
        data: .any
    )

    static let reset = EventKind(
        name: "reset",
        summary: "Events that the reader would need are gone; a snapshot follows in their place.",
        data: .object([.init("reason", .choice(["trimmed", "unknown token"]))])
    )

    static let slow = EventKind(
        name: "slow",
        summary: "The reader is about to fall behind what is kept.",
        data: .object([
            .init("behind", .integer, "events that wait for it"),
            .init("retained", .integer, "events that are kept"),
        ])
    )

    /// What a socket of CloudEvents says of an event that it can't take. No other view has it: see ``all``.
    public static let error = EventKind(
        name: "error",
        summary: "An event that was to be published couldn't be; `subject` is its id.",
        data: .object([.init("code", .string, "a word for programs"), .init("message", .string)])
    )

    /// The type of its CloudEvents.
    public var cloudEventType: String { CloudEventWriter.type(of: name) }

    /// Where several streams meet, each event says whose it is.
    static let stream = JSONSchema.Property("stream", .string, optional: true, "the stream's id, in a channel")

    private static func piece(_ types: [String], _ content: [JSONSchema.Property]) -> JSONSchema {
        .object(
            [
                .init("choice", .integer, "from 0"),
                .init("part", .integer, "from 0 within the choice"),
                .init("type", .choice(types)),
            ] + content + [
                .init("first", .string, optional: true, "the id of the first event that was merged into this one"),
                stream,
            ]
        )
    }
}

/// The members of `usage` events.
enum TokenCounts {
    static let properties: [JSONSchema.Property] = [
        .init("input_tokens", .nullable(.integer), "cached ones included"),
        .init("output_tokens", .nullable(.integer), "reasoning included"),
        .init("total_tokens", .nullable(.integer)),
        .init("cached_tokens", .nullable(.integer)),
        .init("cache_creation_tokens", .nullable(.integer)),
        .init("reasoning_tokens", .nullable(.integer)),
        .init("estimated", .boolean, optional: true, "the stream broke off: output_tokens counts the pieces that came"),
    ]
}

/// The members of `end` events.
enum StreamEnding {
    static let properties: [JSONSchema.Property] = [
        .init("state", .choice(StreamEnd.State.allCases.map(\.rawValue))),
        .init("finish", .nullable(.string), "the provider's word for why"),
        .init("terminal", .nullable(.string), "what ended it on the wire"),
        .init(
            "error",
            .object([
                .init("message", .string),
                .init("type", .nullable(.string)),
                .init("code", .nullable(.string)),
                .init("status", .nullable(.integer)),
            ]),
            optional: true
        ),
    ]
}
