"""Tapes from other tools' files, and other tools' files from tapes."""

import base64
import gzip
import hashlib
import json
from contextlib import contextmanager

import httpx
import jsonschema
import openai
import pytest
import vcr
from openai import OpenAI

from support.process import CHECKOUT, run
from support.sdk import PROMPT, text
from support.upstream import TEXT, USAGE

OK, FAILED, USAGE_ERROR = 0, 1, 64
FIXTURES = sorted(CHECKOUT.glob("fixtures/*/*.tape.jsonl"))


def tape_import(*arguments, **more):
    return run("tape", "import", *arguments, **more)


def export(tape, format, *arguments):
    return run("tape", "export", tape, "--format", format, *arguments)


def tapes(directory):
    return sorted(directory.rglob("*.tape.jsonl"))


def header(tape):
    return json.loads(tape.read_text().split("\n")[0])


def lines(tape):
    """All but the header."""
    return [json.loads(line) for line in tape.read_text().split("\n")[1:] if line]


# vcrpy


@contextmanager
def client(base_url):
    with OpenAI(base_url=base_url, api_key="sk-a-callers-own-key", max_retries=0) as client:
        yield client


def ask(base_url):
    """A stream, a document, tool calls and an error, as the SDK gives them."""
    with client(base_url) as sdk:
        create = sdk.chat.completions.create
        results = [[chunk.model_dump() for chunk in create(model=model, messages=PROMPT, stream=True)] for model in ["plain", "tools"]]
        results.append(create(model="plain", messages=PROMPT).model_dump())
        with pytest.raises(openai.RateLimitError) as raised:
            create(model="rate-limited", messages=PROMPT)
        return results, (raised.value.code, raised.value.message, raised.value.response.headers["retry-after"])


@pytest.mark.parametrize("serializer", ["yaml", "json"])
def test_what_vcrpy_recorded_is_replayed_to_the_sdk(serve, upstream, tmp_path, serializer):
    cassette = tmp_path / f"cassette.{serializer}"
    with vcr.VCR(serializer=serializer).use_cassette(str(cassette), record_mode="all"):
        live = ask(upstream.base_url)
    asked = len(upstream.seen)
    assert "sk-a-callers-own-key" in cassette.read_text()
    result = tape_import(cassette, "--cassette", tmp_path / "tapes")
    assert (result.returncode, result.stdout, result.stderr) == (OK, "4 tapes from 1 file\n", "")
    assert run("tape", "ls", tmp_path / "tapes").returncode == OK
    replay = serve("--replay", tmp_path / "tapes", "--speed", "0")
    assert ask(replay.base_url) == live
    assert len(upstream.seen) == asked
    for tape in tapes(tmp_path / "tapes"):
        assert "sk-a-callers-own-key" not in tape.read_text()
        assert ["m", 0, "synthetic_timing", {}] in lines(tape)


def test_a_stream_of_vcrpys_is_one_chunk_an_event_at_the_pace(upstream, tmp_path):
    with vcr.VCR().use_cassette(str(tmp_path / "a.yaml"), record_mode="all"), client(upstream.base_url) as sdk:
        list(sdk.chat.completions.create(model="plain", messages=PROMPT, stream=True))
    for pace, expected in [("5", 5000), ("0", 0), ("0.5", 500)]:
        result = tape_import(tmp_path / "a.yaml", "--cassette", tmp_path / f"tapes-{pace}", "--pace", pace)
        assert result.returncode == OK
        [tape] = tapes(tmp_path / f"tapes-{pace}")
        chunks = [line for line in lines(tape) if line[0] == "c"]
        # The comment at the beginning comes with the first event.
        assert len(chunks) == 13
        assert [line[1] for line in chunks] == [expected * (index + 1) for index in range(13)]
        assert all(line[2].endswith("\n\n") for line in chunks)


def test_a_compressed_body_keeps_its_header_and_the_sdk_reads_it(serve, tmp_path):
    body = json.dumps({"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": []}).encode()
    packed = base64.b64encode(gzip.compress(body)).decode()
    (tmp_path / "a.yaml").write_text(
        "interactions:\n- request:\n    body: '{\"model\":\"m\"}'\n    headers: {content-type: [application/json]}\n"
        "    method: POST\n    uri: https://api.example.com/v1/chat/completions\n  response:\n    body:\n"
        f"      string: !!binary |\n        {packed}\n    headers: {{content-type: [application/json], content-encoding: [gzip]}}\n"
        "    status: {code: 200, message: OK}\nversion: 1\n"
    )
    result = tape_import(tmp_path / "a.yaml", "--cassette", tmp_path / "tapes")
    assert result.returncode == OK and "compressed" in result.stderr
    replay = serve("--replay", tmp_path / "tapes", "--speed", "0")
    response = httpx.post(f"{replay.base_url}/chat/completions", json={"model": "m"})
    assert response.headers["content-encoding"] == "gzip"
    assert response.content == body


def test_a_key_that_the_answer_repeats_is_masked(tmp_path):
    key = "sk-proj-0123456789abcdef"
    (tmp_path / "a.yaml").write_text(
        f"interactions:\n- request:\n    body: '{{\"model\":\"m\"}}'\n    headers: {{Authorization: [Bearer {key}]}}\n"
        "    method: POST\n    uri: https://api.example.com/v1/chat/completions\n  response:\n"
        f"    body: {{string: 'your key {key} is wrong'}}\n    headers: {{content-type: [text/plain]}}\n"
        "    status: {code: 401, message: No}\nversion: 1\n"
    )
    assert tape_import(tmp_path / "a.yaml", "--cassette", tmp_path / "tapes").returncode == OK
    [tape] = tapes(tmp_path / "tapes")
    assert key not in tape.read_text()
    assert f"your key {'*' * len(key)} is wrong" in tape.read_text()


def test_nothing_is_imported_unless_everything_can_be(upstream, tmp_path):
    with vcr.VCR().use_cassette(str(tmp_path / "good.yaml"), record_mode="all"), client(upstream.base_url) as sdk:
        sdk.chat.completions.create(model="plain", messages=PROMPT)
    (tmp_path / "bad.yaml").write_text("version: 1\ninteractions:\n- request: !!python/object:os.system {}\n")
    (tmp_path / "worse.yaml").write_text("a: [1\n")
    arguments = [tmp_path / "good.yaml", tmp_path / "bad.yaml", tmp_path / "worse.yaml", "--cassette", tmp_path / "tapes"]
    result = tape_import(*arguments)
    assert (result.returncode, result.stdout) == (FAILED, "")
    assert f"error: {tmp_path}/bad.yaml:3: the tag" in result.stderr
    assert f"error: {tmp_path}/worse.yaml:" in result.stderr
    assert not (tmp_path / "tapes").exists()


def test_an_existing_tape_is_only_replaced_by_force(upstream, tmp_path):
    with vcr.VCR().use_cassette(str(tmp_path / "a.yaml"), record_mode="all"), client(upstream.base_url) as sdk:
        sdk.chat.completions.create(model="plain", messages=PROMPT)
    arguments = [tmp_path / "a.yaml", "--cassette", tmp_path / "tapes", "--scope", "one/two"]
    assert tape_import(*arguments).returncode == OK
    [first] = tapes(tmp_path / "tapes")
    assert first.parent == tmp_path / "tapes/one/two"
    assert header(first)["scope"] == "one/two"
    content = first.read_bytes()
    for _ in range(2):
        assert tape_import(*arguments).returncode == OK
    names = [tape.name for tape in tapes(tmp_path / "tapes")]
    stem = first.name.removesuffix(".tape.jsonl")
    assert sorted(names) == sorted([first.name, f"{stem}-2.tape.jsonl", f"{stem}-3.tape.jsonl"])
    assert first.read_bytes() == content
    assert tape_import(*arguments, "--force", "--pace", "1").returncode == OK
    assert tapes(tmp_path / "tapes") == [first]
    assert first.read_bytes() != content
    assert [path.name for path in (tmp_path / "tapes").iterdir()] == ["one"]


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        (["x.yaml"], USAGE_ERROR, "--cassette"),
        (["--cassette", "t"], USAGE_ERROR, "file"),
        (["x.yaml", "--cassette", "t", "--format", "tar"], USAGE_ERROR, "tar"),
        (["x.yaml", "--cassette", "t", "--pace", "-1"], USAGE_ERROR, "--pace"),
        (["x.yaml", "--cassette", "t", "--scope", "../up"], USAGE_ERROR, "can't name a scope"),
        (["x.yaml", "--cassette", "t", "--status", "1000"], USAGE_ERROR, "--status"),
        (["missing.yaml", "--cassette", "t"], FAILED, "missing.yaml: can't be opened"),
        (["empty.json", "--cassette", "t"], FAILED, "empty.json: its format isn't known: say --format"),
        (["x.yaml", "--cassette", "deep/t"], FAILED, "deep/t: can't be written to"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_inputs_are_refused(tmp_path, arguments, code, said):
    (tmp_path / "x.yaml").write_text("interactions: []\nversion: 1\n")
    (tmp_path / "empty.json").write_text("{}")
    result = tape_import(*arguments, cwd=tmp_path)
    assert result.returncode == code and said in result.stderr


# aimock


def test_fixtures_answer_the_sdk(serve, tmp_path):
    fixtures = [
        {"match": {"userMessage": "Hello"}, "response": {"content": "Grüße! How are you?"}, "chunkSize": 4},
        {"match": {"userMessage": "Weather"}, "response": {"toolCalls": [{"name": "weather", "arguments": {"city": "Zürich"}}]}},
        {"match": {"userMessage": "Fail"}, "response": {"error": {"message": "Slow down", "type": "rate_limit"}, "status": 429}},
        {"match": {"userMessage": "Cut"}, "response": {"content": "abcdefgh"}, "chunkSize": 1, "truncateAfterChunks": 3},
    ]
    (tmp_path / "f.json").write_text(json.dumps({"fixtures": fixtures}))
    result = tape_import(tmp_path / "f.json", "--cassette", tmp_path / "tapes", "--pace", "0")
    assert (result.returncode, result.stdout) == (OK, "8 tapes from 1 file\n")
    assert json.loads((tmp_path / "tapes/cassette.json").read_text()) == {"match": ["messages"], "exhausted": "last"}
    replay = serve("--replay", tmp_path / "tapes")
    with client(replay.base_url) as sdk:

        def create(prompt, **more):
            return sdk.chat.completions.create(model="any-model", messages=[{"role": "user", "content": prompt}], **more)

        for _ in range(2):
            assert create("Hello").choices[0].message.content == "Grüße! How are you?"
            chunks = [chunk.model_dump() for chunk in create("Hello", stream=True)]
            assert text(chunks) == "Grüße! How are you?" and len(chunks) == 7
        call = create("Weather").choices[0].message.tool_calls[0]
        assert (call.function.name, json.loads(call.function.arguments)) == ("weather", {"city": "Zürich"})
        for stream in [True, False]:
            with pytest.raises(openai.RateLimitError, match="Slow down"):
                create("Fail", stream=stream)
        with pytest.raises((openai.APIError, httpx.TransportError)):
            list(create("Cut", stream=True))
        with pytest.raises(openai.NotFoundError, match="no tape answers"):
            create("Something else")


def test_fixtures_that_a_tape_cannot_say_are_named_and_the_rest_is_imported(tmp_path):
    (tmp_path / "f.json").write_text(
        '{"fixtures": [\n{"match": {"toolCallId": "c"}, "response": {"content": "x"}},\n'
        '{"match": {"userMessage": "a", "model": "gpt-x"}, "response": {"content": "x"}},\n'
        '{"match": {"userMessage": "b"}, "response": {"embedding": [1]}}]}'
    )
    result = tape_import(tmp_path / "f.json", "--cassette", tmp_path / "tapes", "--model", "other")
    assert (result.returncode, result.stdout) == (FAILED, "2 tapes from 1 file\n")
    assert f"error: {tmp_path}/f.json:2: fixtures[0] is skipped: match has \"toolCallId\"" in result.stderr
    assert f"error: {tmp_path}/f.json:4: fixtures[2] is skipped: response has \"embedding\"" in result.stderr
    assert json.loads((tmp_path / "tapes/cassette.json").read_text())["match"] == ["model", "messages"]
    assert all("gpt-x" in tape.name for tape in tapes(tmp_path / "tapes"))


def test_the_rules_of_a_cassette_that_has_tapes_are_left_alone(tmp_path):
    (tmp_path / "tapes").mkdir()
    (tmp_path / "tapes/other.txt").write_text("x")
    (tmp_path / "f.json").write_text('{"fixtures": [{"match": {"userMessage": "a"}, "response": {"content": "x"}}]}')
    result = tape_import(tmp_path / "f.json", "--cassette", tmp_path / "tapes")
    assert result.returncode == OK and "is left alone; the fixtures expect" in result.stderr
    assert not (tmp_path / "tapes/cassette.json").exists()


# Bodies


@pytest.mark.parametrize("tape", FIXTURES, ids=lambda tape: tape.name)
def test_a_body_comes_back_from_export_and_import(tmp_path, tape):
    recorded = lines(tape)
    result = export(tape, "sse", "-o", tmp_path / "body.sse", "--force")
    assert result.returncode == OK
    data = (tmp_path / "body.sse").read_bytes()
    assert hashlib.sha256(data).hexdigest() == recorded[-1][2]["sha256"]
    assert tape_import(tmp_path / "body.sse", "--cassette", tmp_path / "tapes", "--model", "m").returncode == OK
    [again] = tapes(tmp_path / "tapes")
    assert lines(again)[-1][2]["sha256"] == recorded[-1][2]["sha256"]
    assert export(again, "sse", "-o", tmp_path / "again.sse", "--force").returncode == OK
    assert (tmp_path / "again.sse").read_bytes() == data


def test_a_body_that_is_of_another_kind_is_only_exported_by_force(tmp_path):
    tape = CHECKOUT / "fixtures/demo/openai.chat-demo-0e798874.tape.jsonl"
    result = export(tape, "sse")
    assert (result.returncode, result.stdout) == (FAILED, "")
    assert "its body is application/json (status 200), not an event stream; --force" in result.stderr
    assert json.loads(export(tape, "ndjson", "--force").stdout)["object"] == "chat.completion"


def test_ndjson_comes_back_and_is_replayed_for_its_request(serve, tmp_path):
    body = b'{"message":{"content":"a"},"done":false}\n{"message":{"content":"\xc3\xa9"},"done":true}\n'
    (tmp_path / "answer.ndjson").write_bytes(body)
    request = {"model": "llama", "messages": PROMPT}
    (tmp_path / "request.json").write_text(json.dumps(request))
    arguments = ["--request", tmp_path / "request.json", "--path", "/api/chat", "--cassette", tmp_path / "tapes"]
    assert tape_import(tmp_path / "answer.ndjson", *arguments, "--status", "201").returncode == OK
    replay = serve("--replay", tmp_path / "tapes", "--speed", "0")
    response = httpx.post(f"{replay.url}/api/chat", json=request)
    assert (response.status_code, response.content) == (201, body)
    assert response.headers["content-type"] == "application/x-ndjson"
    [tape] = tapes(tmp_path / "tapes")
    assert run("tape", "export", tape, "--format", "ndjson").stdout.encode() == body


def test_nothing_is_overwritten_without_force(tmp_path):
    tape = CHECKOUT / "fixtures/demo/openai.chat-demo-4add3813.tape.jsonl"
    (tmp_path / "a.sse").write_text("mine")
    result = export(tape, "sse", "-o", tmp_path / "a.sse")
    assert result.returncode == FAILED and "it is there already" in result.stderr
    assert (tmp_path / "a.sse").read_text() == "mine"
    assert export(tape, "sse", "-o", tmp_path / "a.sse", "--force").returncode == OK
    assert (tmp_path / "a.sse").read_text().startswith("data: ")
    assert [path.name for path in tmp_path.iterdir()] == ["a.sse"]


def test_a_directory_is_exported_to_a_directory(tmp_path):
    tapes = [path.read_text() for path in (CHECKOUT / "fixtures/demo").glob("*.tape.jsonl")]
    streams = sum('"content-type","text/event-stream' in tape for tape in tapes)
    result = export(CHECKOUT / "fixtures/demo", "sse", "-o", tmp_path / "deep/out")
    assert result.returncode == FAILED  # Documents, lines and messages have no place in an event stream.
    assert 0 < streams < len(tapes)
    assert f"{streams} of {len(tapes)} tapes written" in result.stderr
    assert len(list((tmp_path / "deep/out").glob("*.sse"))) == streams
    assert export(CHECKOUT / "fixtures/demo", "sse").returncode == FAILED


# HAR

ENTRY = {
    "type": "object",
    "required": ["startedDateTime", "time", "request", "response", "cache", "timings"],
    "properties": {
        "startedDateTime": {
            "type": "string",
            "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
        },
        "time": {"type": "number", "minimum": 0},
        "request": {
            "type": "object",
            "required": ["method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"],
            "properties": {
                "method": {"type": "string", "minLength": 1},
                "url": {"type": "string", "pattern": "^https?://"},
                "httpVersion": {"type": "string"},
                "cookies": {"$ref": "#/$defs/pairs"},
                "headers": {"$ref": "#/$defs/pairs"},
                "queryString": {"$ref": "#/$defs/pairs"},
                "headersSize": {"type": "integer", "minimum": -1},
                "bodySize": {"type": "integer", "minimum": -1},
                "postData": {
                    "type": "object",
                    "required": ["mimeType", "params", "text"],
                    "properties": {"mimeType": {"type": "string"}, "params": {"type": "array"}, "text": {"type": "string"}},
                },
            },
        },
        "response": {
            "type": "object",
            "required": [
                *["status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL"],
                *["headersSize", "bodySize"],
            ],
            "properties": {
                "status": {"type": "integer"},
                "statusText": {"type": "string"},
                "httpVersion": {"type": "string"},
                "cookies": {"$ref": "#/$defs/pairs"},
                "headers": {"$ref": "#/$defs/pairs"},
                "redirectURL": {"type": "string"},
                "headersSize": {"type": "integer", "minimum": -1},
                "bodySize": {"type": "integer", "minimum": -1},
                "content": {
                    "type": "object",
                    "required": ["size", "mimeType"],
                    "properties": {
                        "size": {"type": "integer", "minimum": 0},
                        "mimeType": {"type": "string"},
                        "text": {"type": "string"},
                        "encoding": {"const": "base64"},
                    },
                },
            },
        },
        "cache": {"type": "object"},
        "timings": {
            "type": "object",
            "required": ["send", "wait", "receive"],
            "properties": {
                **{name: {"type": "number", "minimum": 0} for name in ["send", "wait", "receive"]},
                **{name: {"type": "number", "minimum": -1} for name in ["blocked", "dns", "connect", "ssl"]},
            },
        },
    },
}

HAR = {
    "$defs": {
        "pairs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "value"],
                "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
            },
        }
    },
    "type": "object",
    "required": ["log"],
    "properties": {
        "log": {
            "type": "object",
            "required": ["version", "creator", "entries"],
            "properties": {
                "version": {"const": "1.2"},
                "creator": {
                    "type": "object",
                    "required": ["name", "version"],
                    "properties": {"name": {"type": "string"}, "version": {"type": "string"}},
                },
                "pages": {"type": "array"},
                "entries": {"type": "array", "items": ENTRY},
            },
        }
    },
}


@pytest.mark.parametrize("directory", ["fixtures/demo", "fixtures/awkward"])
def test_an_archive_is_valid_and_says_what_the_tapes_say(tmp_path, directory):
    path = tmp_path / "all.har"
    result = export(CHECKOUT / directory, "har", "-o", path)
    recorded = [lines(tape) for tape in tapes(CHECKOUT / directory)]
    assert result.returncode == OK
    archive = json.loads(path.read_text())
    jsonschema.Draft202012Validator(HAR).validate(archive)
    entries = {entry["_tape"]: entry for entry in archive["log"]["entries"]}
    assert len(entries) == len(recorded)
    for tape in tapes(CHECKOUT / directory):
        tape_lines = lines(tape)
        entry = entries[tape.name]
        end = tape_lines[-1]
        chunks = [line for line in tape_lines if line[0] in "cb"]
        assert [round(chunk["time"] * 1000) for chunk in entry["_chunks"]] == [line[1] for line in chunks]
        assert sum(chunk["bytes"] for chunk in entry["_chunks"]) == end[2]["bytes"] == entry["response"]["content"]["size"]
        assert entry["_end"]["reason"] == end[2]["reason"]
        content = entry["response"]["content"]
        body = base64.b64decode(content["text"]) if content.get("encoding") else content["text"].encode()
        assert hashlib.sha256(body).hexdigest() == end[2]["sha256"]
        timings = entry["timings"]
        assert round((timings["send"] + timings["wait"] + timings["receive"]) * 1000) == round(entry["time"] * 1000)
        if response := [line for line in tape_lines if line[0] == "r"]:
            assert entry["response"]["status"] == response[0][2]
            assert round(timings["wait"] * 1000) == response[0][1]
        # Some providers have the model in the path.
        assert json.loads(entry["request"]["postData"]["text"]).get("model") or "/model" in entry["request"]["url"]


def test_a_binary_body_is_base64_in_an_archive(tmp_path):
    body = b"\x00\xff\xfe" * 50
    (tmp_path / "body.sse").write_bytes(body)
    assert tape_import(tmp_path / "body.sse", "--cassette", tmp_path / "tapes").returncode == OK
    [tape] = tapes(tmp_path / "tapes")
    archive = json.loads(export(tape, "har").stdout)
    jsonschema.Draft202012Validator(HAR).validate(archive)
    content = archive["log"]["entries"][0]["response"]["content"]
    assert content["encoding"] == "base64" and base64.b64decode(content["text"]) == body


def test_what_is_recorded_live_is_what_is_exported(serve, upstream, sdk, tmp_path):
    recorder = serve("--upstream", upstream.url, "--record", tmp_path / "tapes")
    sdk.stream(recorder.base_url, "plain", stream_options={"include_usage": True})
    recorder.stop()
    [tape] = tapes(tmp_path / "tapes")
    events = [line[6:] for line in export(tape, "sse").stdout.split("\n") if line.startswith("data: ")]
    assert events[-1] == "[DONE]"
    parsed = [json.loads(event) for event in events[:-1]]
    assert "".join(event["choices"][0]["delta"].get("content", "") for event in parsed if event["choices"]) == TEXT
    assert parsed[-1]["usage"] == USAGE
