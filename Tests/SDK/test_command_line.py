"""The commands: what they print, and the codes that they leave with."""

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

import httpx
import openai
import pytest
from openai import OpenAI

from support.cutting import CuttingProxy
from support.process import CHECKOUT, PROGRAM, environment, eventually, run
from support.sdk import PROMPT, text
from support.upstream import TEXT

OK, FAILED, USAGE, UNAVAILABLE, CONFIGURATION = 0, 1, 64, 69, 78


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


# serve


def test_the_version_is_printed():
    result = run("--version")
    assert result.returncode == OK
    assert re.fullmatch(r"tokencast \d+\.\d+\.\d+\n", result.stdout)


@pytest.mark.parametrize(
    "arguments",
    [["serve", "--prot", "1"], ["serve", "--port", "many"], ["no-such-command"], ["tape", "show"]],
    ids=" ".join,
)
def test_a_wrong_command_line_leaves_with_64(arguments):
    result = run(*arguments)
    assert result.returncode == USAGE
    assert "Usage:" in result.stderr


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--upstream", "ftp://example.com"], "must be http://HOST"),
        (["--upstream", "http://127.0.0.1:1", "--host", "0.0.0.0"], "not a loopback address"),
        (["--upstream", "http://127.0.0.1:1", "--replay", "tapes"], "exclude each other"),
        (["--upstream", "http://127.0.0.1:1", "--speed", "2"], "--speed goes with --replay"),
        (["--upstream", "http://127.0.0.1:1", "--port", "65536"], "0 to 65535"),
        (["--upstream", "http://127.0.0.1:1", "--log-level", "loud"], "take one of trace, debug"),
        (["--replay", "no-such-directory"], "no-such-directory"),
        (["--config", "no-such-file.json"], "no-such-file.json"),
        ([], "there is nothing to serve"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_served_leaves_with_78_and_says_why(arguments, said, tmp_path):
    result = run("serve", *arguments, cwd=tmp_path)
    assert result.returncode == CONFIGURATION
    assert result.stderr.startswith("error: ") and said in result.stderr
    assert result.stdout == ""


def test_a_port_in_use_leaves_with_69(serve, upstream):
    tokencast = serve("--upstream", upstream.url)
    port = httpx.URL(tokencast.url).port
    result = run("serve", "--upstream", upstream.url, "--port", port)
    assert result.returncode == UNAVAILABLE
    assert f"can't listen on 127.0.0.1:{port}" in result.stderr


def test_flags_beat_variables_and_variables_beat_the_file(serve, upstream, tmp_path):
    (tmp_path / "config.json").write_text('{"upstreams": {"a": {"url": "http://127.0.0.1:1"}}, "routes": [{"upstream": "a"}]}')
    variables = {"TOKENCAST_UPSTREAM": upstream.url, "TOKENCAST_LOG_LEVEL": "nonsense", "TOKENCAST_PORT": "1"}
    tokencast = serve("--log-level", "debug", **variables)
    assert httpx.get(f"{tokencast.base_url}/models").status_code == 200
    tokencast = serve()
    assert httpx.get(f"{tokencast.base_url}/models").status_code == 502


def test_an_ipv6_address_is_served(serve, upstream):
    tokencast = serve("--upstream", upstream.url, "--host", "::1")
    assert tokencast.url.startswith("http://[::1]:")
    assert httpx.get(f"{tokencast.url}/healthz").text == "ok\n"


def test_health_and_readiness(tokencast):
    assert httpx.get(f"{tokencast.url}/healthz").text == "ok\n"
    assert httpx.get(f"{tokencast.url}/readyz").text == "ready\n"
    assert "tokencast_streams 0" in httpx.get(f"{tokencast.url}/metrics").text


# Stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_an_idle_server_stops_at_once(serve, upstream, number):
    tokencast = serve("--upstream", upstream.url)
    started = time.monotonic()
    tokencast.process.send_signal(number)
    assert tokencast.wait(5) == OK
    assert time.monotonic() - started < 3


def test_a_running_stream_ends_before_the_server_does(tokencast, upstream):
    with OpenAI(base_url=tokencast.base_url, api_key="unused") as client:
        with client.chat.completions.create(model="held", messages=PROMPT, stream=True) as stream:
            chunks = [next(stream)]
            tokencast.terminate()
            eventually(lambda: refuses(tokencast.url))
            assert tokencast.process.poll() is None
            upstream.gate.set()
            chunks += list(stream)
    assert text([chunk.model_dump() for chunk in chunks]) == TEXT
    assert tokencast.wait() == OK


def test_a_stream_that_outlives_the_deadline_ends_with_an_error(serve, upstream, tmp_path):
    configuration = {"upstreams": {"a": {"url": upstream.url}}, "routes": [{"upstream": "a"}], "drainSeconds": 0.3}
    (tmp_path / "config.json").write_text(json.dumps(configuration))
    tokencast = serve()
    with OpenAI(base_url=tokencast.base_url, api_key="unused") as client:
        with client.chat.completions.create(model="held", messages=PROMPT, stream=True) as stream:
            next(stream)
            tokencast.terminate()
            with pytest.raises(openai.APIError, match="shutting down"):
                list(stream)
    assert tokencast.wait() == OK


def test_a_subscriber_is_let_go(tokencast):
    with httpx.Client() as client, client.stream("GET", f"{tokencast.url}/channels/all") as response:
        tokencast.terminate()
        # A clean end: the client may come back to the next server.
        response.read()
    assert tokencast.wait(10) == OK


def refuses(url):
    try:
        httpx.get(f"{url}/healthz")
    except httpx.TransportError:
        return True
    return False


# watch


def test_watch_prints_a_streams_text_and_ends_with_it(tokencast):
    with OpenAI(base_url=tokencast.base_url, api_key="unused") as client:
        raw = client.chat.completions.with_raw_response.create(model="plain", messages=PROMPT, stream=True)
        list(raw.parse())
    result = run("watch", raw.headers["tokencast-stream"], "--url", tokencast.url)
    assert result.returncode == OK
    assert result.stdout == f"── plain {raw.headers['tokencast-stream']}\n{TEXT}\n── complete: stop\n"


def test_watch_prints_a_channel_live(tokencast, upstream, sdk):
    arguments = [PROGRAM, "watch", "demo", "--url", tokencast.url]
    watching = subprocess.Popen(arguments, stdout=subprocess.PIPE, env=environment())
    try:
        eventually(lambda: tokencast.metrics()['tokencast_subscribers{transport="sse"}'] == 1)
        asking = threading.Thread(target=sdk.stream, args=[f"{tokencast.url}/~channel=demo/v1", "held"])
        asking.start()
        read_until(watching.stdout, "Grüße")
        upstream.gate.set()
        read_until(watching.stdout, "── complete: stop\n")
        asking.join(20)
    finally:
        watching.kill()
        watching.wait()
        watching.stdout.close()


def read_until(pipe, wanted):
    data = b""
    while wanted.encode() not in data:
        piece = os.read(pipe.fileno(), 4096)
        assert piece, f"it ended with {data.decode()!r}"
        data += piece


def test_watch_as_json(tokencast, sdk):
    sdk.stream(tokencast.base_url, "plain")
    start = json.loads(first_data(f"{tokencast.url}/channels/all"))
    result = run("watch", "--json", start["stream"], "--url", tokencast.url)
    events = json_lines(result.stdout)
    assert [event["type"] for event in (events[0], events[-1])] == ["start", "end"]
    assert "".join(event["data"]["text"] for event in events if event["type"] == "delta") == TEXT


def json_lines(text):
    # Not splitlines(), which also splits at U+2028.
    return [json.loads(line) for line in text.split("\n") if line]


def first_data(url):
    with httpx.Client() as client, client.stream("GET", url) as response:
        return next(line.removeprefix("data: ") for line in response.iter_lines() if line.startswith("data: "))


def test_watch_says_that_nobody_listens():
    result = run("watch", "--url", f"http://127.0.0.1:{free_port()}")
    assert result.returncode == UNAVAILABLE
    assert result.stderr.startswith("error: http://127.0.0.1:")


def test_watch_goes_on_where_it_was_cut_off(tokencast):
    with OpenAI(base_url=tokencast.base_url, api_key="unused") as client:
        raw = client.chat.completions.with_raw_response.create(model="plain", messages=PROMPT, stream=True)
        list(raw.parse())
    id = raw.headers["tokencast-stream"]
    with CuttingProxy(tokencast.url) as proxy:
        # Once within an event in the middle, once behind the first event of what is left.
        proxy.cuts = iter([1300, 700])
        result = run("watch", id, "--url", proxy.url)
        assert proxy.statuses() == [200, 200, 200]
    assert result.stdout == f"── plain {id}\n{TEXT}\n── complete: stop\n"


def test_watch_shows_a_key_where_one_is_needed(serve, upstream, tmp_path):
    key = "tck_of-somebody-who-reads-and-calls"
    entry = {"name": "me", "sha256": hashlib.sha256(key.encode()).hexdigest(), "scopes": ["call", "subscribe"]}
    configuration = {
        "upstreams": {"test": {"url": upstream.url}},
        "routes": [{"upstream": "test"}],
        "access": {"keys": [entry]},
    }
    (tmp_path / "config.json").write_text(json.dumps(configuration))
    server = serve("--config", tmp_path / "config.json")
    with OpenAI(base_url=server.base_url, api_key=key) as client:
        raw = client.chat.completions.with_raw_response.create(model="plain", messages=PROMPT, stream=True)
        list(raw.parse())
    arguments = ["watch", raw.headers["tokencast-stream"], "--url", server.url]
    assert TEXT in run(*arguments, "--key", key).stdout
    assert TEXT in run(*arguments, TOKENCAST_KEY=key).stdout
    for refused in [run(*arguments), run(*arguments, "--key", "tck_wrong")]:
        assert (refused.returncode, refused.stdout) == (UNAVAILABLE, "")
        assert "(401)" in refused.stderr


def test_watch_says_that_there_is_no_such_stream(tokencast):
    result = run("watch", "0" * 36, "--url", tokencast.url)
    assert result.returncode == UNAVAILABLE
    assert "there is no stream" in result.stderr


# tape


def test_tape_ls_lists_a_cassette():
    result = run("tape", "ls", "fixtures/demo")
    assert result.returncode == OK
    head, *rows = result.stdout.splitlines()
    assert head.split() == [
        "NAME", "AGE", "DIALECT", "MODEL", "STATUS", "END", "FIRST", "CHUNKS", "BYTES", "SECONDS",
    ]
    assert len(rows) == len(list((CHECKOUT / "fixtures/demo").glob("*.tape.jsonl")))


def test_tape_ls_names_the_line_that_is_wrong(tmp_path):
    good = next((CHECKOUT / "fixtures/demo").glob("*.tape.jsonl")).read_text()
    (tmp_path / "good.tape.jsonl").write_text(good)
    (tmp_path / "bad.tape.jsonl").write_text(good.replace('["q"', '["quux"', 1))
    result = run("tape", "ls", tmp_path)
    assert result.returncode == FAILED
    assert "good.tape.jsonl" in result.stdout
    assert f"{tmp_path}/bad.tape.jsonl:2:" in result.stderr


def test_tape_ls_of_a_missing_directory_fails():
    result = run("tape", "ls", "no-such-directory")
    assert result.returncode == FAILED
    assert "no-such-directory" in result.stderr


def test_tape_show_shows_request_chunks_and_end():
    tape = next((CHECKOUT / "fixtures/awkward").glob("*-tool-calls-*.tape.jsonl"))
    result = run("tape", "show", tape)
    assert result.returncode == OK
    assert "request   POST /v1/chat/completions" in result.stdout
    assert "response  200" in result.stdout
    assert re.search(r"end: eof, \d+ chunks, \d+ bytes", result.stdout)


def test_tape_show_text_is_the_text_alone(serve, upstream, sdk, tmp_path):
    recorder = serve("--upstream", upstream.url, "--record", tmp_path / "tapes")
    sdk.stream(recorder.base_url, "plain")
    recorder.stop()
    [tape] = (tmp_path / "tapes").glob("*.tape.jsonl")
    result = run("tape", "show", "--text", tape)
    assert (result.returncode, result.stdout) == (OK, TEXT + "\n")


def test_tape_show_of_no_tape_fails():
    result = run("tape", "show", "LICENSE")
    assert result.returncode == FAILED
    assert result.stderr.startswith("error: LICENSE:1:")


# tee


def test_a_tee_has_the_text_and_the_events(serve, upstream, sdk, tmp_path):
    tokencast = serve("--upstream", upstream.url, "--tee", tmp_path / "tee/deep")
    sdk.stream(tokencast.base_url, "plain", stream_options={"include_usage": True})
    tokencast.stop()
    [lines] = (tmp_path / "tee/deep").glob("*.jsonl")
    assert lines.with_suffix(".text").read_text() == TEXT + "\n"
    events = json_lines(lines.read_text())
    assert "".join(event["data"]["text"] for event in events if event["type"] == "delta") == TEXT
    assert events[-1]["type"] == "end" and events[-1]["usage"]["total_tokens"] == 21


# The scripts


def test_scripts_answer_wrong_usage():
    result = subprocess.run([CHECKOUT / "scripts/test", "--fast"], capture_output=True, text=True)
    assert result.returncode == USAGE and "--quick" in result.stderr
