import Broadcast

/// The counters in Prometheus' text format (version 0.0.4).
struct MetricsText {
    private(set) var text = ""

    init(_ counters: Counters) {
        family("tokencast_streams", "gauge", "Streams running now.")
        sample("tokencast_streams", counters.activeStreams.current)
        family("tokencast_streams_ended_total", "counter", "Streams that ended, by state.")
        sample(#"tokencast_streams_ended_total{state="complete"}"#, counters.completeStreams.current)
        sample(#"tokencast_streams_ended_total{state="truncated"}"#, counters.truncatedStreams.current)
        sample(#"tokencast_streams_ended_total{state="error"}"#, counters.failedStreams.current)
        sample(#"tokencast_streams_ended_total{state="cancelled"}"#, counters.cancelledStreams.current)
        family("tokencast_subscribers", "gauge", "Subscribers connected now, by transport.")
        sample(#"tokencast_subscribers{transport="sse"}"#, counters.sseSubscribers.current)
        sample(#"tokencast_subscribers{transport="websocket"}"#, counters.webSocketSubscribers.current)
        sample(#"tokencast_subscribers{transport="long-poll"}"#, counters.longPollSubscribers.current)
        single(
            "tokencast_stalled_subscribers_total",
            "counter",
            "Subscribers cut off because their sockets took nothing.",
            counters.stalledSubscribers.current
        )
        single(
            "tokencast_slow_subscribers_total",
            "counter",
            "Subscribers that were told that they are about to lose events.",
            counters.slowReaders.current
        )
        single(
            "tokencast_resets_total",
            "counter",
            "Subscribers that were given a snapshot for events that are gone.",
            counters.resets.current
        )
        single(
            "tokencast_published_total",
            "counter",
            "Events published to channels.",
            counters.published.current
        )
        single("tokencast_tokens_total", "counter", "Deltas parsed from upstreams.", counters.tokens.current)
        single(
            "tokencast_deliveries_total",
            "counter",
            "Events written to subscribers.",
            counters.deliveries.current
        )
        single("tokencast_requests_total", "counter", "Requests taken.", counters.requests.current)
        single(
            "tokencast_upstream_bytes_total",
            "counter",
            "Body bytes that came from upstreams.",
            counters.upstreamBytes.current
        )
        single("tokencast_tapes_recorded_total", "counter", "Tapes finished.", counters.tapesRecorded.current)
        single("tokencast_tapes_replayed_total", "counter", "Requests a tape answered.", counters.tapesReplayed.current)
        single("tokencast_tape_misses_total", "counter", "Requests no tape answered.", counters.tapeMisses.current)
        single(
            "tokencast_recording_failures_total",
            "counter",
            "Recordings that failed.",
            counters.recordingFailures.current
        )
        single(
            "tokencast_tee_failures_total",
            "counter",
            "Streams that a tee holds in part or not at all.",
            counters.teeFailures.current
        )
        histogram(counters)
    }

    private mutating func histogram(_ counters: Counters) {
        let name = "tokencast_time_to_first_token_seconds"
        family(name, "histogram", "From the start of the upstream request to its first delta.")
        let snapshot = counters.timeToFirstToken.snapshot
        for (bound, count) in zip(Counters.Histogram.bounds, snapshot.cumulative) {
            sample(#"\#(name)_bucket{le="\#(Double(bound) / 1e6)"}"#, count)
        }
        sample(#"\#(name)_bucket{le="+Inf"}"#, snapshot.count)
        text += "\(name)_sum \(Double(snapshot.sum) / 1e6)\n"
        sample("\(name)_count", snapshot.count)
    }

    private mutating func single(_ name: String, _ type: String, _ help: String, _ value: Int) {
        family(name, type, help)
        sample(name, value)
    }

    private mutating func family(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func sample(_ name: String, _ value: Int) {
        text += "\(name) \(value)\n"
    }
}
