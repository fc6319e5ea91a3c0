"""What a configuration says of upstreams and routes, as a client meets it."""

import json

import httpx
import openai
import pytest
from httpx_sse import connect_sse

from support.process import CHECKOUT
from support.upstream import TEXT

BODY = {"model": "plain", "stream": True, "messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture
def configured(serve, tmp_path):
    def start(upstreams, routes, tapes=None, **variables):
        file = tmp_path / "config.json"
        file.write_text(json.dumps({"upstreams": upstreams, "routes": routes, "tapes": tapes or {}}))
        return serve("--config", file, **variables)

    return start


def start_event(tokencast, answer):
    """What a subscriber is told first of an answer's stream, and its text."""
    stream = answer.headers["tokencast-stream"]
    with httpx.Client() as http, connect_sse(http, "GET", f"{tokencast.url}/streams/{stream}") as source:
        events = [(event.event, event.json()) for event in source.iter_sse() if event.data]
    texts = [data["text"] for name, data in events if name == "delta"]
    return events[0][1], "".join(texts)


def test_an_upstream_without_an_address_is_refused_by_its_variable(configured):
    tokencast = configured({"far": {"url": {"env": "FAR_ENDPOINT"}}}, [{"upstream": "far"}])
    with openai.OpenAI(base_url=tokencast.base_url, api_key="unused") as sdk:
        with pytest.raises(openai.NotFoundError) as raised:
            sdk.chat.completions.create(model="m", messages=BODY["messages"])
    assert raised.value.code == "upstream_not_configured"
    assert "the upstream 'far' has no address: set the environment variable FAR_ENDPOINT" in str(raised.value)
    named = httpx.post(f"{tokencast.url}/far/v1/messages", json=BODY)
    assert (named.status_code, named.json()["type"], named.headers["x-should-retry"]) == (404, "error", "false")


def test_a_tape_answers_for_an_upstream_without_an_address(configured):
    tapes = {"mode": "none", "cassette": str(CHECKOUT / "fixtures/demo"), "speed": 0}
    tokencast = configured({"far": {"url": {"env": "FAR_ENDPOINT"}}}, [{"upstream": "far"}], tapes)
    answer = httpx.post(f"{tokencast.base_url}/chat/completions", json={**BODY, "model": "demo"})
    assert answer.status_code == 200
    assert answer.text.endswith("data: [DONE]\n\n")


def test_an_address_from_the_environment_is_reached(configured, upstream):
    upstreams = {"far": {"url": {"env": ["NOT_SET", "FAR_ENDPOINT"]}, "key": {"env": ["NOT_SET", "FAR_KEY"]}}}
    tokencast = configured(upstreams, [{"upstream": "far"}], FAR_ENDPOINT=upstream.url, FAR_KEY="sk-far")
    assert httpx.post(f"{tokencast.base_url}/chat/completions", json=BODY).status_code == 200
    assert upstream.seen[0]["headers"]["authorization"] == "Bearer sk-far"


def test_a_path_that_tells_nothing_is_read_as_the_upstream_or_the_route_says(configured, upstream):
    tokencast = configured(
        {
            "said": {"url": upstream.url, "dialect": "openai.chat"},
            "silent": {"url": upstream.url},
            "wrong": {"url": upstream.url, "dialect": "openai.responses"},
        },
        [{"path": "/route", "upstream": "wrong", "dialect": "openai.chat"}, {"upstream": "wrong"}],
    )
    for path, dialect in [("/said/answer", "openai.chat"), ("/silent/answer", "openai.chat"), ("/route", "openai.chat")]:
        # What nobody says is told by the first frame.
        start, text = start_event(tokencast, httpx.post(tokencast.url + path, json=BODY))
        assert (start["dialect"], text) == (dialect, TEXT)
    # What is said holds whatever the stream looks like.
    start, text = start_event(tokencast, httpx.post(f"{tokencast.url}/other", json=BODY))
    assert (start["dialect"], text) == ("openai.responses", "")


def test_paths_stand_elsewhere_at_an_upstream(configured, upstream):
    upstreams = {"one": {"url": f"{upstream.url}/api/v1", "paths": {"*/chat/completions": "/chat", "/models/*": "/m/*"}}}
    tokencast = configured(upstreams, [{"upstream": "one"}])
    for path in ["/v1/chat/completions", "/chat/completions", "/one/api/v1/x", "/v1/x", "/models/a/b"]:
        assert httpx.post(tokencast.url + path, json=BODY).status_code == 200
    paths = [request["path"] for request in upstream.seen]
    assert paths == ["/api/v1/chat", "/api/v1/chat", "/api/v1/x", "/api/v1/x", "/api/v1/m/a/b"]


def test_json_that_does_not_say_so_is_routed_by_its_model(configured, upstream):
    tokencast = configured(
        {"one": {"url": f"{upstream.url}/one"}, "two": {"url": f"{upstream.url}/two"}},
        [{"model": "plain", "upstream": "two"}, {"upstream": "one"}],
    )
    answer = httpx.post(f"{tokencast.base_url}/chat/completions", content=json.dumps(BODY))
    assert answer.status_code == 200
    assert upstream.seen[0]["path"] == "/two/v1/chat/completions"
    assert "content-type" not in upstream.seen[0]["headers"]


def test_a_model_in_the_path_is_routed(configured, upstream):
    tokencast = configured(
        {"one": {"url": f"{upstream.url}/one"}, "two": {"url": f"{upstream.url}/two"}},
        [{"model": "demo*", "upstream": "two"}, {"upstream": "one"}],
    )
    for path in ["/v1beta/models/demo:streamGenerateContent", "/openai/deployments/demo%2D2/chat/completions"]:
        httpx.post(tokencast.url + path, json=BODY | {"model": None})
        assert upstream.seen[-1]["path"] == f"/two{path}"
