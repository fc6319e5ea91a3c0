"""What was found: medians, spreads and paired ratios."""

import statistics

# The one fault that is no token's: a tape that stops before its stream did.
UNRECORDED = "unrecorded"


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


# What is given beyond the direct way in the same round, and of which figure.
DIFFERENCES = {"added_us": "first_p50_us", "added_p50_us": "p50_us", "added_p99_us": "p99_us"}


def add_differences(rows):
    """Fills in what a peer adds to the direct way's latencies of the same round."""
    for row in rows:
        direct = find(rows, row.scenario, "direct")
        if direct is None or row is direct:
            continue
        for name, metric in DIFFERENCES.items():
            base = direct.values(metric)
            for number, figures in row.rounds.items():
                if number in base and metric in figures:
                    figures[name] = figures[metric] - base[number]


def find(rows, scenario, peer):
    return next((row for row in rows if row.scenario is scenario and row.peer == peer), None)


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


def to_reference(rows, row, metric):
    return ratio(row, find(rows, row.scenario, row.scenario.reference), metric)


def to_floor(rows, row, metric):
    return ratio(row, find(rows, row.scenario, row.scenario.floor), metric)


def results(rows):
    """Everything that was found, for machines."""
    found = []
    for row in rows:
        metrics = sorted({name for figures in row.rounds.values() for name, value in figures.items()
                          if isinstance(value, (int, float))})
        found.append({
            "scenario": row.scenario.key,
            "title": row.scenario.title,
            "peer": row.peer,
            "reference": row.scenario.reference,
            "metric": row.scenario.metric,
            "figures": {metric: summary(row.values(metric).values()) for metric in metrics},
            "to_reference": {metric: to_reference(rows, row, metric) for metric in metrics},
            "to_floor": {metric: to_floor(rows, row, metric) for metric in metrics},
            "faults": row.faults(),
            "failures": row.failures,
            "rounds": row.rounds,
        })
    return found


def from_results(found, scenarios):
    """The rows that `results` was made from; those of loads that there are no more are left out."""
    rows = []
    for one in found:
        scenario = next((known for known in scenarios if (known.key, known.title) == (one["scenario"], one["title"])), None)
        if scenario:
            row = Row(scenario, one["peer"])
            row.rounds = {int(number): figures for number, figures in one["rounds"].items()}
            row.failures = one["failures"]
            rows.append(row)
    return rows
