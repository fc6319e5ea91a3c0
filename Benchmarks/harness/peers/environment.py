"""Peers that come from PyPI: each lives in a virtual environment of its own."""

import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


class Environment:
    """Made at the first use, from the pinned packages of `NAME.txt` beside this file; made anew when those change."""

    def __init__(self, name, place: pathlib.Path):
        self.name = name
        self._place = place / name
        self._requirements = HERE / f"{name}.txt"

    def program(self, name):
        return self._place / "bin" / name

    def pins(self):
        return [line for line in self._requirements.read_text().splitlines() if line and not line.startswith("#")]

    def install(self):
        """None, or why it can't be had."""
        stamp = f"Python {sys.version}\n{self._requirements.read_text()}"
        mark = self._place / "installed"
        if mark.exists() and mark.read_text() == stamp:
            return None
        print(f"installing {' '.join(self.pins())} from PyPI into {self._place}", file=sys.stderr, flush=True)
        for arguments in (
            [sys.executable, "-m", "venv", "--clear", self._place],
            [self.program("pip"), "install", "--quiet", "--disable-pip-version-check", "-r", self._requirements],
        ):
            try:
                done = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True, timeout=900)
            except (OSError, subprocess.TimeoutExpired) as error:
                return f"could not be installed: {error}"
            if done.returncode != 0:
                last = (done.stdout + done.stderr).strip().splitlines()[-1:] or ["no output"]
                return f"could not be installed: {last[0][:300]}"
        mark.write_text(stamp)
        return None
