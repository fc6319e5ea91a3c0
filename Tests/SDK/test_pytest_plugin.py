"""The pytest plugin of the examples, as a project that has copied it would use it."""

import os
import shutil
import subprocess
import sys

import pytest

from support.process import CHECKOUT, PROGRAM
from support.upstream import TEXT

TESTS = '''
import pytest
from openai import NotFoundError, OpenAI

def ask(tape, model="plain"):
    client = OpenAI(base_url=tape.base_url, api_key="unused")
    stream = client.chat.completions.create(model=model, messages=[{"role": "user", "content": "Hi"}], stream=True)
    return "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)

@pytest.mark.tape("chat")
def test_plain(tape):
    assert ask(tape) == TEXT
    [request] = tape.requests()
    assert request["body"]["model"] == "plain"

@pytest.mark.tape("cut", rechunk="byte")
def test_cut(tape):
    assert ask(tape) == TEXT

def test_named_after_itself(tape):
    assert ask(tape) == TEXT
    assert tape.scope == "test_it-test_named_after_itself"
'''

MORE = '''

@pytest.mark.tape("chat")
def test_swallows_a_miss(tape):
    assert ask(tape) == TEXT
    with pytest.raises(NotFoundError, match="no tape answers"):
        ask(tape, "another")

@pytest.mark.tape("cut")
def test_asks_nothing(tape):
    pass
'''


@pytest.fixture
def project(tmp_path):
    shutil.copy(CHECKOUT / "Examples/pytest/tokencast_tapes.py", tmp_path)
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["tokencast_tapes"]\n')
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_it.py").write_text(f"TEXT = {TEXT!r}\n{TESTS}")

    def run(*arguments):
        environment = {**os.environ, "TOKENCAST_BINARY": str(PROGRAM), "CI": "true"}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)

    return run


def test_it_records_once_and_replays_from_then_on(project, upstream, tmp_path):
    recorded = project("--tape-mode", "once", "--tape-upstream", upstream.url)
    assert recorded.returncode == 0, recorded.stdout + recorded.stderr
    assert upstream.count("plain") == 3
    assert sorted(path.name for path in (tmp_path / "tapes").iterdir()) == ["chat", "cut", "test_it-test_named_after_itself"]
    replayed = project()
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert upstream.count("plain") == 3


def test_a_miss_and_an_unused_tape_fail_the_test(project, upstream, tmp_path):
    assert project("--tape-mode", "once", "--tape-upstream", upstream.url).returncode == 0
    with (tmp_path / "test_it.py").open("a") as file:
        file.write(MORE)
    result = project("-k", "swallows or nothing")
    assert result.returncode == 1
    assert "POST /v1/chat/completions: " in result.stdout
    assert "the tape cut/openai.chat-plain-" in result.stdout and "was never asked for" in result.stdout
