extension API {
    static let channels: [Endpoint] = [
        Endpoint(
            .listChannels,
            "GET",
            "/channels",
            .key,
            "The channels that the caller may read. Upgraded: a WebSocket without a subscription.",
            answers: [.init(200, "application/json", "their names, ends and readers"), .init(101, nil, "a WebSocket")]
        ),
        Endpoint(
            .readChannel,
            "GET",
            "/channels/{name}",
            .subscribe,
            "A channel: an event stream, a WebSocket on upgrade, a snapshot as JSON, or a long poll.",
            parameters: reading + [link.expires, link.signature],
            answers: readingAnswers
        ),
        Endpoint(
            .publish,
            "POST",
            "/channels/{name}",
            .publish,
            "Publishes an event of one's own.",
            parameters: [.init("event", .text, default: "message", "the event's name")],
            body: .init(types: ["application/json"], summary: "any JSON value: the event's data"),
            answers: [
                .init(202, "application/json", "it is in the channel, under this `id`"),
                .init(400, "application/json", "it isn't JSON, or the name can't be an event's"),
                .init(413, "application/json", "it is too large"),
                .init(429, "application/json", "the channel takes no more for now; see `Retry-After`"),
            ]
        ),
    ]
}
