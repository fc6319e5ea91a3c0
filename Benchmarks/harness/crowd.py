"""Subscribers of a channel over plain sockets, as many as the system lets one have, and an upstream for them."""

import collections
import re
import select
import socket
import threading
import time

_TEXT = re.compile(rb'"text":"(\d+) ([0-9.]+) x*"')
_ENDED = re.compile(rb'"state":"complete"')


class Upstream:
    """Answers a chat completion with so many numbered tokens a second, each with the time at which it was sent."""

    def __init__(self, tokens, size, rate):
        self.tokens, self._size, self._rate = tokens, size, rate
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.ends = tokens / rate

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.close()

    def begin(self, port, channel):
        """Asks for a completion through the server at `port` and reads its answer elsewhere."""
        threading.Thread(target=self._ask, args=(port, channel), daemon=True).start()

    def _ask(self, port, channel):
        body = b'{"model":"m","stream":true,"messages":[]}'
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nTokencast-Channel: {channel}\r\nConnection: close\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(head.encode() + body)
            while connection.recv(1 << 16):
                pass

    def _serve(self):
        connection, _ = self._listener.accept()
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            request = b""
            while b"\r\n\r\n" not in request:
                request += connection.recv(1 << 16)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
            start = time.monotonic()
            for number in range(self.tokens):
                time.sleep(max(0, start + number / self._rate - time.monotonic()))
                text = f"{number} {time.monotonic():.6f} {'x' * self._size}"
                chunk = f'{{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}'
                connection.sendall(f"data: {chunk}\n\n".encode())
            connection.sendall(b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')


class _Subscriber:
    __slots__ = ("socket", "is_open", "rest", "numbers", "is_ended")

    def __init__(self, socket):
        self.socket = socket
        self.is_open = False
        self.rest = b""
        self.numbers = []
        self.is_ended = False


class Crowd:
    """Readers of one channel; deaf ones never read what they subscribed to."""

    def __init__(self, port, channel, deaf=False):
        self._port, self._channel, self._deaf = port, channel, deaf
        self._all = []
        self.latencies = []

    def join(self, count):
        """Connects, half by SSE and half by WebSocket, and waits until each subscription is open."""
        waiting = {}
        poll = select.epoll()
        for number in range(count):
            connection = socket.socket()
            if self._deaf:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", self._port))
            connection.sendall(self._request(is_web_socket=number % 2 == 1))
            subscriber = _Subscriber(connection)
            self._all.append(subscriber)
            waiting[connection.fileno()] = subscriber
            poll.register(connection, select.EPOLLIN)
            # Never more at once than a listener's queue holds.
            while len(waiting) >= 256 or (number == count - 1 and waiting):
                self._open(poll, waiting)
        poll.close()

    def _open(self, poll, waiting):
        ready = poll.poll(10)
        if not ready:
            raise TimeoutError(f"{len(waiting)} subscriptions did not open")
        for descriptor, _ in ready:
            subscriber = waiting[descriptor]
            some = subscriber.socket.recv(1 << 16)
            subscriber.rest += some
            head, blank, rest = subscriber.rest.partition(b"\r\n\r\n")
            if not some or blank and head.split(b" ", 2)[1] not in (b"200", b"101"):
                raise ConnectionError(f"a subscriber was refused: {head[:200]}")
            if blank:
                subscriber.is_open, subscriber.rest = True, rest
                subscriber.socket.setblocking(False)
                poll.unregister(descriptor)
                del waiting[descriptor]

    def _request(self, is_web_socket):
        lines = [f"GET /channels/{self._channel}?merge=false HTTP/1.1", "Host: 127.0.0.1"]
        if is_web_socket:
            lines += [
                "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            ]
        return "\r\n".join(lines + ["", ""]).encode()

    def read_to_end(self, seconds):
        """Reads until each has the end of the stream, or the time is over."""
        deadline = time.monotonic() + seconds
        poll = select.epoll()
        open_ = {}
        for subscriber in self._all:
            poll.register(subscriber.socket, select.EPOLLIN)
            open_[subscriber.socket.fileno()] = subscriber
        while open_ and time.monotonic() < deadline:
            for descriptor, _ in poll.poll(0.2):
                self._read(open_[descriptor])
                if open_[descriptor].is_ended:
                    poll.unregister(descriptor)
                    del open_[descriptor]
        poll.close()

    def _read(self, subscriber):
        try:
            some = subscriber.socket.recv(1 << 18)
        except BlockingIOError:
            return
        now = time.monotonic()
        if not some:
            subscriber.is_ended = True
            return
        text = subscriber.rest + some
        end = 0
        for match in _TEXT.finditer(text):
            subscriber.numbers.append(int(match[1]))
            if len(self._all) == 1:
                self.latencies.append(now - float(match[2]))
            end = match.end()
        if _ENDED.search(text, end):
            subscriber.is_ended = True
        # The last piece may be cut anywhere.
        subscriber.rest = text[max(end, len(text) - 4096):]

    def problems(self, expected):
        """What is wrong with what they got, each kind with how many it befell."""
        found = collections.Counter()
        for subscriber in self._all:
            if subscriber.numbers != list(range(expected)):
                missing = expected - len(set(subscriber.numbers))
                doubled = len(subscriber.numbers) - len(set(subscriber.numbers))
                found[f"lost {missing}, doubled {doubled} of {expected} events"] += 1
            elif not subscriber.is_ended:
                found["no end"] += 1
        return [f"{count} subscribers: {problem}" for problem, count in found.items()]

    def close(self):
        for subscriber in self._all:
            subscriber.socket.close()
