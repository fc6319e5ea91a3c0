"""A pytest plugin: the fixture `tape` answers a test's requests from recorded streams.

Copy this file beside your conftest.py, put `pytest_plugins = ["tokencast_tapes"]` there, and have `tokencast` on PATH (or
in TOKENCAST_BINARY). Then:

    @pytest.mark.tape("weather", rechunk="random:7")
    def test_the_weather(tape):
        client = OpenAI(base_url=tape.base_url, api_key="unused")
        ...
        assert len(tape.requests()) == 1

The test fails when a request had no tape, or a tape no request. `pytest --tape-mode once --tape-upstream URL` records what
isn't there. Without a name in the marker, one is made of the test's file and name; its other arguments are options of the
base URL.
"""

import json
import os
import re
import subprocess
import urllib.error
import urllib.request

import pytest

MODES = ["none", "once", "new_episodes", "all"]


def pytest_addoption(parser):
    group = parser.getgroup("tokencast")
    group.addoption("--tape-mode", choices=MODES, default=os.environ.get("TOKENCAST_TAPES", "none"))
    group.addoption("--tape-upstream", default=os.environ.get("TOKENCAST_UPSTREAM"), help="where to ask what isn't on tape")
    parser.addini("tapes", "the directory of the tapes", default="tapes")


def pytest_configure(config):
    config.addinivalue_line("markers", "tape(name, speed=0, rechunk=None, fault=None): answer from the tapes of this scope")


class Tape:
    def __init__(self, url, scope, options):
        self.scope, self._server = scope, url
        words = "".join(f",{name.replace('_', '-')}={value}" for name, value in options.items())
        self.url = f"{url}/~scope={scope}{words}"
        self.base_url = f"{self.url}/v1"

    def ask(self, what, method="GET"):
        request = urllib.request.Request(f"{self._server}/tapes/{what}?scope={self.scope}", method=method)
        try:
            return json.load(urllib.request.urlopen(request, timeout=10))
        except urllib.error.HTTPError as answer:
            return json.load(answer)

    def requests(self):
        return self.ask("requests")["requests"]


@pytest.fixture(scope="session")
def tokencast(pytestconfig):
    mode, upstream = pytestconfig.getoption("tape_mode"), pytestconfig.getoption("tape_upstream")
    arguments = ["--cassette", pytestconfig.rootpath / pytestconfig.getini("tapes"), "--tape-mode", mode]
    arguments += ["--upstream", upstream] if upstream and mode != "none" else []
    program = [os.environ.get("TOKENCAST_BINARY", "tokencast"), "serve", "--port", "0", "--log-level", "error", *arguments]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        assert line.startswith("listening on "), f"{program[0]} didn't start: its reason is on standard error"
        yield line.split()[-1]
        process.terminate()


@pytest.fixture
def tape(request, tokencast):
    marker = request.node.get_closest_marker("tape")
    own = re.sub(r"[^A-Za-z0-9._-]+", "-", request.node.nodeid.replace(".py::", "-")).strip("-.")[-64:].lstrip("-.")
    tape = Tape(tokencast, marker.args[0] if marker and marker.args else own, {"speed": 0, **(marker.kwargs if marker else {})})
    # Another test may have had this scope: each begins with the first of its tapes.
    tape.ask("reset", method="POST")
    yield tape
    found = tape.ask("verify")
    wrong = [miss["request"] + ": " + miss["advice"] for miss in found["unexpected"]]
    wrong += [f"the tape {name} was never asked for" for name in found["unused"]]
    assert not wrong, "\n".join(wrong)
