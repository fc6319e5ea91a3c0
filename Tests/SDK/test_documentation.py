"""What the documentation says is so: its links, its help texts, its examples, its list of metrics."""

import json
import os
import re
import subprocess

import httpx
import jsonschema
import pytest

from support.process import CHECKOUT, PROGRAM, environment, run

PAGES = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/*.md"), CHECKOUT / "fixtures/README.md"])
NAMES = [str(page.relative_to(CHECKOUT)) for page in PAGES]

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def prose(page):
    return BLOCK.sub("", page.read_text())


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def blocks(page, language):
    return [text for name, text in BLOCK.findall((CHECKOUT / page).read_text()) if name == language]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page):
    for link in LINK.findall(prose(page)):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        assert target.is_relative_to(CHECKOUT)
        assert not anchor or anchor in anchors(target), f"{link} has no such heading"


@pytest.mark.parametrize("page", sorted(CHECKOUT.glob("docs/*")), ids=lambda page: page.name)
def test_every_page_is_linked_from_the_readme(page):
    assert f"](docs/{page.name})" in (CHECKOUT / "README.md").read_text()


@pytest.mark.parametrize("text", blocks("docs/cli.md", "text"), ids=lambda text: text.split("USAGE: ")[1].split("\n")[0][:24])
def test_the_help_is_the_programs_own(text):
    usage = text.split("USAGE: tokencast ")[1].split("\n")[0]
    command = re.match(r"[a-z ]+", usage).group().split()
    assert run(*command, "--help").stdout.strip() == text.strip()


@pytest.mark.parametrize("page", ["README.md", "docs/configuration.md"])
def test_example_configurations_are_valid(page, tmp_path):
    schema = json.loads((CHECKOUT / "docs/config.schema.json").read_text())
    examples = [json.loads(text) for text in blocks(page, "json")]
    assert examples
    for example in examples:
        jsonschema.Draft202012Validator(schema).validate(example)
        (tmp_path / "config.json").write_text(json.dumps(example))
        (tmp_path / "fixtures").mkdir(exist_ok=True)
        (tmp_path / "fixtures/demo").mkdir(exist_ok=True)
        result = run("config", "check", cwd=tmp_path)
        assert (result.returncode, result.stderr) == (0, "")


def test_the_examples_print_what_they_show(tmp_path):
    """The console examples of the tape tools, run one after another. `…` stands for anything, ages pass."""
    (tmp_path / "fixtures").symlink_to(CHECKOUT / "fixtures")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/tokencast").symlink_to(PROGRAM)
    variables = environment(PATH=f"{tmp_path}/bin:{os.environ['PATH']}", LC_ALL="C.UTF-8")
    steps = [step for block in blocks("docs/tape-tools.md", "console") for step in re.split(r"^\$ ", block, flags=re.M)[1:]]
    assert len(steps) > 12
    for command, _, shown in (step.partition("\n") for step in steps):
        result = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=variables, capture_output=True, text=True)
        assert result.stderr == "", command
        wanted = re.escape(shown).replace("…", ".*")
        wanted, printed = (re.sub(r"(\\? )+\d+[smhdy]\\? ", " AGE ", text) for text in (wanted, result.stdout))
        assert re.fullmatch(wanted, printed, flags=re.DOTALL), f"{command} printed\n{result.stdout}"


def test_the_example_tape_is_one(tmp_path):
    [tape] = [text for text in blocks("docs/tape-format.md", "") if text.startswith('{"tape":1')]
    (tmp_path / "example.tape.jsonl").write_text(tape)
    result = run("tape", "show", "--text", tmp_path / "example.tape.jsonl")
    assert (result.returncode, result.stdout, result.stderr) == (0, "café\n", "")


def test_every_metric_is_described(tokencast):
    text = httpx.get(f"{tokencast.url}/metrics").text
    served = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    described = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", (CHECKOUT / "docs/metrics.md").read_text(), re.MULTILINE))
    assert served == described


@pytest.mark.parametrize("code", blocks("README.md", "python"))
def test_the_readmes_python_works(serve, code):
    demo = serve("--config", CHECKOUT / "config.json")
    said = []
    exec(code.replace("http://127.0.0.1:8653", demo.url), {"print": lambda text, **_: said.append(text)})
    assert len("".join(said)) > 40


@pytest.mark.parametrize("code", blocks("docs/client.md", "swift"))
def test_the_swift_clients_examples_are_those_that_are_compiled(code):
    compiled = (CHECKOUT / "Tests/TokencastTests/Client/ClientExamples.swift").read_text()
    *imports, rest = re.split(r"^(import \w+)\n", code, flags=re.MULTILINE)
    assert rest.strip() in compiled
    assert all(line in compiled for line in imports if line)
