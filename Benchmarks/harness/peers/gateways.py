"""LLM gateways from PyPI, told that the upstream speaks as OpenAI does."""

import http.client
import json

from ..process import Process
from .base import Peer, free_port, start_on_free_port
from .environment import Environment

REQUEST = json.dumps({
    "model": "bench-1-mini", "stream": True, "messages": [{"role": "user", "content": "Count. ?tokens=1"}],
})


class Gateway(Peer):
    """Installed where it isn't yet; ready when a request has come through."""

    package = ""

    def __init__(self, place):
        self._environment = Environment(self.package, place)
        self.missing = self._environment.install()

    def start(self, directory, upstream_port, connections):
        def begin(port):
            return self._begin(directory, port, upstream_port)

        return start_on_free_port(begin, _answers, timeout=120)

    def version(self):
        return next(line for line in self._environment.pins() if line.startswith(self.package)).replace("==", " ")


class SglangRouter(Gateway):
    name = "sglang-router"
    package = "sglang-router"

    def _begin(self, directory, port, upstream_port):
        arguments = [
            self._environment.program("python"), "-m", "sglang_router.launch_router",
            "--backend", "openai", "--worker-urls", f"http://127.0.0.1:{upstream_port}",
            "--host", "127.0.0.1", "--port", port, "--prometheus-port", free_port(),
            "--log-level", "error", "--history-backend", "none",
        ]
        return Process(arguments, directory, environment={"TOKIO_WORKER_THREADS": "1"})


class LiteLLM(Gateway):
    name = "LiteLLM"
    package = "litellm"
    # Half a millisecond a token, and seconds of processor time to start.
    patience = 4

    def _begin(self, directory, port, upstream_port):
        # JSON is YAML.
        (directory / "config.yaml").write_text(json.dumps({
            "model_list": [{
                "model_name": "bench-1-mini",
                "litellm_params": {
                    "model": "openai/bench-1-mini", "api_base": f"http://127.0.0.1:{upstream_port}/v1", "api_key": "unused",
                },
            }],
            "litellm_settings": {"telemetry": False},
            # It listens on the loopback interface only.
            "general_settings": {"dangerously_permit_weak_or_unset_master_key": True},
        }))
        # uvicorn's log has a line per request unless it is told otherwise.
        (directory / "log.json").write_text(json.dumps({"version": 1, "disable_existing_loggers": False}))
        arguments = [
            self._environment.program("litellm"), "--config", directory / "config.yaml", "--host", "127.0.0.1",
            "--port", port, "--num_workers", "1", "--log_config", directory / "log.json",
        ]
        return Process(arguments, directory, environment={"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"})


def _answers(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST", "/v1/chat/completions", REQUEST,
                           {"content-type": "application/json", "authorization": "Bearer unused"})
        reply = connection.getresponse()
        return b"[DONE]" in reply.read() and reply.status == 200
    except http.client.HTTPException:
        return False
    finally:
        connection.close()
