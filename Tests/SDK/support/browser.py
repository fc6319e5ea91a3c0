"""A real browser: Debian's chromium without a window, driven by the DevTools protocol."""

import json
import os
import queue
import re
import shutil
import subprocess
import threading
from contextlib import ExitStack
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

from websockets.sync.client import connect

PROGRAM = shutil.which("chromium")


class Browser:
    """Runs while it is used as a context. Pages of any `*.example` host are looked for on this machine."""

    def __init__(self, profile):
        assert PROGRAM, "there is no chromium: apt-get install chromium"
        self.process = subprocess.Popen(
            [
                PROGRAM,
                "--headless=new",
                "--remote-debugging-port=0",
                f"--user-data-dir={profile / 'profile'}",
                "--host-resolver-rules=MAP *.example 127.0.0.1",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
                # Its sandbox needs an ordinary user.
                *(["--no-sandbox"] if os.geteuid() == 0 else []),
                "about:blank",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        address = queue.Queue()
        threading.Thread(target=self._read_errors, args=(address,), daemon=True).start()
        url = address.get(timeout=30)
        assert url, "chromium didn't start"
        self.closing = ExitStack()
        self.socket = self.closing.enter_context(connect(url, proxy=None, max_size=None))
        self.ids = count(1)

    def _read_errors(self, address):
        for line in self.process.stderr:
            found = re.search(rb"DevTools listening on (ws://\S+)", line)
            if found:
                address.put(found.group(1).decode())
        address.put(None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.command("Browser.close")
            self.closing.close()
            self.process.wait(10)
        except Exception:
            self.process.kill()
            self.process.wait()

    def command(self, method, session=None, **parameters):
        id = next(self.ids)
        message = {"id": id, "method": method, "params": parameters}
        self.socket.send(json.dumps(message | ({"sessionId": session} if session else {})))
        while True:
            answer = json.loads(self.socket.recv(timeout=40))
            if answer.get("id") == id:
                assert "error" not in answer, f"{method}: {answer['error']['message']}"
                return answer["result"]

    def page(self, url):
        return Page(self, url)


class Page:
    def __init__(self, browser, url):
        self.browser = browser
        target = browser.command("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.command("Page.navigate", self.session, url=url)
        self.wait(f"location.href.startsWith({json.dumps(url.split('?')[0])}) && document.readyState == 'complete'")

    def evaluate(self, expression):
        """The value of an expression, or of the promise that it is."""
        answer = self.browser.command(
            "Runtime.evaluate", self.session, expression=expression, awaitPromise=True, returnByValue=True
        )
        details = answer.get("exceptionDetails")
        assert not details, details["exception"].get("description", details)
        return answer["result"].get("value")

    def wait(self, condition, seconds=30):
        """Waits until an expression is true, within the page."""
        return self.evaluate(
            f"""new Promise((resolve, reject) => {{
                const end = Date.now() + {seconds * 1000};
                (function look() {{
                    const value = (() => {condition})();
                    if (value) return resolve(value);
                    if (Date.now() > end) return reject(new Error("in vain: " + {json.dumps(condition)} + "\\n"
                        + document.body?.innerText));
                    setTimeout(look, 20);
                }})();
            }})"""
        )


class Pages:
    """Serves a directory on a free port while it is used as a context, as `python3 -m http.server` does."""

    def __init__(self, directory):
        handler = partial(Quiet, directory=str(directory))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.port = self.server.server_address[1]
        self.origin = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass
