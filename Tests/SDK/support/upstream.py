"""An upstream that speaks OpenAI's chat protocol, correctly and awkwardly: the request's model chooses the reply.
Anthropic's messages it speaks as well, correctly.

Chunks of the body are cut at odd places, through characters and line ends. What is sent depends on the request alone,
so that two clients that ask the same get the same.
"""

import json
import socket
import struct
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle

WORDS = ["", "Grüße", " an", " die", " 世界", "! 🙂", "\n\ndata: [DONE]", " is", ' not "the', " end\".", "\t\u2028Bye."]
TEXT = "".join(WORDS)
ARGUMENTS = ['{"ci', 'ty": "Zür', 'ich", "days', '": 3}']
USAGE = {"prompt_tokens": 11, "completion_tokens": 10, "total_tokens": 21}
RETRY_AFTER = 1


class Upstream(ThreadingHTTPServer):
    """Listens on a free port while it is used as a context."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        # Every request that came: its model, its headers, the time.
        self.seen = []
        # The `held` stream waits for this after its second word.
        self.gate = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def base_url(self):
        return f"{self.url}/v1"

    def count(self, model):
        return Counter(request["model"] for request in self.seen)[model]

    def handle_error(self, request, client_address):
        """A caller that leaves is no news."""

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.gate.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self):
        self.server.seen.append({"model": None, "path": self.path, "headers": self.headers, "time": time.monotonic()})
        self.answer(200, {"object": "list", "data": [{"id": "plain", "object": "model", "created": 1, "owned_by": "x"}]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        model = body["model"]
        earlier = self.server.count(model)
        seen = {"model": model, "path": self.path, "headers": self.headers, "body": body, "time": time.monotonic()}
        self.server.seen.append(seen)
        if model == "rate-limited" or (model == "rate-limited-once" and earlier == 0):
            error = {"message": "Slow down.", "type": "requests", "param": None, "code": "rate_limit_exceeded"}
            value = {"error": error}
            if self.path == "/v1/messages":
                value = {"type": "error", "error": {"type": "rate_limit_error", "message": "Slow down."}}
            self.answer(429, value, [("Retry-After", str(RETRY_AFTER)), ("x-ratelimit-remaining-requests", "0")])
        elif self.path == "/v1/messages":
            self.messages(body)
        elif body.get("stream"):
            self.stream(body)
        else:
            self.answer(200, self.document(body))

    # Replies

    def answer(self, status, value, headers=()):
        data = json.dumps(value, indent=1, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Request-ID", "req_7")
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def document(self, body):
        message = {"role": "assistant", "content": TEXT, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1795426200, "model": body["model"]}
        return {**head, "choices": [choice], "usage": USAGE}

    def stream(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("X-Request-ID", "req_8")
        self.end_headers()
        model = body["model"]
        frames = list(self.frames(body))
        if model == "held":
            self.write(frames[:3])
            self.server.gate.wait(30)
            self.write(frames[3:])
        elif model == "dies-between":
            self.write(frames[:4])
            return self.reset()
        elif model == "dies-inside":
            self.write([*frames[:4], frames[4][:25]])
            return self.reset()
        elif model == "error-inside":
            error = {"message": "The model is overloaded.", "type": "server_error", "param": None, "code": "overloaded"}
            self.write([*frames[:4], self.frame({"error": error})])
        elif model == "truncated":
            self.write(frames[:4])
        else:
            self.write(frames)
        self.wfile.write(b"0\r\n\r\n")

    def messages(self, body):
        """A stream of Anthropic's, whose text says which of the model's requests this is."""
        head = {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"], "content": []}
        usage = {"input_tokens": 11, "output_tokens": 1}
        count = self.server.count(body["model"])
        events = [
            {"type": "message_start", "message": {**head, "stop_reason": None, "stop_sequence": None, "usage": usage}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            *(
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
                for text in [*WORDS, f" #{count}"]
            ),
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": usage},
            {"type": "message_stop"},
        ]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.write([f"event: {event['type']}\n".encode() + self.frame(event) for event in events])
        self.wfile.write(b"0\r\n\r\n")

    def frames(self, body):
        yield b": the model is warming up\n\n"
        if body["model"] == "tools":
            deltas = list(tool_deltas())
        else:
            deltas = [{"content": word} for word in WORDS]
        deltas[0]["role"] = "assistant"
        for delta in deltas:
            yield self.frame(chunk(body, [choice(delta)]))
        yield self.frame(chunk(body, [choice({}, "tool_calls" if body["model"] == "tools" else "stop")]))
        if (body.get("stream_options") or {}).get("include_usage"):
            yield self.frame({**chunk(body, []), "usage": USAGE})
        yield b"data: [DONE]\n\n"

    def frame(self, value):
        return f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode()

    def write(self, frames):
        data = b"".join(frames)
        for size in cycle([1, 2, 3, 5, 8, 13, 21, 34, 233]):
            if not data:
                return
            piece, data = data[:size], data[size:]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            time.sleep(0.001)

    def reset(self):
        # What was sent must be read before the reset overtakes it.
        time.sleep(0.2)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()


def chunk(body, choices):
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1795426200, "model": body["model"]}
    return {**head, "service_tier": "default", "system_fingerprint": "fp_1", "choices": choices}


def choice(delta, finish_reason=None):
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def tool_deltas():
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "forecast", "arguments": ""}}
    yield {"content": None, "tool_calls": [call]}
    for piece in ARGUMENTS:
        yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}
    call = {"index": 1, "id": "call_2", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    yield {"tool_calls": [call]}
