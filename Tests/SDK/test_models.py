"""Real SDKs list the models of all upstreams, each in the shape that it reads."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import anthropic
import openai
import pytest
from google import genai

from support.process import CHECKOUT

LISTS = {
    "/openai/v1/models": {"object": "list", "data": [{"id": "gpt", "object": "model", "created": 1, "owned_by": "x"}]},
    "/anthropic/v1/models?limit=1000": {
        "data": [{"type": "model", "id": "claude", "display_name": "Claude", "created_at": "2026-01-01T00:00:00Z"}],
        "has_more": False,
        "first_id": "claude",
        "last_id": "claude",
    },
    "/gemini/v1beta/models?pageSize=1000": {"models": [{"name": "models/gemini", "displayName": "Gemini"}]},
}


class Lists(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        value = LISTS.get(self.path)
        data = json.dumps(value or {"error": {"message": self.path}}).encode()
        self.send_response(200 if value else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """The test says what was wrong."""


@pytest.fixture
def tokencast(serve, tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Lists)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    base = f"http://127.0.0.1:{server.server_address[1]}"
    upstreams = {name: {"url": f"{base}/{name}", "dialect": name} for name in ("openai", "anthropic", "gemini")}
    upstreams["demo"] = {"replay": {"cassette": str(CHECKOUT / "fixtures/demo")}}
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"upstreams": upstreams, "routes": [{"upstream": "openai"}]}))
    yield serve("--config", file)
    server.shutdown()
    server.server_close()


ALL = ["demo", "gpt", "claude", "gemini"]


def test_openai(tokencast):
    with openai.OpenAI(base_url=tokencast.base_url, api_key="unused") as sdk:
        models = list(sdk.models.list())
        assert [model.id for model in models] == ALL
        assert [model.owned_by for model in models] == ["demo", "openai", "anthropic", "gemini"]
        assert sdk.models.retrieve("claude").owned_by == "anthropic"
        with pytest.raises(openai.NotFoundError):
            sdk.models.retrieve("nobody's")


def test_anthropic(tokencast):
    with anthropic.Anthropic(base_url=tokencast.url, api_key="unused") as sdk:
        assert [model.id for model in sdk.models.list()] == ALL
        assert sdk.models.retrieve("claude").display_name == "Claude"


def test_google_genai(tokencast):
    sdk = genai.Client(api_key="unused", http_options={"base_url": tokencast.url})
    assert [model.name for model in sdk.models.list()] == [f"models/{name}" for name in ALL]
    assert sdk.models.get(model="gemini").display_name == "Gemini"

