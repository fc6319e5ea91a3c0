"""What was recorded is replayed to the real SDK as it was, and what was not is said at once."""

import time

import openai
import pytest
from openai import OpenAI

from support.process import CHECKOUT
from support.sdk import PROMPT, text
from support.upstream import TEXT


@pytest.fixture
def recorded(serve, upstream, sdk, tmp_path):
    """A cassette of what one server relayed, and what the SDK got through it."""
    tapes = tmp_path / "tapes"
    tokencast = serve("--upstream", upstream.url, "--record", tapes)

    def record(method, model, **more):
        try:
            return getattr(sdk, method)(tokencast.base_url, model, **more)
        except openai.APIError as error:
            return error

    yield record, lambda: tokencast.stop(), tapes


@pytest.mark.parametrize("model", ["plain", "tools"])
def test_a_stream_is_replayed_as_it_was(recorded, serve, upstream, sdk, model):
    record, stop, tapes = recorded
    options = {"stream_options": {"include_usage": True}}
    live = record("stream", model, **options)
    stop()
    replay = serve("--replay", tapes, "--speed", "0")
    assert sdk.stream(replay.base_url, model, **options) == live
    assert upstream.count(model) == 1


def test_a_whole_completion_is_replayed_as_it_was(recorded, serve, upstream, sdk):
    record, stop, tapes = recorded
    live = record("create", "plain")
    stop()
    replay = serve("--replay", tapes, "--speed", "0")
    assert sdk.create(replay.base_url, "plain") == live
    assert upstream.count("plain") == 1


def test_failures_are_replayed_as_failures(recorded, serve, sdk):
    record, stop, tapes = recorded
    live = {model: record("stream", model) for model in ["error-inside", "dies-between"]}
    stop()
    replay = serve("--replay", tapes, "--speed", "0")
    for model, error in live.items():
        with pytest.raises(openai.APIError) as raised:
            sdk.stream(replay.base_url, model)
        assert raised.value.code == error.code


def test_a_recorded_rate_limit_makes_the_sdk_retry_as_the_real_one_did(recorded, serve, upstream, sdk):
    record, stop, tapes = recorded
    assert text(record("stream", "rate-limited-once")) == TEXT
    stop()
    replay = serve("--replay", tapes, "--speed", "0")
    started = time.monotonic()
    assert text(sdk.stream(replay.base_url, "rate-limited-once")) == TEXT
    assert time.monotonic() - started >= 1
    assert replay.metrics()["tokencast_tapes_replayed_total"] == 2


def test_the_recorded_time_is_kept(recorded, serve, sdk):
    record, stop, tapes = recorded
    record("stream", "plain")
    stop()
    replay = serve("--replay", tapes, "--speed", "0.5")
    started = time.monotonic()
    sdk.stream(replay.base_url, "plain")
    slow = time.monotonic() - started
    replay = serve("--replay", tapes, "--speed", "0")
    started = time.monotonic()
    sdk.stream(replay.base_url, "plain")
    assert time.monotonic() - started < slow / 2


def test_no_key_is_in_a_tape(recorded):
    record, stop, tapes = recorded
    record("stream", "plain")
    stop()
    [tape] = tapes.glob("*.tape.jsonl")
    assert "sk-a-callers-own-key" not in tape.read_text()


def test_a_miss_raises_at_once_and_names_the_closest_tape(recorded, serve, sdk):
    record, stop, tapes = recorded
    record("stream", "plain", temperature=0.5)
    stop()
    [tape] = tapes.glob("*.tape.jsonl")
    replay = serve("--replay", tapes)
    with pytest.raises(openai.NotFoundError) as raised:
        sdk.stream(replay.base_url, "plain", temperature=0.7)
    # Once: the SDK was told not to try again.
    assert replay.metrics()["tokencast_tape_misses_total"] == 1
    assert raised.value.code == "no_tape"
    assert tape.name in raised.value.message
    assert "/temperature (recorded 0.5, now 0.7)" in raised.value.message
    assert '"ignore": ["/temperature"]' in raised.value.message


def test_a_tape_plays_once_unless_the_cassette_says_otherwise(recorded, serve, sdk):
    record, stop, tapes = recorded
    record("stream", "plain")
    stop()
    replay = serve("--replay", tapes, "--speed", "0")
    assert text(sdk.stream(replay.base_url, "plain")) == TEXT
    with pytest.raises(openai.NotFoundError) as raised:
        sdk.stream(replay.base_url, "plain")
    assert raised.value.code == "tapes_exhausted"
    (tapes / "cassette.json").write_text('{"exhausted": "last"}')
    replay = serve("--replay", tapes, "--speed", "0")
    assert all(text(sdk.stream(replay.base_url, "plain")) == TEXT for _ in range(3))


def test_scopes_keep_parallel_tests_apart(serve, upstream, sdk, tmp_path):
    recorder = serve("--upstream", upstream.url, "--record", tmp_path / "tapes")
    for scope in ["one", "two/three"]:
        # A slash in a scope would end the option in a URL, so this one comes in the header.
        with OpenAI(base_url=recorder.base_url, api_key="unused", default_headers={"Tokencast-Scope": scope}) as client:
            list(client.chat.completions.create(model="plain", messages=PROMPT, stream=True))
    recorder.stop()
    assert len(list((tmp_path / "tapes/one").glob("*.tape.jsonl"))) == 1
    assert len(list((tmp_path / "tapes/two/three").glob("*.tape.jsonl"))) == 1
    replay = serve("--replay", tmp_path / "tapes", "--speed", "0")
    assert text(sdk.stream(f"{replay.url}/~scope=one/v1", "plain")) == TEXT
    with pytest.raises(openai.NotFoundError):
        sdk.stream(f"{replay.url}/~scope=four/v1", "plain")


# The tapes that come with Tokencast


@pytest.fixture
def demo(serve):
    return serve("--config", CHECKOUT / "config.json")


def test_the_demo_model_answers_any_prompt_without_a_key(demo):
    with OpenAI(base_url=demo.base_url, api_key="unused") as client:
        for prompt in ["Hello", "And again"]:
            messages = [{"role": "user", "content": prompt}]
            stream = client.chat.completions.create(model="demo", messages=messages, stream=True)
            assert len("".join(chunk.choices[0].delta.content or "" for chunk in stream)) > 40
        whole = client.chat.completions.create(model="demo", messages=messages)
        assert len(whole.choices[0].message.content) > 40


def test_the_awkward_tapes_behave_in_the_sdk(demo, sdk):
    base_url = f"{demo.url}/awkward/v1"
    assert "[DONE]" in text(sdk.stream(base_url, "done-in-content"))
    assert sdk.stream(base_url, "usage-chunk")[-1]["usage"]["total_tokens"] > 0
    for model in ["error-inside", "reset"]:
        with pytest.raises(openai.APIError):
            sdk.stream(base_url, model)
    with pytest.raises(openai.InternalServerError, match="failed"):
        sdk.stream(base_url, "refused")
