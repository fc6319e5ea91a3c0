"""`tokencast tape`: what its commands print, change, and leave with."""

import json
import os
import re
import signal
import subprocess

import openai
import pytest
from openai import OpenAI

from support.process import CHECKOUT, PROGRAM, environment, eventually, run
from support.sdk import PROMPT, SyncSDK, arguments, text
from support.terminal import run_in_terminal

OK, FAILED, TROUBLE, USAGE = 0, 1, 2, 64
WORDS = "Grüße aus Zürich, 東京 und 👩‍👩‍👧!"
TOOL_CALLS = next((CHECKOUT / "fixtures/awkward").glob("*-tool-calls-*.tape.jsonl"))
ESCAPE = re.compile(r"\x1b\[[0-9;]*[mK]")


def new(*more, **variables):
    result = run("tape", "new", *more, **variables)
    assert (result.returncode, result.stderr) == (OK, "")
    return result.stdout


def plain(output):
    """The output without what colours it."""
    return ESCAPE.sub("", output)


# ls


def test_ls_as_json(tmp_path):
    new("--text", WORDS, "--model", "東京", "--cassette", tmp_path, "--scope", "a/b")
    [tape] = json.loads(run("tape", "ls", "--json", tmp_path).stdout)
    assert tape["name"].startswith("a/b/openai.chat-")
    assert (tape["scope"], tape["partial"], tape["created"]) == ("a/b", False, "2026-01-01T00:00:00Z")
    assert (tape["dialect"], tape["model"], tape["status"], tape["end"]) == ("openai.chat", "東京", 200, "eof")
    assert tape["first_token_us"] == 300_000 and tape["duration_us"] > 300_000
    assert tape["age_seconds"] > 0 and tape["chunks"] > 3 and tape["bytes"] > 100
    assert (tape["method"], tape["path"]) == ("POST", "/v1/chat/completions")


def test_ls_has_colours_on_a_terminal_only(tmp_path):
    new("--status", "429", "--cassette", tmp_path)
    piped = run("tape", "ls", tmp_path).stdout
    shown, code = run_in_terminal("tape", "ls", tmp_path, columns=200)
    assert code == OK
    assert "\x1b" not in piped and "\x1b[31m" in shown
    assert plain(shown).endswith(piped)
    for variables in [{"NO_COLOR": "1"}, {"TERM": "dumb"}]:
        shown, _ = run_in_terminal("tape", "ls", tmp_path, **variables)
        assert "\x1b[3" not in shown and "\x1b[1" not in shown


@pytest.mark.parametrize("columns", [30, 50, 70, 100, 200])
def test_ls_fits_a_narrow_terminal(columns):
    shown, _ = run_in_terminal("tape", "ls", "fixtures/awkward", columns=columns)
    lines = plain(shown).strip().split("\n")[-15:]
    assert all(len(line.rsplit("\r", 1)[-1]) <= columns for line in lines)
    assert "NAME" in lines[0] and "END" in lines[0]


def test_ls_shows_progress_on_a_terminal_only():
    shown, _ = run_in_terminal("tape", "ls", "fixtures/awkward")
    assert "1 of 14" in shown
    assert " of 14" not in run("tape", "ls", "fixtures/awkward").stderr


# show


def test_show_as_events():
    result = run("tape", "show", "--events", "--json", TOOL_CALLS)
    events = [json.loads(line) for line in result.stdout.split("\n") if line]
    assert [event["type"] for event in (events[0], events[-1])] == ["start", "end"]
    times = [event["us"] for event in events]
    assert times == sorted(times)
    pieces = [event["data"] for event in events if event["type"] == "delta"]
    assert {piece["type"] for piece in pieces} == {"tool_call"}
    assert json.loads("".join(piece["arguments"] for piece in pieces if piece["part"] == 0)) == {"city": "Zürich", "days": 2}
    people = run("tape", "show", "--events", TOOL_CALLS).stdout.splitlines()
    assert len(people) == len(events)
    assert re.match(r" +0\.421 +1 +start +model tool-calls, ", people[0])


def test_the_timing_is_plotted_in_the_terminals_width():
    tape = "fixtures/demo/openai.chat-demo-4add3813.tape.jsonl"
    for columns in [40, 80, 120]:
        shown, code = run_in_terminal("tape", "show", "--timing", tape, columns=columns)
        assert code == OK
        plot = plain(shown).split("\n\n")[1].splitlines()
        assert max(map(len, plot)) == columns
        assert "█" in plot[0] and "▲ first token" in plot[-1]
    shown, _ = run_in_terminal("tape", "show", "--timing", tape, LC_ALL="C")
    assert shown.isascii() and "#" in shown
    assert json.loads(run("tape", "show", "--timing", "--json", tape).stdout)["chunks"] == 54


def test_what_a_tape_holds_never_reaches_a_terminal_raw(tmp_path):
    attack = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp"
    path = tmp_path / "a.tape.jsonl"
    new("--text", attack, "--model", attack, "--prompt", attack, "--tool-call", f'f={{"a":{json.dumps(attack)}}}', "-o", path)
    for command in [["show"], ["show", "--text"], ["show", "--events"], ["show", "--timing"], ["show", "--textconv"]]:
        shown, code = run_in_terminal("tape", *command, path, NO_COLOR="1")
        assert code == OK
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", shown), command
    # A program that reads gets what was said.
    assert run("tape", "show", "--text", path).stdout == attack + "\n"


@pytest.mark.parametrize("ignores", [False, True], ids=["SIGPIPE", "EPIPE"])
def test_a_pipe_that_is_closed_early_is_no_error(tmp_path, ignores):
    path = tmp_path / "long.tape.jsonl"
    new("--text", "word " * 5000, "-o", path)
    before = (lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN)) if ignores else None
    process = subprocess.Popen(
        [PROGRAM, "tape", "show", path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        restore_signals=not ignores,
        preexec_fn=before,
    )
    os.read(process.stdout.fileno(), 10)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(20) == (OK if ignores else -signal.SIGPIPE)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
@pytest.mark.parametrize("command", [["ls", "fixtures/demo"], ["show", TOOL_CALLS], ["new", "--text", "x"]], ids=lambda c: c[0])
def test_a_full_disk_is_an_error(command):
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [PROGRAM, "tape", *map(str, command)], cwd=CHECKOUT, stdout=full, stderr=subprocess.PIPE, env=environment(), text=True
        )
    assert result.returncode == FAILED
    assert result.stderr.startswith("error: standard output can't be written: ")


# new


@pytest.mark.parametrize("dialect", ["openai.chat", "openai.responses", "anthropic.messages", "gemini", "gemini.generateContent", "gemini.generateContent.array", "ollama.chat", "ollama.generate", "cohere.chat"])
@pytest.mark.parametrize("more", [[], ["--document"], ["--status", "503"]], ids=["stream", "document", "error"])
def test_what_is_made_verifies(dialect, more, tmp_path):
    said = [] if "--status" in more else ["--text", WORDS, "--tool-call", 'f={"a": "ü"}', "--usage", "3,5"]
    path = new("--dialect", dialect, *said, *more, "--cassette", tmp_path).strip()
    assert run("tape", "verify", tmp_path).stdout == "1 tape, no problem\n"
    assert run("tape", "show", path).returncode == OK
    assert run("tape", "repair", path).stdout == f"{path}: nothing to mend\n"


@pytest.mark.parametrize("chunks", ["words", "characters", "tokens-ish", "size:3", "one"])
def test_the_sdk_reads_what_was_made(chunks, serve, tmp_path):
    more = ["--model", "m", "--prompt", PROMPT[0]["content"], "--tool-call", 'get_weather={"city":"Zürich","days":2}']
    new("--text", WORDS, "--chunks", chunks, *more, "--cassette", tmp_path / "c")
    new("--text", WORDS, "--document", *more, "--cassette", tmp_path / "c")
    tokencast = serve("--replay", tmp_path / "c", "--speed", "0")
    streamed = SyncSDK().stream(tokencast.base_url, "m")
    assert text(streamed) == WORDS
    assert json.loads(arguments(streamed)[0]) == {"city": "Zürich", "days": 2}
    assert streamed[-1]["choices"][0]["finish_reason"] == "tool_calls"
    whole, _ = SyncSDK().create(tokencast.base_url, "m")
    assert whole["choices"][0]["message"]["content"] == WORDS
    assert whole["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "get_weather"


def test_the_sdk_tries_again_after_an_error_that_was_made(serve, tmp_path):
    asked = ["--model", "m", "--prompt", PROMPT[0]["content"], "--cassette", tmp_path / "c"]
    new("--status", "429", "--retry-after", "0", "--error-message", "slow down", *asked)
    new("--text", WORDS, *asked)
    tokencast = serve("--replay", tmp_path / "c", "--speed", "0")
    assert text(SyncSDK().stream(tokencast.base_url, "m")) == WORDS
    again = serve("--replay", tmp_path / "c", "--speed", "0")
    with OpenAI(base_url=again.base_url, api_key="unused", max_retries=0) as client:
        with pytest.raises(openai.RateLimitError, match="slow down") as raised:
            client.chat.completions.create(model="m", messages=PROMPT, stream=True)
    assert raised.value.response.headers["retry-after"] == "0"


def test_the_same_arguments_make_the_same_bytes():
    assert new("--text", "a b") == new("--text", "a b")
    assert new("--text", "a b") != new("--text", "a b", "--seed", "2")
    assert '"created":"2027-02-03T04:05:06Z"' in new("--text", "a", "--created", "2027-02-03T04:05:06Z")


def test_text_comes_from_standard_input(tmp_path):
    def make(data):
        return subprocess.run([PROGRAM, "tape", "new", "--text", "-"], input=data, capture_output=True, env=environment())

    path = tmp_path / "a.tape.jsonl"
    path.write_bytes(make("zwei\nZeilen\n".encode()).stdout)
    assert run("tape", "show", "--text", path).stdout == "zwei\nZeilen\n\n"
    result = make(b"\xff")
    assert (result.returncode, result.stdout) == (FAILED, b"") and b"not UTF-8" in result.stderr


def test_a_file_is_replaced_only_by_force(tmp_path):
    path = tmp_path / "a.tape.jsonl"
    new("--text", "one", "-o", path)
    path.chmod(0o640)
    result = run("tape", "new", "--text", "two", "-o", path)
    assert result.returncode == FAILED and "it is there already" in result.stderr
    assert run("tape", "show", "--text", path).stdout == "one\n"
    new("--text", "two", "-o", path, "--force")
    assert run("tape", "show", "--text", path).stdout == "two\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["a.tape.jsonl"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["new"],
        ["new", "--text", "x", "--status", "429"],
        ["new", "--status", "200"],
        ["new", "--text", "x", "--retry-after", "1"],
        ["new", "--text", "x", "--dialect", "nonsense"],
        ["new", "--text", "x", "--chunks", "size:0"],
        ["new", "--text", "x", "--pace", "0/s"],
        ["new", "--text", "x", "--pace", "nan/s"],
        ["new", "--text", "x", "--first", "300"],
        ["new", "--text", "x", "--first", "inf" + "s"],
        ["new", "--text", "x", "--usage", "1"],
        ["new", "--text", "x", "--scope", "../up"],
        ["new", "--text", "x", "--created", "yesterday"],
        ["new", "--tool-call", "f"],
        ["new", "--tool-call", "f=[1]"],
        ["new", "--text", "x", "-o", "a", "--cassette", "b"],
        ["new", "--text", "x", "--force"],
        ["show", "--text", "--events", "a"],
        ["show", "--json", "a"],
        ["diff", "a"],
        ["repair"],
        ["seal"],
    ],
    ids=" ".join,
)
def test_wrong_usage_leaves_with_64(arguments, tmp_path):
    result = run("tape", *arguments, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (USAGE, "")
    assert "Usage:" in result.stderr
    assert os.listdir(tmp_path) == []


# diff


def test_diff_leaves_as_diff_does(tmp_path):
    new("--text", "How are you?", "-o", tmp_path / "a.tape.jsonl")
    new("--text", "How were you?", "--pace", "5/s", "-o", tmp_path / "b.tape.jsonl")
    new("--text", "How are you?", "--pace", "5/s", "--seed", "3", "-o", tmp_path / "c.tape.jsonl")
    result = run("tape", "diff", "a.tape.jsonl", "b.tape.jsonl", cwd=tmp_path)
    assert result.returncode == FAILED
    assert "text  line 1, column 5\n  - How are you?\n  + How were you?\n" in result.stdout
    assert "timing  first token 0.300 s → 0.300 s, total 0.360 s → 0.900 s" in result.stdout
    same = run("tape", "diff", "a.tape.jsonl", "c.tape.jsonl", cwd=tmp_path)
    assert (same.returncode, same.stdout.splitlines()[0]) == (OK, "no difference")
    exact = run("tape", "diff", "--exact", "--quiet", "a.tape.jsonl", "c.tape.jsonl", cwd=tmp_path)
    assert (exact.returncode, exact.stdout) == (FAILED, "")
    missing = run("tape", "diff", "a.tape.jsonl", "no.tape.jsonl", cwd=tmp_path)
    assert (missing.returncode, missing.stdout) == (TROUBLE, "") and "no.tape.jsonl" in missing.stderr
    found = json.loads(run("tape", "diff", "--json", "a.tape.jsonl", "b.tape.jsonl", cwd=tmp_path).stdout)
    assert found["same"] is False and [item["part"] for item in found["differences"]] == ["text"]
    shown, _ = run_in_terminal("tape", "diff", "a.tape.jsonl", "b.tape.jsonl", cwd=tmp_path)
    assert "\x1b[31m  - How are you?" in shown and "\x1b[32m  + How were you?" in shown


def test_diff_of_two_directories():
    result = run("tape", "diff", "--json", "fixtures/demo", "fixtures/awkward")
    found = json.loads(result.stdout)
    assert result.returncode == FAILED
    counts = [len(list((CHECKOUT / name).glob("*.tape.jsonl"))) for name in ("fixtures/demo", "fixtures/awkward")]
    assert [len(found["only_left"]), len(found["only_right"])] == counts and found["pairs"] == []
    assert run("tape", "diff", "fixtures/demo", "fixtures/demo").stdout == f"no difference in {counts[0]} tapes\n"


# repair


def test_a_tape_that_was_edited_by_hand_is_repaired(tmp_path):
    path = tmp_path / "a.tape.jsonl"
    new("--text", "one two", "-o", path)
    edited = path.read_text().replace('\\"one\\"', '\\"three\\"')
    path.write_text(edited)
    assert run("tape", "verify", path).returncode == FAILED
    dry = run("tape", "repair", "--refold", "--dry-run", path)
    assert dry.returncode == OK and f'{path}:12: changed "text" from "one two" to "three two"' in dry.stdout
    assert path.read_text() == edited
    assert run("tape", "repair", "--refold", path).stdout == dry.stdout
    assert run("tape", "show", "--text", path).stdout == "three two\n"
    assert run("tape", "verify", path).stdout == "1 tape, no problem\n"


def test_what_cannot_be_repaired_is_named_and_left_alone(tmp_path):
    good, bad = tmp_path / "good.tape.jsonl", tmp_path / "bad.tape.jsonl"
    new("--text", "x", "-o", good)
    bad.write_text(good.read_text().replace('["c"', '["nonsense"', 1))
    before = bad.read_bytes()
    result = run("tape", "repair", bad, good)
    assert result.returncode == FAILED
    assert result.stdout == f"{good}: nothing to mend\n"
    assert re.match(rf"error: {re.escape(str(bad))}:\d+: .*can't be mended", result.stderr)
    assert bad.read_bytes() == before


# seal


def test_what_a_killed_recorder_leaves_is_sealed_and_not_before(serve, upstream, tmp_path):
    tapes = tmp_path / "tapes"
    recorder = serve("--upstream", upstream.url, "--record", tapes)
    with OpenAI(base_url=recorder.base_url, api_key="unused", max_retries=0) as client:
        with client.chat.completions.create(model="held", messages=PROMPT, stream=True) as stream:
            next(stream)
            [part] = eventually(lambda: list(tapes.glob("*.part")))
            eventually(lambda: '["c"' in part.read_text())
            refused = run("tape", "seal", tapes)
            assert refused.returncode == FAILED
            assert refused.stderr == f"error: {part}: is being recorded\n"
            recorder.process.kill()
            recorder.process.wait()
            upstream.gate.set()
    # How it was killed is no matter of this test.
    recorder.process.returncode = 0
    assert ".part: is being recorded, or its recorder died; tokencast tape seal" in run("tape", "verify", tapes).stdout
    assert run("tape", "seal", "--dry-run", tapes).returncode == OK and part.exists()
    result = run("tape", "seal", tapes)
    name = str(part).removesuffix(".part")
    assert result.returncode == OK and re.fullmatch(rf"{re.escape(str(part))} -> {re.escape(name)} \(\d+ chunks\)\n", result.stdout)
    [tape] = json.loads(run("tape", "ls", "--json", tapes).stdout)
    assert (tape["end"], tape["partial"]) == ("crash", False)
    assert "never played" in run("tape", "verify", tapes).stdout


# verify


def test_the_fixtures_verify():
    result = run("tape", "verify", "fixtures")
    count = len(list((CHECKOUT / "fixtures").glob("*/*.tape.jsonl")))
    assert (result.returncode, result.stdout) == (OK, f"{count} tapes, no problem\n")


def test_verify_names_what_is_wrong_and_how_to_mend_it(tmp_path):
    path = tmp_path / new("--text", "x", "--cassette", tmp_path).strip().rsplit("/", 1)[1]
    path.write_text(path.read_text().replace('"Hello"', '"Bye"').replace('"finish":"stop"', '"finish":null'))
    (tmp_path / "cassette.json").write_text('{"mach": []}')
    result = run("tape", "verify", tmp_path)
    assert result.returncode == FAILED
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"{path}:2: the request is that of a tape named openai.chat-demo-")
    assert lines[1] == f'{path}:{len(path.read_text().splitlines())}: "finish" is not what the chunks say; tokencast tape repair --refold {path}'
    assert lines[2].startswith(f"{tmp_path}/cassette.json:1: ")
    assert lines[3] == "1 tape, 3 problems"
    found = json.loads(run("tape", "verify", "--json", tmp_path).stdout)
    assert [problem["code"] for problem in found["problems"]] == ["name", "fold", "rules"]
    assert run("tape", "verify", tmp_path / "nothing").returncode == FAILED


# git


@pytest.fixture
def repository(tmp_path):
    def git(*arguments, **more):
        return subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", *arguments],
            cwd=tmp_path,
            env=environment(HOME=str(tmp_path), GIT_CONFIG_NOSYSTEM="1", **more),
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    git("init", "-q")
    (tmp_path / ".gitattributes").write_text((CHECKOUT / ".gitattributes").read_text())
    git("config", "diff.tape.textconv", f"'{PROGRAM}' tape show --textconv")
    git("add", ".")
    git("commit", "-qm", "start")
    return git


def test_git_diff_shows_what_a_tape_means(repository, tmp_path):
    path = tmp_path / "a.tape.jsonl"
    new("--text", "How are you?\nFine.", "-o", path)
    repository("add", ".")
    repository("commit", "-qm", "tape")
    # The same answer, recorded again: nothing to see.
    new("--text", "How are you?\nFine.", "--seed", "9", "--pace", "7/s", "--chunks", "characters", "-o", path, "--force")
    assert repository("status", "--porcelain") != ""
    assert "@@" not in repository("diff")
    new("--text", "How were you?\nFine.", "-o", path, "--force")
    diff = repository("diff")
    assert "\n-How are you?\n+How were you?\n Fine.\n" in diff
    # What is no tape doesn't stop a diff, nor can it harm a terminal.
    path.write_text("no tape \x1b[2J\n")
    diff = repository("diff")
    assert "+# no valid tape:1: " in diff and "+no tape \\u{1b}[2J" in diff


def test_tapes_keep_their_line_ends_where_git_changes_them(repository, tmp_path):
    path = tmp_path / "a.tape.jsonl"
    new("--text", "x", "-o", path)
    before = path.read_bytes()
    repository("config", "core.autocrlf", "true")
    repository("add", ".")
    repository("commit", "-qm", "tape")
    path.unlink()
    repository("checkout", "-q", "--", "a.tape.jsonl")
    assert path.read_bytes() == before
