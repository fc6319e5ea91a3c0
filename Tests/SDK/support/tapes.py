"""Tapes as plain files, and a server without Tokencast that answers from them."""

import base64
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


class Tape:
    """What a tape's lines say of the answer."""

    def __init__(self, path):
        self.path = path
        self.status, self.headers, self.chunks, self.end = None, [], [], {}
        self.request_path, self.request = None, {}
        with open(path, encoding="utf-8") as lines:
            next(lines)
            for line in map(json.loads, lines):
                self._take(*line)

    def _take(self, kind, *rest):
        match kind, rest:
            case "q", [_, path, *_]:
                self.request_path = path
            case "qb", [pointer, value]:
                self.request[pointer.split("/")[1]] = value
            case "r", [_, self.status, self.headers, *_]:
                pass
            case "c", [_, text, *cuts]:
                cut = cuts[0] if cuts else {}
                body = bytes.fromhex(cut.get("pre", "")) + text.encode() + bytes.fromhex(cut.get("post", ""))
                self.chunks.append(body)
            case "b", [_, text]:
                self.chunks.append(base64.b64decode(text))
            case "e", [_, self.end]:
                pass

    @property
    def dialect(self):
        return self.end["dialect"]

    @property
    def model(self):
        """What is asked for, which says what the tape shows; some providers have it in the path."""
        if model := self.request.get("model"):
            return model
        found = re.search(r"/models?/([^/:]+)", self.request_path)
        return unquote(found.group(1)) if found else None

    def answers(self, path, model):
        return unquote(self.request_path) == unquote(path) and self.request.get("model") == model


class PlainServer(ThreadingHTTPServer):
    """Answers a request with the first tape that has its path and its model: what an SDK gets without a proxy."""

    daemon_threads = True

    def __init__(self, tapes):
        super().__init__(("127.0.0.1", 0), Handler)
        self.tapes = tapes
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def tape(self, path, model):
        found = [tape for tape in self.tapes if tape.answers(path, model)]
        assert found, f"there is no tape for {path} with the model {model}"
        return found[0]

    def handle_error(self, request, client_address):
        """A caller that leaves is no news."""

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])) or b"{}")
        tape = self.server.tape(self.path.split("?")[0], body.get("model"))
        self.send_response(tape.status)
        for name, value in tape.headers:
            if name.lower() not in ("content-length", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for chunk in tape.chunks:
            if chunk:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        """The test says what was wrong."""
