"""WebSockets by their bytes, and by a client that others wrote."""

import asyncio
import itertools
import json
import threading
import time

import pytest
import websockets

from support.echo import Echo, Peer
from support.process import eventually
from support.upstream import TEXT
from test_subscribers import stream_id

# MARK: The protocol, by the echo server


def test_a_client_of_others_gets_everything_back():
    async def talk(url):
        async with websockets.connect(url, proxy=None, max_size=None) as socket:
            for message in ["", "a", "caf\u00e9", "\U0001f600" * 20_000, b"", b"\x00\xff" * 40_000, "x" * 1_000_000]:
                await socket.send(message)
                assert await asyncio.wait_for(socket.recv(), 20) == message
            # Frames of one message, cut within a character as well.
            await socket.send(["one ", "two ", "three"])
            assert await socket.recv() == "one two three"
            await socket.send(iter([b"\x01", b"", b"\x02"]))
            assert await socket.recv() == b"\x01\x02"
            assert await (await socket.ping()) >= 0
        assert socket.close_code == 1000

    with Echo() as echo:
        asyncio.run(talk(echo.url))


def test_frames_may_come_byte_by_byte_with_pings_between_them():
    with Echo() as echo, Peer(echo.port) as peer:
        peer.send(1, b"caf\xc3", final=False, step=1)
        peer.send(9, b"there?", step=1)
        assert peer.frame() == (0x8A, b"there?")
        peer.send(0, b"\xa9", step=1)
        assert peer.frame() == (0x81, "caf\u00e9".encode())


def test_a_close_is_answered_with_its_code_and_the_connection_ends():
    with Echo() as echo, Peer(echo.port) as peer:
        peer.send(8, (4999).to_bytes(2, "big") + b"enough")
        assert peer.frame() == (0x88, (4999).to_bytes(2, "big"))
        assert peer.frame() is None


@pytest.mark.parametrize(
    "opcode, payload, code",
    [(3, b"", 1002), (1, b"\xff", 1007), (8, b"\x03", 1002), (8, (1005).to_bytes(2, "big"), 1002), (0, b"", 1002)],
)
def test_what_breaks_the_protocol_is_told_why_and_the_connection_ends(opcode, payload, code):
    with Echo() as echo, Peer(echo.port) as peer:
        peer.send(opcode, payload)
        first, reason = peer.frame()
        assert (first, int.from_bytes(reason[:2], "big")) == (0x88, code)
        assert reason[2:].decode()
        assert peer.frame() is None


def test_half_a_close_is_a_whole_one():
    with Echo() as echo, Peer(echo.port) as peer:
        peer.send(1, b"a")
        assert peer.frame() == (0x81, b"a")
        peer.socket.shutdown(1)
        assert peer.frame() is None


def test_who_does_not_answer_a_ping_is_dropped_and_who_does_stays():
    with Echo(0.3, 0.4) as echo:
        silent = Peer(echo.port)
        begun = time.monotonic()
        assert silent.frame() == (0x89, b"")
        # More pings may come meanwhile; nothing else does.
        while (frame := silent.frame()) is not None:
            assert frame == (0x89, b"")
        assert 0.4 < time.monotonic() - begun < 10
        polite = Peer(echo.port)
        for _ in range(6):
            assert polite.frame() == (0x89, b"")
            polite.send(10)
        polite.send(1, b"still here")
        assert polite.frame() == (0x81, b"still here")


def test_anything_that_is_said_shows_that_somebody_is_there():
    with Echo(0.3, 0.4) as echo, Peer(echo.port) as peer:
        end = time.monotonic() + 2
        frames = []
        while time.monotonic() < end:
            peer.send(1, b"x")
            while (frame := peer.frame()) == (0x89, b""):
                frames.append(frame)
            assert frame == (0x81, b"x")
            time.sleep(0.05)
        assert len(frames) >= 4


def test_who_does_not_close_is_closed():
    with Echo(60, 0.3) as echo, Peer(echo.port) as peer:
        peer.send(8, (1000).to_bytes(2, "big"))
        assert peer.frame() == (0x88, (1000).to_bytes(2, "big"))
        # Its side stays open; soon there is nobody any more who would take what it sends.
        with pytest.raises(OSError):
            for _ in itertools.count():
                peer.send(9, b"hello?")
                time.sleep(0.01)


# MARK: Sessions


def address(tokencast, path):
    return tokencast.url.replace("http", "ws") + path


def connect(tokencast, path="/channels", **options):
    return websockets.connect(address(tokencast, path), proxy=None, **options)


async def receive(socket):
    return json.loads(await asyncio.wait_for(socket.recv(), 20))


async def ask(socket, **command):
    """Sends a command and waits for its answer; what else comes is an event."""
    await socket.send(json.dumps({**command, "ref": "ask"}))
    events = []
    while (message := await receive(socket)).get("ref") != "ask":
        events.append(message)
    return message, events


def told(events, stream):
    """What one stream's deltas say."""
    return "".join(
        event["data"]["text"] for event in events if event["type"] == "delta" and event["stream"] == stream
    )


def test_two_channels_and_a_stream_on_one_socket(tokencast):
    old = stream_id(tokencast)

    async def talk():
        async with connect(tokencast, subprotocols=["tokencast"]) as socket:
            assert socket.subprotocol == "tokencast"
            answer, events = await ask(socket, type="subscribe", channels=["red", "blue"], streams=[old])
            assert answer == {
                "type": "subscribed", "ref": "ask", "channels": ["red", "blue"], "streams": [old],
            }
            loop = asyncio.get_running_loop()
            names = ["red", "blue", "red", "blue"]
            ids = [loop.run_in_executor(None, stream_id, tokencast, "plain", name) for name in names]
            while sum(event["type"] == "end" for event in events) < 5:
                events.append(await receive(socket))
            for id in [old, *[await id for id in ids]]:
                assert told(events, id) == TEXT
            assert {"type": "unsubscribed", "stream": old, "reason": "complete"} in events
            # Every log's own numbers, in order.
            for epoch in {event["id"].split("_")[0] for event in events if "id" in event}:
                ours = [event["id"] for event in events if event.get("id", "").startswith(epoch)]
                assert ours == sorted(set(ours))

    asyncio.run(talk())


def test_unsubscribing_and_resuming_by_name(tokencast, upstream):
    async def talk():
        async with connect(tokencast) as socket:
            await ask(socket, type="subscribe", channels=["demo"])
            asking = threading.Thread(target=stream_id, args=[tokencast, "held", "demo"])
            asking.start()
            events = []
            while not events or events[-1]["type"] != "delta":
                events.append(await receive(socket))
            answer, more = await ask(socket, type="unsubscribe", channels=["demo"])
            events += more
            assert answer["type"] == "unsubscribed" and answer["channels"] == ["demo"]
            upstream.gate.set()
            await asyncio.get_running_loop().run_in_executor(None, asking.join)
            _, meanwhile = await ask(socket, type="ping")
            assert meanwhile == []
            await ask(socket, type="subscribe", channels=["demo"], since={"demo": events[-1]["id"]})
            while events[-1]["type"] != "end":
                events.append(await receive(socket))
            assert told(events, events[0]["stream"]) == TEXT
            assert [event["id"] for event in events] == sorted({event["id"] for event in events})

    asyncio.run(talk())


def test_views_side_by_side(tokencast):
    id = stream_id(tokencast)

    async def talk():
        async with connect(tokencast) as socket:
            for view in ["text", "delta", "openai", "raw"]:
                answer, events = await ask(socket, type="subscribe", streams=[id], view=view)
                assert answer["type"] == "subscribed"
                while not events or events[-1]["type"] != "unsubscribed":
                    events.append(await receive(socket))
                types = {event["type"] for event in events[:-1]}
                assert types == {
                    "text": {"text", "end"},
                    "delta": {"start", "delta", "end"},
                    "openai": {"chunk", "done"},
                    "raw": {"raw"},
                }[view]

    asyncio.run(talk())


def test_a_stream_is_begun_read_and_stopped_on_a_socket(tokencast, upstream):
    async def talk():
        async with connect(tokencast, "/streams") as socket:
            body = {"model": "held", "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
            created, _ = await ask(socket, type="create", path="/v1/chat/completions", body=body)
            assert created["type"] == "created" and created["data"]["state"] == "streaming"
            _, events = await ask(socket, type="subscribe", streams=[created["stream"]])
            while not any(event["type"] == "delta" for event in events):
                events.append(await receive(socket))
            cancelled, more = await ask(socket, type="cancel", stream=created["stream"])
            assert cancelled == {"type": "cancelled", "ref": "ask", "stream": created["stream"]}
            events += more
            while events[-1]["type"] != "unsubscribed":
                events.append(await receive(socket))
            assert events[-2]["data"]["state"] == "cancelled"

    asyncio.run(talk())


def test_what_is_published_on_one_socket_comes_on_another(tokencast):
    async def talk():
        async with connect(tokencast, "/channels/news") as reader, connect(tokencast) as writer:
            await ask(reader, type="ping")
            value = {"text": "caf\u00e9 \U0001f600\n", "list": [1, 2.5, None, True]}
            published, _ = await ask(writer, type="publish", channel="news", event="weather", data=value)
            assert published["type"] == "published"
            event = await receive(reader)
            assert event == {
                "type": "message", "id": published["id"], "channel": "news", "event": "weather", "data": value,
            }
            # And whoever comes later, by HTTP or with a place to go on from.
            again, events = await ask(writer, type="subscribe", channels=["news"])
            assert events == [] and await receive(writer) == event
            for name in ["delta", "error", "a b", ""]:
                error, _ = await ask(writer, type="publish", channel="news", event=name, data=1)
                assert error["code"] == "bad_command", name

    asyncio.run(talk())


@pytest.mark.parametrize(
    "message, code",
    [
        ("{", "bad_json"),
        ('{"type":"dance"}', "unknown_type"),
        ('{"type":"subscribe"}', "bad_command"),
        ('{"type":"subscribe","channels":["no name"]}', "unknown_channel"),
        ('{"type":"subscribe","streams":["none"]}', "unknown_stream"),
        ('{"type":"subscribe","channels":["first"]}', "already_subscribed"),
        ('{"type":"unsubscribe","channels":["second"]}', "not_subscribed"),
        (json.dumps({"type": "subscribe", "channels": [f"c{index}" for index in range(100)]}), "too_many"),
        ('{"type":"create","path":"nowhere","body":{}}', "bad_command"),
        ('{"type":"cancel","stream":"00000000000000000000000000000000000v"}', "unknown_stream"),
    ],
)
def test_errors_have_codes_and_cost_nothing_else(tokencast, message, code):
    async def talk():
        async with connect(tokencast, "/channels/first") as socket:
            await socket.send(message)
            error = await receive(socket)
            assert (error["type"], error["code"]) == ("error", code)
            assert error["message"]
            answer, _ = await ask(socket, type="subscribe", channels=["second"])
            assert answer["type"] == "subscribed"

    asyncio.run(talk())


@pytest.mark.parametrize("message, code", [(b"\x00", 1003), ("x" * 65_537, 1009), ("[" * 65_536, None)])
def test_messages_that_are_not_taken(tokencast, message, code):
    async def talk():
        async with connect(tokencast) as socket:
            await socket.send(message)
            if code is None:
                assert (await receive(socket))["code"] == "bad_json"
                return
            with pytest.raises(websockets.ConnectionClosed):
                await asyncio.wait_for(socket.recv(), 20)
            assert socket.close_code == code

    asyncio.run(talk())


def test_sockets_are_told_that_the_server_stops(serve, upstream):
    tokencast = serve("--upstream", upstream.url)

    async def talk():
        async with connect(tokencast) as idle, connect(tokencast, "/channels/demo") as reader:
            await ask(idle, type="ping")
            eventually(lambda: tokencast.metrics()['tokencast_subscribers{transport="websocket"}'] == 1)
            await asyncio.get_running_loop().run_in_executor(None, tokencast.terminate)
            for socket in [idle, reader]:
                with pytest.raises(websockets.ConnectionClosed):
                    await asyncio.wait_for(socket.recv(), 20)
                assert socket.close_code == 1012

    asyncio.run(talk())
