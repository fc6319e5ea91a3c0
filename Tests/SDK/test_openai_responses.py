"""Responses from tapes: the real SDK reads them, whole and in pieces."""

import json

import openai
import pytest
from openai import OpenAI

from support.process import run

TEXT = "Sunny, 21 °C in Zürich."
THOUGHT = "The weather, then."
CALL = ("get_weather", '{"city":"Zürich"}')


@pytest.fixture
def replay(serve, tmp_path):
    """Makes a tape of a response, and a client of the server that replays it."""
    clients = []

    def make(*more):
        result = run("tape", "new", "--dialect", "openai.responses", "--cassette", tmp_path / "tapes", *more)
        assert result.returncode == 0, result.stderr
        tokencast = serve("--replay", tmp_path / "tapes", "--speed", "0")
        clients.append(OpenAI(base_url=tokencast.base_url, api_key="unused", max_retries=0))
        return tokencast, clients[-1]

    yield make
    for client in clients:
        client.close()


def said(response):
    """A response's text, reasoning and calls."""
    calls = [(item.name, item.arguments) for item in response.output if item.type == "function_call"]
    thoughts = [part.text for item in response.output if item.type == "reasoning" for part in item.summary]
    return response.output_text, thoughts, calls


def test_the_sdk_adds_a_streams_events_up_to_its_last_one(replay):
    _, client = replay(
        "--text", TEXT, "--reasoning", THOUGHT, "--tool-call", "=".join(CALL), "--usage", "12,30", "--model", "m"
    )
    with client.responses.create(model="m", input="Hello", stream=True) as stream:
        events = list(stream)
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [events[0].type, events[-1].type] == ["response.created", "response.completed"]
    pieces = {}
    for event in events:
        if event.type.endswith(".delta"):
            pieces[event.type] = pieces.get(event.type, "") + event.delta
    last = events[-1].response
    assert said(last) == (TEXT, [THOUGHT], [CALL])
    assert list(pieces.values()) == [THOUGHT, TEXT, CALL[1]]
    assert (last.usage.input_tokens, last.usage.output_tokens, last.usage.total_tokens) == (12, 30, 42)


def test_the_sdks_own_helper_gets_the_whole_response(replay):
    _, client = replay("--text", TEXT, "--tool-call", "=".join(CALL), "--model", "m")
    with client.responses.stream(model="m", input="Hello") as stream:
        text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        final = stream.get_final_response()
    assert text == TEXT
    assert said(final) == (TEXT, [], [CALL])


def test_a_whole_response_is_one_document(replay):
    _, client = replay("--text", TEXT, "--reasoning", THOUGHT, "--usage", "1,2", "--document", "--model", "m")
    response = client.responses.create(model="m", input="Hello")
    assert said(response) == (TEXT, [THOUGHT], [])
    assert (response.status, response.usage.total_tokens) == ("completed", 3)


def test_an_incomplete_response_says_why(replay):
    _, client = replay("--text", TEXT, "--finish", "max_output_tokens", "--model", "m")
    *_, last = client.responses.create(model="m", input="Hello", stream=True)
    assert (last.type, last.response.incomplete_details.reason) == ("response.incomplete", "max_output_tokens")


def test_an_error_is_raised_as_the_sdks_own(replay):
    _, client = replay("--status", "429", "--model", "m")
    with pytest.raises(openai.RateLimitError):
        client.responses.create(model="m", input="Hello", stream=True)


def test_it_is_decoded_as_what_it_is(replay, tmp_path):
    replay("--text", TEXT, "--tool-call", "=".join(CALL), "--model", "m")
    [tape] = json.loads(run("tape", "ls", "--json", tmp_path / "tapes").stdout)
    assert (tape["dialect"], tape["path"]) == ("openai.responses", "/v1/responses")
    assert tape["name"].startswith("openai.responses-m-")
    assert run("tape", "verify", tmp_path / "tapes").returncode == 0
