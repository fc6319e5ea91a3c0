import TestSupport
import Testing

/// The program, from outside.
@Suite struct CommandLineTests {
    @Test("Stops on its signals, and lets what runs end", arguments: [2, 15])
    func signals(number: Int32) async throws {
        let gate = Gate()
        let upstream = try Script.gated(["a", "b"], gate)
        let program = try ChildProcess(
            built: "tokencast",
            ["serve", "--port", "0", "--upstream", upstream.url + "/v1"]
        )
        let port = try await program.port()
        let caller = try RawConnection(port: port)
        try await caller.send(Chat.request())
        gate.open()
        try await caller.response(until: "a") { !$0.events.isEmpty }
        program.signal(number)
        try await eventually("it listens no more") { (try? RawConnection(port: port)) == nil }
        gate.open(2)
        #expect(try await caller.response().text == Chat.stream(["a", "b"]))
        let state = try await program.exit()
        #expect(state.exit == 0)
        #expect(state.output == "listening on http://127.0.0.1:\(port)\n")
    }

    @Test func flagsBeatVariablesWhichBeatTheFile() async throws {
        let right = try RequestTests.echo("right")
        let wrong = try RequestTests.echo("wrong")
        try await withDirectory { directory in
            let config =
                #"{"listen":{"port":1},"upstreams":{"up":{"url":"\#(wrong.url)"}},"routes":[{"upstream":"up"}]}"#
            try write(config, to: directory + "/config.json")
            let program = try ChildProcess(
                built: "tokencast",
                ["serve", "--config", "config.json", "--upstream", right.url],
                environment: ["TOKENCAST_PORT": "0", "TOKENCAST_UPSTREAM": wrong.url],
                directory: directory
            )
            let response = try await fetch(.get("/v1/models"), port: try await program.port())
            #expect(response.text == "right")
            program.signal(15)
            #expect(try await program.exit().exit == 0)
        }
    }

    @Test func theConfigurationFileIsTakenWhereItLies() async throws {
        let upstream = try RequestTests.echo("from the file")
        try await withDirectory { directory in
            let config =
                #"{"listen":{"port":0},"upstreams":{"up":{"url":"\#(upstream.url)"}},"routes":[{"upstream":"up"}]}"#
            try write(config, to: directory + "/config.json")
            let program = try ChildProcess(built: "tokencast", ["serve"], directory: directory)
            let response = try await fetch(.get("/v1/models"), port: try await program.port())
            #expect(response.text == "from the file")
            program.signal(15)
            #expect(try await program.exit().exit == 0)
            let check = try await ChildProcess(built: "tokencast", ["config", "check"], directory: directory).exit()
            #expect(check.exit == 0)
            #expect(check.output.contains(upstream.url))
        }
    }

    @Test(
        "What can't be served ends with a code and a message",
        arguments: [
            (["serve", "--nonsense"], 64, "nonsense"),
            (["serve", "--host", "0.0.0.0", "--upstream", "http://127.0.0.1:1"], 78, "loopback"),
            (["serve", "--upstream", "ftp://x"], 78, "ftp://x"),
            (["serve", "--replay", "/no/such/cassette"], 78, "/no/such/cassette"),
            (["serve", "--upstream", "http://a", "--replay", "b"], 78, "exclude each other"),
            (["serve"], 78, "nothing to serve"),
            (["serve", "--config", "missing.json"], 78, "missing.json"),
            (["serve", "--port", "70000", "--upstream", "http://a"], 78, "70000"),
            (["config", "check", "--config", "bad.json"], 78, "upstreems"),
            (["tape", "show", "missing.tape.jsonl"], 1, "missing.tape.jsonl"),
            (["watch", "--url", "http://127.0.0.1:1"], 69, "127.0.0.1:1"),
        ]
    )
    func failures(arguments: [String], code: Int, message: String) async throws {
        try await withDirectory { directory in
            try write(#"{"upstreems":{}}"#, to: directory + "/bad.json")
            let state = try await ChildProcess(built: "tokencast", arguments, directory: directory).exit()
            #expect(state.exit == code, "\(state.errors)")
            #expect(state.errors.contains(message), "\(state.errors)")
            #expect(state.output.isEmpty)
        }
    }

    @Test func aPortThatIsTakenIs69() async throws {
        let upstream = try RequestTests.echo()
        let arguments = ["serve", "--port", "\(upstream.port)", "--upstream", upstream.url]
        let state = try await ChildProcess(built: "tokencast", arguments).exit()
        #expect(state.exit == 69)
        #expect(state.errors.contains("\(upstream.port)"))
    }

    @Test func theVersionIsSaid() async throws {
        let state = try await ChildProcess(built: "tokencast", ["--version"]).exit()
        #expect(state.exit == 0)
        #expect(state.output.hasPrefix("tokencast "))
    }

    @Test func watchShowsTextAsItComes() async throws {
        let gate = Gate()
        let upstream = try Script.gated(Chat.words(3), gate)
        try await withServer(to: upstream) { server async throws in
            let url = "http://127.0.0.1:\(server.port)"
            let watch = try ChildProcess(built: "tokencast", ["watch", "--url", url, "--since", "earliest"])
            let caller = try RawConnection(port: server.port)
            try await caller.send(Chat.request())
            for index in 0..<3 {
                gate.open()
                let text = Chat.words(index + 1).joined()
                try await watch.state.wait(for: "word \(index)") { $0.output.contains(text) ? true : nil }
            }
            gate.open()
            try await watch.state.wait(for: "the end") {
                $0.output.contains("── stop\n") || $0.output.contains("── complete") ? true : nil
            }
            watch.signal(15)
            try await watch.exit()
        }
    }

    @Test func tapesAreListedAndShown() async throws {
        let upstream = try Script.chat(["caf\u{E9}", " ok"])
        try await withDirectory { directory in
            let cassette = directory + "/tapes"
            _ = try await RecordReplayTests.record(upstream, cassette) {
                try await fetch(Chat.request(), port: $0.port)
            }
            let name = try #require(names(in: cassette).first)
            let list = try await ChildProcess(built: "tokencast", ["tape", "ls", cassette]).exit()
            #expect(list.exit == 0)
            #expect(list.output.contains(name))
            let show = try await ChildProcess(built: "tokencast", ["tape", "show", "\(cassette)/\(name)", "--text"])
                .exit()
            #expect(show.exit == 0)
            #expect(show.output.contains("caf\u{E9} ok"))
        }
    }
}
