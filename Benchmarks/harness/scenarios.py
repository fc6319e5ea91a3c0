"""What is measured."""

import dataclasses

PROXIES = ("nginx", "haproxy", "sglang-router", "LiteLLM", "Tokencast", "libcurl relay", "C relay")
STREAMERS = ("nginx", "haproxy", "Tokencast", "libcurl relay", "C relay")
RECORDERS = ("Tokencast", "recording")
BROADCASTERS = ("nchan", "Tokencast", "C floor")
# What a server needs besides its connections.
OTHER_DESCRIPTORS = 150


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One load, put on each of its peers in turn.

    `metric` is what peers are compared by, one of `table.UNITS`; a row's ratios are to the `reference` and the `floor`.
    """

    key: str
    title: str
    mode: str
    peers: tuple
    load: tuple = ()
    transport: str = ""
    metric: str = "cpu_us"
    reference: str = "nginx"
    floor: str = ""
    connections: int = 0
    # Latencies of a burst say how deep the queues are, not how fast a peer is.
    shows_latency: bool = True
    deadline: int = 30
    # After how many seconds a long stream has sent all its tokens.
    length: float = 0
    # How often it is started.
    starts: int = 0
    # What a plot has on its axis: `streams` or `subscribers`.
    axis: str = ""

    @property
    def descriptors(self):
        """How many the server needs: a proxy has two for each stream."""
        return self.connections * (1 if self.mode == "fanout" else 2) + OTHER_DESCRIPTORS


def _options(**values):
    return tuple(text for name, value in values.items() for text in (f"--{name}", str(value)))


def _proxy(key, title, connections, tokens, rate, seconds=None, stagger=500, peers=STREAMERS, **more):
    if rate:
        # One request a connection, and starts spread over some time (ms): steady streams, not a stampede.
        load = _options(connections=connections, tokens=tokens, rate=rate, requests=1, stagger=stagger)
    else:
        load = _options(connections=connections, tokens=tokens, rate=0, seconds=seconds)
    more.setdefault("floor", "C relay")
    return Scenario(key, title, "proxy", tuple(peers), load, connections=connections, shows_latency=bool(rate), **more)


def _first(key, title, peers, seconds, **more):
    return Scenario(
        key, title, "ttft", tuple(peers), _options(seconds=seconds), metric="added_us", connections=1,
        shows_latency=False, **more,
    )


def _fanout(key, title, transport, subscribers, tokens, rate, peers=BROADCASTERS, **more):
    more.setdefault("shows_latency", rate > 0)
    return Scenario(
        key, f"{title}, {'SSE' if transport == 'sse' else 'WebSocket'}", "fanout", peers,
        _options(subscribers=subscribers, tokens=tokens, rate=rate), transport=transport, reference="nchan",
        floor="C floor", connections=subscribers, **more,
    )


def scenarios(quick):
    """All of them, in the order in which they are run; a key may have several."""
    seconds = 1 if quick else 3
    length = 2 if quick else 6
    # With few tokens a second it takes longer until the streams, and not their beginnings, are what is measured.
    long = 5 if quick else 20
    kept = 2 if quick else 10
    return [
        _proxy("a", "proxy, burst, 32 connections", 32, 500, 0, seconds=seconds, peers=PROXIES),
        _proxy(
            "b", "proxy, 200 streams × 50 tokens/s", 200, 50 * length, 50, peers=(*PROXIES, "direct"), axis="streams"
        ),
        _first("c", "time to first token, one after another", (*PROXIES, "direct"), seconds, floor="C relay"),
        _fanout("d", "fan-out, K = 1000, 50 events/s", "sse", 1000, 50 * length, 50, axis="subscribers"),
        _fanout("d", "fan-out, K = 1000, 50 events/s", "ws", 1000, 50 * length, 50),
        _fanout("e", "fan-out, K = 1000, burst of 2000", "sse", 1000, 2000, 0, deadline=60),
        _fanout("f", "fan-out, K = 5000, 10 events/s", "sse", 5000, 10 * length, 10, axis="subscribers"),
        _fanout("f", "fan-out, K = 5000, 10 events/s", "ws", 5000, 10 * length, 10),
        _proxy("g", "proxy, 300 streams × 53 tokens/s", 300, 53 * long, 53 + 1 / 3, stagger=2000, deadline=60),
        _proxy("g", "proxy, 8000 streams × 2 tokens/s", 8000, 2 * long, 2, stagger=2000, deadline=60),
        *(
            # Then one event, to see that all of them are there.
            _fanout(
                "k", "10,000 idle subscribers", transport, 10_000, 1, 1, peers=("nchan", "Tokencast"),
                metric="kib_per_subscriber", shows_latency=False,
            )
            for transport in ("sse", "ws")
        ),
        Scenario(
            "l", f"log of 32 live streams × {400 * kept} tokens", "log", ("Tokencast, all kept",),
            _options(connections=32, tokens=400 * kept, rate=400, requests=1, stagger=500, linger=5000),
            metric="log_ratio", reference="", connections=32, shows_latency=False, length=kept + 0.5,
        ),
        _proxy(
            "r", "recording, 200 streams × 50 tokens/s", 200, 50 * length, 50, peers=RECORDERS, reference="Tokencast",
            floor="",
        ),
        _proxy(
            # Short: it writes a quarter of a gigabyte a second.
            "r", "recording, burst, 32 connections", 32, 500, 0, seconds=1, peers=RECORDERS, reference="Tokencast",
            floor="",
        ),
        _first("r", "recording, time to first token", (*RECORDERS, "direct"), seconds, reference="Tokencast"),
        Scenario(
            "m", "idle", "idle", (*PROXIES[:4], "nchan", "Tokencast", *PROXIES[-2:]), metric="idle_mb", shows_latency=False
        ),
        Scenario(
            "s", "start", "start", ("nginx", "haproxy", "Tokencast"), metric="start_ms", shows_latency=False,
            starts=5 if quick else 20,
        ),
        *(
            _proxy("x", f"proxy, {count} streams × 50 tokens/s", count, 25 * length, 50, axis="streams")
            for count in (50, 100, 400, 800)
        ),
        *(
            _fanout("y", f"fan-out, K = {count}, 50 events/s", "sse", count, 25 * length, 50, axis="subscribers")
            for count in (10, 100)
        ),
    ]


# All that a goal is about.
DEFAULT_KEYS = "a,b,c,d,e,f,g,k,l,r,m,s"
QUICK_KEYS = "a,b,c,d,m,s"
# The points of the plots that no goal is about.
PLOT_KEYS = "x,y"
