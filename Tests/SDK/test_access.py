"""Keys of Tokencast's own in the hands of the providers' SDKs, signed links, and the commands that make both."""

import hashlib
import json
import os
import re
import subprocess
import sys
import time

import anthropic
import httpx
import openai
import pytest
from google import genai

from support.process import CHECKOUT, run
from support.upstream import TEXT

SECRET = "a secret that signs links"
MESSAGES = [{"role": "user", "content": "Hello"}]


def new_key(name, *arguments):
    result = run("key", "new", name, *arguments, "--json")
    assert (result.returncode, result.stderr) == (0, "")
    made = json.loads(result.stdout)
    return made["key"], made["entry"]


@pytest.fixture(scope="module")
def keys():
    """The texts of some keys by their names, and what a configuration has of them."""
    made = {
        "caller": new_key("caller", "--scope", "call"),
        "reader": new_key("reader", "--scope", "subscribe", "--channel", "demo"),
        "admin": new_key("admin", "--scope", "admin", "--expires", "90d"),
    }
    return {name: text for name, (text, _) in made.items()}, [entry for _, entry in made.values()]


@pytest.fixture
def config(tmp_path, upstream, keys):
    file = tmp_path / "config.json"
    upstreams = {
        family: {"url": upstream.url, "dialect": family, "key": {"env": f"{family.upper()}_TEST_KEY"}}
        for family in ("openai", "anthropic", "gemini")
    }
    routes = [
        {"path": "/v1/messages*", "upstream": "anthropic"},
        {"path": "/v1beta/*", "upstream": "gemini"},
        {"upstream": "openai"},
    ]
    access = {"keys": keys[1], "linkSecret": {"env": "LINK_SECRET"}}
    file.write_text(json.dumps({"upstreams": upstreams, "routes": routes, "access": access}))
    return file


@pytest.fixture
def tokencast(serve, config):
    variables = {f"{family}_TEST_KEY": f"upstream-key-of-{family}" for family in ("OPENAI", "ANTHROPIC", "GEMINI")}
    return serve("--config", config, LINK_SECRET=SECRET, **variables)


def sent(upstream, path=""):
    """What the upstream got last at a path that begins so, and a check that it has none of our keys.

    A list of models is asked of several upstreams at once, which are one here, and any of them may be the last.
    """
    for request in upstream.seen:
        assert "tck_" not in f"{request['path']} {request['headers']} {request.get('body')}"
    return [request for request in upstream.seen if request["path"].startswith(path)][-1]["headers"]


def test_openai(tokencast, upstream, keys):
    with openai.OpenAI(base_url=tokencast.base_url, api_key=keys[0]["caller"]) as sdk:
        stream = sdk.chat.completions.create(model="plain", messages=MESSAGES, stream=True)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == TEXT
    assert sent(upstream)["authorization"] == "Bearer upstream-key-of-OPENAI"


def test_anthropic(tokencast, upstream, keys):
    with anthropic.Anthropic(base_url=tokencast.url, api_key=keys[0]["caller"]) as sdk:
        with sdk.messages.stream(model="plain", max_tokens=9, messages=MESSAGES) as stream:
            assert "".join(stream.text_stream).startswith(TEXT)
    headers = sent(upstream)
    assert headers["x-api-key"] == "upstream-key-of-ANTHROPIC"
    assert headers["authorization"] is None


def test_anthropic_with_a_token(tokencast, upstream, keys):
    with anthropic.Anthropic(base_url=tokencast.url, auth_token=keys[0]["caller"], api_key=None) as sdk:
        sdk.messages.create(model="plain", max_tokens=9, messages=MESSAGES, stream=True).close()
    assert sent(upstream)["x-api-key"] == "upstream-key-of-ANTHROPIC"


def test_google_genai(tokencast, upstream, keys):
    sdk = genai.Client(api_key=keys[0]["caller"], http_options={"base_url": tokencast.url})
    # The upstream doesn't speak Gemini: that it was asked, and with which key, is what counts.
    sdk.models.list(config={"query_base": True})
    assert sent(upstream, "/v1beta/")["x-goog-api-key"] == "upstream-key-of-GEMINI"


def test_the_key_in_googles_query(tokencast, upstream, keys):
    answer = httpx.get(f"{tokencast.url}/v1beta/files", params={"key": keys[0]["caller"], "alt": "json"})
    assert answer.status_code == 200
    assert sent(upstream, "/v1beta/")["x-goog-api-key"] == "upstream-key-of-GEMINI"
    assert upstream.seen[-1]["path"] == "/v1beta/files?alt=json"


def test_a_callers_own_key_beside_ours(tokencast, upstream, keys):
    headers = {"Tokencast-Key": keys[0]["caller"]}
    with openai.OpenAI(base_url=tokencast.base_url, api_key="sk-mine", default_headers=headers) as sdk:
        sdk.chat.completions.create(model="plain", messages=MESSAGES)
    assert sent(upstream)["authorization"] == "Bearer sk-mine"


def test_refusals_are_the_sdks_own_errors(tokencast, upstream, keys):
    for text, raised in [("tck_wrong", openai.AuthenticationError), (keys[0]["reader"], openai.PermissionDeniedError)]:
        with openai.OpenAI(base_url=tokencast.base_url, api_key=text) as sdk, pytest.raises(raised) as caught:
            sdk.chat.completions.create(model="plain", messages=MESSAGES)
        assert "key" in caught.value.message
    for text, raised in [("tck_wrong", anthropic.AuthenticationError), (keys[0]["reader"], anthropic.PermissionDeniedError)]:
        with anthropic.Anthropic(base_url=tokencast.url, api_key=text) as sdk, pytest.raises(raised):
            sdk.messages.create(model="plain", max_tokens=9, messages=MESSAGES)
    sdk = genai.Client(api_key="tck_wrong", http_options={"base_url": tokencast.url})
    with pytest.raises(genai.errors.ClientError) as caught:
        sdk.models.generate_content(model="plain", contents="Hello")
    assert (caught.value.code, caught.value.status) == (401, "UNAUTHENTICATED")
    assert upstream.seen == []
    assert "tck_" not in tokencast.log and keys[0]["reader"] not in tokencast.log


def first_line(url, **more):
    with httpx.stream("GET", url, timeout=10, **more) as answer:
        return answer.status_code, next(answer.iter_lines(), "")


def test_a_link_of_the_command_opens_its_channel_alone(tokencast, config):
    result = run("link", "/channels/demo", "--expires", "1h", "--url", tokencast.url, "--config", config, LINK_SECRET=SECRET)
    assert (result.returncode, result.stderr) == (0, "")
    url = result.stdout.strip()
    assert url.startswith(f"{tokencast.url}/channels/demo?expires=")
    assert first_line(url)[0] == 200
    assert first_line(url + "&since=now")[0] == 200
    assert first_line(url.replace("demo", "other"))[0] == 403
    assert first_line(url[:-1] + ("A" if url[-1] != "A" else "B"))[0] == 403
    assert httpx.get(f"{tokencast.url}/streams?{url.split('?')[1]}").status_code == 401


def test_the_recipe_of_the_page_makes_the_same_link(tokencast, config):
    page = (CHECKOUT / "docs/access.md").read_text()
    [recipe] = [text for text in re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S) if "hmac" in text]
    assert len(recipe.strip().splitlines()) == 5
    variables = {**os.environ, "TOKENCAST_LINK_SECRET": SECRET}
    target = subprocess.run([sys.executable, "-c", recipe], env=variables, capture_output=True, text=True, check=True).stdout.strip()
    assert first_line(tokencast.url + target)[0] == 200
    expires = int(re.search(r"expires=(\d+)", target).group(1))
    assert abs(expires - time.time() - 3600) < 60


def test_what_key_new_prints(tmp_path):
    result = run("key", "new", "ci", "--scope", "call", "--scope", "publish", "--channel", "team-*", "--expires", "90d")
    assert (result.returncode, result.stderr) == (0, "")
    key, *_, entry = result.stdout.strip().splitlines()
    assert re.fullmatch(r"tck_[0-9A-Za-z]{43}", key)
    entry = json.loads(entry)
    assert entry["sha256"] == hashlib.sha256(key.encode()).hexdigest()
    assert (entry["name"], entry["scopes"], entry["channels"]) == ("ci", ["call", "publish"], ["team-*"])
    until = time.mktime(time.strptime(entry["expires"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
    assert abs(until - time.time() - 90 * 86400) < 60
    another = run("key", "new", "ci", "--scope", "call").stdout.splitlines()[0]
    assert another != key
    (tmp_path / "config.json").write_text(json.dumps({"upstreams": {"a": {"url": "http://h"}}, "access": {"keys": [entry]}}))
    checked = run("config", "check", cwd=tmp_path)
    assert "key       ci: call, publish  (channels team-*)" in checked.stdout


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        (["key"], 0, "USAGE: tokencast key"),
        (["key", "new"], 64, "Missing expected argument '<name>'"),
        (["key", "new", "ci"], 64, "A key needs a --scope"),
        (["key", "new", "ci", "--scope", "calls"], 64, "'calls' is no scope"),
        (["key", "new", "a b", "--scope", "call"], 64, "'a b' can't name a key"),
        (["key", "new", "ci", "--scope", "call", "--channel", "a/b"], 64, "'a/b' can't be a channel's name"),
        (["key", "new", "ci", "--scope", "call", "--expires", "soon"], 64, "'soon' is no time from now"),
        (["key", "new", "ci", "--scope", "call", "--expires", "0d"], 64, "'0d' is no time from now"),
        (["link"], 64, "Missing expected argument '<path>'"),
        (["link", "/tapes"], 64, "'/tapes' is neither /streams/ID nor /channels/NAME"),
        (["link", "/channels/a b"], 64, "neither"),
        (["link", "/channels/demo", "--url", "ftp://x"], 64, "'ftp://x' is no URL of a server"),
        (["link", "/channels/demo", "--config", "missing.json"], 78, "missing.json"),
        (["link", "/channels/demo", "--config", "none.json"], 78, "the configuration has no access.linkSecret"),
        (["link", "/channels/demo", "--config", "unset.json"], 78, "the environment variable UNSET_SECRET is not set"),
        (["link", "/channels/demo", "--config", "short.json"], 78, "less than 16 bytes"),
    ],
)
def test_wrong_input(tmp_path, arguments, code, said):
    (tmp_path / "none.json").write_text("{}")
    (tmp_path / "unset.json").write_text('{"access":{"linkSecret":{"env":"UNSET_SECRET"}}}')
    (tmp_path / "short.json").write_text('{"access":{"linkSecret":{"env":"SHORT_SECRET"}}}')
    result = run(*arguments, cwd=tmp_path, SHORT_SECRET="hush-hush")
    assert (result.returncode, said in result.stdout + result.stderr) == (code, True), result.stdout + result.stderr
    assert "hush-hush" not in result.stdout + result.stderr


def test_other_addresses_need_keys(serve, config, tmp_path):
    result = run("serve", "--host", "0.0.0.0", "--port", "0", "--upstream", "http://127.0.0.1:1", cwd=tmp_path)
    assert (result.returncode, "need access.keys" in result.stderr) == (78, True)


def test_the_second_secret_still_verifies(serve, config, keys):
    loaded = json.loads(config.read_text())
    loaded["access"]["linkSecret"] = [{"env": "NEW_SECRET"}, {"env": "OLD_SECRET"}, {"env": "UNSET_SECRET"}]
    config.write_text(json.dumps(loaded))
    secrets = {"NEW_SECRET": "the new secret of links", "OLD_SECRET": SECRET}
    tokencast = serve("--config", config, **secrets)
    assert "UNSET_SECRET is not set" in tokencast.log
    links = [
        run("link", "/channels/demo", "--url", tokencast.url, "--config", config, **{**secrets, **more}).stdout.strip()
        for more in ({}, {"NEW_SECRET": ""})
    ]
    assert links[0].split("signature=")[1] != links[1].split("signature=")[1]
    assert [first_line(link)[0] for link in links] == [200, 200]
