"""Tees of the program as it is run: piped standard output, templates, a disk that is full, a reader that leaves."""

import json
import os
import re
import resource
import signal
import subprocess
import threading
from contextlib import contextmanager

import httpx
import pytest

from support.process import PROGRAM, environment, eventually, run
from support.upstream import TEXT, WORDS

KEY = "sk-a-callers-own-key"


class Piped:
    """A server whose output is all the test's: where it listens is said on standard error, if that is a tee."""

    def __init__(self, process):
        self.process = process
        self.errors = ""
        self.ready = threading.Event()
        threading.Thread(target=self._read_errors, daemon=True).start()
        if "-" in process.args:
            assert self.ready.wait(20), self.errors
        said = self.errors if "-" in process.args else process.stdout.readline()
        self.url = re.search(r"listening on (http://\S+)", said).group(1)

    def _read_errors(self):
        for line in self.process.stderr:
            self.errors += line
            if "listening on http://" in line:
                self.ready.set()
        self.ready.set()

    @property
    def base_url(self):
        return f"{self.url}/v1"

    def metric(self, name):
        text = httpx.get(f"{self.url}/metrics").text
        return float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE).group(1))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        output = self.process.stdout.read() if not self.process.stdout.closed else ""
        assert self.process.wait(20) == 0
        return output


@contextmanager
def piped(*arguments, cwd, **options):
    process = subprocess.Popen(
        [PROGRAM, "serve", "--port", "0", *map(str, arguments)],
        cwd=cwd,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    try:
        yield Piped(process)
    finally:
        process.kill()
        process.wait()


def events(text):
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.split("\n")[:-1]]


def test_standard_output_has_the_events_and_nothing_else(upstream, sdk, tmp_path):
    with piped("--upstream", upstream.url, "--tee", "-", cwd=tmp_path) as server:
        for _ in range(3):
            sdk.stream(server.base_url, "plain", stream_options={"include_usage": True})
        lines = events(server.stop())
    assert [line["type"] for line in lines].count("start") == 3
    assert "".join(line["data"]["text"] for line in lines if line["type"] == "delta") == TEXT * 3
    ends = [line for line in lines if line["type"] == "end"]
    assert [end["usage"]["total_tokens"] for end in ends] == [21] * 3
    assert [end["data"]["finish"] for end in ends] == ["stop"] * 3
    assert list(tmp_path.iterdir()) == []


def test_standard_output_as_text(upstream, sdk, tmp_path):
    with piped("--upstream", upstream.url, "--tee", "-", "--tee-format", "text", cwd=tmp_path) as server:
        sdk.stream(server.base_url, "plain")
        heading, _, text = server.stop().partition("\n")
    assert re.fullmatch(r"── plain [0-9a-v]{36}", heading)
    assert text == TEXT + "\n"


def test_events_come_while_the_stream_runs(upstream, tmp_path):
    with piped("--upstream", upstream.url, "--tee", "-", cwd=tmp_path) as server:
        body = {"model": "held", "stream": True, "messages": []}
        with httpx.stream("POST", f"{server.base_url}/chat/completions", json=body) as response:
            line = server.process.stdout.readline()
            assert json.loads(line)["type"] == "start"
            while not (event := json.loads(server.process.stdout.readline()))["data"].get("text"):
                pass
            assert event["data"]["text"] == WORDS[1]
            upstream.gate.set()
            response.read()
        server.stop()


def test_a_reader_that_leaves_ends_the_tee_alone(upstream, sdk, tmp_path):
    with piped("--upstream", upstream.url, "--tee", "-", cwd=tmp_path) as server:
        sdk.stream(server.base_url, "plain")
        assert json.loads(server.process.stdout.readline())["type"] == "start"
        server.process.stdout.close()
        for count in range(1, 4):
            chunks = sdk.stream(server.base_url, "plain")
            assert "".join(chunk["choices"][0]["delta"]["content"] or "" for chunk in chunks if chunk["choices"]) == TEXT
            eventually(lambda: server.metric("tokencast_tee_failures_total") == count)
        server.stop()
        assert server.errors.count("the tee to standard output stopped: ") == 1
        assert "Broken pipe" in server.errors


def test_a_disk_that_is_full_ends_the_tee_alone_and_tears_no_line(upstream, sdk, tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))

    with piped("--upstream", upstream.url, "--tee", "all.jsonl", cwd=tmp_path, preexec_fn=limit) as server:
        for _ in range(6):
            sdk.stream(server.base_url, "plain")
        eventually(lambda: server.metric("tokencast_tee_failures_total") >= 3)
        server.stop()
        assert server.errors.count("the tee into all.jsonl stopped: ") == 1
    lines = events((tmp_path / "all.jsonl").read_text())
    assert lines[0]["type"] == "start" and len(lines) > 10


def test_a_template_names_the_files(serve, upstream, sdk, tmp_path):
    configuration = {
        "upstreams": {"up": {"url": upstream.url}},
        "routes": [{"upstream": "up"}],
        "tee": [
            {"directory": "tee", "name": "{upstream}/{date}/{model}-{status}", "formats": ["raw", "text"]},
            {"file": "all.jsonl", "rotate": {"bytes": 2000, "keep": 100}},
            {"directory": "wanted", "label": "debug", "onRequest": True},
        ],
    }
    (tmp_path / "config.json").write_text(json.dumps(configuration))
    server = serve("--config", tmp_path / "config.json")
    bodies = []
    for model in ["plain", "plain", "../../../evil"]:
        body = {"model": model, "stream": True, "messages": []}
        response = httpx.post(f"{server.base_url}/chat/completions", json=body, headers={"Authorization": f"Bearer {KEY}"})
        bodies.append(response.content)
    sdk.stream(f"{server.url}/~tee=debug/v1", "plain")
    refused = httpx.post(
        f"{server.base_url}/chat/completions", json={"model": "plain"}, headers={"Tokencast-Tee": "nothing"}
    )
    assert refused.status_code == 400 and refused.json()["error"]["code"] == "tee_not_allowed"
    server.stop()
    [day] = (tmp_path / "tee/up").iterdir()
    names = ["_._.._.._evil-200", "plain-200", "plain-200-2", "plain-200-3"]
    assert sorted(path.name for path in day.iterdir()) == sorted(f"{n}.{e}" for n in names for e in ["raw", "text"])
    for name, body in zip(["plain-200", "plain-200-2", "_._.._.._evil-200"], bodies):
        assert (day / f"{name}.raw").read_bytes() == body
        assert (day / f"{name}.text").read_text() == TEXT + "\n"
    parts = sorted(tmp_path.glob("all.jsonl*"), key=lambda path: -int(path.suffix[1:]) if path.suffix[1:].isdigit() else 1)
    assert len(parts) > 2 and all(path.stat().st_size <= 2000 for path in parts)
    lines = [line for path in parts for line in events(path.read_text())]
    assert [line["type"] for line in lines].count("end") == 4
    assert sorted(path.suffix for path in (tmp_path / "wanted").iterdir()) == [".jsonl", ".text"]
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.suffix != ".log":
            assert os.stat(path).st_uid == os.getuid() and (path.name == "config.json" or path.stat().st_mode & 0o077 == 0)


@pytest.mark.parametrize(
    "arguments, variables, said",
    [
        (["--tee", "-", "--tee-format", "raw"], {}, "can't be told apart"),
        (["--tee", "x.jsonl", "--tee-format", "jsonl,text"], {}, "one file holds one format"),
        (["--tee", "d", "--tee-format", "jsonl,xml"], {}, "'xml' is no format: take jsonl, text, raw"),
        (["--tee", "d", "--tee-format", "raw,raw"], {}, "a format is there twice"),
        (["--tee-format", "text"], {}, "--tee-format goes with --tee"),
        ([], {"TOKENCAST_TEE": "-", "TOKENCAST_TEE_FORMAT": "raw"}, "can't be told apart"),
    ],
)
def test_flags_that_can_not_be_are_refused(upstream, tmp_path, arguments, variables, said):
    result = run("serve", "--port", "0", "--upstream", upstream.url, *arguments, cwd=tmp_path, **variables)
    assert result.returncode == 78
    assert said in result.stderr
    assert result.stdout == ""


def test_variables_say_the_same_as_flags(serve, upstream, sdk, tmp_path):
    server = serve("--upstream", upstream.url, TOKENCAST_TEE="out", TOKENCAST_TEE_FORMAT="raw,text")
    sdk.stream(server.base_url, "plain")
    server.stop()
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".raw", ".text"]
