"""What a figure may be: the files of Benchmarks/Thresholds, and the comparison. Nothing here measures."""

import dataclasses
import json
import pathlib


@dataclasses.dataclass(frozen=True)
class Allowance:
    """How far a figure may lie from its threshold: a share of it, and an amount in the figure's own unit on top."""

    share: float = 0.05
    amount: float = 0.0

    def around(self, threshold):
        return threshold * self.share + self.amount


@dataclasses.dataclass(frozen=True)
class Verdict:
    """One figure beside its threshold. `threshold` is None where there is none yet, `measured` where nothing was found."""

    name: str
    measured: float | None
    threshold: float | None
    allowance: Allowance = Allowance()

    @property
    def most(self):
        return None if self.threshold is None else self.threshold + self.allowance.around(self.threshold)

    @property
    def exceeded(self):
        """A figure without a threshold, and a threshold without a figure, hold nothing back: they fail, too."""
        return self.measured is None or self.threshold is None or self.measured > self.most

    @property
    def undercut(self):
        """So far below that the threshold would let a good deal be lost again."""
        return not self.exceeded and self.measured < self.threshold - self.allowance.around(self.threshold)

    def __str__(self):
        if self.measured is None:
            return "NOT MEASURED any more: update the thresholds"
        if self.threshold is None:
            return "NO THRESHOLD yet: update the thresholds"
        if self.exceeded:
            return f"EXCEEDED: {change(self.measured, self.threshold)}"
        if self.undercut:
            return f"well below ({change(self.measured, self.threshold)}): if it stays so at rest, tighten the threshold"
        return "holds"


def change(measured, threshold):
    if threshold == 0:
        return f"{measured:+.4g} over 0"
    return f"{(measured / threshold - 1) * 100:+.0f} %"


class Thresholds:
    """One subject's file.

    `figures` has a number for each, or `{"threshold": …, "share": …, "amount": …}` where one has an allowance of its own;
    `share` and `amount` beside `figures` hold for the others. `machine`, where there is one, says what the figures hold for,
    `compiler` what they were made with.
    """

    def __init__(self, path: pathlib.Path, default=Allowance()):
        self.path = path
        self._document = json.loads(path.read_text()) if path.exists() else {}
        self._document.setdefault("share", default.share)
        self._document.setdefault("amount", default.amount)
        self._document.setdefault("figures", {})

    @property
    def machine(self):
        return self._document.get("machine")

    @property
    def compiler(self):
        """What built the programs that the thresholds were measured on."""
        return self._document.get("compiler")

    def _entry(self, name):
        entry = self._document["figures"].get(name)
        return entry if isinstance(entry, dict) else {"threshold": entry}

    def compare(self, measured: dict):
        """A verdict for each figure that was measured or should have been."""
        verdicts = []
        for name in dict.fromkeys([*measured, *self._document["figures"]]):
            entry = self._entry(name)
            allowance = Allowance(
                entry.get("share", self._document["share"]), entry.get("amount", self._document["amount"])
            )
            verdicts.append(Verdict(name, measured.get(name), entry["threshold"], allowance))
        return verdicts

    def update(self, measured: dict, about, compiler, machine=None):
        """Takes what was measured as the thresholds from now on; allowances stay, figures that are no more go."""
        figures = {}
        for name, value in measured.items():
            entry = self._entry(name) | {"threshold": rounded(value)}
            figures[name] = entry if len(entry) > 1 else entry["threshold"]
        self._document = {"about": about, "compiler": compiler} | ({"machine": machine} if machine else {}) | {
            "share": self._document["share"],
            "amount": self._document["amount"],
            "figures": figures,
        }
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(json.dumps(self._document, indent=4, ensure_ascii=False) + "\n")


def rounded(value):
    """Four digits that count: more would change at every update."""
    short = float(f"{value:.4g}")
    return int(short) if short == int(short) else short


def least(runs):
    """Of several runs, each figure's least: whatever else the machine does can only add to a count."""
    return {name: min(run[name] for run in runs if name in run) for name in dict.fromkeys(n for run in runs for n in run)}


def median(runs):
    """Of several runs, each figure's median (of two, the lower)."""
    figures = {}
    for name in dict.fromkeys(name for run in runs for name in run):
        values = sorted(run[name] for run in runs if name in run)
        figures[name] = values[(len(values) - 1) // 2]
    return figures
