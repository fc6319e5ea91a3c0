/// What `/` says to a person who looks.
enum IndexPage {
    static let text = """
        Tokencast: one LLM token stream in, many readers out.

          POST /v1/…                 proxied to the upstream that config.json routes it to
          GET  /streams/{id}         one stream, from its start (SSE, or WebSocket on upgrade)
          GET  /channels/{name}      a channel; /channels/all holds every stream
               ?view=delta|raw|text|openai   ?since=earliest|now|TOKEN
          GET  /healthz /readyz /metrics

        """
}
