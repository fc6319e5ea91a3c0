"""CloudEvents' own SDK reads every event that comes out, and what it makes is taken and comes back."""

import asyncio
import json
from datetime import datetime, timedelta, timezone

import httpx
import pytest
import websockets
from cloudevents.core.bindings.http import (
    HTTPMessage,
    from_binary_event,
    from_structured_event,
    to_binary_event,
    to_structured_event,
)
from cloudevents.core.v1.event import CloudEvent
from httpx_sse import connect_sse

from support.process import CHECKOUT, Tokencast
from support.tapes import Tape
from test_dialects import ask, name

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
# A tape without an answer has no stream to read.
TAPES = [
    tape
    for directory in ("demo", "dialects", "awkward")
    for tape in map(Tape, sorted((CHECKOUT / "fixtures" / directory).glob("*.tape.jsonl")))
    if tape.status == 200 and tape.end["reason"] == "eof"
]


@pytest.fixture(scope="module")
def replays(tmp_path_factory):
    """A server for each directory of tapes."""
    directories = sorted({tape.path.parent for tape in TAPES})
    servers = {
        path: Tokencast("--replay", path, "--speed", "0", cwd=tmp_path_factory.mktemp(path.name)) for path in directories
    }
    yield servers
    assert [server.stop() for server in servers.values()] == [0] * len(servers)


@pytest.fixture(scope="module")
def node(replays):
    return next(iter(replays.values()))


def parse(text):
    """What the SDK makes of one event in JSON."""
    body = text if isinstance(text, bytes) else text.encode()
    return from_structured_event(HTTPMessage({"content-type": STRUCTURED}, body))


def parse_batch(answer):
    assert answer.headers["content-type"].split(";")[0] == BATCH
    return [parse(json.dumps(event)) for event in answer.json()]


def plain(event):
    return event.get_attributes(), event.get_data()


def sse(url, view="cloudevents"):
    with httpx.Client(timeout=20) as http, connect_sse(http, "GET", url, params={"view": view}) as source:
        return [event for event in source.iter_sse() if event.data]


def socket_messages(url, **options):
    async def read():
        async with websockets.connect(url.replace("http", "ws", 1), proxy=None, max_size=None, **options) as socket:
            found = [message async for message in socket]
            return socket.subprotocol, socket.close_code, found

    return asyncio.run(asyncio.wait_for(read(), 20))


def poll(url):
    """All batches of a stream that is over, one behind the other."""
    found, since = [], "earliest"
    while True:
        answer = httpx.get(url, params={"view": "cloudevents", "live": "long-poll", "since": since, "timeout": 5})
        found += parse_batch(answer)
        since = answer.headers["tokencast-next"]
        if answer.headers["tokencast-status"] == "closed":
            return found


@pytest.mark.parametrize("tape", TAPES, ids=lambda tape: f"{tape.path.parent.name} {name(tape)} {tape.path.stem[-10:-5]}")
def test_the_sdk_reads_every_event_of_every_dialect_on_every_transport(replays, tape):
    tokencast = replays[tape.path.parent]
    begun = datetime.now(timezone.utc)
    stream, _ = ask(tokencast, tape)
    url = f"{tokencast.url}/streams/{stream}"
    found = sse(url)
    events = [parse(event.data) for event in found]
    assert [event.event for event in found] == ["message"] * len(found)
    assert [event.id for event in found] == [event.get_id() for event in events]
    # The same events as in the view that everybody knows, with the same ids and data.
    deltas = sse(url, "delta")
    assert [event.get_type() for event in events] == [f"dev.tokencast.{event.event}.v1" for event in deltas]
    assert [event.get_id() for event in events] == [event.id for event in deltas]
    assert [event.get_data() for event in events] == [event.json() for event in deltas]
    assert len({event.get_id() for event in events}) == len(events) >= 2
    for event in events:
        assert event.get_source() == url and event.get_subject() == stream
        assert event.get_datacontenttype() == "application/json"
        assert event.get_extension("sequence") == event.get_id().split("_")[1]
        assert event.get_extension("sequencetype") == "Integer"
        assert begun - timedelta(seconds=1) < event.get_time() < datetime.now(timezone.utc) + timedelta(seconds=1)
    assert [event.get_time() for event in events] == sorted(event.get_time() for event in events)

    subprotocol, code, messages = socket_messages(url, subprotocols=["cloudevents.json"])
    assert (subprotocol, code) == ("cloudevents.json", 1000)
    assert messages == [event.data for event in found]
    assert [plain(event) for event in poll(url)] == [plain(event) for event in events]

    # What the SDK makes of it in binary mode is the same event to a receiver.
    for event in events:
        message = to_binary_event(parse(to_structured_event(event).body))
        assert plain(from_binary_event(message)) == plain(event)


def samples():
    attributes = {
        "id": "A234-1234-1234",
        "source": "https://shop.example/orders?of=today",
        "type": "com.example.order.created",
        "time": datetime(2026, 1, 31, 12, 0, 0, 250000, timezone.utc),
    }
    json_type = {"datacontenttype": "application/json"}
    return {
        "object": CloudEvent(attributes | json_type, {"total": 1.5, "items": ["é", None]}),
        "attributes": CloudEvent(
            attributes
            | json_type
            | {"subject": 'Euro € "100%" 😀', "dataschema": "https://shop.example/schema#order", "traceparent": "00-0af7-b7ad-01"},
            {"a": {}},
        ),
        "text": CloudEvent(attributes | {"datacontenttype": "text/plain; charset=utf-8"}, "line one\nline two é"),
        "xml": CloudEvent(attributes | {"datacontenttype": "application/xml"}, "<order total='1.5'/>"),
        "bytes": CloudEvent(attributes | {"datacontenttype": "image/png"}, b"\x89PNG\x00\xff"),
        "empty": CloudEvent(dict(attributes), None),
    }


def publish(node, channel, headers, body, **parameters):
    return httpx.post(f"{node.url}/channels/{channel}", headers=headers, content=body, params=parameters)


def back(node, channel, view="cloudevents"):
    """What the channel has."""
    parameters = {"view": view, "live": "long-poll", "since": "earliest", "timeout": 5}
    return httpx.get(f"{node.url}/channels/{channel}", params=parameters)


@pytest.mark.parametrize("sample", samples())
@pytest.mark.parametrize("mode", ["structured", "binary", "batch"])
def test_what_the_sdk_makes_is_published_and_comes_back_equal(node, mode, sample):
    event = samples()[sample]
    channel = f"{mode}-{sample}"
    message = to_binary_event(event) if mode == "binary" else to_structured_event(event)
    headers, body = message.headers, message.body
    if mode == "batch":
        headers, body = {"content-type": BATCH}, b"[" + body + b"]"
    answer = publish(node, channel, headers, body)
    assert answer.status_code == 202, answer.text
    token = answer.json()["ids"][0] if mode == "batch" else answer.json()["id"]

    answer = back(node, channel)
    (found,) = parse_batch(answer)
    assert plain(found) == plain(event)
    assert answer.headers["tokencast-next"] == token

    # In other views it has its type for a name, and its data.
    (shown,) = back(node, channel, "delta").json()["events"]
    assert shown["event"] == event.get_type() and shown["id"] == token
    if isinstance(event.get_data(), (dict, str)):
        assert shown["data"] == event.get_data()


def test_a_batch_is_taken_whole_in_its_order_or_not_at_all(node):
    events = [CloudEvent({"id": str(n), "source": "/s", "type": "t"}, {"n": n}) for n in range(50)]
    bodies = [to_structured_event(event).body for event in events]
    answer = publish(node, "batches", {"content-type": BATCH}, b"[" + b",".join(bodies) + b"]")
    ids = answer.json()["ids"]
    assert answer.status_code == 202 and ids == sorted(set(ids)) and len(ids) == 50
    answer = publish(node, "batches", {"content-type": BATCH}, b"[" + bodies[0] + b",{}]")
    assert answer.status_code == 400 and "event 2 of the batch" in answer.json()["error"]["message"]
    assert publish(node, "batches", {"content-type": BATCH}, b"[]").json() == {"ids": []}
    assert [event.get_id() for event in parse_batch(back(node, "batches"))] == [event.get_id() for event in events]


@pytest.mark.parametrize("missing", ["specversion", "id", "source", "type"])
@pytest.mark.parametrize("mode", ["structured", "binary", "batch"])
def test_a_missing_attribute_is_named(node, mode, missing):
    attributes = {"specversion": "1.0", "id": "a", "source": "/s", "type": "t"}
    del attributes[missing]
    if mode == "binary":
        headers, body = {f"ce-{key}": value for key, value in attributes.items()}, b""
    else:
        text = json.dumps(attributes)
        headers = {"content-type": BATCH if mode == "batch" else STRUCTURED}
        body = f"[{text}]" if mode == "batch" else text
    answer = publish(node, "missing", headers, body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_cloudevent"
    assert f"'{missing}' is missing" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "headers, body, status, code",
    [
        ({"content-type": "application/cloudevents+avro"}, b"x", 415, "unsupported_media_type"),
        ({"content-type": "application/cloudevents+json"}, b"{", 400, "invalid_json"),
        ({"content-type": "application/cloudevents+json"}, b"x" * (256 * 1024 + 1), 413, "too_large"),
        ({"content-type": "application/cloudevents-batch+json"}, b"[" * 1000, 400, "invalid_json"),
        ({"content-type": "application/cloudevents-batch+json"}, b"x" * (16 * 256 * 1024 + 1), 413, "too_large"),
        ({"ce-id": "%FF"}, b"", 400, "invalid_cloudevent"),
    ],
)
def test_what_is_no_event_is_refused(node, headers, body, status, code):
    answer = publish(node, "refused", headers, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_one_of_a_batch_is_no_larger_than_one_alone(node):
    large = json.dumps({"specversion": "1.0", "id": "a", "source": "/s", "type": "t", "data": "x" * (256 * 1024)})
    answer = publish(node, "refused", {"content-type": BATCH}, f"[{large}]")
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    many = "[" + ",".join(['{"specversion":"1.0","id":"a","source":"/s","type":"t"}'] * 2001) + "]"
    answer = publish(node, "refused", {"content-type": BATCH}, many)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_cloudevent")


def test_the_old_way_of_publishing_is_as_it_was_and_shows_as_an_event_of_ours(node):
    answer = httpx.post(f"{node.url}/channels/old", json={"a": 1}, params={"event": "tick"})
    (event,) = parse_batch(back(node, "old"))
    assert event.get_id() == answer.json()["id"]
    assert event.get_type() == "dev.tokencast.message.v1" and event.get_subject() == "tick"
    assert event.get_source() == f"{node.url}/channels/old" and event.get_data() == {"a": 1}
    named = publish(node, "named", {"content-type": STRUCTURED}, to_structured_event(samples()["object"]).body, event="mine")
    assert named.status_code == 202
    assert [shown["event"] for shown in back(node, "named", "delta").json()["events"]] == ["mine"]


def test_a_socket_takes_events_and_says_what_it_does_not_take(node):
    async def talk():
        url = node.url.replace("http", "ws", 1) + "/channels/talk"
        async with websockets.connect(url, proxy=None, subprotocols=["cloudevents.json", "tokencast"]) as socket:
            assert socket.subprotocol == "cloudevents.json"

            async def answer(text):
                await socket.send(text)
                return parse(await asyncio.wait_for(socket.recv(), 10))

            event = samples()["attributes"]
            assert plain(await answer(to_structured_event(event).body.decode())) == plain(event)
            for text, code in [("{", "bad_json"), ('{"type":"ping"}', "bad_command"), ("[]", "bad_command")]:
                error = await answer(text)
                assert error.get_type() == "dev.tokencast.error.v1" and error.get_data()["code"] == code
            large = json.dumps({"specversion": "1.0", "id": "a\u20ac", "source": "/s", "type": "t", "data": [0] * 10})
            assert (await answer(large)).get_id() == "a\u20ac"
        stream, _ = ask(node, next(tape for tape in TAPES if tape.path.parent.name == "awkward"))
        url = node.url.replace("http", "ws", 1) + f"/streams/{stream}?since=now"
        with pytest.raises(websockets.InvalidStatus) as refusal:
            await websockets.connect(url + "&view=delta", proxy=None, subprotocols=["cloudevents.json"])
        assert refusal.value.response.status_code == 400
        with pytest.raises(websockets.InvalidStatus) as refusal:
            url = node.url.replace("http", "ws", 1) + "/channels"
            await websockets.connect(url, proxy=None, subprotocols=["cloudevents.json"])
        assert refusal.value.response.status_code == 400

    asyncio.run(talk())


def test_the_public_address_is_what_sources_begin_with(serve, tmp_path, upstream):
    file = tmp_path / "config.json"
    file.write_text(
        json.dumps(
            {
                "listen": {"publicURL": "https://tokens.example/t/"},
                "upstreams": {"a": {"url": upstream.url}},
                "routes": [{"upstream": "a"}],
            }
        )
    )
    tokencast = serve("--config", file)
    httpx.post(f"{tokencast.url}/channels/c", json=1)
    (event,) = parse_batch(back(tokencast, "c"))
    assert event.get_source() == "https://tokens.example/t/channels/c"


def test_a_reader_goes_on_behind_an_id_and_joins_late_by_a_snapshot(node):
    stream, _ = ask(node, next(tape for tape in TAPES if tape.path.parent.name == "awkward"))
    url = f"{node.url}/streams/{stream}"
    events = [parse(event.data) for event in sse(url)]
    _, _, rest = socket_messages(f"{url}?view=cloudevents&since={events[2].get_id()}")
    assert [plain(parse(text)) for text in rest] == [plain(event) for event in events[3:]]
    _, _, joined = socket_messages(f"{url}?catchup=fold", subprotocols=["cloudevents.json"])
    snapshot, end = map(parse, joined)
    assert snapshot.get_type() == "dev.tokencast.snapshot.v1" and end.get_type() == "dev.tokencast.end.v1"
    assert snapshot.get_id() == snapshot.get_data()["asOf"] + ".snapshot"
    _, _, rest = socket_messages(f"{url}?view=cloudevents&since={snapshot.get_id()}")
    assert [plain(parse(text)) for text in rest] == [plain(end)]
