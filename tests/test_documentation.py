"""The documentation says what the code does: the reference is not stale, and what pages name is there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from deployments.cli.main import app
from docs.generate import events
from docs.generate.configuration import variables
from docs.generate.pages import FOLDER, pages, stale
from rightsflow.config.settings import Settings

ROOT = Path(__file__).parent.parent
WRITTEN = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
    if path.name != "CHANGELOG.md" and FOLDER not in path.parents and "decisions" not in path.parts
)
"""The pages that people write and that describe the present, by hand."""
CODE = ("rightsflow", "connectors", "tasks", "flows", "deployments")
VARIABLE = re.compile(r"\bRIGHTSFLOW_[A-Z_]+\b")
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)")
SECTION = re.compile(r"`\[([a-z_.]+)\](?: ([a-z_]+))?")
COMMAND = re.compile(r"(?:^|[\s`/])rightsflow ((?:[a-z][a-z-]*)(?:\\\n|[^`\n|;])*)", re.MULTILINE)

pytestmark = pytest.mark.xdist_group("documentation")


@cache
def made() -> dict[str, str]:
    return dict(pages())


@pytest.mark.parametrize("page", sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.md")))
def test_no_page_of_the_reference_is_stale(page):
    """Change the code, then run ``make reference``."""
    if page != "index.md":
        assert page in made()
        assert stale({page: made()[page]}) == []


def test_every_page_of_the_reference_is_there():
    assert [name for name in made() if not (FOLDER / name).is_file()] == []


def test_a_stale_page_is_found():
    assert stale({"errors.md": made()["errors.md"] + "one more line\n", "no-such.md": "text\n"}) == [
        "errors.md",
        "no-such.md",
    ]


def test_every_entry_of_the_ledger_is_explained():
    """What is missing goes into ``docs/generate/events.py``."""
    assert events.not_explained() == []


def test_every_variable_that_the_code_reads_is_explained():
    read = {
        name
        for layer in CODE
        for path in (ROOT / layer).rglob("*.py")
        for name in VARIABLE.findall(path.read_text(encoding="utf-8"))
    }
    assert read - variables() == set()


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_page_links_to_is_there(path):
    links = LINK.findall(path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_bytes()) <= 6_000


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_commands_and_options_of_a_page_are_there(path):
    for named in COMMAND.findall(path.read_text(encoding="utf-8")):
        words = named.replace("\\\n", " ").split()
        if not re.fullmatch(r"[a-z-]+", words[0]):
            continue
        command, *options = found(words)
        assert command is not None, named
        assert [option for option in options if option not in options_of(command)] == [], named


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_settings_that_a_page_names_are_there(path):
    for section, key in SECTION.findall(path.read_text(encoding="utf-8")):
        model: Any = Settings
        for name in filter(None, (*section.split("."), key)):
            if name == "systems":
                break
            assert name in model.model_fields, (section, key)
            model = model_of(model.model_fields[name].annotation)


def test_the_words_of_the_glossary_are_kept():
    """The right column of its table stands in no page that is written by hand."""
    glossary = ROOT / "docs" / "explanation" / "glossary.md"
    _, _, rows = glossary.read_text(encoding="utf-8").partition("| Say | Not |\n|---|---|\n")
    banned = [cell for row in rows.splitlines() for cell in row.split("|")[2].split(",")]
    phrases = [phrase.strip() for phrase in banned if phrase.strip() and phrase.strip() not in {"seal", "for both"}]
    assert len(phrases) > 8
    texts = {path: path.read_text(encoding="utf-8").casefold() for path in WRITTEN if path not in {glossary, *OLDER}}
    seen = [(phrase, path.name) for phrase in phrases for path, text in texts.items() if has(text, phrase)]
    assert seen == []


OLDER = frozenset(ROOT.glob("docs/**/threat-model.md")) | {ROOT / "docs" / "benchmarks.md"}
"""Grew with the code and goes its own way."""


def has(text: str, phrase: str) -> bool:
    return re.search(rf"\b{re.escape(phrase.casefold())}\b", text) is not None


def found(words: list[str]) -> list[Any]:
    """The command and its options, of a command line as a page writes it."""
    group: Any = typer.main.get_command(app)
    rest = [word.strip(".,:)`'\"") for word in words]
    while rest and hasattr(group, "commands"):
        group, rest = group.commands.get(rest[0]), rest[1:]
    return [group, *(word.partition("=")[0] for word in rest if word.startswith("--"))]


def options_of(command: Any) -> set[str]:
    return {"--help", *(name for one in command.params for name in (*one.opts, *one.secondary_opts))}


def model_of(annotation: Any) -> Any:
    if hasattr(annotation, "model_fields"):
        return annotation
    return next((one for one in getattr(annotation, "__args__", ()) if hasattr(one, "model_fields")), None)
