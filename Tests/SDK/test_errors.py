"""An upstream that fails: every provider's own SDK raises its own error, or is told so as its provider would tell it."""

import http.server
import re
import socket
import struct
import threading
import time
import zlib

import anthropic
import botocore.exceptions
import cohere.core.api_error
import google.genai.errors
import groq
import mistralai.client.errors
import ollama
import openai
import pytest

from support.clients import CLIENTS

GEMINI = b'{"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},"index":0}]}'



def amazon(kind, payload):
    """A message of AWS's event streams."""
    values = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        struct.pack(">B", len(name)) + name.encode() + struct.pack(">BH", 7, len(value)) + value.encode()
        for name, value in values.items()
    )
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return message + struct.pack(">I", zlib.crc32(message))


# One frame of each dialect, and the type that it comes with.
FRAMES = {
    "openai.chat": b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,'
    b'"delta":{"role":"assistant","content":"a"},"finish_reason":null}]}\n\n',
    "openai.completions": b'data: {"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"index":0,'
    b'"text":"a","logprobs":null,"finish_reason":null}]}\n\n',
    "openai.responses": b'event: response.created\ndata: {"type":"response.created","sequence_number":0,"response":'
    b'{"id":"r","object":"response","created_at":1,"status":"in_progress","model":"m","output":[],"tools":[],'
    b'"parallel_tool_calls":true,"tool_choice":"auto"}}\n\n',
    "anthropic.messages": b'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message",'
    b'"role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\n',
    "gemini.generateContent": b"data: " + GEMINI + b"\r\n\r\n",
    "ollama.chat": b'{"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"a"},'
    b'"done":false}\n',
    "ollama.generate": b'{"model":"m","created_at":"2026-01-01T00:00:00Z","response":"a","done":false}\n',
    "cohere.chat": b'event: content-delta\ndata: {"type":"content-delta","index":0,"delta":{"message":{"content":'
    b'{"text":"a"}}}}\n\n',
    "cohere.chat.v1": b'{"is_finished":false,"event_type":"text-generation","text":"a"}\n',
    "bedrock.converse": amazon("messageStart", b'{"role":"assistant"}'),
    "bedrock.invoke": amazon("chunk", b'{"bytes":"e30="}'),
}

TYPES = {
    "ollama.chat": "application/x-ndjson",
    "ollama.generate": "application/x-ndjson",
    "cohere.chat.v1": "application/stream+json",
    "bedrock.converse": "application/vnd.amazon.eventstream",
    "bedrock.invoke": "application/vnd.amazon.eventstream",
}

# What an SDK raises where a stream breaks off between two frames. Cohere's raise nothing: their streams end so.
RAISED = {
    "openai chat": openai.APIError,
    "groq": groq.APIError,
    "azure openai": openai.APIError,
    "mistralai": mistralai.client.errors.MistralError,
    "litellm openai": openai.APIError,
    "litellm anthropic": openai.APIError,
    "litellm gemini": openai.APIError,
    "litellm ollama": openai.APIError,
    "openai completions": openai.APIError,
    "openai responses": openai.APIError,
    "openai responses helper": openai.APIError,
    "anthropic": anthropic.APIStatusError,
    "anthropic helper": anthropic.APIStatusError,
    "google-genai": google.genai.errors.ServerError,
    "ollama chat": ollama.ResponseError,
    "ollama generate": ollama.ResponseError,
    "cohere": None,
    "cohere v1": None,
    "boto3 converse": botocore.exceptions.EventStreamError,
    "boto3 invoke": botocore.exceptions.EventStreamError,
}


class DyingUpstream(http.server.ThreadingHTTPServer):
    """Sends one frame of the dialect that the model names, and then resets the connection."""

    daemon_threads = True

    def __init__(self, dialect):
        super().__init__(("127.0.0.1", 0), DyingHandler)
        self.dialect = dialect
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def handle_error(self, request, client_address):
        """A caller that leaves is no news."""

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class DyingHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        frame = FRAMES[self.server.dialect]
        self.send_response(200)
        self.send_header("Content-Type", TYPES.get(self.server.dialect, "text/event-stream"))
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%b\r\n" % (len(frame), frame))
        # What was sent must be read before the reset overtakes it.
        time.sleep(0.2)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_):
        """The test says what was wrong."""


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_a_stream_that_breaks_off_is_an_error_of_the_sdk(client, serve):
    with DyingUpstream(client.dialect) as upstream:
        tokencast = serve("--upstream", f"http://127.0.0.1:{upstream.server_address[1]}")
        expected = RAISED[client.name]
        if expected is None:
            last = client.ask(tokencast.url, "m")[-1]
            end = last.get("delta") or last
            assert end["finish_reason"] == "ERROR"
            assert "the upstream 'upstream' failed" in str(last)
        else:
            with pytest.raises(expected) as raised:
                client.ask(tokencast.url, "m")
            # Mistral's takes no notice of what an event that it doesn't know says.
            if client.name != "mistralai":
                assert re.search(r"the upstream \\*'upstream\\*' failed", str(raised.value))


# What an SDK raises where there is no stream at all, and the status is 502.
REFUSED = {
    **RAISED,
    "anthropic": anthropic.InternalServerError,
    "cohere": cohere.core.api_error.ApiError,
    "cohere v1": cohere.core.api_error.ApiError,
    "boto3 converse": botocore.exceptions.ClientError,
    "boto3 invoke": botocore.exceptions.ClientError,
}


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_an_upstream_that_is_not_there_is_an_error_of_the_sdk(client, serve):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    tokencast = serve("--upstream", f"http://127.0.0.1:{port}")
    with pytest.raises(REFUSED[client.name]) as raised:
        client.ask(tokencast.url, "m")
    # Some show the answer with its quotes escaped.
    assert re.search(r"the upstream \\*'upstream\\*' failed", str(raised.value))
