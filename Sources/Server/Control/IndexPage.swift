/// What `/` says to a person who looks.
enum IndexPage {
    static let text = """
        Tokencast: one LLM token stream in, many readers out.

          POST /v1/…                 proxied to the upstream that config.json routes it to
          GET  /v1/models            the models of all upstreams and tapes
          GET  /streams              the streams that run or can still be read
          POST /streams              begins a stream that runs on without its caller
          GET  /streams/{id}         one stream, from its start (SSE; JSON if you Accept that; WebSocket on upgrade)
          DELETE /streams/{id}       stops it
          GET  /channels             the channels
          GET  /channels/{name}      a channel; /channels/all holds every stream
               ?view=delta|raw|text|openai   ?since=earliest|now|TOKEN   ?catchup=replay|fold   ?live=sse|long-poll
          POST /channels/{name}      publishes an event of your own
          GET  /tapes                the cassettes, and what is in them
          GET  /tapes/verify         whether all tapes were played and nothing else was asked
          GET  /tapes/requests       what was asked
          POST /tapes/reset          start over
               ?scope=NAME   ?cassette=DIR
          GET  /healthz /readyz /metrics

        """
}
