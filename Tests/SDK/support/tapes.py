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
            case "r", [_, status, headers, *_]:
                self.status, self.headers = status, headers
            case "c", [_, text, *cuts]:
                cut = cuts[0] if cuts else {}
                body = bytes.fromhex(cut.get("pre", "")) + text.encode() + bytes.fromhex(cut.get("post", ""))
                self.chunks.append(body)
            case "b", [_, text]:
                self.chunks.append(base64.b64decode(text))
            case "e", [_, end]:
                self.end = end

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

    @property
    def body(self):
        return b"".join(self.chunks)

    @property
    def has_calls(self):
        return "tools" in self.model


class PlainServer(ThreadingHTTPServer):
    """Answers a request with the tape that is put in: what an SDK gets without a proxy."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.tape = None
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

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
        self.rfile.read(int(self.headers["content-length"]))
        tape = self.server.tape
        if self.path == "/api/show":
            # LiteLLM asks for more about Ollama's models; there is no tape of that.
            self.send_error(404)
            return
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
