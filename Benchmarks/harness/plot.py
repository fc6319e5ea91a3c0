"""What is drawn of the rows: latencies by percentile, costs by the number of streams and of subscribers."""

from .rows import summary
from .svg import Chart, Series, Style, document

STYLES = {
    "Tokencast": Style("blue", "circle", width=2.5),
    "nginx": Style("green", "square"),
    "nchan": Style("green", "square"),
    "haproxy": Style("orange", "triangle"),
    "sglang-router": Style("purple", "diamond"),
    "LiteLLM": Style("red", "fall"),
    "C floor": Style("grey", "circle", "5 3"),
    "C relay": Style("grey", "circle", "5 3"),
    "libcurl relay": Style("grey", "square", "5 3"),
    "direct": Style("grey", "diamond", "1 3"),
}
# It can't keep up, so that its latency is that of a queue: on one axis with the others it would hide them.
QUEUES = "LiteLLM"
PERCENTILES = (("p50_us", "50"), ("p90_us", "90"), ("p99_us", "99"), ("p999_us", "99.9"))


def draw(rows, caption):
    """The document, or None where nothing of it was measured."""
    charts = [
        _latencies(rows, "Latency of a proxied token", "b", "200 streams"),
        _latencies(rows, "Latency of a delivery, SSE", "d", "SSE"),
        _costs(rows, "Proxying: cost by streams", "streams", "streams, 50 tokens a second each", "CPU µs per token"),
        _costs(
            rows, "Fan-out over SSE: cost by subscribers", "subscribers", "subscribers, 50 events a second (5000: 10)",
            "CPU µs per delivery",
        ),
    ]
    charts = [chart for chart in charts if chart]
    return document(charts, caption) if charts else None


def _latencies(rows, title, key, word):
    found = []
    for row in rows:
        if row.scenario.key != key or word not in row.scenario.title or row.peer == QUEUES:
            continue
        points = [_point(place, row, metric, 1e-3) for place, (metric, _) in enumerate(PERCENTILES)]
        found.append((row.peer, points))
    series = _series(found)
    ticks = tuple((place, label) for place, (_, label) in enumerate(PERCENTILES))
    load = next((row.scenario.title.split(", ", 1)[1] for row in rows if row.scenario.key == key), "")
    label = f"percentile ({load.removesuffix(', SSE')})"
    return Chart(title, label, "milliseconds", ticks, series, log_y=True) if series else None


def _costs(rows, title, axis, x_label, y_label):
    by_peer = {}
    for row in rows:
        if row.scenario.axis == axis:
            by_peer.setdefault(row.peer, []).append(_point(row.scenario.connections, row, "cpu_us", 1))
    # A peer that was measured at one place only has no line.
    series = _series((peer, sorted(filter(None, points))) for peer, points in by_peer.items()
                     if sum(point is not None for point in points) > 1)
    if not series:
        return None
    ticks = tuple((x, f"{x:,}") for x in sorted({point[0] for one in series for point in one.points}))
    return Chart(title, x_label, y_label, ticks, series, log_x=True)


def _point(x, row, metric, scale):
    found = summary(row.values(metric).values())
    return found and (x, found["median"] * scale, found["min"] * scale, found["max"] * scale)


def _series(found):
    present = ((peer, tuple(point for point in points if point)) for peer, points in found)
    return tuple(Series(peer, STYLES[peer], points) for peer, points in present if points)
