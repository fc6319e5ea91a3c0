"""A `tokencast serve` of the test's own, on a free port."""

import os
import queue
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import httpx

CHECKOUT = Path(__file__).resolve().parents[3]
PROGRAM = Path(os.environ.get("TOKENCAST_BINARY") or CHECKOUT / ".build/debug/tokencast").resolve()

# What would change how the program or an SDK behaves.
UNWANTED = re.compile(r"^(CI|TOKENCAST_.*|OPENAI_.*|ANTHROPIC_.*|.*_proxy)$", re.IGNORECASE)


def environment(**more):
    clean = {name: value for name, value in os.environ.items() if not UNWANTED.match(name)}
    return {**clean, **more}


def run(*arguments, cwd=None, timeout=20, **variables):
    """Runs a command of the program to its end."""
    return subprocess.run(
        [PROGRAM, *map(str, arguments)],
        cwd=cwd or CHECKOUT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=timeout,
    )


class Tokencast:
    """A running server: `with Tokencast("--upstream", url) as tokencast: …`"""

    def __init__(self, *arguments, cwd, **variables):
        self.log_path = Path(cwd) / f"tokencast-{time.monotonic_ns()}.log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "serve", "--port", "0", *map(str, arguments)],
                cwd=cwd,
                env=environment(**variables),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        try:
            self.url = self._listening_url()
        except BaseException:
            self.process.kill()
            raise

    def _listening_url(self):
        lines = queue.Queue()
        threading.Thread(target=lambda: lines.put(self.process.stdout.readline()), daemon=True).start()
        line = lines.get(timeout=20)
        found = re.fullmatch(r"listening on (http://\S+)\n", line)
        assert found, f"said {line!r} instead of where it listens; log:\n{self.log}"
        return found.group(1)

    @property
    def base_url(self):
        """What an SDK is pointed at."""
        return f"{self.url}/v1"

    @property
    def log(self):
        return self.log_path.read_text()

    def metrics(self):
        """The samples of /metrics by their name, labels included."""
        lines = httpx.get(f"{self.url}/metrics").raise_for_status().text.splitlines()
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, timeout=20):
        return self.process.wait(timeout)

    def stop(self):
        """Ends the program as an operator would, and says with which code it left."""
        if self.process.poll() is None:
            self.terminate()
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def eventually(condition, timeout=5):
    """Waits until `condition()` is true, and gives what it gave."""
    deadline = time.monotonic() + timeout
    while not (result := condition()):
        assert time.monotonic() < deadline, "it didn't come to pass in time"
        time.sleep(0.01)
    return result
