"""Every provider's own SDK gets through Tokencast what it gets without, and subscribers see the same answer."""

import json

import httpx
import pytest
from httpx_sse import connect_sse
from openai import OpenAI, Stream
from openai.types.chat import ChatCompletionChunk

from support.clients import CLIENTS, chat_calls, chat_text, dump, merged
from support.process import CHECKOUT, Tokencast
from support.tapes import PlainServer, Tape

CASSETTE = CHECKOUT / "fixtures/dialects"
TAPES = [Tape(path) for path in sorted(CASSETTE.glob("*.tape.jsonl"))]
# A tape's model says what it shows. What SDKs raise has tests of its own.
WHOLE = [tape for tape in TAPES if tape.model not in ("error", "truncated", "overloaded")]
FAILED = [tape for tape in TAPES if tape not in WHOLE]


def name(value):
    return f"{value.dialect} {value.model}" if isinstance(value, Tape) else value.name


def pairs(tapes):
    """Each client with each tape of its dialect."""
    return [(client, tape) for client in CLIENTS for tape in tapes if client.reads(tape)]


@pytest.fixture(scope="module")
def replay(tmp_path_factory):
    directory = tmp_path_factory.mktemp("dialects")
    with Tokencast("--replay", CASSETTE, "--speed", "0", cwd=directory) as tokencast:
        yield tokencast


@pytest.fixture(scope="module")
def plain():
    with PlainServer() as server:
        yield server


def ask(tokencast, tape):
    """The id of a new stream of a tape's answer, and the answer's bytes."""
    query = "?alt=sse" if "event-stream" in dict(tape.headers)["content-type"] and ":stream" in tape.request_path else ""
    answer = httpx.post(f"{tokencast.url}{tape.request_path}{query}", json=tape.request)
    assert answer.status_code == tape.status
    return answer.headers["tokencast-stream"], answer.content


def events(tokencast, stream):
    """What a subscriber sees of a stream, in the view that is the same for all dialects."""
    with httpx.Client() as http, connect_sse(http, "GET", f"{tokencast.url}/streams/{stream}") as source:
        return [(event.event, event.json()) for event in source.iter_sse() if event.data]


def deltas(events, kind):
    return [data for event, data in events if event == "delta" and data["type"] == kind and data["choice"] == 0]


def text(events, kind="text"):
    return "".join(delta["text"] for delta in deltas(events, kind))


def calls(events):
    return merged((delta["part"], delta["name"], delta["arguments"]) for delta in deltas(events, "tool_call"))


def test_every_dialect_has_tapes_and_a_client():
    dialects = {tape.dialect for tape in TAPES}
    assert {client.dialect for client in CLIENTS} <= dialects
    for dialect in dialects:
        assert any(tape.model == "text" for tape in WHOLE if tape.dialect == dialect), dialect


@pytest.mark.parametrize("client, tape", pairs(WHOLE), ids=name)
def test_an_sdk_gets_the_same_with_and_without_tokencast(replay, plain, client, tape):
    plain.tape = tape
    through = client.ask(replay.url, tape.model)
    assert through == client.ask(plain.url, tape.model)
    assert client.text(through) == (tape.end["text"] or "")
    assert bool(client.calls(through)) == tape.has_calls


@pytest.mark.parametrize("client, tape", pairs(WHOLE), ids=name)
def test_a_subscriber_sees_the_answer_that_the_sdk_gets(replay, client, tape):
    through = client.ask(replay.url, tape.model)
    stream, body = ask(replay, tape)
    assert body == tape.body
    seen = events(replay, stream)
    assert text(seen) == client.text(through)
    assert calls(seen) == client.calls(through)
    assert seen[-1] == ("end", seen[-1][1]) and seen[-1][1]["state"] == "complete"


@pytest.mark.parametrize("tape", WHOLE, ids=name)
def test_the_openai_view_is_read_by_openais_sdk(replay, tape):
    stream, _ = ask(replay, tape)
    seen = events(replay, stream)
    url = f"{replay.url}/streams/{stream}?view=openai&include_usage=true"
    with OpenAI(base_url=replay.base_url, api_key="unused") as sdk:
        types = {"cast_to": ChatCompletionChunk, "stream": True, "stream_cls": Stream[ChatCompletionChunk]}
        chunks = dump(sdk.get(url, **types))
    assert chat_text(chunks) == text(seen)
    assert chat_calls(chunks) == calls(seen)
    reasoning = [choice["delta"].get("reasoning_content") or "" for chunk in chunks for choice in chunk["choices"]]
    assert "".join(reasoning) == text(seen, "reasoning")
    finishes = [c["finish_reason"] for chunk in chunks for c in chunk["choices"] if c["finish_reason"] and c["index"] == 0]
    assert len(finishes) == 1
    assert finishes[0] in ("stop", "length", "tool_calls", "content_filter")
    assert (finishes[0] == "tool_calls") == tape.has_calls
    counted = [data for event, data in seen if event == "usage"]
    usages = [chunk["usage"] for chunk in chunks if chunk["usage"]]
    assert len(usages) == (1 if counted else 0)
    if counted:
        assert usages[0]["prompt_tokens"] == counted[-1]["input_tokens"]
        assert usages[0]["completion_tokens"] == counted[-1]["output_tokens"]


@pytest.mark.parametrize("tape", FAILED, ids=name)
def test_a_stream_that_failed_inside_is_a_failure_to_everyone(replay, tape):
    failures = replay.metrics()['tokencast_streams_ended_total{state="error"}'] if tape.model != "truncated" else 0
    stream, body = ask(replay, tape)
    assert body == tape.body
    end = events(replay, stream)[-1]
    assert end[0] == "end"
    assert end[1]["state"] == ("truncated" if tape.model == "truncated" else "error")
    if tape.model != "truncated":
        assert end[1]["error"]["message"]
        assert replay.metrics()['tokencast_streams_ended_total{state="error"}'] == failures + 1


@pytest.mark.parametrize("client, tape", pairs(FAILED), ids=name)
def test_an_sdk_fails_with_tokencast_as_it_fails_without(replay, plain, client, tape):
    plain.tape = tape
    outcomes = []
    for server in (replay, plain):
        try:
            outcomes.append(client.ask(server.url, tape.model))
        except Exception as error:
            outcomes.append((type(error), str(error).replace(server.url, "")))
    assert outcomes[0] == outcomes[1]


def test_a_path_with_an_upstreams_name_in_front_works_as_well(serve, tmp_path):
    configuration = tmp_path / "config.json"
    upstreams = {"canned": {"replay": {"cassette": str(CASSETTE), "speed": 0}}}
    configuration.write_text(json.dumps({"upstreams": upstreams, "routes": []}))
    tokencast = serve("--config", configuration)
    for client in CLIENTS:
        assert client.text(client.ask(f"{tokencast.url}/canned", "text")), client.name
