"""Medians, spreads and paired ratios, as one table."""

import statistics

COLUMNS = (
    "load", "peer", "cost", "× reference", "× floor", "p50 ms (×)", "p99 ms (×)", "first token µs", "idle MB",
    "KB a reader", "checked", "faults",
)
UNITS = {"cpu_us": "µs CPU", "added_us": "µs added", "idle_mb": "MB"}


class Row:
    """All rounds of one peer under one load."""

    def __init__(self, scenario, peer):
        self.scenario = scenario
        self.peer = peer
        # By round; a round that failed has none.
        self.rounds = {}
        self.failures = []

    def values(self, metric):
        return {number: figures[metric] for number, figures in self.rounds.items() if metric in figures}

    def faults(self):
        total = {}
        for figures in self.rounds.values():
            for name, count in figures.get("faults", {}).items():
                total[name] = total.get(name, 0) + count
        return total


def add_differences(rows):
    """Fills in `added_us`: the time to first token beyond that of the direct way in the same round."""
    for row in rows:
        direct = find(rows, row.scenario, "direct")
        if row.scenario.metric != "added_us" or direct is None or row is direct:
            continue
        base = direct.values("first_p50_us")
        for number, figures in row.rounds.items():
            if number in base:
                figures["added_us"] = figures["first_p50_us"] - base[number]


def find(rows, scenario, peer):
    return next((row for row in rows if row.scenario is scenario and row.peer == peer), None)


def floor_of(rows, scenario):
    """The floor of the same load, whatever its transport."""
    same = (row for row in rows if row.peer == "C floor" and row.scenario.load == scenario.load)
    return next(same, None) if scenario.mode == "fanout" else None


def summary(values):
    values = list(values)
    if not values:
        return None
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "rounds": len(values)}


def ratio(row, other, metric):
    """Paired: each round is compared with the same round of the other."""
    if row is None or other is None:
        return None
    mine, theirs = row.values(metric), other.values(metric)
    return summary(mine[number] / theirs[number] for number in mine if theirs.get(number, 0) > 0)


def results(rows):
    """Everything that was found, for machines."""
    found = []
    for row in rows:
        reference, floor = find(rows, row.scenario, row.scenario.reference), floor_of(rows, row.scenario)
        metrics = sorted({name for figures in row.rounds.values() for name, value in figures.items()
                          if isinstance(value, (int, float))})
        found.append({
            "scenario": row.scenario.key,
            "title": row.scenario.title,
            "peer": row.peer,
            "reference": row.scenario.reference,
            "metric": row.scenario.metric,
            "figures": {metric: summary(row.values(metric).values()) for metric in metrics},
            "to_reference": {metric: ratio(row, reference, metric) for metric in metrics},
            "to_floor": {metric: ratio(row, floor, metric) for metric in metrics},
            "faults": row.faults(),
            "failures": row.failures,
            "rounds": row.rounds,
        })
    return found


def render(rows):
    """A Markdown table that also reads well in a terminal."""
    lines = [COLUMNS] + [_cells(rows, row) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    drawn = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines]
    drawn.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(drawn)


def _cells(rows, row):
    scenario = row.scenario
    reference, floor = find(rows, scenario, scenario.reference), floor_of(rows, scenario)
    metric = scenario.metric
    cost = _spread(summary(row.values(metric).values()))
    faults = [f"{count} {name}" for name, count in row.faults().items()]
    if row.failures:
        faults.append(f"{len(row.failures)} rounds failed")
    checked = sum(row.values("count").values())
    return (
        scenario.title,
        row.peer,
        f"{cost} {UNITS[metric]}" if cost else "–",
        _spread(ratio(row, reference, metric)) if row is not reference else "1",
        _spread(ratio(row, floor, metric)) if row is not floor else "1",
        _latency(row, reference, "p50_us"),
        _latency(row, reference, "p99_us"),
        _number(_median(row, "first_p50_us")),
        _number(_median(row, "idle_mb")) if metric != "idle_mb" else "",
        _number(_median(row, "kb_per_subscriber")),
        f"{checked:,}" if checked else "",
        ", ".join(faults) or ("none" if row.rounds else ""),
    )


def _median(row, metric):
    found = summary(row.values(metric).values())
    return found["median"] if found else None


def _latency(row, reference, metric):
    value = _median(row, metric)
    if value is None:
        return ""
    paired = ratio(row, reference, metric)
    return _number(value / 1e3) + (f" ({_number(paired['median'])})" if paired and row is not reference else "")


def _spread(found):
    if found is None:
        return ""
    if found["rounds"] == 1:
        return _number(found["median"])
    return f"{_number(found['median'])} [{_number(found['min'])}–{_number(found['max'])}]"


def _number(value):
    """Three significant digits."""
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"
