"""Whoever subscribes, with whatever client, gets the text that the SDK got."""

import asyncio
import json
import threading

import httpx
import openai
import pytest
import websockets
from httpx_sse import connect_sse
from openai import OpenAI
from openai.types.chat import ChatCompletionChunk

from support.process import eventually
from support.sdk import PROMPT, arguments, text
from support.upstream import ARGUMENTS, TEXT


def stream_id(tokencast, model="plain", channel=None):
    """Lets a stream run to its end, and gives its id."""
    headers = {"Tokencast-Channel": channel} if channel else {}
    with OpenAI(base_url=tokencast.base_url, api_key="unused") as client:
        raw = client.chat.completions.with_raw_response.create(
            model=model, messages=PROMPT, stream=True, extra_headers=headers
        )
        list(raw.parse())
        return raw.headers["tokencast-stream"]


def events(url, until="end", **headers):
    """The events of a subscription up to the first of a name, or to its end."""
    found = []
    with httpx.Client(timeout=20) as client, connect_sse(client, "GET", url, headers=headers) as source:
        for event in source.iter_sse():
            # httpx-sse hands out a block without data, which the standard says to drop.
            if event.data:
                found.append(event)
                if event.event == until:
                    break
    return found


def delta_text(found):
    data = [json.loads(event.data) for event in found if event.event == "delta"]
    return "".join(delta["text"] for delta in data if delta["type"] == "text")


def test_an_sse_subscriber_of_a_channel_gets_the_text(tokencast, upstream, sdk):
    got = []
    url = f"{tokencast.url}/channels/demo"
    subscriber = threading.Thread(target=lambda: got.extend(events(url)))
    subscriber.start()
    eventually(lambda: tokencast.metrics()['tokencast_subscribers{transport="sse"}'] == 1)
    direct = text(sdk.stream(f"{tokencast.url}/~channel=demo/v1", "plain"))
    subscriber.join(20)
    assert delta_text(got) == direct == TEXT
    assert [event.event for event in got[:2]] == ["start", "delta"]
    assert json.loads(got[-1].data)["state"] == "complete"


def test_a_websocket_subscriber_of_a_channel_gets_the_text(tokencast):
    async def subscribe_and_ask():
        url = tokencast.url.replace("http", "ws") + "/channels/demo"
        async with websockets.connect(url, proxy=None) as socket:
            asking = asyncio.get_running_loop().run_in_executor(None, stream_id, tokencast, "plain", "demo")
            found = []
            while not found or found[-1]["type"] != "end":
                found.append(json.loads(await asyncio.wait_for(socket.recv(), 20)))
            return await asking, found

    id, found = asyncio.run(subscribe_and_ask())
    assert "".join(event["data"]["text"] for event in found if event["type"] == "delta") == TEXT
    assert all(event["stream"] == id for event in found)
    # One dense sequence of the channel's own, behind its epoch.
    assert len({event["id"].split("_")[0] for event in found}) == 1
    assert [event["id"] for event in found] == sorted({event["id"] for event in found})


def test_a_websocket_of_a_stream_closes_with_1000(tokencast):
    id = stream_id(tokencast)

    async def read():
        url = tokencast.url.replace("http", "ws") + f"/streams/{id}?view=text"
        async with websockets.connect(url, proxy=None) as socket:
            found = [json.loads(message) async for message in socket]
            return found, socket.close_code

    found, code = asyncio.run(read())
    assert "".join(event["data"] for event in found if event["type"] == "text") == TEXT
    assert code == 1000


def test_a_late_subscriber_gets_all_of_it(tokencast):
    id = stream_id(tokencast)
    for _ in range(2):
        assert delta_text(events(f"{tokencast.url}/streams/{id}")) == TEXT
    assert delta_text(events(f"{tokencast.url}/channels/all")) == TEXT


def test_last_event_id_gives_exactly_the_rest(tokencast):
    url = f"{tokencast.url}/streams/{stream_id(tokencast)}"
    whole = events(url)
    for cut in range(len(whole) - 1):
        rest = events(url, **{"Last-Event-ID": whole[cut].id})
        assert [(event.id, event.data) for event in rest] == [(event.id, event.data) for event in whole[cut + 1 :]]
        since = events(f"{url}?since={whole[cut].id}")
        assert [event.id for event in since] == [event.id for event in rest]


def test_a_reader_of_everything_is_told_not_to_come_back(tokencast):
    url = f"{tokencast.url}/streams/{stream_id(tokencast)}"
    last = events(url)[-1].id
    assert httpx.get(url, headers={"Last-Event-ID": last}).status_code == 204


def test_a_resumed_reader_goes_on_live(tokencast, upstream):
    url = f"{tokencast.url}/channels/demo"
    asking = threading.Thread(target=stream_id, args=[tokencast, "held", "demo"])
    asking.start()
    before = events(url, until="delta")
    assert not upstream.gate.is_set()
    upstream.gate.set()
    after = events(url, **{"Last-Event-ID": before[-1].id})
    asking.join(20)
    assert delta_text(before + after) == TEXT


def test_a_foreign_token_is_answered_with_a_reset_and_a_snapshot(tokencast):
    one, other = stream_id(tokencast), stream_id(tokencast)
    foreign = events(f"{tokencast.url}/streams/{one}")[2].id
    found = events(f"{tokencast.url}/streams/{other}?since={foreign}")
    assert [event.event for event in found] == ["reset", "snapshot", "end"]
    assert json.loads(found[0].data)["reason"] == "unknown token"
    [choice] = json.loads(found[1].data)["choices"]
    assert "".join(part["text"] for part in choice["parts"]) == TEXT


def openai_view(tokencast, id):
    """A stream as the SDK's own reader of streams sees its `openai` view."""
    with OpenAI(base_url=tokencast.base_url, api_key="unused") as client:
        url = f"{tokencast.url}/streams/{id}?view=openai"
        stream_cls = openai.Stream[ChatCompletionChunk]
        return list(client.get(url, cast_to=ChatCompletionChunk, stream=True, stream_cls=stream_cls))


def test_the_openai_view_is_read_by_the_openai_sdk(tokencast):
    chunks = openai_view(tokencast, stream_id(tokencast))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == TEXT
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_the_openai_view_tells_tool_calls_apart(tokencast):
    chunks = openai_view(tokencast, stream_id(tokencast, "tools"))
    calls = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []]
    assert [call.function.name for call in calls if call.id] == ["forecast", "now"]
    assert arguments([chunk.model_dump() for chunk in chunks]) == {0: "".join(ARGUMENTS), 1: "{}"}


def test_the_openai_view_of_a_broken_stream_raises(tokencast):
    with pytest.raises(openai.APIError):
        stream_id(tokencast, "dies-between", channel="demo")
    start = events(f"{tokencast.url}/channels/demo", until="start")[0]
    with pytest.raises(openai.APIError, match="failed"):
        openai_view(tokencast, json.loads(start.data)["stream"])


def test_the_raw_view_has_the_upstreams_frames(tokencast):
    id = stream_id(tokencast)
    found = events(f"{tokencast.url}/streams/{id}?view=raw", until=None)
    assert found[-1].data == "[DONE]"
    chunks = [json.loads(event.data) for event in found[:-1]]
    assert text(chunks_with_content(chunks)) == TEXT
    assert chunks[0]["system_fingerprint"] == "fp_1"


def chunks_with_content(chunks):
    return [chunk for chunk in chunks if "content" in chunk["choices"][0]["delta"]]


def test_the_text_view_is_the_text_alone(tokencast):
    id = stream_id(tokencast)
    found = events(f"{tokencast.url}/streams/{id}?view=text")
    assert "".join(event.data for event in found if event.event == "message") == TEXT


def test_an_unknown_stream_or_view_is_said_to_be_one(tokencast):
    unknown = httpx.get(f"{tokencast.url}/streams/{'0' * 36}")
    assert unknown.status_code == 404 and "there is no stream" in unknown.json()["error"]["message"]
    view = httpx.get(f"{tokencast.url}/channels/all?view=all")
    assert view.status_code == 400 and "delta, raw, text, openai" in view.json()["error"]["message"]


def test_metrics_count_what_happened(tokencast):
    stream_id(tokencast)
    with pytest.raises(openai.APIError):
        stream_id(tokencast, "error-inside")
    metrics = tokencast.metrics()
    assert metrics["tokencast_streams"] == 0
    assert metrics['tokencast_streams_ended_total{state="complete"}'] == 1
    assert metrics['tokencast_streams_ended_total{state="error"}'] == 1
    assert metrics["tokencast_time_to_first_token_seconds_count"] == 2
