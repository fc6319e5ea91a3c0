"""What Tokencast is to reach, and whether it did in these rows."""

import dataclasses
from collections.abc import Callable

from .figures import markdown, number, spread
from .rows import UNRECORDED, find, ratio, summary

US = "Tokencast"


@dataclasses.dataclass(frozen=True)
class Goal:
    """`figure` gives the rounds' values, from the rows, or None where what it needs was not measured; the median is at most
    `limit` where the goal is met, and `rows` are those in which nothing may be amiss."""

    title: str
    limit: float
    unit: str
    figure: Callable
    rows: Callable


def _one(rows, key, word="", peer=US):
    """The row of a scenario that has this word in its title."""
    return next((row for row in rows if row.scenario.key == key and word in row.scenario.title and row.peer == peer), None)


def _within(title, limit, unit, key, metric, word="", peer=US, scale=1.0):
    """An absolute figure."""

    def figure(rows):
        row = _one(rows, key, word, peer)
        return row and summary(value * scale for value in row.values(metric).values())

    return Goal(f"{title} ≤ {number(limit)} {unit}", limit, f" {unit}", figure, lambda rows: [_one(rows, key, word, peer)])


def _beside(title, limit, other, key, metric="cpu_us", word="", peer=US):
    """A ratio to another peer under the same load."""

    def figure(rows):
        row = _one(rows, key, word, peer)
        return row and ratio(row, find(rows, row.scenario, other), metric)

    return Goal(f"{title} ≤ {number(limit)} × {other}", limit, " ×", figure,
                lambda rows: [_one(rows, key, word, peer), _one(rows, key, word, other)])


def _many_streams():
    def figure(rows):
        return ratio(_one(rows, "g", "8000"), _one(rows, "g", "300"), "cpu_us")

    return Goal("8000 streams: CPU per token ≤ 1.50 × that of 300 streams, same total rate", 1.5, " ×", figure,
                lambda rows: [_one(rows, "g", "8000"), _one(rows, "g", "300")])


def _nothing_amiss(title, chosen, counts=lambda fault: fault != UNRECORDED):
    """Of those faults, in all rounds together, none."""

    def figure(rows):
        rows = [row for row in rows if chosen(row) and row.rounds]
        found = sum(count for row in rows for fault, count in row.faults().items() if counts(fault))
        return summary([found]) if rows else None

    return Goal(title, 0, "", figure, lambda rows: [row for row in rows if chosen(row)])


def goals():
    found = [
        _within("burst, 32 connections: CPU per token", 1.2, "µs", "a", "cpu_us"),
        _beside("burst, 32 connections: CPU per token", 1 / 3, "sglang-router", "a"),
        _beside("200 streams × 50 tokens/s: CPU per token", 1.2, "nginx", "b"),
        _beside("200 streams × 50 tokens/s: added latency, p50", 1, "nginx", "b", "added_p50_us"),
        _beside("200 streams × 50 tokens/s: added latency, p99", 1.5, "nginx", "b", "added_p99_us"),
        _beside("added time to first token, p50", 2, "nginx", "c", "added_us"),
    ]
    for key, count in (("d", 1000), ("f", 5000)):
        for word in ("SSE", "WebSocket"):
            load = f"fan-out to {count}, {word}"
            found += [
                _beside(f"{load}: CPU per delivery", 1, "nchan", key, word=word),
                _beside(f"{load}: CPU per delivery", 1.35, "C floor", key, word=word),
                _beside(f"{load}: latency, p99", 1, "nchan", key, "p99_us", word=word),
            ]
    found += [
        _beside("fan-out to 1000, burst of 2000: CPU per delivery", 0.3, "nchan", "e"),
        _within("memory at rest", 25, "MB", "m", "idle_mb"),
        _within("memory per idle SSE subscriber", 4, "KiB", "k", "kib_per_subscriber", "SSE"),
        _within("memory per idle WebSocket subscriber", 4, "KiB", "k", "kib_per_subscriber", "WebSocket"),
        _within("log of live streams", 1.3, "× raw bytes", "l", "log_ratio", peer="Tokencast, all kept"),
        _nothing_amiss("8000 streams: nothing lost or doubled",
                       lambda row: row.peer == US and row.scenario.key == "g" and "8000" in row.scenario.title),
        _many_streams(),
        _within("start to listening, median", 100, "ms", "s", "start_ms"),
        _beside("recording, 200 streams × 50 tokens/s: CPU per token", 1.1, US, "r", word="200", peer="recording"),
        _beside("recording, burst: CPU per token", 1.1, US, "r", word="burst", peer="recording"),
        _nothing_amiss("recording: tapes that stop early", lambda row: row.peer == "recording", UNRECORDED.__eq__),
        _nothing_amiss("every load: nothing lost or doubled",
                       lambda row: row.peer.startswith(US) or row.peer == "recording"),
    ]
    return found


def judge(rows):
    """Every goal as a dictionary: its title, its figure, and `met`, `not met` or `not measured`."""
    found = []
    for goal in goals():
        figure = goal.figure(rows)
        involved = [row for row in goal.rows(rows) if row]
        if any(row.failures for row in involved):
            # A round that failed has no figure, and would otherwise be missed by nobody.
            verdict = "not met: rounds failed"
        elif figure is None:
            verdict = "not measured"
        elif figure["median"] > goal.limit:
            verdict = "not met"
        elif goal.limit > 0 and any(row.faults() for row in involved):
            verdict = "not met: faults"
        else:
            verdict = "met"
        measured = max((len(row.rounds) for row in involved), default=0)
        found.append({
            "goal": goal.title, "limit": goal.limit, "unit": goal.unit, "figure": figure, "rounds": measured,
            "verdict": verdict,
        })
    return found


def render(judged, all_of_them=False):
    """As Markdown, without those that were not measured."""
    lines = [("goal", "figure", "met")]
    for one in judged:
        if all_of_them or one["verdict"] != "not measured":
            lines.append((one["goal"], _shown(one) if one["figure"] else "–", one["verdict"]))
    return markdown(lines) if len(lines) > 1 else ""


def _shown(one):
    figure, median = one["figure"], one["figure"]["median"]
    shown = spread(figure) + one["unit"]
    if number(median) == number(one["limit"]) and median > one["limit"]:
        shown += f" (above it by {median - one['limit']:.1g})"
    # What has nothing to be divided by gives no ratio, as an added latency that is lost in the noise.
    if 0 < one["limit"] and figure["rounds"] < one["rounds"]:
        shown += f" ({figure['rounds']} of {one['rounds']} rounds)"
    return shown
