"""config.json: the program and its JSON Schema take and refuse the same files."""

import copy
import json
import re

import jsonschema
import pytest

from support.process import CHECKOUT, run

OK, CONFIGURATION = 0, 78

SCHEMA = json.loads((CHECKOUT / "docs/config.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

FULL = {
    "$schema": "https://example.com/config.schema.json",
    "listen": {"host": "localhost", "port": 0, "allowedHosts": ["box.local"], "allowedOrigins": ["https://app.example"]},
    "access": {
        "keys": [
            {"name": "ci", "sha256": "0" * 64, "scopes": ["call", "subscribe"], "channels": ["team-*"], "expires": "2027-01-31T12:00:00+01:00"},
            {"name": "all", "sha256": "aB" * 32, "scopes": ["admin"]},
        ],
        "linkSecret": [{"env": "LINK_SECRET"}, {"env": ["OLD", "OLDER"]}],
    },
    "upstreams": {
        "one": {
            "url": "https://api.example.com/v1",
            "dialect": "openai",
            "key": {"env": "EXAMPLE_API_KEY"},
            "paths": {"*/chat/completions": "/chat", "/models/*": "/v1/models/*"},
            "timeouts": {"connect": 2.5, "firstByte": 60, "idle": 30},
        },
        "two.b-c_d": {
            "replay": {
                "cassette": str(CHECKOUT / "fixtures/demo"),
                "speed": 0,
                "maxGap": 0.5,
                "rechunk": "random:7",
                "faults": ["drop@event:5", "status:429;retry-after=1;times=2"],
            }
        },
    },
    "routes": [
        {"model": "demo*", "upstream": "two.b-c_d", "onDisconnect": "keep", "keepSeconds": 0.5},
        {"path": "/v1/*", "upstream": "one", "tapes": {"mode": "new_episodes", "cassette": "others", "speed": 0, "scopes": {}}},
        {"upstream": "one", "tapes": "off", "onDisconnect": "drain"},
    ],
    "tapes": {"mode": "all", "cassette": "tapes", "scope": "tests/chat", "speed": 1, "maxGap": 2, "rechunk": "size:3", "faults": [], "scopes": {"tests/*": "once", "live": "off"}},
    "tee": [
        {"directory": "tee"},
        {"directory": "tee2", "formats": ["text", "raw"], "name": "{date}/{model}-{{{id}}}", "model": "gpt-*"},
        {"file": "all.text", "formats": ["text"], "rotate": {"bytes": 1, "keep": 2}, "path": "/v1/*", "upstream": "one"},
        {"file": "-", "label": "out", "onRequest": True},
    ],
    "limits": {"subscribers": 9, "channels": 8, "socketSubscriptions": 7, "publishBytes": 6, "publishRate": 5, "publishBurst": 4},
    "retention": {"events": 10, "bytes": 4096, "seconds": 0.5, "totalBytes": 65536},
    "logLevel": "debug",
    "drainSeconds": 1.5,
}


def changed(path, value):
    """FULL with one place changed; a value of None takes it away."""
    whole = copy.deepcopy(FULL)
    *way, last = path
    place = whole
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return whole


def check(tmp_path, configuration):
    file = tmp_path / "config.json"
    file.write_text(json.dumps(configuration, indent=2))
    return run("config", "check", "--config", file)


def test_the_schema_knows_the_dialects_that_the_program_knows(tmp_path):
    known = SCHEMA["$defs"]["dialect"]["enum"]
    for word in known:
        assert check(tmp_path, changed(["upstreams", "one", "dialect"], word)).returncode == OK
    error = check(tmp_path, changed(["upstreams", "one", "dialect"], "?")).stderr
    families = re.search(r"families: (.*);", error).group(1).split(", ")
    assert families == [word for word in known if "." not in word and word != "generic"]


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_configuration_that_comes_along_is_valid():
    configuration = json.loads((CHECKOUT / "config.json").read_text())
    VALIDATOR.validate(configuration)
    assert (CHECKOUT / configuration["$schema"]).resolve() == (CHECKOUT / "docs/config.schema.json").resolve()
    result = run("config", "check")
    assert result.returncode == OK
    assert "route     model demo* → demo" in result.stdout


@pytest.mark.parametrize(
    "configuration",
    [
        FULL,
        changed(["listen"], None),
        changed(["tapes"], {"mode": "off"}),
        changed(["tapes"], {"cassette": "tapes"}),
        changed(["routes"], []),
        changed(["drainSeconds"], 0),
        changed(["limits"], {}),
        changed(["limits", "subscribers"], None),
        changed(["retention"], {}),
        changed(["retention", "seconds"], 0),
        changed(["upstreams", "one", "url"], "HTTP://127.0.0.1:1/a/b/"),
        changed(["upstreams", "one", "url"], {"env": "A_VARIABLE_THAT_ISNT_SET"}),
        changed(["upstreams", "one", "url"], {"env": ["A_VARIABLE_THAT_ISNT_SET", "ANOTHER"]}),
        changed(["upstreams", "one", "key"], {"env": ["EXAMPLE_API_KEY", "OTHER_API_KEY"]}),
        changed(["upstreams", "one", "dialect"], "openai.responses"),
        changed(["routes", 1, "dialect"], "anthropic"),
    ],
)
def test_both_take_it(tmp_path, configuration):
    assert list(VALIDATOR.iter_errors(configuration)) == []
    result = check(tmp_path, configuration)
    assert (result.returncode, result.stderr) == (OK, "")


@pytest.mark.parametrize(
    "path, value, said",
    [
        (["lisen"], {}, "unknown key 'lisen'; did you mean 'listen'?"),
        (["listen", "prot"], 1, "unknown key 'listen.prot'; did you mean 'port'?"),
        (["upstreams", "one", "uri"], "x", "unknown key 'upstreams.one.uri'; did you mean 'url'?"),
        (["upstreams", "one", "key", "file"], "x", "unknown key 'upstreams.one.key.file'"),
        (["upstreams", "one", "timeouts", "total"], 1, "unknown key 'upstreams.one.timeouts.total'"),
        (["upstreams", "two.b-c_d", "replay", "sped"], 1, "did you mean 'speed'?"),
        (["routes", 0, "modell"], "x", "unknown key 'routes[0].modell'; did you mean 'model'?"),
        (["tapes", "dir"], "x", "unknown key 'tapes.dir'"),
        (["tee", 0, "format"], ["text"], "did you mean 'formats'?"),
        (["listen", "port"], 65536, "listen.port must be a whole number from 0 to 65535"),
        (["listen", "port"], "8653", "listen.port must be a whole number"),
        (["listen", "allowedHosts"], "box", "listen.allowedHosts must be an array of strings"),
        (["listen", "allowedOrigins"], ["https://app.example/"], "'https://app.example/' is no origin: SCHEME://HOST"),
        (["access", "key"], [], "unknown key 'access.key'; did you mean 'keys'?"),
        (["access", "keys", 0, "scope"], [], "unknown key 'access.keys[0].scope'; did you mean 'scopes'?"),
        (["access", "keys", 0, "name"], None, "access.keys[0]: a key needs a name"),
        (["access", "keys", 0, "name"], "a b", "access.keys[0].name: 'a b' can't name a key"),
        (["access", "keys", 0, "sha256"], None, "a key needs its sha256"),
        (["access", "keys", 0, "sha256"], "00", "it takes the 64 hex digits of a key's SHA-256"),
        (["access", "keys", 0, "scopes"], None, "a key needs scopes"),
        (["access", "keys", 0, "scopes"], [], "a key without a scope is good for nothing"),
        (["access", "keys", 0, "scopes"], ["subscrib"], "'subscrib' is no scope; did you mean 'subscribe'?"),
        (["access", "keys", 0, "channels"], [], "a key for no channel"),
        (["access", "keys", 0, "channels"], ["a/b"], "'a/b' can't be a channel's name"),
        (["access", "keys", 0, "expires"], "tomorrow", "'tomorrow' is no time as RFC 3339 has it"),
        (["access", "keys", 0, "expires"], "2027-01-31", "'2027-01-31' is no time as RFC 3339 has it"),
        (["access", "keys", 0, "expires"], 1, "access.keys[0].expires must be a string"),
        (["access", "linkSecret"], {"file": "x"}, "unknown key 'access.linkSecret.file'"),
        (["access", "linkSecret"], [{}], "a link secret needs env"),
        (["upstreams", "streams"], {"url": "http://x"}, "'streams' is a path of Tokencast's own"),
        (["upstreams", "a b"], {"url": "http://x"}, "an upstream's name"),
        (["upstreams", "one"], {}, "an upstream needs a url or a replay"),
        (["upstreams", "one", "replay"], {"cassette": "x"}, "a url or a replay, not both"),
        (["upstreams", "one", "url"], "ftp://x", "must be http://HOST"),
        (["upstreams", "one", "url"], "http://u:p@x", "must be http://HOST"),
        (["upstreams", "one", "url"], "http://x?y=1", "must be http://HOST"),
        (["upstreams", "one", "url"], {}, "a url needs env"),
        (["upstreams", "one", "url"], {"env": "A", "default": "x"}, "unknown key 'upstreams.one.url.default'"),
        (["upstreams", "one", "key"], {}, "a key needs env"),
        (["upstreams", "one", "key"], {"env": []}, "an array of strings that isn't empty"),
        (["upstreams", "one", "dialect"], "opanai", "did you mean 'openai'?"),
        (["routes", 0, "dialect"], "openai.char", "did you mean 'openai.chat'?"),
        (["upstreams", "one", "paths"], {"/a": "b"}, "upstreams.one.paths./a: and what stands for it must be paths"),
        (["upstreams", "one", "paths"], {"/*/*": "/b"}, "must be paths with one * at most"),
        (["upstreams", "one", "paths"], {"/*": "/*/*"}, "must be paths with one * at most"),
        (["upstreams", "one", "paths"], {"/a?b": "/c"}, "must be paths"),
        (["upstreams", "one", "paths"], {"/a": 1}, "upstreams.one.paths./a must be a string"),
        (["upstreams", "one", "timeouts", "idle"], -1, "must be a number from 0 to 30000000"),
        (["upstreams", "two.b-c_d", "replay"], {}, "a replay needs a cassette"),
        (["routes", 0, "upstream"], None, "a route needs an upstream"),
        (["tapes"], {"mode": "all"}, "mode 'all' needs a cassette"),
        (["tapes"], {"scopes": {"a": "once"}}, "needs a cassette"),
        (["tapes", "mode"], "sometimes", "take one of off, none, once, new_episodes, all"),
        (["tapes", "scopes"], {"a": "twice"}, "take one of off, none, once, new_episodes, all"),
        (["routes", 0, "tapes"], "twice", "take one of off, none, once, new_episodes, all"),
        (["routes", 0, "tapes"], {"dir": "x"}, "unknown key 'routes[0].tapes.dir'"),
        (["tapes", "scope"], "../up", "can't name a scope"),
        (["tapes", "speed"], 30_000_001, "must be a number from 0 to 30000000"),
        (["tapes", "maxGap"], -1, "must be a number from 0 to 30000000"),
        (["tapes", "rechunk"], "bits", "'bits' is no way to cut a body: take recorded, event, line"),
        (["tapes", "rechunk"], "size:0", "size:N takes 1 to"),
        (["tapes", "faults"], "drop", "tapes.faults must be an array of strings"),
        (["tapes", "faults"], ["drpo"], "'drpo' is no fault: there are drop, reset"),
        (["upstreams", "two.b-c_d", "replay", "faults"], ["dup"] * 17, "16 faults at most, not 17"),
        (["tee", 0, "directory"], None, "a tee needs a directory or a file"),
        (["tee", 0, "file"], "x", "a directory or a file, not both"),
        (["tee", 1, "formats"], ["xml"], "'xml' is no format: take jsonl, text, raw"),
        (["tee", 1, "formats"], [], "a tee needs a format"),
        (["tee", 1, "formats"], ["raw", "raw"], "a format is there twice"),
        (["tee", 2, "formats"], ["raw"], "can't be told apart"),
        (["tee", 2, "formats"], ["jsonl", "text"], "one file holds one format"),
        (["tee", 1, "name"], "{modell}", "there is no {modell}"),
        (["tee", 1, "name"], "../{id}", "no name may begin with a dot"),
        (["tee", 1, "name"], "/{id}", "joined by single slashes"),
        (["tee", 1, "name"], "a//{id}", "joined by single slashes"),
        (["tee", 1, "name"], "{id}/", "joined by single slashes"),
        (["tee", 1, "name"], "{id", "is not closed"),
        (["tee", 1, "name"], "", "it is empty"),
        (["tee", 2, "name"], "{id}", "files are named where there is a directory"),
        (["tee", 2, "file"], "all/", "names no file"),
        (["tee", 2, "rotate"], {}, "it needs bytes"),
        (["tee", 2, "rotate", "bytes"], 0, "must be a whole number from 1"),
        (["tee", 2, "rotate", "keep"], 1001, "must be a whole number from 1 to 1000"),
        (["tee", 2, "rotate", "size"], 1, "unknown key 'tee[2].rotate.size'"),
        (["tee", 3, "rotate"], {"bytes": 1}, "standard output can't be put aside"),
        (["tee", 3, "label"], None, "requests need a label"),
        (["tee", 3, "label"], "a/b", "letters, digits"),
        (["tee", 3, "onRequest"], None, "is named by requests"),
        (["tee", 3, "onRequest"], "yes", "must be true or false"),
        (["routes", 0, "onDisconnect"], "wait", "take one of cancel, drain, keep"),
        (["routes", 0, "onDisconnect"], "drain", "goes with"),
        (["routes", 0, "keepSeconds"], -1, "must be a number"),
        (["limits", "subscribers"], 0, "must be a whole number from 1"),
        (["limits", "publishBytes"], 16777217, "must be a whole number from 1"),
        (["limits", "readers"], 1, "unknown key 'limits.readers'"),
        (["retention", "bytes"], 1, "must be a whole number from 1024"),
        (["retention", "seconds"], "1", "must be a number"),
        (["retention", "minutes"], 1, "unknown key 'retention.minutes'"),
        (["logLevel"], "loud", "take one of trace"),
        (["drainSeconds"], "30", "drainSeconds must be a number"),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, list) else None,
)
def test_both_refuse_it(tmp_path, path, value, said):
    configuration = changed(path, value)
    assert list(VALIDATOR.iter_errors(configuration)) != []
    result = check(tmp_path, configuration)
    assert result.returncode == CONFIGURATION
    assert said in result.stderr


def test_an_unknown_key_is_named_with_its_line(tmp_path):
    (tmp_path / "config.json").write_text('{\n  "listen": {\n    "prot": 1\n  }\n}\n')
    result = run("config", "check", cwd=tmp_path)
    assert result.returncode == CONFIGURATION
    assert result.stderr.startswith("error: config.json:3: unknown key 'listen.prot'; did you mean 'port'?")


def test_what_is_not_json_is_named_with_its_line(tmp_path):
    (tmp_path / "config.json").write_text('{\n  "listen": {,}\n}\n')
    result = run("config", "check", cwd=tmp_path)
    assert result.returncode == CONFIGURATION
    assert result.stderr.startswith("error: config.json:2: isn't JSON")


# What a schema can't tell.


def test_a_path_with_a_star_for_nothing_is_refused(tmp_path):
    result = check(tmp_path, changed(["upstreams", "one", "paths"], {"/a": "/*"}))
    assert result.returncode == CONFIGURATION
    assert "the second has one only if the first has" in result.stderr


def test_a_route_to_nowhere_is_refused(tmp_path):
    result = check(tmp_path, changed(["routes", 0, "upstream"], "three"))
    assert result.returncode == CONFIGURATION
    assert "there is no upstream 'three' (known: one, two.b-c_d)" in result.stderr


@pytest.mark.parametrize(
    "path, value, said",
    [
        (["tee", 2, "upstream"], "three", "there is no upstream 'three' (known: one, two.b-c_d)"),
        (["tee", 0], {"file": "-"}, "another tee writes there"),
        (["tee", 0], {"file": "x", "label": "out", "onRequest": True}, "another tee is called 'out'"),
    ],
)
def test_tees_that_do_not_go_together_are_refused(tmp_path, path, value, said):
    result = check(tmp_path, changed(path, value))
    assert result.returncode == CONFIGURATION
    assert said in result.stderr
    assert re.match(r"error: \S+config.json:\d+: tee\[\d\]", result.stderr)


def test_a_missing_cassette_is_refused(tmp_path):
    result = check(tmp_path, changed(["upstreams", "two.b-c_d", "replay", "cassette"], "no-such-directory"))
    assert result.returncode == CONFIGURATION
    assert f"{tmp_path}/no-such-directory" in result.stderr
