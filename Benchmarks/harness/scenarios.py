"""What is measured."""

import dataclasses

PROXIES = ["nginx", "Tokencast", "direct"]
RECORDERS = ["Tokencast", "recording"]
BROADCASTERS = ["nchan", "Tokencast", "C floor"]


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One load, put on each of its peers in turn.

    `metric` is what peers are compared by: `cpu_us` (of the server, per token or delivery), `added_us` (time to first token
    beyond that of the direct way) or `idle_mb`.
    """

    key: str
    title: str
    mode: str
    peers: tuple
    load: tuple = ()
    transport: str = ""
    metric: str = "cpu_us"
    reference: str = "nginx"
    connections: int = 0
    # Latencies of a burst say how deep the queues are, not how fast a peer is.
    shows_latency: bool = True
    deadline: int = 30


def _options(**values):
    return tuple(text for name, value in values.items() for text in (f"--{name}", str(value)))


def _proxy(key, title, connections, tokens, rate, seconds=None, stagger=500, peers=PROXIES, **more):
    if rate:
        # One request a connection, and starts spread over some time (ms): steady streams, not a stampede.
        load = _options(connections=connections, tokens=tokens, rate=rate, requests=1, stagger=stagger)
    else:
        load = _options(connections=connections, tokens=tokens, rate=0, seconds=seconds)
    return Scenario(
        key, title, "proxy", tuple(peers), load, connections=connections, shows_latency=bool(rate), **more
    )


def _fanout(key, title, transport, subscribers, tokens, rate, **more):
    # The floor speaks SSE only; it stands beside the WebSockets too, since a write is a write.
    load = _options(subscribers=subscribers, tokens=tokens, rate=rate)
    return Scenario(
        key,
        f"{title}, {'SSE' if transport == 'sse' else 'WebSocket'}",
        "fanout",
        tuple(peer for peer in BROADCASTERS if transport == "sse" or peer != "C floor"),
        load,
        transport=transport,
        reference="nchan",
        connections=subscribers,
        shows_latency=rate > 0,
        **more,
    )


def scenarios(quick):
    """All of them, in the order in which they are run; a key may have several."""
    seconds = 1 if quick else 3
    length = 2 if quick else 6
    # With few tokens a second it takes longer until the streams, and not their beginnings, are what is measured.
    long = 5 if quick else 20
    return [
        _proxy("a", "proxy, burst, 32 connections", 32, 500, 0, seconds=seconds),
        _proxy("b", "proxy, 200 streams × 50 tokens/s", 200, 50 * length, 50),
        Scenario(
            "c", "time to first token, one after another", "ttft", tuple(PROXIES),
            _options(seconds=seconds), metric="added_us", connections=1, shows_latency=False,
        ),
        _fanout("d", "fan-out, K = 1000, 50 events/s", "sse", 1000, 50 * length, 50),
        _fanout("d", "fan-out, K = 1000, 50 events/s", "ws", 1000, 50 * length, 50),
        _fanout("e", "fan-out, K = 1000, burst of 2000", "sse", 1000, 2000, 0, deadline=60),
        _fanout("f", "fan-out, K = 5000, 10 events/s", "sse", 5000, 10 * length, 10),
        _fanout("f", "fan-out, K = 5000, 10 events/s", "ws", 5000, 10 * length, 10),
        _proxy("g", "proxy, 300 streams × 53 tokens/s", 300, 53 * long, 53 + 1 / 3, stagger=2000, deadline=60),
        _proxy("g", "proxy, 8000 streams × 2 tokens/s", 8000, 2 * long, 2, stagger=2000, deadline=60),
        _proxy(
            "r", "recording, 200 streams × 50 tokens/s", 200, 50 * length, 50, peers=RECORDERS, reference="Tokencast"
        ),
        _proxy(
            # Short: it writes a quarter of a gigabyte a second.
            "r", "recording, burst, 32 connections", 32, 500, 0, seconds=1, peers=RECORDERS, reference="Tokencast"
        ),
        Scenario(
            "r", "recording, time to first token", "ttft", (*RECORDERS, "direct"),
            _options(seconds=seconds), metric="added_us", reference="Tokencast", connections=1, shows_latency=False,
        ),
        Scenario(
            "m", "idle", "idle", ("nginx", "nchan", "Tokencast", "C floor"), metric="idle_mb", shows_latency=False
        ),
    ]


DEFAULT_KEYS = "a,b,c,d,m"
