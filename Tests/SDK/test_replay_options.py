"""The SDK over replays that are cut anew and go wrong: as over the real thing."""

import json

import openai
import pytest

from support.failing import FailingUpstream
from support.process import CHECKOUT, Tokencast
from support.sdk import SyncSDK, text
from support.upstream import TEXT, Upstream

MODES = ["event", "line", "byte", "size:7", "utf8-split", "crlf-split", "coalesce", "random", "random:42"]
AWKWARD = sorted(path.name.split(".")[1][len("chat-") : -9] for path in (CHECKOUT / "fixtures/awkward").glob("*.jsonl"))


@pytest.fixture(scope="module")
def tapes(tmp_path_factory):
    """A cassette of one recorded stream, which may be played any number of times."""
    directory = tmp_path_factory.mktemp("replay")
    with Upstream() as upstream, Tokencast("--upstream", upstream.url, "--record", directory / "tapes", cwd=directory) as tokencast:
        chunks, error, _ = SyncSDK().attempt(tokencast.base_url)
        assert error is None and text(chunks) == TEXT
    [tape] = (directory / "tapes").glob("*.tape.jsonl")
    assert '"reason":"eof"' in tape.read_text()
    (directory / "tapes/cassette.json").write_text('{"exhausted": "last"}')
    return directory / "tapes"


@pytest.fixture(scope="module")
def replay(tapes):
    with Tokencast("--replay", tapes, cwd=tapes.parent) as tokencast:
        yield tokencast


@pytest.fixture(scope="module")
def awkward(tmp_path_factory):
    directory = tmp_path_factory.mktemp("awkward")
    with Tokencast("--replay", CHECKOUT / "fixtures/awkward", "--speed", "0", cwd=directory) as tokencast:
        yield tokencast


@pytest.fixture
def failing():
    with FailingUpstream() as upstream:
        yield upstream


def outcome(attempt):
    """What a program sees of a stream."""
    chunks, error, _ = attempt
    return chunks, type(error), type(error.__cause__ if error else None), getattr(error, "status_code", None)


# Chunks


@pytest.mark.parametrize("mode", MODES)
def test_a_recorded_stream_is_the_same_however_it_is_cut(replay, sdk, mode):
    plain = sdk.attempt(f"{replay.url}/~speed=0/v1")
    assert text(plain[0]) == TEXT
    assert outcome(sdk.attempt(f"{replay.url}/~speed=0,rechunk={mode}/v1")) == outcome(plain)


@pytest.mark.parametrize("model", AWKWARD)
def test_the_awkward_streams_are_the_same_however_they_are_cut(awkward, sdk, model):
    plain = outcome(sdk.attempt(awkward.base_url, model))
    for mode in MODES:
        assert outcome(sdk.attempt(awkward.base_url, model, headers={"Tokencast-Rechunk": mode})) == plain, mode


def test_the_fixtures_are_all_there():
    assert len(AWKWARD) == 14 and "cut-characters" in AWKWARD


# Faults

FAULTS = [
    ("drop@event:4", "drop"),
    ("reset@event:4", "reset"),
    ("drop", "drop-at-once"),
    ("reset", "reset-at-once"),
    ("status:503", "unavailable"),
    ("status:429;retry-after=1", "rate-limited"),
    ("malformed@event:4", "malformed"),
    ("no-terminal", "no-terminal"),
    ("dup@event:3", "dup"),
    ("inject::%20ping%0A%0A@event:4", "inject"),
    ('inject:data: {"error":{"message":"Overloaded"%2C"type":"server_error"}}%0A%0A@event:4', "inject-error"),
]
TIMEOUTS = [("stall@event:4", "stall"), ("slow:2000@event:4", "slow"), ("stall", "stall-at-once"), ("stall:5000", "stall-at-once")]


@pytest.mark.parametrize("fault, model", FAULTS, ids=[model for _, model in FAULTS])
def test_a_fault_raises_what_the_real_failure_raises(replay, failing, sdk, fault, model):
    real = outcome(sdk.attempt(failing.base_url, model))
    assert outcome(sdk.attempt(replay.base_url, headers={"Tokencast-Fault": fault})) == real


@pytest.mark.parametrize("fault, model", TIMEOUTS, ids=[fault for fault, _ in TIMEOUTS])
def test_a_caller_that_waits_in_vain_gives_up_as_with_the_real_failure(replay, failing, sdk, fault, model):
    real = sdk.attempt(failing.base_url, model, timeout=0.5)
    replayed = sdk.attempt(replay.base_url, timeout=0.5, headers={"Tokencast-Fault": fault})
    assert real[1] is not None
    # Of a slow stream, one event more or less may come in time.
    assert outcome(replayed)[1:] == outcome(real)[1:]
    if not fault.startswith("slow"):
        assert replayed[0] == real[0]
    assert 0.4 < replayed[2] < 4


def test_the_faults_are_what_they_are_called(failing, sdk):
    """Else the comparison above could be one of two successes."""
    errors = {model: sdk.attempt(failing.base_url, model)[1] for _, model in FAULTS}
    causes = {"drop": "RemoteProtocolError", "reset": "ReadError"}
    for model in ["drop", "drop-at-once", "reset", "reset-at-once"]:
        assert isinstance(errors[model], openai.APIConnectionError)
        assert type(errors[model].__cause__).__name__ == causes[model.split("-")[0]]
    assert isinstance(errors["unavailable"], openai.InternalServerError)
    assert isinstance(errors["rate-limited"], openai.RateLimitError)
    assert isinstance(errors["malformed"], json.JSONDecodeError)
    assert isinstance(errors["inject-error"], openai.APIError)
    assert [errors[model] for model in ["no-terminal", "dup", "inject"]] == [None] * 3


def test_a_stream_without_its_terminal_is_all_there(replay, sdk):
    whole, _, _ = sdk.attempt(replay.base_url)
    chunks, error, _ = sdk.attempt(replay.base_url, headers={"Tokencast-Fault": "no-terminal"})
    assert error is None and chunks == whole


def test_a_doubled_event_comes_twice(replay, sdk):
    whole, _, _ = sdk.attempt(replay.base_url)
    chunks, _, _ = sdk.attempt(replay.base_url, headers={"Tokencast-Fault": "dup@event:3"})
    assert chunks == whole[:3] + whole[2:]


def test_a_status_makes_the_sdk_retry_after_the_time_it_is_told(serve, tapes, sdk):
    replay = serve("--replay", tapes, "--fault", "status:429;retry-after=1;times=2", "--rechunk", "byte")
    chunks, error, seconds = sdk.attempt(replay.base_url, max_retries=2)
    assert error is None and text(chunks) == TEXT
    assert 2 <= seconds < 4
    assert replay.metrics()["tokencast_tapes_replayed_total"] == 3
    # They are over: the next one passes at once.
    assert sdk.attempt(replay.base_url, max_retries=0)[1] is None


def test_a_connection_that_is_dropped_once_is_retried_with_the_same_tape(serve, tapes, sdk, tmp_path):
    (tmp_path / "tapes").mkdir()
    for tape in tapes.glob("*.jsonl"):
        (tmp_path / "tapes" / tape.name).write_bytes(tape.read_bytes())
    (tmp_path / "tapes/cassette.json").write_text('{"faults": ["reset;times=1"]}')
    replay = serve("--replay", tmp_path / "tapes", "--speed", "0")
    chunks, error, _ = sdk.attempt(replay.base_url, max_retries=1)
    assert error is None and text(chunks) == TEXT


def test_an_option_in_the_base_url_does_the_same(replay, sdk):
    fault = "slow:2;times=1000000@event:2+inject::%20%2B%40%2F%0A%0A@event:2+drop@event:4"
    url = f"{replay.url}/~speed=0,fault={fault}/v1"
    header = sdk.attempt(replay.base_url, headers={"Tokencast-Fault": "drop@event:4", "Tokencast-Speed": "0"})
    assert outcome(sdk.attempt(url, max_retries=1)) == outcome(header)
    assert len(header[0]) == 3


def test_a_fault_without_a_place_is_in_the_log(serve, tapes, sdk):
    replay = serve("--replay", tapes, "--fault", "drop@event:999", TOKENCAST_SPEED="0", TOKENCAST_RECHUNK="random:7")
    chunks, error, _ = sdk.attempt(replay.base_url)
    assert error is None and text(chunks) == TEXT
    assert "the fault drop@event:999 doesn't strike: the body has " in replay.log


def test_a_bad_option_is_said_to_the_sdk(replay, sdk):
    _, error, _ = sdk.attempt(f"{replay.url}/~rechunk=bits/v1")
    assert isinstance(error, openai.BadRequestError)
    assert "take recorded, event, line, byte, size:N" in error.message
