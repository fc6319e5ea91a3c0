"""The real SDK through the proxy gets what it gets from the upstream itself."""

import time

import httpx
import openai
import pytest
from openai import OpenAI

from support.sdk import PROMPT, arguments, text
from support.upstream import ARGUMENTS, RETRY_AFTER, TEXT, USAGE


def test_a_stream_is_the_same_as_without_the_proxy(tokencast, upstream, sdk):
    direct = sdk.stream(upstream.base_url, "plain")
    proxied = sdk.stream(tokencast.base_url, "plain")
    assert proxied == direct
    assert text(proxied) == TEXT


def test_tool_calls_arrive_piece_by_piece(tokencast, upstream, sdk):
    proxied = sdk.stream(tokencast.base_url, "tools")
    assert proxied == sdk.stream(upstream.base_url, "tools")
    assert arguments(proxied) == {0: "".join(ARGUMENTS), 1: "{}"}
    assert proxied[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_the_usage_chunk_arrives(tokencast, upstream, sdk):
    options = {"stream_options": {"include_usage": True}}
    proxied = sdk.stream(tokencast.base_url, "plain", **options)
    assert proxied == sdk.stream(upstream.base_url, "plain", **options)
    assert proxied[-1]["choices"] == []
    assert {name: proxied[-1]["usage"][name] for name in USAGE} == USAGE


def test_a_whole_completion_is_the_same(tokencast, upstream, sdk):
    proxied, request_id = sdk.create(tokencast.base_url, "plain")
    assert (proxied, request_id) == sdk.create(upstream.base_url, "plain")
    assert request_id == "req_7"
    assert proxied["choices"][0]["message"]["content"] == TEXT


def test_other_paths_and_methods_pass(tokencast):
    with OpenAI(base_url=tokencast.base_url, api_key="unused") as client:
        assert [model.id for model in client.models.list()] == ["plain"]


@pytest.mark.parametrize("suffix", ["/v1", "/~channel=demo/v1", "/upstream/v1", "/~channel=demo,scope=a/upstream/v1"])
def test_every_form_of_the_base_url_works(tokencast, upstream, sdk, suffix):
    assert text(sdk.stream(tokencast.url + suffix, "plain")) == TEXT
    assert upstream.seen[-1]["path"] == "/v1/chat/completions"


def test_an_upstream_with_v1_in_its_url_gets_it_once(serve, upstream, sdk):
    tokencast = serve("--upstream", upstream.base_url)
    assert text(sdk.stream(tokencast.base_url, "plain")) == TEXT
    assert upstream.seen[-1]["path"] == "/v1/chat/completions"


def test_tokens_arrive_while_the_upstream_still_speaks(tokencast, upstream):
    with OpenAI(base_url=tokencast.base_url, api_key="unused") as client:
        with client.chat.completions.create(model="held", messages=PROMPT, stream=True) as stream:
            first = next(chunk.choices[0].delta.content for chunk in stream if chunk.choices[0].delta.content)
            # The upstream goes on only now: nothing on the way has waited for more.
            assert not upstream.gate.is_set()
            upstream.gate.set()
            rest = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    assert first + rest == TEXT


def test_the_callers_headers_go_upstream_but_ours_do_not(tokencast, upstream):
    headers = {"Tokencast-Channel": "demo", "X-Own": "1"}
    with OpenAI(base_url=tokencast.base_url, api_key="sk-mine-and-only-mine", default_headers=headers) as client:
        client.chat.completions.create(model="plain", messages=PROMPT)
    seen = upstream.seen[-1]["headers"]
    assert seen["Authorization"] == "Bearer sk-mine-and-only-mine"
    assert seen["X-Own"] == "1"
    assert seen["User-Agent"].startswith("OpenAI/Python")
    assert seen["Host"] == upstream.url.removeprefix("http://")
    assert seen["Accept-Encoding"] == "identity"
    assert "Tokencast-Channel" not in seen


# Errors


def test_a_rate_limit_is_retried_as_often_as_without_the_proxy(tokencast, upstream, sdk):
    with pytest.raises(openai.RateLimitError) as direct:
        sdk.stream(upstream.base_url, "rate-limited")
    attempts = upstream.count("rate-limited")
    with pytest.raises(openai.RateLimitError) as proxied:
        sdk.stream(tokencast.base_url, "rate-limited")
    assert upstream.count("rate-limited") == 2 * attempts
    assert attempts == 3
    assert proxied.value.body == direct.value.body
    assert proxied.value.response.headers["retry-after"] == str(RETRY_AFTER)
    assert proxied.value.response.headers["x-ratelimit-remaining-requests"] == "0"
    assert proxied.value.request_id == "req_7"


def test_retry_after_is_obeyed(tokencast, upstream, sdk):
    assert text(sdk.stream(tokencast.base_url, "rate-limited-once")) == TEXT
    first, second = [request["time"] for request in upstream.seen]
    assert second - first >= RETRY_AFTER


def test_an_error_inside_the_stream_is_raised(tokencast, sdk):
    with pytest.raises(openai.APIError, match="The model is overloaded."):
        sdk.stream(tokencast.base_url, "error-inside")


def test_an_upstream_that_dies_between_two_events_raises(tokencast, upstream, sdk):
    with pytest.raises(openai.APIError, match="the upstream 'upstream' failed") as raised:
        sdk.stream(tokencast.base_url, "dies-between")
    assert raised.value.code == "upstream_reset"
    assert upstream.count("dies-between") == 1


def test_an_upstream_that_dies_inside_an_event_raises(tokencast, sdk):
    # Which class it is depends on the SDK's HTTP library; that it isn't an end is what counts.
    with pytest.raises(Exception) as raised:
        sdk.stream(tokencast.base_url, "dies-inside")
    assert not isinstance(raised.value, (AssertionError, openai.APIStatusError))


def test_an_upstream_that_refuses_is_a_bad_gateway(serve, sdk):
    tokencast = serve("--upstream", "http://127.0.0.1:1")
    started = time.monotonic()
    with pytest.raises(openai.InternalServerError, match="the upstream 'upstream' failed") as raised:
        sdk.stream(tokencast.base_url, "plain")
    assert raised.value.status_code == 502
    assert raised.value.code == "connect_failed"
    assert time.monotonic() - started < 10


def test_a_page_in_a_browser_gets_nothing(tokencast, upstream):
    url = f"{tokencast.base_url}/chat/completions"
    body = '{"model": "plain", "messages": []}'
    foreign = httpx.post(url, json={}, headers={"origin": "https://evil.example"})
    rebound = httpx.post(url, json={}, headers={"host": "evil.example"})
    simple = httpx.post(url, content=body, headers={"content-type": "text/plain"})
    assert (foreign.status_code, rebound.status_code, simple.status_code) == (403, 403, 415)
    assert upstream.seen == []
