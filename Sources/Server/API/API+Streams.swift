import Broadcast

extension API {
    static let streams: [Endpoint] = [
        Endpoint(
            .listStreams,
            "GET",
            "/streams",
            .key,
            "The streams that the caller may read, newest first. Upgraded: a WebSocket without a subscription.",
            parameters: [
                .init("state", .choice(StreamRecord.Progress.states), "only streams in this state"),
                .init("channel", .text, "only streams of this channel"),
                .init("model", .text, "only streams whose model fits this pattern, where * stands for any text"),
                .init("limit", .integer(1...1000), default: "100", "how many at most"),
                .init("cursor", .text, "the `next` of the page before"),
            ],
            answers: [.init(200, "application/json", "a page"), .init(101, nil, "a WebSocket")]
        ),
        Endpoint(
            .createStream,
            "POST",
            "/streams",
            .call,
            "Begins a stream that runs on without its caller.",
            body: .init(types: ["application/json"], summary: "a provider's request: path, body, channel"),
            answers: [
                .init(201, "application/json", "the stream's snapshot; `Location` says where it is"),
                .init(400, "application/json", "not such an object"),
                .init(404, "application/json", "no route takes the request"),
                .init(413, "application/json", "too large"),
            ]
        ),
        Endpoint(
            .readStream,
            "GET",
            "/streams/{id}",
            .readStream,
            "One stream: an event stream, a WebSocket on upgrade, a snapshot as JSON, or a long poll.",
            parameters: reading + [link.expires, link.signature],
            answers: readingAnswers + [.init(204, nil, "the stream is over, and the caller has all of it")]
        ),
        Endpoint(
            .cancelStream,
            "DELETE",
            "/streams/{id}",
            .cancelStream,
            "Stops a stream that runs; one that is over stays as it is.",
            answers: [.init(204, nil, "it is over"), .init(404, "application/json", "there is no such stream")]
        ),
    ]

    /// What every way of reading takes.
    static let reading: [Parameter] = [
        .init("view", .choice(View.allCases.map(\.rawValue)), default: View.delta.rawValue, "how events are shown"),
        .init("since", .text, "where to begin: earliest, now, or an event's id"),
        .init(
            "catchup",
            .choice(["replay", "fold"]),
            default: "replay",
            "what comes first: events, or one snapshot"
        ),
        .init("include_usage", .flag, default: "false", "whether the view openai ends with the token counts"),
        .init("merge", .flag, default: "true", "whether deltas are merged while a socket lags"),
        .init("live", .choice(["sse", "long-poll"]), default: "sse", "the transport over plain HTTP"),
        .init("timeout", .seconds(0...120), default: "30", "how long a long poll waits"),
    ]

    /// What a signed link adds.
    static let link = (
        expires: Parameter("expires", .integer(0...Int.max), "a signed link's end, in seconds since 1970"),
        signature: Parameter("signature", .text, "a signed link's signature")
    )

    static let readingAnswers: [Endpoint.Answer] = [
        .init(200, "text/event-stream", "the events"),
        .init(200, "application/json", "a snapshot, or a long poll's events"),
        .init(200, CloudEvent.batchMediaType, "a long poll's events in the view cloudevents"),
        .init(101, nil, "a WebSocket"),
        .init(400, "application/json", "a parameter is wrong"),
        .init(404, "application/json", "there is nothing of that name"),
        .init(503, "application/json", "there are too many subscribers; come back later"),
    ]
}
