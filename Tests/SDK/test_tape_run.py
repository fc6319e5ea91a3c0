"""Commands under `tape run`, tapes played into a terminal or served, and live answers compared with recorded ones."""

import hashlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time

import httpx
import pytest
from openai import OpenAI

import support.upstream
from support.process import CHECKOUT, PROGRAM, environment, eventually, run
from support.sdk import PROMPT, text
from support.upstream import TEXT

OK, FAILED, USAGE_ERROR, UNAVAILABLE, CONFIGURATION = 0, 1, 64, 69, 78
DEMO = CHECKOUT / "fixtures/demo"
AWKWARD = CHECKOUT / "fixtures/awkward"

ASK = """
import sys, openai
client = openai.OpenAI()
stream = client.chat.completions.create(
    model=sys.argv[1], messages=[{"role": "user", "content": "Say hello to the world."}], stream=True
)
print("".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices))
"""

ASK_AND_SWALLOW = """
import openai
try:
    openai.OpenAI().chat.completions.create(model="other", messages=[{"role": "user", "content": "x"}])
except openai.APIError:
    print("never mind")
"""


@pytest.fixture
def cassette(serve, upstream, sdk, tmp_path):
    """A cassette with one stream."""
    recorder = serve("--upstream", upstream.url, "--record", tmp_path / "tapes")
    sdk.stream(recorder.base_url, "plain")
    recorder.stop()
    upstream.seen.clear()
    return tmp_path / "tapes"


def tape_run(cassette, *command, options=(), **more):
    return run("tape", "run", "--cassette", cassette, *options, "--", *command, **more)


def python(code, *arguments):
    return [sys.executable, "-c", code, *arguments]


# run


def test_the_sdk_in_a_command_gets_its_answer_from_the_tape(cassette, upstream):
    result = tape_run(cassette, *python(ASK, "plain"), options=["--speed", "0"])
    assert (result.returncode, result.stdout, result.stderr) == (OK, TEXT + "\n", "")
    assert upstream.seen == []


def test_a_command_that_swallows_the_error_still_fails(cassette):
    result = tape_run(cassette, *python(ASK_AND_SWALLOW))
    assert (result.returncode, result.stdout) == (FAILED, "never mind\n")
    assert result.stderr.startswith("error: 1 of its requests had no tape:\n  no tape answers POST /v1/chat/completions")


def test_unused_tapes_fail_a_strict_run_only(cassette):
    assert tape_run(cassette, "true").returncode == OK
    result = tape_run(cassette, "true", options=["--strict"])
    assert result.returncode == FAILED
    assert "error: 1 of the tapes were not played:\n  openai.chat-plain-" in result.stderr
    assert tape_run(cassette, *python(ASK, "plain"), options=["--strict", "--speed", "0"]).returncode == OK


@pytest.mark.parametrize(
    "command, code",
    [
        (["sh", "-c", "exit 7"], 7),
        (["sh", "-c", "kill -KILL $$"], 137),
        (["sh", "-c", "kill -TERM $$"], 143),
        (["no-such-command-anywhere"], 127),
        ([CHECKOUT / "LICENSE"], 126),
        ([CHECKOUT], 126),
    ],
    ids=lambda value: " ".join(map(str, value))[-24:] if isinstance(value, list) else str(value),
)
def test_the_code_is_the_commands_own(command, code):
    assert tape_run(DEMO, *command).returncode == code


def test_the_commands_code_beats_the_verification(cassette):
    result = tape_run(cassette, *python(ASK_AND_SWALLOW + "raise SystemExit(9)"))
    assert result.returncode == 9
    assert "had no tape" in result.stderr


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        (["--cassette", "t"], USAGE_ERROR, "command"),
        (["--", "true"], USAGE_ERROR, "--cassette"),
        (["--cassette", "t", "--mode", "sometimes", "--", "true"], USAGE_ERROR, "--mode takes none"),
        (["--cassette", "t", "--mode", "off", "--", "true"], USAGE_ERROR, "--mode takes none"),
        (["--cassette", "t", "--mode", "all", "--", "true"], USAGE_ERROR, "--mode all needs --upstream"),
        (["--cassette", "t", "--upstream", "http://127.0.0.1:1", "--", "true"], USAGE_ERROR, "leave --upstream out"),
        (["--cassette", "t", "--scope", "../up", "--", "true"], USAGE_ERROR, "can't name a scope"),
        (["--cassette", "t", "--", "true"], CONFIGURATION, "the cassette t can't be played"),
        (["--cassette", "t", "--mode", "all", "--upstream", "nowhere", "--", "true"], CONFIGURATION, "--upstream 'nowhere'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_inputs_are_refused_and_nothing_is_run(tmp_path, arguments, code, said):
    result = run("tape", "run", *arguments, cwd=tmp_path)
    assert result.returncode == code and said in result.stderr


def test_every_variable_has_the_form_that_its_sdk_wants(cassette):
    lines = tape_run(cassette, "env", options=["--scope", "one/two"], ANTHROPIC_AUTH_TOKEN="mine", OPENAI_API_KEY="own", NO_PROXY="example.com").stdout
    variables = dict(line.split("=", 1) for line in lines.split("\n") if "=" in line)
    base = variables["TOKENCAST_URL"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/~scope=one%2Ftwo", base)
    assert variables["OPENAI_BASE_URL"] == variables["OPENAI_API_BASE"] == f"{base}/v1"
    assert variables["ANTHROPIC_BASE_URL"] == variables["OLLAMA_HOST"] == variables["GOOGLE_GEMINI_BASE_URL"] == base
    assert (variables["OPENAI_API_KEY"], variables["GROQ_API_KEY"]) == ("own", "sk-no-key-required")
    assert "ANTHROPIC_API_KEY" not in variables
    assert variables["NO_PROXY"] == "example.com,127.0.0.1,localhost,::1"


def test_a_proxy_of_the_environment_is_not_asked(cassette):
    proxies = {name: "http://127.0.0.1:9" for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"]}
    result = tape_run(cassette, *python(ASK, "plain"), options=["--speed", "0"], **proxies)
    assert (result.returncode, result.stdout) == (OK, TEXT + "\n")


def test_a_scope_of_several_segments_goes_through_the_base_url(upstream, tmp_path):
    options = ["--mode", "all", "--upstream", upstream.url, "--scope", "one/two"]
    assert tape_run(tmp_path / "tapes", *python(ASK, "plain"), options=options).returncode == OK
    [tape] = (tmp_path / "tapes").rglob("*.tape.jsonl")
    assert tape.parent == tmp_path / "tapes/one/two"
    played = tape_run(tmp_path / "tapes", *python(ASK, "plain"), options=["--scope", "one/two", "--speed", "0", "--strict"])
    assert (played.returncode, played.stdout) == (OK, TEXT + "\n")
    assert tape_run(tmp_path / "tapes", *python(ASK, "plain"), options=["--scope", "other"]).returncode == FAILED
    assert upstream.count("plain") == 1


@pytest.mark.parametrize("mode", ["once", "new_episodes"])
def test_modes_that_record_ask_once(upstream, tmp_path, mode):
    options = ["--mode", mode, "--upstream", upstream.url, "--speed", "0"]
    for _ in range(2):
        result = tape_run(tmp_path / "tapes", *python(ASK, "plain"), options=options)
        assert (result.returncode, result.stdout, result.stderr) == (OK, TEXT + "\n", "")
    assert upstream.count("plain") == 1


def start(cassette, *command, **more):
    return subprocess.Popen(
        [PROGRAM, "tape", "run", "--cassette", str(cassette), "--", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        **more,
    )


WAITS = """
import signal, sys
def stop(number, _):
    print("got", number, flush=True)
    sys.exit(5)
for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
    signal.signal(number, stop)
print("ready", flush=True)
while True: signal.pause()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_are_passed_on_and_the_end_is_waited_for(number):
    # In a session of its own it has no terminal that would send the signal to both. What the tests' own caller ignores, as
    # nohup and background jobs do, would be ignored there too.
    process = start(
        DEMO, *python(WAITS), start_new_session=True, preexec_fn=lambda: signal.signal(number, signal.SIG_DFL)
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (5, f"got {int(number)}\n", "")


COUNTS = """
import signal, sys
seen = 0
def count(*_):
    global seen
    seen += 1
    print("got it", flush=True)
signal.signal(signal.SIGINT, count)
print("ready", flush=True)
sys.stdin.readline()
sys.exit(seen)
"""


def read_until(terminal, wanted):
    output = b""
    while wanted not in output:
        output += os.read(terminal, 4096)


def test_the_terminals_interrupt_reaches_the_command_once():
    process, terminal = pty.fork()
    if process == 0:
        os.execve(PROGRAM, [str(PROGRAM), "tape", "run", "--cassette", str(DEMO), "--", *python(COUNTS)], environment())
    read_until(terminal, b"ready")
    os.write(terminal, b"\x03")
    read_until(terminal, b"got it")
    os.write(terminal, b"on\n")
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 1


def test_the_command_gets_our_input(cassette):
    arguments = [PROGRAM, "tape", "run", "--cassette", str(cassette), "--", "cat"]
    result = subprocess.run(arguments, input="through\n", capture_output=True, text=True, env=environment(), timeout=20)
    assert (result.returncode, result.stdout) == (OK, "through\n")


def test_the_server_is_gone_afterwards(cassette):
    url = tape_run(cassette, "sh", "-c", "echo $TOKENCAST_URL").stdout.strip()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/healthz")


# play


def raw(*arguments):
    return subprocess.run([PROGRAM, "tape", "play", *map(str, arguments)], capture_output=True, env=environment(), timeout=20)


@pytest.mark.parametrize("tape", sorted(AWKWARD.glob("*.tape.jsonl")), ids=lambda tape: tape.name)
def test_raw_is_the_body_byte_for_byte(tape):
    end = json.loads(tape.read_text().strip().split("\n")[-1])
    result = raw("--raw", "--speed", "0", tape)
    assert result.returncode == OK
    assert hashlib.sha256(result.stdout).hexdigest() == end[2]["sha256"]


def test_the_text_is_played_at_the_recorded_pace(cassette):
    [tape] = cassette.glob("*.tape.jsonl")
    result = run("tape", "play", "--speed", "0", tape)
    assert (result.returncode, result.stdout) == (OK, f"{TEXT}\n── complete: stop\n")
    duration = json.loads(tape.read_text().strip().split("\n")[-1])[1] / 1e6
    started = time.monotonic()
    assert run("tape", "play", "--speed", str(duration / 1.5), tape).stdout == result.stdout
    assert 1.4 < time.monotonic() - started < 8


def test_pauses_are_cut(cassette):
    started = time.monotonic()
    assert run("tape", "play", DEMO / "openai.chat-demo-4add3813.tape.jsonl", "--speed", "0.01", "--max-gap", "0").returncode == OK
    assert time.monotonic() - started < 5


def test_events_are_json_lines(cassette):
    [tape] = cassette.glob("*.tape.jsonl")
    events = [json.loads(line) for line in run("tape", "play", "--events", "--speed", "0", tape).stdout.split("\n") if line]
    assert (events[0]["type"], events[-1]["type"]) == ("start", "end")
    assert "".join(event["data"].get("text", "") for event in events if event["type"] == "delta") == TEXT


def test_a_terminal_is_not_steered_by_a_tape(tmp_path):
    body = 'data: {"choices":[{"index":0,"delta":{"content":"a\\u001b[31mb\\u0007"}}]}\n\ndata: [DONE]\n\n'
    (tmp_path / "a.sse").write_text(body)
    assert run("tape", "import", tmp_path / "a.sse", "--cassette", tmp_path / "tapes").returncode == OK
    [tape] = (tmp_path / "tapes").glob("*.tape.jsonl")
    process, terminal = pty.fork()
    if process == 0:
        os.execve(PROGRAM, [str(PROGRAM), "tape", "play", "--speed", "0", str(tape)], environment())
    output = b""
    while b"complete" not in output and b"truncated" not in output:
        output += os.read(terminal, 4096)
    os.waitpid(process, 0)
    assert b"a\\u{1b}[31mb\\u{7}" in output and b"\x1b[31m" not in output


def test_an_interrupt_ends_playing():
    arguments = [PROGRAM, "tape", "play", "--speed", "0.01", str(DEMO / "openai.chat-demo-4add3813.tape.jsonl"), "--max-gap", "2"]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, env=environment(), start_new_session=True)
    assert process.stdout.read(1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == 130


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        ([], USAGE_ERROR, "file|dir"),
        (["x", "--speed", "-1"], USAGE_ERROR, "--speed"),
        (["x", "--raw", "--events"], USAGE_ERROR, "exclude each other"),
        (["x", "--port", "1"], USAGE_ERROR, "--port goes with --serve"),
        (["x", "--serve", "--raw"], USAGE_ERROR, "--serve goes without"),
        (["x"], FAILED, "x: can't be opened"),
        (["--serve", "."], FAILED, "has no tapes"),
        (["LICENSE"], FAILED, "LICENSE:1:"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_played_is_refused(tmp_path, arguments, code, said):
    result = run("tape", "play", *arguments, cwd=CHECKOUT if arguments == ["LICENSE"] else tmp_path)
    assert result.returncode == code and said in result.stderr


@pytest.mark.parametrize("what", ["file", "directory"])
def test_a_tape_answers_whatever_is_asked(cassette, what, tmp_path):
    [tape] = cassette.glob("*.tape.jsonl")
    # Far too slow, were its pauses not cut.
    times = ["--speed", "0"] if what == "file" else ["--speed", "0.0001", "--max-gap", "0"]
    arguments = [PROGRAM, "tape", "play", "--serve", "--port", "0", *times, str(tape if what == "file" else cassette)]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(TMPDIR=str(temporary)))
    try:
        url = re.fullmatch(r"listening on (http://\S+)\n", process.stdout.readline()).group(1)
        assert f"OPENAI_BASE_URL={url}/v1" in process.stderr.readline()
        with OpenAI(base_url=f"{url}/v1", api_key="unused") as client:
            for model in ["one", "two", "three"]:
                messages = [{"role": "user", "content": f"Question {model}"}]
                stream = client.chat.completions.create(model=model, messages=messages, stream=True, temperature=0.1)
                assert text([chunk.model_dump() for chunk in stream]) == TEXT
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == OK
    assert list(temporary.iterdir()) == []


# drift


def drift(*arguments, **more):
    return run("tape", "drift", *arguments, **more)


def test_the_same_format_is_no_drift(cassette, upstream, monkeypatch):
    monkeypatch.setattr(support.upstream, "WORDS", ["", "Quite", " another", " text"])
    result = drift(cassette, "--upstream", upstream.url)
    assert result.returncode == OK
    assert re.fullmatch(r"same     \S+\n1 tape: 1 same, 0 drifted, 0 skipped\n", result.stdout)
    [request] = upstream.seen
    assert request["body"] == {"model": "plain", "messages": PROMPT, "stream": True}
    assert "authorization" not in request["headers"]


def test_new_members_are_drift_in_shape_and_not_in_kinds(cassette, upstream, monkeypatch):
    old = support.upstream.chunk
    monkeypatch.setattr(support.upstream, "chunk", lambda *a: {**old(*a), "extra": {"deep": 1}, "created": "today"})
    result = drift(cassette, "--upstream", upstream.url)
    assert result.returncode == FAILED
    assert "drifted" in result.stdout
    assert "chat.completion.chunk /created: number → string" in result.stdout
    assert "chat.completion.chunk /extra: new (object)" in result.stdout
    assert "1 drifted" in result.stdout
    assert drift(cassette, "--upstream", upstream.url, "--fail-on", "kinds").returncode == OK
    report = json.loads(drift(cassette, "--upstream", upstream.url, "--json").stdout)
    assert (report["same"], report["drifted"], report["skipped"]) == (0, 1, 0)
    expected = {"aspect": "member", "kind": "chat.completion.chunk", "pointer": "/extra", "recorded": None, "live": "object"}
    assert expected in report["tapes"][0]["differences"]


def test_another_status_is_drift_of_every_kind(serve, upstream, sdk, tmp_path):
    recorder = serve("--upstream", upstream.url, "--record", tmp_path / "tapes")
    sdk.stream(recorder.base_url, "rate-limited-once")
    recorder.stop()
    # The first was a 429, and now is none.
    result = drift(tmp_path / "tapes", "--upstream", upstream.url, "--fail-on", "kinds", "--concurrency", "1")
    assert result.returncode == FAILED
    assert "status: 429 → 200" in result.stdout and "1 same, 1 drifted" in result.stdout


def test_the_key_comes_from_the_named_variable(cassette, upstream):
    result = drift(cassette, "--upstream", upstream.base_url, "--key-env", "MY_KEY", MY_KEY="sk-from-variable")
    assert result.returncode == OK
    assert upstream.seen[0]["headers"]["authorization"] == "Bearer sk-from-variable"
    assert upstream.seen[0]["path"] == "/v1/chat/completions"
    assert "sk-from-variable" not in result.stdout + result.stderr


def test_an_upstream_of_the_configuration_is_asked_with_its_key(cassette, upstream, tmp_path):
    configuration = {
        "upstreams": {"mine": {"url": upstream.url, "key": {"env": "MY_KEY"}}, "demo": {"replay": {"cassette": str(cassette)}}},
        "routes": [{"upstream": "mine"}],
    }
    (tmp_path / "config.json").write_text(json.dumps(configuration))
    assert drift(cassette, "--upstream", "mine", cwd=tmp_path, MY_KEY="sk-configured").returncode == OK
    assert upstream.seen[0]["headers"]["authorization"] == "Bearer sk-configured"
    for name, said in [("other", "no upstream 'other'"), ("demo", "plays tapes")]:
        result = drift(cassette, "--upstream", name, cwd=tmp_path, MY_KEY="sk-configured")
        assert result.returncode == CONFIGURATION and said in result.stderr


def test_an_upstream_that_cannot_be_reached_is_69(cassette):
    result = drift(cassette, "--upstream", "http://127.0.0.1:1")
    assert result.returncode == UNAVAILABLE
    assert result.stderr.startswith("error: http://127.0.0.1:1: ")


def test_a_hanging_upstream_is_given_up(serve, upstream, sdk, tmp_path):
    recorder = serve("--upstream", upstream.url, "--record", tmp_path / "tapes")
    upstream.gate.set()
    sdk.stream(recorder.base_url, "held")
    recorder.stop()
    upstream.gate.clear()
    result = drift(tmp_path / "tapes", "--upstream", upstream.url, "--timeout", "0.5")
    assert result.returncode == FAILED
    assert "end: eof → timeout_total" in result.stdout


def test_many_tapes_are_reported_in_their_order(serve, upstream, sdk, tmp_path):
    recorder = serve("--upstream", upstream.url, "--record", tmp_path / "tapes")
    for index in range(12):
        sdk.stream(recorder.base_url, f"model-{index:02}")
    recorder.stop()
    result = drift(tmp_path / "tapes", "--upstream", upstream.url, "--concurrency", "5")
    assert result.returncode == OK
    names = re.findall(r"^same     .*/(\S+)$", result.stdout, re.MULTILINE)
    assert len(names) == 12 and names == sorted(names)


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        (["t"], USAGE_ERROR, "--upstream"),
        (["--upstream", "http://127.0.0.1:1"], USAGE_ERROR, "file|dir"),
        (["t", "--upstream", "http://127.0.0.1:1", "--concurrency", "0"], USAGE_ERROR, "--concurrency"),
        (["t", "--upstream", "http://127.0.0.1:1", "--fail-on", "text"], USAGE_ERROR, "--fail-on"),
        (["t", "--upstream", "ftp://x"], CONFIGURATION, "'ftp://x' must be"),
        (["t", "--upstream", "http://127.0.0.1:1", "--key-env", "NOPE"], CONFIGURATION, "NOPE"),
        (["t", "--upstream", "http://127.0.0.1:1"], FAILED, "t: can't be opened"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_drift_refuses_wrong_inputs(tmp_path, arguments, code, said):
    result = drift(*arguments, cwd=tmp_path)
    assert result.returncode == code and said in result.stderr


def test_what_was_never_answered_is_skipped_with_its_reason(upstream):
    result = drift(AWKWARD / "openai.chat-refused-075e1f3e.tape.jsonl", "--upstream", upstream.url)
    assert result.returncode == FAILED
    assert "skipped" in result.stdout and "connect_failed" in result.stdout
    assert "nothing could be compared" in result.stderr
    assert upstream.seen == []
