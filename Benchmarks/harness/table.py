"""Every peer under every load, one line each."""

from .figures import markdown, number, spread
from .rows import summary, to_floor, to_reference

COLUMNS = (
    "load", "peer", "cost", "× reference", "× floor", "p50 ms (×)", "p99 ms (×)", "first token µs", "idle MB",
    "checked", "faults",
)
UNITS = {
    "cpu_us": "µs CPU", "added_us": "µs added", "idle_mb": "MB", "kib_per_subscriber": "KiB each",
    "log_ratio": "× raw bytes", "start_ms": "ms",
}


def render(rows):
    """As Markdown; columns that nobody fills are left out."""
    lines = [COLUMNS] + [_cells(rows, row) for row in rows]
    kept = [column for column in range(len(COLUMNS)) if any(line[column] for line in lines[1:])]
    return markdown([[line[column] for column in kept] for line in lines])


def _cells(rows, row):
    scenario, metric = row.scenario, row.scenario.metric
    cost = spread(summary(row.values(metric).values()))
    faults = [f"{count} {name}" for name, count in row.faults().items()]
    if row.failures:
        faults.append(f"{len(row.failures)} rounds failed")
    checked = sum(row.values("count").values())
    is_reference, is_floor = row.peer == scenario.reference, row.peer == scenario.floor
    return (
        scenario.title,
        row.peer,
        f"{cost} {UNITS[metric]}" if cost else "–",
        "1" if is_reference else spread(to_reference(rows, row, metric)),
        "1" if is_floor else spread(to_floor(rows, row, metric)),
        _latency(rows, row, "p50_us"),
        _latency(rows, row, "p99_us"),
        number(_median(row, "first_p50_us")),
        number(_median(row, "idle_mb")) if metric != "idle_mb" else "",
        f"{checked:,}" if checked else "",
        ", ".join(faults) or ("none" if row.rounds else ""),
    )


def _median(row, metric):
    found = summary(row.values(metric).values())
    return found["median"] if found else None


def _latency(rows, row, metric):
    value = _median(row, metric)
    if value is None:
        return ""
    paired = to_reference(rows, row, metric)
    return number(value / 1e3) + (f" ({number(paired['median'])})" if paired and row.peer != row.scenario.reference else "")
