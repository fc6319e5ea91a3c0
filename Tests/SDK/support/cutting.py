"""A TCP proxy in front of a server, which cuts answers off at the byte."""

import re
import socket
import struct
import threading

# A body needs no line end, so that a request may begin anywhere.
REQUEST = re.compile(rb"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS) /\S* HTTP/1\.1(?=\r\n)")
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


class CuttingProxy:
    """Listens on a free port while it is used as a context.

    `cuts` gives, for each connection in turn, how many bytes of what the server says get through; after the last one, and
    for None, all of them do. Every second cut is a reset, the others are an orderly end too early.
    """

    def __init__(self, url):
        host, port = url.removeprefix("http://").split(":")
        self.server = (host, int(port))
        self.cuts = iter(())
        self.lock = threading.Lock()
        # What each connection asked, and what it was answered.
        self.seen = []
        self.open = set()
        self.count = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut_all()

    def cut_all(self):
        """Resets what is open."""
        with self.lock:
            for end in self.open:
                _reset(end)

    def statuses(self, what=""):
        """The statuses of the answers to requests that have this in their line: `POST /streams`."""
        with self.lock:
            seen = [(bytes(asked), bytes(answer)) for asked, answer in self.seen]
        pairs = (pair for asked, answer in seen for pair in zip(REQUEST.findall(asked), STATUS.findall(answer)))
        return [int(status) for line, status in pairs if what.encode() in line]

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, socket.create_connection(self.server) as server:
            entry = [bytearray(), bytearray()]
            with self.lock:
                limit = next(self.cuts, None)
                self.count += 1
                is_reset = self.count % 2 == 0
                self.seen.append(entry)
                self.open.add(client)
            up = threading.Thread(target=self._pump, args=(client, server, entry[0], None), daemon=True)
            up.start()
            was_cut = self._pump(server, client, entry[1], limit)
            with self.lock:
                self.open.discard(client)
                if was_cut and is_reset:
                    _linger(client)
                else:
                    _shutdown(client)
            _shutdown(server)
            # A reset is sent by the close, which a thread that still reads would hold up.
            if was_cut and is_reset:
                _shutdown(client, socket.SHUT_RD)
            up.join(5)

    @staticmethod
    def _pump(source, target, kept, limit):
        """Hands on what comes; true where the limit was met."""
        passed = 0
        while True:
            try:
                data = source.recv(65536)
                if not data:
                    return False
                if limit is not None:
                    data = data[: limit - passed]
                kept += data
                target.sendall(data)
            except OSError:
                return False
            passed += len(data)
            if passed == limit:
                return True


def _linger(end):
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _reset(end):
    _linger(end)
    _shutdown(end)


def _shutdown(end, how=socket.SHUT_RDWR):
    try:
        end.shutdown(how)
    except OSError:
        pass
