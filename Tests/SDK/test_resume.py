"""Clients that are killed anywhere and come back get exactly the rest, whatever they are written with."""

import asyncio
import http.client
import json
import random
import socket
import threading

import httpx
import pytest
import websockets
from httpx_sse import connect_sse

from support.cutting import CuttingProxy
from support.upstream import TEXT

SEED = random.SystemRandom().randrange(1 << 32)


@pytest.fixture
def chance():
    # Shown where a test fails: a run with the same seed kills at the same places.
    print(f"seed {SEED}")
    return random.Random(SEED)


def ask(tokencast, model="plain", channel="demo"):
    """Has a stream run to its end; gives its id."""
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
    headers = {"Tokencast-Channel": channel}
    answer = httpx.post(f"{tokencast.base_url}/chat/completions", json=body, headers=headers, timeout=30)
    return answer.headers["tokencast-stream"]


class Reader:
    """An event stream as the standard has it, over a raw socket: what was dispatched, and where it stands."""

    def __init__(self, url, path):
        host, port = url.removeprefix("http://").split(":")
        self.server, self.path = (host, int(port)), path
        self.token = None
        self.events = []

    def connect(self, by="header", limit=None, until=None):
        """Reads to the end, to the limit in bytes, or to an event; gives the status, and how many bytes there were."""
        target, headers = self.path, ""
        if self.token and by == "header":
            headers = f"Last-Event-ID: {self.token}\r\n"
        elif self.token:
            target += ("&" if "?" in target else "?") + f"since={self.token}"
        # HTTP/1.0: the body is as it is, and ends with the connection.
        request = f"GET {target} HTTP/1.0\r\nHost: 127.0.0.1\r\n{headers}\r\n"
        data = b""
        with socket.create_connection(self.server) as connection:
            connection.sendall(request.encode())
            while limit is None or len(data) < limit:
                piece = connection.recv(65536 if limit is None else min(65536, limit - len(data)))
                if not piece:
                    break
                data += piece
                if until and until.encode() in data and data.endswith(b"\n\n"):
                    break
        head, _, body = data.partition(b"\r\n\r\n")
        self._take(body.decode("utf-8", "ignore"))
        return int(head[9:12] or 0), len(data)

    def _take(self, body):
        # What isn't closed by a blank line doesn't count, and neither does its id.
        for block in body.split("\n\n")[:-1]:
            lines = [line.partition(": ")[::2] for line in block.split("\n")]
            fields = dict(lines)
            if "id" in fields:
                self.token = fields["id"]
            if "data" in fields:
                self.events.append((fields["id"], fields.get("event"), fields["data"]))


@pytest.mark.parametrize("by", ["header", "since"])
@pytest.mark.parametrize("view", ["delta", "text"])
def test_killed_at_500_places_it_gets_exactly_the_rest(tokencast, chance, by, view):
    path = f"/streams/{ask(tokencast)}?view={view}"
    whole = Reader(tokencast.url, path)
    status, size = whole.connect()
    assert status == 200 and whole.events[-1][1] == "end"
    for _ in range(500):
        reader = Reader(tokencast.url, path)
        cut = chance.randrange(1, size + 1)
        reader.connect(by, limit=cut)
        before = len(reader.events)
        status, _ = reader.connect(by)
        assert reader.events == whole.events, f"killed at byte {cut}, behind {before} events"
        assert status == (204 if before == len(whole.events) else 200)


def test_killed_again_and_again_it_gets_each_event_of_a_channel_once(tokencast, chance):
    for _ in range(3):
        ask(tokencast)
    path = "/channels/demo"
    whole = Reader(tokencast.url, path)
    while sum(event[1] == "end" for event in whole.events) < 3:
        whole.connect(until="event: end")
    for _ in range(20):
        reader, kills = Reader(tokencast.url, path), []
        while len(reader.events) < len(whole.events):
            kills.append(chance.randrange(1, 1500))
            reader.connect(chance.choice(["header", "since"]), limit=kills[-1], until=whole.token)
        assert reader.events == whole.events, f"killed at {kills}"


def delta_text(events):
    deltas = [json.loads(data) for kind, data in events if kind == "delta"]
    return "".join(delta["text"] for delta in deltas if delta["type"] == "text")


@pytest.mark.parametrize("by", ["header", "since"])
def test_httpx_sse_behind_a_connection_that_breaks(tokencast, chance, by):
    id = ask(tokencast)
    for resource in [f"/streams/{id}", "/channels/demo"]:
        with CuttingProxy(tokencast.url) as proxy:
            cuts = [chance.randrange(300, 1500) for _ in range(4)]
            proxy.cuts = iter(cuts)
            token, events = None, []
            while not events or events[-1][0] != "end":
                headers = {"Last-Event-ID": token} if token and by == "header" else {}
                params = {"since": token} if token and by == "since" else {}
                try:
                    with (
                        httpx.Client(timeout=20, trust_env=False) as client,
                        connect_sse(client, "GET", proxy.url + resource, headers=headers, params=params) as source,
                    ):
                        for event in source.iter_sse():
                            token = event.id or token
                            # It hands out a block without data, which the standard says to drop.
                            if event.data:
                                events.append((event.event, event.data))
                            if event.event == "end":
                                break
                except httpx.TransportError:
                    continue
        assert delta_text(events) == TEXT, f"cut at {cuts}"
        assert [kind for kind, _ in events].count("start") == 1


def test_plain_httpx_reading_lines(tokencast, chance):
    id = ask(tokencast)
    with CuttingProxy(tokencast.url) as proxy:
        cuts = [chance.randrange(300, 1500) for _ in range(4)]
        proxy.cuts = iter(cuts)
        token, text, is_over = None, "", False
        while not is_over:
            url = f"{proxy.url}/streams/{id}?view=text" + (f"&since={token}" if token else "")
            try:
                with httpx.stream("GET", url, timeout=20, trust_env=False) as answer:
                    buffer = b""
                    for piece in answer.iter_raw():
                        buffer += piece
                        *blocks, buffer = buffer.split(b"\n\n")
                        for block in blocks:
                            lines = block.decode().split("\n")
                            token = next((line[4:] for line in lines if line.startswith("id: ")), token)
                            is_over = is_over or "event: end" in lines
                            data = [line[6:] for line in lines if line.startswith("data: ")]
                            text += "\n".join(data) if not is_over else ""
            except httpx.TransportError:
                continue
    assert text == TEXT, f"cut at {cuts}"


@pytest.mark.parametrize("resource", ["streams", "channels"])
def test_websockets_behind_a_connection_that_breaks(tokencast, chance, resource):
    id = ask(tokencast)
    path = f"/streams/{id}" if resource == "streams" else "/channels/demo"
    cuts = [chance.randrange(300, 1800) for _ in range(5)]

    async def read(url):
        events = []
        while not events or events[-1]["type"] != "end":
            since = f"?since={events[-1]['id']}" if events else ""
            try:
                async with websockets.connect(url + since, proxy=None) as socket:
                    async for message in socket:
                        events.append(json.loads(message))
                        if events[-1]["type"] == "end":
                            break
            except (websockets.ConnectionClosed, websockets.InvalidMessage, ConnectionError, EOFError):
                continue
        return events

    with CuttingProxy(tokencast.url) as proxy:
        proxy.cuts = iter(cuts)
        events = asyncio.run(asyncio.wait_for(read(proxy.url.replace("http", "ws") + path), 30))
    assert delta_text([(event["type"], json.dumps(event["data"])) for event in events]) == TEXT, f"cut at {cuts}"
    ids = [event["id"] for event in events]
    assert ids == sorted(set(ids))


def test_one_connection_serves_more_requests_behind_a_finished_stream(tokencast):
    id = ask(tokencast)
    connection = http.client.HTTPConnection(tokencast.url.removeprefix("http://"), timeout=20)
    connection.connect()
    port = connection.sock.getsockname()[1]
    try:
        last = None
        for _ in range(3):
            connection.request("GET", f"/streams/{id}")
            answer = connection.getresponse()
            body = answer.read().decode()
            assert answer.status == 200 and "event: end" in body
            last = body.rsplit("\nid: ", 1)[1].split("\n")[0]
            connection.request("GET", f"/streams/{id}", headers={"Last-Event-ID": last})
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (204, b"")
            connection.request("GET", "/healthz")
            assert connection.getresponse().read() == b"ok\n"
        assert connection.sock and connection.sock.getsockname()[1] == port, "it was another connection"
    finally:
        connection.close()


def test_a_reader_that_is_cut_while_the_stream_runs_goes_on_live(tokencast, upstream):
    asking = threading.Thread(target=ask, args=(tokencast, "held"))
    asking.start()
    events = []
    try:
        for until in ["delta", "end"]:
            headers = {"Last-Event-ID": events[-1][2]} if events else {}
            url = f"{tokencast.url}/channels/demo"
            with httpx.Client(timeout=20) as client, connect_sse(client, "GET", url, headers=headers) as source:
                for event in source.iter_sse():
                    if event.data:
                        events.append((event.event, event.data, event.id))
                    if event.event == until:
                        break
            upstream.gate.set()
    finally:
        upstream.gate.set()
        asking.join(20)
    assert delta_text([event[:2] for event in events]) == TEXT
    assert len({event[2] for event in events}) == len(events)


def folded_text(events):
    """The text that a reader of snapshots and deltas has in the end."""
    text = ""
    for kind, data in events:
        data = json.loads(data)
        if kind == "snapshot":
            streams = data.get("streams", [data])
            parts = [part for stream in streams for part in stream["choices"][0]["parts"]] if streams else []
            text = "".join(part["text"] for part in parts if part["type"] == "text")
        elif kind == "delta" and data["type"] == "text":
            text += data["text"]
    return text


@pytest.mark.parametrize("resource", ["streams", "channels"])
def test_who_joins_late_by_a_snapshot_has_the_same_text(tokencast, upstream, resource):
    asking = threading.Thread(target=ask, args=(tokencast, "held"))
    asking.start()
    found = {"replay": [], "fold": []}
    readers = []
    try:
        url = f"{tokencast.url}/channels/demo"
        with httpx.Client(timeout=20) as client, connect_sse(client, "GET", url) as source:
            for event in source.iter_sse():
                if event.event == "delta" and "Grüße" in event.data:
                    break
        if resource == "streams":
            url = f"{tokencast.url}/streams/{json.loads(event.data)['stream']}"
        joined = threading.Barrier(3, timeout=20)

        def read(catchup):
            with httpx.Client(timeout=20) as client, connect_sse(client, "GET", f"{url}?catchup={catchup}") as source:
                for event in source.iter_sse():
                    if not event.data:
                        continue
                    if not found[catchup]:
                        joined.wait()
                    found[catchup].append((event.event, event.data))
                    if event.event == "end":
                        return

        readers = [threading.Thread(target=read, args=(catchup,)) for catchup in found]
        for reader in readers:
            reader.start()
        joined.wait()
    finally:
        upstream.gate.set()
        for thread in [asking, *readers]:
            thread.join(20)
    assert found["fold"][0][0] == "snapshot"
    assert [kind for kind, _ in found["replay"]][0] == "start"
    assert folded_text(found["fold"]) == folded_text(found["replay"]) == TEXT
    assert found["fold"][-1] == found["replay"][-1]
