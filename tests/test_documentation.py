"""The documentation says what the code does: the reference is not stale, and what pages name is there."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import tomllib
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import typer

from connectors.registry import GROUP, ConnectorType
from connectors.settings import HttpSystemSettings
from connectors.sql.column_settings import BlankedColumn
from deployments.cli.main import app
from docs.generate import events
from docs.generate.configuration import variables
from docs.generate.pages import FOLDER, pages, stale
from rightsflow.cases.course.sending.mail import MAILED
from rightsflow.config.settings import Settings
from rightsflow.documents.letters import LetterId, LetterVariables
from rightsflow.domain.accounts import Role
from rightsflow.domain.alerts.ladder import RungKind
from rightsflow.domain.import_file import COLUMNS
from rightsflow.domain.processors.terms import ProcessorAnswer
from rightsflow.domain.vocabulary.rights import RestrictionGround, Right
from tests.support.patches import LEFT

ROOT = Path(__file__).parent.parent
WRITTEN = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "sandbox" / "README.md")
    if path.name != "CHANGELOG.md" and FOLDER not in path.parents and "decisions" not in path.parts
)
"""The pages that people write and that describe the present, by hand."""
CODE = ("rightsflow", "connectors", "tasks", "flows", "deployments", "sandbox")
REGISTERED = {one.name: one.load().settings for one in entry_points(group=GROUP) if one.value.startswith("connectors.")}
"""The settings of each connector of this distribution."""
VARIABLE = re.compile(r"\bRIGHTSFLOW_[A-Z_]+\b")
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)")
SECTION = re.compile(r"`\[([a-z_.]+)\](?: ([a-z_]+))?")
COMMAND = re.compile(r"(?:^|[\s`/])rightsflow ((?:[a-z][a-z-]*)(?:\\\n|[^`\n|;])*)", re.MULTILINE)

pytestmark = pytest.mark.xdist_group("documentation")


@cache
def command_line() -> Any:
    """As typer builds it, which takes longer than to look a command up in it."""
    return typer.main.get_command(app)


@cache
def made() -> dict[str, str]:
    return dict(pages())


@pytest.mark.apart
def test_no_page_of_the_reference_is_stale():
    """Change the code, then run ``make reference``."""
    for page in sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.md")):
        if page != "index.md":
            assert page in made()
            assert stale({page: made()[page]}) == []

    assert [name for name in made() if not (FOLDER / name).is_file()] == []
    assert stale({"errors.md": made()["errors.md"] + "one more line\n", "no-such.md": "text\n"}) == [
        "errors.md",
        "no-such.md",
    ]


def test_every_entry_of_the_ledger_is_explained():
    """What is missing goes into ``docs/generate/events.py``."""
    assert events.not_explained() == []


@pytest.mark.apart
def test_every_variable_that_the_code_reads_is_explained():
    read = {
        name
        for layer in CODE
        for path in (ROOT / layer).rglob("*.py")
        for name in VARIABLE.findall(path.read_text(encoding="utf-8"))
    }
    assert read - variables() == set()


def test_what_a_page_links_to_is_there():
    for path in WRITTEN:
        links = LINK.findall(path.read_text(encoding="utf-8"))
        assert [link for link in links if not (path.parent / link).exists()] == [], path


@pytest.mark.apart
def test_every_command_is_in_the_reference_and_every_option_of_it():
    """Read from the command line itself, not from what generates the page."""
    page = made()["command-line.md"]
    missing = []
    for name, command in commands(command_line()):
        _, heading, rest = page.partition(f"\n## {name.removeprefix('rightsflow ')}\n")
        section = rest.partition("\n## ")[0]
        options = {one for one in options_of(command) if one.startswith("--")} - {"--help"}
        cells = re.findall(r"(?:^- |\[Common\]\(#common\):\s)`([^`]+)`", section, re.MULTILINE)
        shown = {word for cell in cells for word in cell.split()}
        missing += [(name, one) for one in sorted(options - shown)] if heading else [name]
    assert missing == []


def test_every_key_of_the_settings_is_in_the_reference():
    page = made()["settings.md"]
    assert [key for key in keys(Settings) if not re.search(rf"^- (?:`[^`]+`, )*`{re.escape(key)}`", page, re.M)] == []


def test_every_key_of_a_connector_is_in_its_page():
    for name in sorted(REGISTERED):
        own = set(keys(REGISTERED[name])) - set(keys(HttpSystemSettings))
        page = made()[f"connectors/{name}.md"]
        assert [key for key in sorted(own) if not re.search(rf"^- (?:`[^`]+`, )*`{re.escape(key)}`", page, re.M)] == []


def test_every_command_is_in_a_how_to_page():
    """An officer's or an operator's; what only programs call is in the reference."""
    text = "\n".join(
        path.read_text(encoding="utf-8") for path in WRITTEN if path.parent.name in {"officers", "operators"}
    )
    names = [name for name, _ in commands(command_line()) if name not in FOR_PROGRAMS]
    assert [name for name in names if not re.search(rf"rightsflow {name}\b", text)] == []


FOR_PROGRAMS = {"demo", "due-dates"}
"""The demonstration has a tutorial, and the dates are for programs."""


def commands(group: Any, before: str = "") -> list[tuple[str, Any]]:
    """All commands, those of groups too, by what is typed."""
    found = []
    for name, command in group.commands.items():
        if command.hidden:
            continue
        found += commands(command, f"{before}{name} ") if hasattr(command, "commands") else [(before + name, command)]
    return found


def keys(model: Any) -> list[str]:
    """All keys of a section and of the sections in it."""
    found: dict[str, None] = {}
    for name, field in model.model_fields.items():
        found[name] = None
        inner = model_of(field.annotation)
        if inner is not None and inner is not model:
            found.update(dict.fromkeys(keys(inner)))
    return list(found)


def test_a_picture_is_small_described_and_can_be_taken_anew():
    for picture in sorted(path.name for path in ROOT.glob("docs/images/*.png")):
        assert (ROOT / "docs" / "images" / picture).stat().st_size < 150_000
        shown = [text for path in WRITTEN for text in described(path.read_text(encoding="utf-8"), picture)]
        assert shown
        assert all(len(text) > 30 for text in shown)
        told = (ROOT / "docs" / "pictures" / name for name in ("__main__.py", "officers.py"))
        story = "".join(path.read_text(encoding="utf-8") for path in told)
        assert f'"{picture.removesuffix(".png")}"' in story


def described(page: str, picture: str) -> list[str]:
    """What stands for a picture in a page where it cannot be seen."""
    return re.findall(rf"!\[([^\]]*)\]\([^)]*{re.escape(picture)}\)", page)


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_bytes()) <= 6_000


def test_the_commands_and_options_of_a_page_are_there():
    for path in WRITTEN:
        for named in COMMAND.findall(path.read_text(encoding="utf-8")):
            words = named.replace("\\\n", " ").split()
            if not re.fullmatch(r"[a-z-]+", words[0]):
                continue
            command, *options = found(words)
            assert command is not None, (path, named)
            assert [option for option in options if option not in options_of(command)] == [], (path, named)


def test_the_settings_that_a_page_names_are_there():
    for path in WRITTEN:
        for section, key in SECTION.findall(path.read_text(encoding="utf-8")):
            model: Any = Settings
            for name in filter(None, (*section.split("."), key)):
                if name == "systems":
                    break
                assert name in model.model_fields, (path, section, key)
                model = model_of(model.model_fields[name].annotation)


PROGRAMS = {
    f"{path.stem}-{number}": block
    for path in WRITTEN
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL))
}


def test_what_a_page_imports_and_what_it_calls_by_name_is_there():
    for block in PROGRAMS.values():
        named: dict[str, Any] = {}
        tree = ast.parse(block)
        for node in (one for one in ast.walk(tree) if isinstance(one, ast.ImportFrom) and one.module):
            named |= {each.name: getattr(importlib.import_module(str(node.module)), each.name) for each in node.names}
        for call in (one for one in ast.walk(tree) if isinstance(one, ast.Call) and ast.unparse(one.func) in named):
            by_name = {str(one.arg): one for one in call.keywords}
            inspect.signature(named[ast.unparse(call.func)]).bind(*call.args, **by_name)


def test_the_example_of_a_connector_can_be_registered():
    """It is the first block of its tutorial: a module as it stands there."""
    example: dict[str, Any] = {"__name__": "example_desk"}
    exec(PROGRAMS["first-connector-0"], example)
    assert isinstance(example["CONNECTOR"], ConnectorType)
    assert {"base_url", "token"} <= set(example["CONNECTOR"].settings.model_fields)


def banned() -> list[str]:
    """The right column of the glossary's table."""
    _, _, rows = GLOSSARY.read_text(encoding="utf-8").partition("| Say | Not |\n|---|---|\n")
    phrases = [phrase.strip() for row in rows.splitlines() for phrase in row.split("|")[2].split(",")]
    return [phrase for phrase in phrases if phrase and phrase not in {"seal", "for both"}]


def test_the_words_of_the_glossary_are_kept():
    """No page that is written by hand uses a banned word; code in it, such as a parameter's name, is not English."""
    pages = {path: text_of(path) for path in (*WRITTEN, *DECISIONS) if path not in {GLOSSARY, *OLDER}}
    assert [(phrase, path.name) for phrase in banned() for path, text in pages.items() if has(text, phrase)] == []


def test_vague_words_occur_in_no_page_at_all():
    texts = {path.name: text_of(path) for path in {*WRITTEN, *OLDER, CHANGELOG} - {GLOSSARY}}
    assert set(VAGUE) <= set(banned())
    assert [(phrase, name) for phrase in VAGUE for name, text in texts.items() if has(text, phrase)] == []
    assert has("for whoever asks", "whoever")


VAGUE = ("somebody", "nobody", "whoever", "the mend", "comes to", "came to", "looks again", "left alone", "let go")


GLOSSARY = ROOT / "docs" / "explanation" / "glossary.md"
CHANGELOG = ROOT / "CHANGELOG.md"
DECISIONS = sorted(ROOT.glob("docs/explanation/decisions/*.md"))
OLDER = frozenset({ROOT / "docs" / "explanation" / "threat-model.md", ROOT / "docs" / "benchmarks.md", *DECISIONS})
"""Written before the table, or tied to results of their time: only the vague words are looked for here."""


def text_of(path: Path) -> str:
    """A page's text without its code, in small letters."""
    return re.sub(r"```.*?```|`[^`\n]+`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL).casefold()


def has(text: str, phrase: str) -> bool:
    return re.search(rf"\b{re.escape(phrase.casefold())}\b", text) is not None


def found(words: list[str]) -> list[Any]:
    """The command and its options, of a command line as a page writes it."""
    group: Any = command_line()
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


def test_every_column_of_an_import_and_every_right_stand_on_the_page_about_it():
    page = (ROOT / "docs/how-to/operators/many-requests.md").read_text(encoding="utf-8")
    assert [one for one in (*COLUMNS, *Right) if f"`{one}`" not in page] == []


def words_in_code(page: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", (ROOT / page).read_text(encoding="utf-8")))


def test_what_can_be_chosen_stands_on_the_page_about_it():
    for page, listed in (
        ("docs/how-to/operators/people.md", Role),
        ("docs/how-to/officers/processors.md", ProcessorAnswer),
        ("docs/how-to/officers/other-rights.md", RestrictionGround),
    ):
        assert [one.value for one in listed if not {one.value, one.value.replace(" ", "-")} & words_in_code(page)] == []


def test_every_right_but_access_and_erasure_has_its_command_on_the_page_about_them():
    page = (ROOT / "docs/how-to/officers/other-rights.md").read_text(encoding="utf-8")
    assert [one for one in set(Right) - {Right.ACCESS, Right.ERASURE} if f"--right {one}" not in page] == []


def test_every_letter_that_a_step_writes_stands_in_the_table_of_how_letters_go_out():
    rows = re.findall(
        r"^\| (L[^|]+)\| (.*)\|", (ROOT / "docs/how-to/officers/send.md").read_text(encoding="utf-8"), re.M
    )
    by_itself = [one for cell, how in rows for one in re.findall(r"L\d+", cell) if "mailed at once" in how]
    assert sorted(by_itself) == sorted(MAILED)
    assert sorted(one for cell, _ in rows for one in re.findall(r"L\d+", cell)) == sorted(LetterId)


@pytest.mark.apart
def test_every_letter_that_has_a_text_is_written_by_a_step():
    written = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "rightsflow" / "cases").rglob("*.py"))
    assert [one for one, model in variables_of_letters().items() if not re.search(rf"\b{model}\b", written)] == []


def test_every_alert_stands_in_the_table_of_alerts():
    page = (ROOT / "docs/how-to/officers/dates-and-alerts.md").read_text(encoding="utf-8")
    assert [one for one in RungKind if one.replace("-", " ") not in page] == []


def test_every_how_to_page_is_linked_where_its_readers_begin():
    for folder in ("officers", "operators", "developers"):
        index = ROOT / "docs" / "how-to" / folder / "index.md"
        linked = LINK.findall(index.read_text(encoding="utf-8"))
        assert {path.name for path in index.parent.glob("*.md")} - {index.name} - set(linked) == set()


def test_a_newcomer_meets_every_section_in_the_configuration_that_init_writes():
    template = (ROOT / "deployments" / "cli" / "rightsflow.toml.template").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if not re.search(rf"\[{name}[.\]]", template)] == []


def test_contributors_find_every_room_of_the_tests_and_every_proof():
    page = " ".join((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split())
    rooms = [*ROOT.glob("tests/unit/*/"), *ROOT.glob("tests/integration/*/"), *ROOT.glob("proofs/*/")]
    names = {path.name for path in rooms if (path / "__init__.py").is_file()}
    assert sorted(name for name in names if not re.search(rf"\b{name}\b", page)) == []
    assert f"the like {sum(count for count, _ in LEFT.values())} are left" in page


def test_the_files_and_the_targets_that_a_page_names_are_there():
    for path in WRITTEN:
        text = path.read_text(encoding="utf-8")
        named = re.findall(rf"`((?:{'|'.join((*CODE, 'tests', 'proofs'))})/[\w./*-]+)`", text)
        assert [one for one in named if "NAME" not in one and not list(ROOT.glob(one.rstrip("/")))] == [], path
        targets = re.findall(r"`make ([a-z-]+)`", text)
        assert [one for one in targets if not re.search(rf"^{one}:", (ROOT / "Makefile").read_text(), re.M)] == [], path


def test_the_configuration_that_a_page_shows_has_no_unknown_key():
    for path in WRITTEN:
        for block in re.findall(r"```toml\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
            given = tomllib.loads(dedent(block))
            if set(given) <= set(Settings.model_fields):
                assert unknown_keys(given, Settings) == [], path


def test_an_unknown_key_is_found():
    given = {"systems": {"shop": {"connector": "sql", "markting": []}}, "processors": {"one": {"label": "One"}}}
    assert unknown_keys(given, Settings) == ["markting", "label"]


def unknown_keys(given: dict[str, Any], model: Any) -> list[str]:
    """The keys in a part of a configuration that its section does not have."""
    wrong = []
    for key, value in given.items():
        if key not in model.model_fields:
            wrong.append(key)
            continue
        inner = model_of(model.model_fields[key].annotation)
        several = value if isinstance(value, list) else [value]
        for one in (each for each in several if isinstance(each, dict)):
            if key == "systems" and model is Settings:
                kinds = {name: REGISTERED.get(section.get("connector", "sql")) for name, section in one.items()}
                wrong += [bad for name, kind in kinds.items() for bad in unknown_keys(one[name], kind)]
            elif inner is not None and set(one) - set(inner.model_fields) and is_table(one):
                wrong += [bad for each in one.values() for bad in unknown_keys(each, inner)]
            elif inner is not None and not (inner is BlankedColumn and isinstance(value, dict)):
                # Columns to blank may be given by their names.
                wrong += unknown_keys(one, inner)
    return wrong


def is_table(value: dict[str, Any]) -> bool:
    """Whether a section stands under names of the reader's own, such as those of processors."""
    return all(isinstance(each, dict) for each in value.values())


def variables_of_letters(model: Any = LetterVariables) -> dict[str, str]:
    """The class whose objects are a letter, by the letter, which its docstring begins with."""
    found: dict[str, str] = {}
    for one in model.__subclasses__():
        if number := re.match(r"(L\d+)\.", one.__doc__ or ""):
            found[number.group(1)] = one.__name__
        found |= variables_of_letters(one)
    return found
