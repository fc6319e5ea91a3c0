extension API {
    static let tapes: [Endpoint] = [
        Endpoint(
            .listTapes,
            "GET",
            "/tapes",
            .admin,
            "The cassettes, and what is in them.",
            parameters: tapeParameters,
            answers: [.init(200, "application/json", "the cassettes")] + tapeProblems
        ),
        Endpoint(
            .verifyTapes,
            "GET",
            "/tapes/verify",
            .admin,
            "Whether all tapes were played and nothing else asked.",
            parameters: tapeParameters,
            answers: [
                .init(200, "application/json", "they were"),
                .init(409, "application/json", "some weren't, or something else was asked"),
            ] + tapeProblems
        ),
        Endpoint(
            .listTapeRequests,
            "GET",
            "/tapes/requests",
            .admin,
            "What was asked.",
            parameters: tapeParameters,
            answers: [.init(200, "application/json", "the requests")] + tapeProblems
        ),
        Endpoint(
            .resetTapes,
            "POST",
            "/tapes/reset",
            .admin,
            "Starts over.",
            parameters: tapeParameters,
            answers: [
                .init(200, "application/json", "done"),
                .init(409, "application/json", "a cassette can't be loaded"),
            ] + tapeProblems
        ),
    ]

    private static let tapeParameters: [Parameter] = [
        .init("scope", .text, "only this scope"),
        .init("cassette", .text, "only the cassette of this directory"),
    ]

    private static let tapeProblems: [Endpoint.Answer] = [
        .init(400, "application/json", "a parameter is wrong"),
        .init(404, "application/json", "there is no such cassette"),
    ]
}
