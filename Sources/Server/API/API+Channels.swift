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
            "Publishes events of one's own.",
            parameters: [.init("event", .text, "the event's name: `message`, or a CloudEvent's type")],
            body: .init(
                types: PublishForm.types,
                summary:
                    "any JSON value, which is the event's data; or a CloudEvent, structured or, with `ce-` headers, binary; "
                    + "or a batch of them"
            ),
            answers: [
                .init(202, "application/json", "it is in the channel, under this `id`; a batch, under these `ids`"),
                .init(400, "application/json", "it isn't JSON or no CloudEvent, or the name can't be an event's"),
                .init(413, "application/json", "it is too large"),
                .init(415, "application/json", "events aren't taken in this media type"),
                .init(429, "application/json", "the channel takes no more for now; see `Retry-After`"),
            ]
        ),
    ]
}
