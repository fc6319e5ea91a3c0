"""The echo server that is made of the server's own WebSocket code."""

import socket
import subprocess

from support.process import PROGRAM

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Echo:
    """`with Echo() as echo: …`; it ends when its standard input does."""

    def __init__(self, *seconds):
        program = PROGRAM.parent / "WebSocketEcho"
        self.process = subprocess.Popen(
            [program, "0", *map(str, seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        line = self.process.stdout.readline()
        assert line.startswith("listening on ws://"), line
        self.url = line.split()[-1]
        self.port = int(self.url.rsplit(":", 1)[1])

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.stdin.close()
        assert self.process.wait(10) == 0


class Peer:
    """A WebSocket of bare bytes: nothing is sent or answered by itself."""

    def __init__(self, port, handshake=HANDSHAKE):
        self.socket = socket.create_connection(("127.0.0.1", port), 20)
        self.socket.sendall(handshake)
        self.inbox = b""
        while b"\r\n\r\n" not in self.inbox:
            self.inbox += self.socket.recv(4096)
        head, self.inbox = self.inbox.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 101 "), head

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.close()

    def send(self, opcode, payload=b"", final=True, step=None):
        """One masked frame of at most 125 bytes; `step` bytes at a time."""
        key = b"\x37\xfa\x21\x3d"
        masked = bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))
        frame = bytes([(0x80 if final else 0) | opcode, 0x80 | len(payload)]) + key + masked
        for start in range(0, len(frame), step or len(frame)):
            self.socket.sendall(frame[start : start + (step or len(frame))])

    def _bytes(self, count):
        while len(self.inbox) < count:
            more = self.socket.recv(65536)
            if not more:
                return None
            self.inbox += more
        taken, self.inbox = self.inbox[:count], self.inbox[count:]
        return taken

    def frame(self):
        """The next frame's first byte and payload; None at the connection's end."""
        head = self._bytes(2)
        if head is None:
            return None
        length = head[1]
        if length > 125:
            length = int.from_bytes(self._bytes(2 if length == 126 else 8), "big")
        return head[0], self._bytes(length)
