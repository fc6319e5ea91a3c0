"""What a real browser makes of it: the example page resumes by itself, and pages of foreign origins get nothing."""

import json
import random
import threading
from urllib.parse import quote

import httpx
import pytest

from support.browser import Browser, Pages
from support.cutting import CuttingProxy
from support.process import CHECKOUT
from support.upstream import TEXT

SEED = random.SystemRandom().randrange(1 << 32)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.fixture(scope="module")
def pages():
    with Pages(CHECKOUT / "Examples") as pages:
        yield pages


@pytest.fixture
def server(serve, upstream, pages, tmp_path):
    """Tokencast, which lets the example page's origin in, behind a proxy that cuts."""
    configuration = {
        "listen": {"port": 0, "allowedOrigins": [pages.origin]},
        "upstreams": {"test": {"url": upstream.url}},
        "routes": [{"upstream": "test"}],
    }
    (tmp_path / "config.json").write_text(json.dumps(configuration))
    with CuttingProxy(serve("--config", tmp_path / "config.json").url) as proxy:
        yield proxy


def ask(server, model="plain", channel="demo"):
    """Has a stream run; gives its id."""
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
    url = f"http://{server.server[0]}:{server.server[1]}/v1/chat/completions"
    answer = httpx.post(url, json=body, headers={"Tokencast-Channel": channel}, timeout=30)
    return answer.headers["tokencast-stream"]


def follow(browser, pages, url, transport):
    return browser.page(f"{pages.origin}/browser.html?transport={transport}&url={quote(url, safe='')}")


SHOWN = "[...document.querySelectorAll('.text')].map((part) => part.textContent)"


@pytest.mark.parametrize("transport", ["sse", "ws"])
def test_a_page_that_is_cut_off_again_and_again_shows_the_whole_text_once(browser, pages, server, transport):
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    id = ask(server)
    cuts = [chance.randrange(1, 400), *(chance.randrange(250, 1200) for _ in range(3))]
    server.cuts = iter(cuts)
    page = follow(browser, pages, f"{server.url}/streams/{id}", transport)
    page.wait("document.getElementById('state').className == 'over'")
    assert page.evaluate(SHOWN) == [TEXT], f"cut at {cuts}"
    assert len(server.seen) >= len(cuts)
    if transport == "sse":
        # The browser came back behind the end, was told that there is no more, and gave up for good.
        assert server.statuses()[-1] == 204
        assert page.evaluate("document.getElementById('state').textContent") == "over"


@pytest.mark.parametrize("transport", ["sse", "ws"])
def test_a_page_follows_the_streams_of_a_channel_across_a_cut(browser, pages, server, upstream, transport):
    page = follow(browser, pages, f"{server.url}/channels/demo", transport)
    page.wait("document.getElementById('state').className == 'connected'")
    ask(server)
    asking = threading.Thread(target=ask, args=(server, "held"))
    asking.start()
    page.wait(f"{SHOWN}.some((text) => text == 'Grüße')")
    server.cut_all()
    page.wait("document.getElementById('state').className == 'waiting'")
    upstream.gate.set()
    asking.join(30)
    page.wait(f"{SHOWN}.filter((text) => text == {json.dumps(TEXT)}).length == 2")
    assert page.evaluate(SHOWN) == [TEXT, TEXT]
    assert page.evaluate("[...document.querySelectorAll('header')].map((it) => it.textContent.split(' ').pop())") == [
        "complete",
        "complete",
    ]


@pytest.mark.parametrize("transport", ["sse", "ws"])
@pytest.mark.parametrize("query", ["catchup=fold", f"since={'0' * 36}_0000000003"], ids=["fold", "reset"])
def test_a_page_that_gets_a_snapshot_shows_its_text_once(browser, pages, server, transport, query):
    page = follow(browser, pages, f"{server.url}/streams/{ask(server)}?{query}", transport)
    page.wait("document.querySelector('header')?.textContent.endsWith(' complete')")
    assert page.evaluate(SHOWN) == [TEXT]
    assert page.evaluate("document.querySelectorAll('.note').length") == (0 if "fold" in query else 1)


def test_a_page_of_an_allowed_origin_may_ask_and_read(browser, pages, server):
    page = browser.page(f"{pages.origin}/browser.html")
    body = json.dumps({"model": "plain", "stream": True, "messages": [{"role": "user", "content": "Hi"}]})
    found = page.evaluate(
        f"""(async () => {{
            const url = {json.dumps(server.url)};
            const headers = {{ "Content-Type": "application/json", "Authorization": "Bearer unused" }};
            const answer = await fetch(url + "/v1/chat/completions", {{ method: "POST", headers, body: {json.dumps(body)} }});
            const text = await answer.text();
            const id = answer.headers.get("Tokencast-Stream");
            const read = await (await fetch(url + "/streams/" + id + "?view=text")).text();
            return {{ status: answer.status, text, id, read }};
        }})()"""
    )
    assert found["status"] == 200 and found["text"].endswith("data: [DONE]\n\n")
    assert len(found["id"]) == 36, "the stream's id must be readable"
    assert "Grüße" in found["read"]


ATTEMPTS = """(async () => {
    const url = %s, body = %s, stream = %s;
    const attempt = async (options, path) => {
        try {
            const answer = await fetch(url + path, options);
            return answer.type == "opaque" ? "opaque" : "read: " + await answer.text();
        } catch { return "refused"; }
    };
    const json = { "Content-Type": "application/json" };
    const found = {};
    for (const path of ["/streams/" + stream, "/channels/all", "/metrics", "/v1/models"])
        for (const mode of ["cors", "no-cors"]) found[mode + " " + path] = await attempt({ mode }, path);
    for (const path of ["/v1/chat/completions", "/channels/demo", "/streams"]) {
        found["json " + path] = await attempt({ method: "POST", headers: json, body }, path);
        found["text " + path] = await attempt({ method: "POST", mode: "no-cors", body }, path);
    }
    found.eventSource = await new Promise((resolve) => {
        const source = new EventSource(url + "/channels/all");
        for (const kind of ["start", "delta", "message"])
            source.addEventListener(kind, (event) => resolve("read: " + event.data));
        source.onopen = () => resolve("open");
        source.onerror = () => { if (source.readyState == EventSource.CLOSED) resolve("refused"); };
    });
    found.webSocket = await new Promise((resolve) => {
        const socket = new WebSocket(url.replace("http", "ws") + "/channels/all");
        socket.onopen = () => resolve("open");
        socket.onclose = () => resolve("refused");
    });
    for (const kind of ["script", "img"])
        found[kind] = await new Promise((resolve) => {
            const element = document.createElement(kind);
            element.onload = () => resolve("load");
            element.onerror = () => resolve("refused");
            element.src = url + "/channels/all";
            document.body.append(element);
        });
    return found;
})()"""

FORM = """new Promise((resolve) => {
    const [url, name] = [%s, %s];
    const frame = document.createElement("iframe");
    frame.name = url;
    document.body.append(frame);
    const form = document.createElement("form");
    form.method = "post";
    form.enctype = "text/plain";
    form.target = frame.name;
    form.action = url;
    const field = document.createElement("input");
    // What a form of that type sends is name=value: JSON, with the equals sign within a string.
    field.name = name;
    field.value = '"}';
    form.append(field);
    document.body.append(form);
    frame.onload = () => resolve();
    form.submit();
})"""


def test_a_page_of_a_foreign_origin_gets_nothing(browser, pages, server, upstream):
    id = ask(server)
    asked_before = len(upstream.seen)
    # The same page, on the same machine, under a name that nobody has allowed.
    page = browser.page(f"http://foreign.example:{pages.port}/browser.html")
    body = json.dumps({"model": "plain", "stream": True, "messages": [{"role": "user", "content": "Hi"}]})
    found = page.evaluate(ATTEMPTS % tuple(map(json.dumps, (server.url, body, id))))
    for name, result in found.items():
        allowed = {"opaque", "refused"} if "cors" in name or name.startswith("text") else {"refused"}
        assert result in allowed, f"{name}: {result}"
    for path in ["/v1/chat/completions", "/channels/demo", "/streams"]:
        before = len(server.statuses(f"POST {path}"))
        name = body[:-1] + ', "user": "'
        page.evaluate(FORM % (json.dumps(server.url + path), json.dumps(name)))
        assert len(server.statuses(f"POST {path}")) > before
    # What the page can't see, the server can: nothing reached a stream, a channel or the upstream.
    assert all(status >= 400 for status in server.statuses())
    assert len(upstream.seen) == asked_before
    metrics = httpx.get(f"http://{server.server[0]}:{server.server[1]}/metrics").text
    for transport in ["sse", "websocket"]:
        assert f'tokencast_subscribers{{transport="{transport}"}} 0\n' in metrics
