"""Modes, scopes, and what a miss says, with the SDKs of OpenAI and Anthropic."""

import threading
import time

import anthropic
import httpx
import openai
import pytest
from anthropic import Anthropic
from openai import OpenAI

from support.process import eventually
from support.sdk import PROMPT
from support.upstream import RETRY_AFTER, TEXT


class OpenAISide:
    """OpenAI's SDK against a server, the path after which it asks, and the errors that it raises."""

    not_found = openai.NotFoundError
    path = "/v1/chat/completions"

    def ask(self, url, model, **more):
        with OpenAI(base_url=f"{url}/v1", api_key="unused") as client:
            with client.chat.completions.create(model=model, messages=PROMPT, stream=True, **more) as stream:
                return "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)


class AnthropicSide:
    not_found = anthropic.NotFoundError
    path = "/v1/messages"

    def ask(self, url, model, **more):
        with Anthropic(base_url=url, api_key="unused") as client:
            with client.messages.stream(model=model, messages=PROMPT, max_tokens=64, **more) as stream:
                return "".join(stream.text_stream)


@pytest.fixture(params=[OpenAISide, AnthropicSide], ids=["openai", "anthropic"])
def side(request):
    return request.param()


@pytest.fixture
def tapes(tmp_path):
    return tmp_path / "tapes"


def asked(tokencast, **parameters):
    """The request log."""
    return httpx.get(f"{tokencast.url}/tapes/requests", params=parameters).raise_for_status().json()["requests"]


def verify(tokencast, **parameters):
    response = httpx.get(f"{tokencast.url}/tapes/verify", params=parameters)
    found = response.json()
    assert response.status_code == (200 if found["ok"] else 409)
    return found


def reset(tokencast, **parameters):
    assert httpx.post(f"{tokencast.url}/tapes/reset", params=parameters).raise_for_status().json()["ok"]


def test_a_miss_reaches_the_program_at_once_and_is_not_retried(serve, upstream, side, tapes):
    recorder = serve("--upstream", upstream.url, "--record", tapes)
    side.ask(recorder.url, "plain")
    recorder.stop()
    replay = serve("--replay", tapes, "--speed", "0")
    with pytest.raises(side.not_found) as raised:
        side.ask(replay.url, "another")
    assert f"no tape answers POST {side.path}" in str(raised.value)
    assert '/model (recorded "plain", now "another")' in str(raised.value)
    assert f"--tape-mode new_episodes --cassette {tapes}" in str(raised.value)
    # The SDK asked once.
    assert [request["outcome"]["state"] for request in asked(replay)] == ["missed"]
    # Even where the program swallows the error, this tells.
    found = verify(replay)
    assert found["unexpectedCount"] == 1 and len(found["unused"]) == 1
    [miss] = found["unexpected"]
    assert miss["differences"] == [{"place": "/model", "recorded": '"plain"', "requested": '"another"'}]


def test_a_used_up_tape_is_said_to_be_that(serve, upstream, side, tapes):
    recorder = serve("--upstream", upstream.url, "--record", tapes)
    side.ask(recorder.url, "plain")
    recorder.stop()
    replay = serve("--replay", tapes, "--speed", "0")
    side.ask(replay.url, "plain")
    with pytest.raises(side.not_found, match="was played already"):
        side.ask(replay.url, "plain")
    assert [request["outcome"]["state"] for request in asked(replay)] == ["played", "missed"]


def test_a_recorded_rate_limit_makes_the_sdk_retry_as_the_real_one_did(serve, upstream, side, tapes):
    recorder = serve("--upstream", upstream.url, "--record", tapes)
    live = side.ask(recorder.url, "rate-limited-once")
    recorder.stop()
    assert upstream.count("rate-limited-once") == 2
    first, second = (request["time"] for request in upstream.seen)
    assert second - first >= RETRY_AFTER * 0.9
    replay = serve("--replay", tapes, "--speed", "0")
    started = time.monotonic()
    assert side.ask(replay.url, "rate-limited-once") == live
    assert time.monotonic() - started >= RETRY_AFTER * 0.9
    assert [request["outcome"]["state"] for request in asked(replay)] == ["played", "played"]
    assert verify(replay)["ok"]


def test_once_records_a_scope_that_has_nothing_and_then_replays_it(serve, upstream, side, tapes):
    options = ("--tape-mode", "once", "--cassette", tapes, "--speed", "0")
    tokencast = serve("--upstream", upstream.url, *options)
    url = f"{tokencast.url}/~scope=one"
    live = [side.ask(url, "plain") for _ in range(2)]
    reset(tokencast, scope="one")
    assert [side.ask(url, "plain") for _ in range(2)] == live
    with pytest.raises(side.not_found):
        side.ask(url, "another")
    assert [request["outcome"]["state"] for request in asked(tokencast, scope="one")] == ["played", "played", "missed"]
    tokencast.stop()
    # Another run needs no upstream any more.
    upstream.shutdown()
    again = serve("--upstream", "http://127.0.0.1:1", *options)
    assert [side.ask(f"{again.url}/~scope=one", "plain") for _ in range(2)] == live
    assert upstream.count("plain") == 2


def test_new_episodes_records_what_lacks(serve, upstream, side, tapes):
    options = ("--upstream", upstream.url, "--tape-mode", "new_episodes", "--cassette", tapes, "--speed", "0")
    first = serve(*options)
    side.ask(first.url, "plain")
    first.stop()
    second = serve(*options)
    for model in ["plain", "another", "plain"]:
        side.ask(second.url, model)
    eventually(lambda: all(request["outcome"]["state"] != "recording" for request in asked(second)))
    assert [request["outcome"]["state"] for request in asked(second)] == ["played", "recorded", "recorded"]
    assert (upstream.count("plain"), upstream.count("another")) == (2, 1)
    assert len(list(tapes.glob("*.tape.jsonl"))) == 3
    assert verify(second)["ok"]


def test_all_replaces_what_a_scope_held_under_the_same_names(serve, upstream, side, tapes):
    options = ("--upstream", upstream.url, "--tape-mode", "all", "--cassette", tapes)
    first = serve(*options)
    for model in ["plain", "plain", "another"]:
        side.ask(f"{first.url}/~scope=one", model)
    first.stop()
    before = sorted(tapes.glob("one/*"))
    assert len(before) == 3
    text = before[1].read_text()
    second = serve(*options)
    side.ask(f"{second.url}/~scope=one", "plain")
    second.stop()
    [after] = tapes.glob("one/*")
    assert after in before and after.read_text() != text


def test_parallel_scopes_with_the_same_prompt_never_cross(serve, upstream, tapes):
    side = AnthropicSide()
    options = ("--upstream", upstream.url, "--tape-mode", "once", "--cassette", tapes, "--speed", "0")

    def ask_at_once(tokencast):
        heard = {"left": [], "right": []}

        def ask(scope):
            for _ in range(5):
                heard[scope].append(side.ask(f"{tokencast.url}/~scope={scope}", "plain"))

        threads = [threading.Thread(target=ask, args=[scope]) for scope in heard]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return heard

    first = serve(*options)
    live = ask_at_once(first)
    first.stop()
    # Each answer is numbered, so one that strays is seen.
    assert len({text for texts in live.values() for text in texts}) == 10
    second = serve(*options)
    assert ask_at_once(second) == live
    assert upstream.count("plain") == 10
    assert verify(second)["ok"] and verify(second, scope="left")["ok"]


@pytest.mark.parametrize("mode, recorded", [("all", 0), ("once", 0), ("new_episodes", 0), (None, 1)])
def test_with_ci_a_file_records_nothing_but_a_flag_does(serve, upstream, tapes, tmp_path, mode, recorded):
    configuration = f'{{"upstreams": {{"a": {{"url": "{upstream.url}"}}}}, "routes": [{{"upstream": "a"}}]'
    if mode:
        configuration += f', "tapes": {{"mode": "{mode}", "cassette": "{tapes}"}}'
        tapes.mkdir()
    (tmp_path / "config.json").write_text(configuration + "}")
    variables = {"CI": "true"} if mode else {"CI": "1", "TOKENCAST_TAPE_MODE": "all", "TOKENCAST_CASSETTE": str(tapes)}
    tokencast = serve(**variables)
    try:
        OpenAISide().ask(tokencast.url, "plain")
        assert mode in ("all", None)
    except openai.NotFoundError:
        assert mode in ("once", "new_episodes")
    tokencast.stop()
    assert len(list(tapes.glob("*.tape.jsonl"))) == recorded
    assert tokencast.log.count("CI is set, so nothing is recorded") == (1 if mode else 0)


def test_a_replace_rule_that_a_miss_advises_mends_it(serve, upstream, tapes):
    def ask(tokencast, day):
        with OpenAI(base_url=tokencast.base_url, api_key="unused") as client:
            message = {"role": "user", "content": f"Today is {day}. What is up?"}
            stream = client.chat.completions.create(model="plain", messages=[message], stream=True)
            return "".join(chunk.choices[0].delta.content or "" for chunk in stream)

    recorder = serve("--upstream", upstream.url, "--record", tapes)
    ask(recorder, "2026-11-23")
    recorder.stop()
    replay = serve("--replay", tapes, "--speed", "0")
    with pytest.raises(openai.NotFoundError) as raised:
        ask(replay, "2027-01-02")
    rule = raised.value.message.split("add ")[1].split(f" to {tapes}")[0]
    (tapes / "cassette.json").write_text("{" + rule + "}")
    # The rules are read again with everything else.
    reset(replay)
    assert ask(replay, "2027-01-02") == TEXT
