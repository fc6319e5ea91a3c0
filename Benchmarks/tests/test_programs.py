"""The C programs, beside each other: what one sends, the other must find whole. They must have been built."""

import http.client
import json
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

import support  # noqa: F401

from harness.measure import FAULTS
from harness.process import Process

BUILT = pathlib.Path(__file__).resolve().parents[1] / ".build"


class Programs(unittest.TestCase):
    def start(self, name, *arguments):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        process = Process([BUILT / name, "--limit", "60", *arguments], pathlib.Path(directory.name))
        self.addCleanup(process.stop)
        return int(process.logged(lambda log: re.match(r"(\d+)\n", log))[1])

    def load(self, mode, port, *arguments):
        done = subprocess.run(
            [BUILT / "load", mode, "--target", f"127.0.0.1:{port}", "--deadline", "20", *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True,
        )
        result = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual({name: result[name] for name in FAULTS if result.get(name)}, {}, result["why"])
        return result

    def ask(self, port, method, target, content=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.addCleanup(connection.close)
        body = content and json.dumps({"messages": [{"role": "user", "content": content}]})
        connection.request(method, target, body)
        reply = connection.getresponse()
        return reply.status, reply.read().decode()

    def test_a_wish_stands_in_the_message_or_in_the_target(self):
        port = self.start("upstream")
        for target, content in (("/v1/chat/completions", "Count. ?tokens=7&stream=255"), ("/x?tokens=7&stream=255", "?tokens=1")):
            status, body = self.ask(port, "POST", target, content)
            self.assertEqual((status, body.count(" tok@000000ff.")), (200, 7))
            self.assertTrue(body.endswith("data: [DONE]\n\n"))

    def test_gateways_find_a_model_and_health(self):
        port = self.start("upstream")
        self.assertEqual(self.ask(port, "GET", "/health"), (200, ""))
        self.assertEqual(json.loads(self.ask(port, "GET", "/v1/models")[1])["data"][0]["id"], "bench-1-mini")
        self.assertEqual(self.ask(port, "GET", "/nothing")[0], 404)

    def test_a_relay_passes_bursts_and_paced_streams_whole(self):
        self.check_relay("relay")

    def test_a_relay_by_libcurl_does_too(self):
        self.check_relay("curl_relay")

    def check_relay(self, name):
        relay = self.start(name, "--target", f"127.0.0.1:{self.start('upstream')}")
        burst = self.load("proxy", relay, "--connections", "8", "--tokens", "20000", "--requests", "2")
        self.assertEqual(burst["count"], 8 * 2 * 20000)
        # A token's event is over 200 bytes long.
        self.assertGreater(burst["bytes"], 200 * burst["count"])
        paced = self.load("proxy", relay, "--connections", "5", "--tokens", "10", "--rate", "100", "--requests", "1")
        self.assertEqual(paced["count"], 50)

    def test_a_relay_without_an_upstream_refuses_callers_and_lives_on(self):
        relay = self.start("relay", "--target", "127.0.0.1:9")
        for _ in range(2):
            with self.assertRaises((ConnectionError, http.client.RemoteDisconnected)):
                self.ask(relay, "GET", "/")

    def test_a_relay_by_libcurl_passes_requests_and_answers_as_they_are(self):
        relay = self.start("curl_relay", "--target", f"127.0.0.1:{self.start('upstream')}")
        self.assertEqual(self.ask(relay, "POST", "/x?tokens=3&stream=255", "Count.")[1].count(" tok@000000ff."), 3)
        self.assertEqual(self.ask(relay, "GET", "/health"), (200, ""))
        self.assertEqual(self.ask(relay, "GET", "/nothing")[0], 404)
        self.assertEqual(self.ask(relay, "DELETE", "/nothing")[0], 501)

    def test_a_relay_by_libcurl_without_an_upstream_says_so_and_lives_on(self):
        relay = self.start("curl_relay", "--target", "127.0.0.1:9")
        for _ in range(2):
            self.assertEqual(self.ask(relay, "GET", "/")[0], 502)

    def test_the_floor_delivers_by_both_transports(self):
        floor = self.start("floor")
        for transport in ("sse", "ws"):
            result = self.load(
                "fanout", floor, "--subscribe", "/any", "--channel", "any", "--transport", transport,
                "--subscribers", "20", "--tokens", "30", "--rate", "200",
            )
            self.assertEqual(result["count"], 600)

    def test_a_stream_lingers_before_its_end(self):
        began = time.monotonic()
        result = self.load(
            "proxy", self.start("upstream"), "--connections", "1", "--tokens", "3", "--requests", "1", "--rate", "100",
            "--linger", "400",
        )
        self.assertEqual((result["count"], result["replies"]), (3, 1))
        # The tokens came at once, in 20 ms.
        self.assertLess(result["seconds"], 0.3)
        self.assertGreaterEqual(time.monotonic() - began, 0.4)


if __name__ == "__main__":
    unittest.main()
