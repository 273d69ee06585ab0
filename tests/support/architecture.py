"""What the architecture forbids, read from the sources: who may import whom, who may know the time, what is named how.

The rules are those of DESIGN §2. Each takes a source file and yields sentences; none imports what it reads,
but for the names of the ledger's vocabulary.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from typing import TypeVar

from rightsflow.domain.vocabulary.events import CaseEvent, StepName, StoreEvent
from rightsflow.domain.vocabulary.letter_ids import LetterId

T = TypeVar("T")

SANDBOX = "rightsflow_sandbox"
"""The other distribution, in a folder of its own: it may import the product, which may not know it."""

LAYERS = ("rightsflow", "connectors", "tasks", "flows", "deployments", SANDBOX)
"""From the lowest: each may import itself and those before it."""

FOLDERS = {SANDBOX: PurePosixPath("sandbox")}
"""Where a package lies, if not at the root."""

ROOMS: Mapping[str, int] = {
    "domain": 0,
    "config": 1,
    "detecting": 2,
    "documents": 2,
    "audit": 3,
    "vault": 4,
    "files": 5,
    "store": 6,
    "cases": 7,
    "signin": 8,
    "app": 9,
    "testing": 10,
    "entry": 11,
}
"""The rooms of ``rightsflow``, from the lowest: each may import itself and those before it."""

FLOORS: Mapping[str, int] = {"app": 0, "step": 1, "facts": 2, "work": 3, "course": 4}
"""The floors of ``rightsflow.cases``, from the lowest: each may import itself and those before it."""

SANDBOX_ROOMS: Mapping[str, int] = {
    "world": 0,
    "helpdesk": 1,
    "payments": 1,
    "telephony": 1,
    "inspection": 2,
    "configuration": 2,
    "center": 3,
    "foreground": 4,
    "demo": 4,
}
"""The same for the sandbox: a world, three systems that hold it, a call centre of them, and a demonstration on it."""

COMPOSITION = "rightsflow.app"
"""The one module that puts the application together: it names what is handed in, and reads the clock."""

ENTRY = "rightsflow.entry"
"""What an installer calls: the one room below that may name the layers above, since it lies in no other's way."""

PURE = ("rightsflow.domain",)
"""What reaches nothing outside: pure by folder, without exceptions."""

CALCULATION = frozenset({"anyascii", "dateutil", "email_validator", "holidays", "phonenumbers"})
WIRE = frozenset({"phonenumbers", "pydantic", "requests", "urllib3"})
ANYTHING = None
THIRD_PARTIES: Mapping[str, frozenset[str] | None] = {
    "rightsflow": frozenset(),
    "rightsflow.domain": CALCULATION,
    "rightsflow.audit.evidence.page": frozenset({"jinja2"}),
    "rightsflow.audit.ledger": frozenset({"rfc8785"}),
    "rightsflow.audit.signing": frozenset({"cryptography"}),
    "rightsflow.config.environment": frozenset({"pydantic", "pydantic_settings"}),
    "rightsflow.config.secret_references": frozenset({"pydantic", "pydantic_core"}),
    "rightsflow.config.sections": frozenset({"pydantic", "pydantic_core"}),
    "rightsflow.config.settings": frozenset({"pydantic"}),
    "rightsflow.documents.letters": frozenset({"jinja2", "pydantic"}),
    "rightsflow.documents.package": frozenset({"cryptography", "jinja2", "pyzipper"}),
    "rightsflow.documents.pages": frozenset({"jinja2"}),
    # It imports what it is asked to, by name.
    "rightsflow.entry.names": ANYTHING,
    "rightsflow.files.kinds.child": frozenset({"pypdf"}),
    "rightsflow.files.kinds.text_encodings": frozenset({"charset_normalizer"}),
    "rightsflow.files.kinds.office": frozenset({"lxml"}),
    "rightsflow.files.kinds.pdf": frozenset({"PIL", "pikepdf", "pypdfium2"}),
    "rightsflow.files.kinds.pictures": frozenset({"PIL"}),
    "rightsflow.files.kinds.second_reader": frozenset({"PIL", "pypdf"}),
    "rightsflow.files.kinds.sheets": frozenset({"lxml"}),
    "rightsflow.files.workspace": frozenset({"fsspec"}),
    "rightsflow.files.inbox": frozenset({"fsspec"}),
    "rightsflow.signin": frozenset({"argon2", "authlib", "joserfc", "pyotp", "requests", "webauthn"}),
    "rightsflow.store": frozenset({"alembic", "rfc8785", "sqlalchemy"}),
    "rightsflow.testing": frozenset({"pytest"}),
    "rightsflow.vault": frozenset({"cryptography"}),
    "connectors": WIRE,
    "connectors.drp": WIRE | {"cryptography"},
    "connectors.opendsr": WIRE | {"cryptography", "pyzipper"},
    "connectors.publishing_s3": WIRE | {"boto3", "botocore", "dateutil", "mypy_boto3_s3"},
    "connectors.s3": WIRE | {"boto3", "botocore", "mypy_boto3_s3"},
    "connectors.sql": WIRE | {"fsspec", "paramiko", "psycopg", "sqlalchemy"},
    "connectors.stripe": WIRE | {"stripe"},
    "tasks": frozenset({"prefect", "pydantic"}),
    # What Prefect's client raises when the server does not answer.
    "tasks.prefect_io.notices": frozenset({"httpx", "prefect"}),
    "flows": frozenset({"prefect", "pydantic"}),
    # As above.
    "flows.starting": frozenset({"httpx", "prefect"}),
    "flows.steps": frozenset({"httpx", "prefect"}),
    "deployments": ANYTHING,
    SANDBOX: ANYTHING,
}
"""Which libraries a module may import, by the longest prefix."""

# fmt: off
INPUT_OUTPUT = frozenset({
    "asyncio", "fileinput", "ftplib", "glob", "http", "imaplib", "io", "logging", "mmap", "multiprocessing",
    "os", "pathlib", "pickle", "select", "selectors", "shelve", "shutil", "smtplib", "socket", "socketserver",
    "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib", "webbrowser",
})
# fmt: on
"""Modules of the standard library that reach out of a calculation."""
BUILTIN_OUTSIDE = frozenset({"open", "print", "input", "breakpoint"})

PRESENT = frozenset(
    {"datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow", "datetime.date.today"}
    | {f"time.{name}" for name in ("time", "time_ns", "monotonic", "monotonic_ns", "localtime", "gmtime", "ctime")}
)
"""What tells the present time."""

TYPES_ONLY = "_typeshed"
"""What the type checker knows of the standard library's own types; no module of it is ever imported."""

MAY_CLASH = frozenset({"connectors/http.py"})
"""Modules inside packages that are never run by their path, where absolute imports cannot find the wrong one."""


@dataclass(frozen=True)
class Source:
    """One file of the project.

    Args:
        path: Where it lies, from the root.
        text: What is in it.
    """

    path: PurePosixPath
    text: str

    @property
    def place(self) -> PurePosixPath:
        """Where it lies, from the folder of its package."""
        folder = next((one for one in FOLDERS.values() if self.path.is_relative_to(one)), PurePosixPath())
        return self.path.relative_to(folder)

    @property
    def layer(self) -> str:
        """The package that it is in."""
        return self.place.parts[0]

    @property
    def module(self) -> str:
        """Its dotted name."""
        return ".".join(self.place.with_suffix("").parts).removesuffix(".__init__")

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax."""
        return ast.parse(self.text, str(self.path))

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All of its syntax, which most rules look through."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def bindings(self) -> dict[str, str]:
        """What each imported name means, wherever in the file it is imported."""
        found: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name.split(".")[0]] = (
                        alias.name if alias.asname else alias.name.split(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                base = self._base(node)
                found |= {alias.asname or alias.name: f"{base}.{alias.name}" for alias in node.names}
        return found

    def imports(self) -> tuple[tuple[int, str], ...]:
        """Every import with its line, as ``package.module.name``; imports by a constant's text count too."""
        return self._imports

    @cached_property
    def _imports(self) -> tuple[tuple[int, str], ...]:
        return tuple(self._read_imports())

    def _read_imports(self) -> Iterator[tuple[int, str]]:
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node.lineno, f"{self._base(node)}.{alias.name}") for alias in node.names)
            elif isinstance(node, ast.Call) and self.meaning(node.func) in {"importlib.import_module", "__import__"}:
                name = node.args[0] if node.args else None
                known = isinstance(name, ast.Constant) and isinstance(name.value, str)
                yield node.lineno, str(name.value) if known else "a.name.that.is.computed"  # type: ignore[union-attr]

    def meaning(self, node: ast.expr) -> str:
        """The dotted name that an expression such as ``dt.now`` stands for; empty if it is none."""
        if isinstance(node, ast.Name):
            return self.bindings.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            left = self.meaning(node.value)
            return f"{left}.{node.attr}" if left else ""
        return ""

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.module.split(".") if self.path.name == "__init__.py" else self.module.split(".")[:-1]
        return ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])


@cache
def sources(root: Path) -> tuple[Source, ...]:
    """All Python files of the packages, read once."""
    return tuple(
        Source(PurePosixPath(path.relative_to(root).as_posix()), path.read_text(encoding="utf-8"))
        for layer in LAYERS
        for path in sorted((root / FOLDERS.get(layer, "") / layer).rglob("*.py"))
    )


def by_longest_prefix(table: Mapping[str, T], name: str) -> T:
    """What a table says of a dotted name."""
    parts = name.split(".")
    return next(table[prefix] for end in range(len(parts), 0, -1) if (prefix := ".".join(parts[:end])) in table)


def is_pure(name: str) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in PURE)


def _top(name: str) -> str:
    return name.split(".", maxsplit=1)[0]


def direction(source: Source) -> Iterator[str]:
    """``rightsflow_sandbox → deployments → flows → tasks → connectors → rightsflow``, never backwards."""
    above = LAYERS[LAYERS.index(source.layer) + 1 :]
    if source.module.startswith(f"{ENTRY}.") or source.module == COMPOSITION:
        above = (SANDBOX,)
    for line, target in source.imports():
        if _top(target) in above:
            yield f"{source.path}:{line} imports {target}, which lies above it"


def rooms(source: Source) -> Iterator[str]:
    """``cases → store → files → vault → audit → documents → config → domain``, never backwards; and in the sandbox."""
    known = {"rightsflow": ROOMS, SANDBOX: SANDBOX_ROOMS}.get(source.layer, {})
    room = source.place.with_suffix("").parts[1]
    if not known or (room not in known and len(source.place.parts) < 3):
        # A module beside the rooms is of none.
        return
    for line, target in source.imports():
        parts = target.split(".")
        if parts[0] == source.layer and len(parts) > 1 and known.get(parts[1], -1) > known[room]:
            yield f"{source.path}:{line} imports {target}, a room above it"


def floors(source: Source) -> Iterator[str]:
    """``course → work → facts → step → app`` in the cases, never backwards."""
    parts = source.module.split(".")
    if parts[:2] != ["rightsflow", "cases"] or len(parts) < 3:
        return
    if parts[2] not in FLOORS:
        yield f"{source.path} is on no floor of the cases ({', '.join(FLOORS)})"
        return
    for line, target in source.imports():
        name = target.split(".")
        if name[:2] == parts[:2] and len(name) > 2 and FLOORS.get(name[2], 0) > FLOORS[parts[2]]:
            yield f"{source.path}:{line} imports {target}, a floor above it"


def third_parties(source: Source) -> Iterator[str]:
    """Each package knows the libraries it is there for, and no other."""
    allowed = by_longest_prefix(THIRD_PARTIES, source.module)
    for line, target in source.imports():
        top = _top(target)
        ours = top in LAYERS or top in sys.stdlib_module_names or top == TYPES_ONLY
        if not ours and allowed is not None and top not in allowed:
            yield f"{source.path}:{line} imports the library {top}"


def pure_modules(source: Source) -> Iterator[str]:
    """The domain reaches nothing outside."""
    if not is_pure(source.module):
        return
    for line, target in source.imports():
        if _top(target) in INPUT_OUTPUT:
            yield f"{source.path}:{line} is pure and imports {target}"
    for node in source.nodes:
        if isinstance(node, ast.Call) and source.meaning(node.func) in BUILTIN_OUTSIDE:
            yield f"{source.path}:{node.lineno} is pure and calls {source.meaning(node.func)}"


def time_is_an_argument(source: Source) -> Iterator[str]:
    """Nothing in the domain asks what time it is."""
    if source.layer != "rightsflow" or source.module == COMPOSITION:
        return
    for node in source.nodes:
        if isinstance(node, ast.Name | ast.Attribute) and source.meaning(node) in PRESENT:
            yield f"{source.path}:{node.lineno} asks for the present time"


PUBLIC = frozenset({"bounds", "extras", "faults", "http", "pacing", "recordings", "registry", "settings", "timing"})
"""Modules of ``connectors`` that a connector may use, of this distribution or of another."""

SHARED = PUBLIC | {"transport"}
"""The same for the modules that all connectors share."""


def connectors_apart(source: Source) -> Iterator[str]:
    """A connector knows the public modules and itself; the shared modules know no connector."""
    if source.layer != "connectors":
        return
    own = source.path.parts[1] if _is_in_a_connector(source) else ""
    known = PUBLIC if own else SHARED | PUBLISHES.get(source.module, frozenset())
    for line, target in source.imports():
        parts = target.split(".")
        if parts[0] == "connectors" and (len(parts) < 2 or (parts[1] not in known and parts[1] != own)):
            yield f"{source.path}:{line} imports {target}, which is neither public nor its own"


INTERNALS = "deployments.internals"
"""The one module that uses what Prefect does not promise to keep."""


def prefect_internals(source: Source) -> Iterator[str]:
    """Nothing else imports what Prefect does not promise to keep: its private names, and its server."""
    if source.module == INTERNALS:
        return
    for line, target in source.imports():
        top, *rest = target.split(".")
        if top == "prefect" and (rest[:1] == ["server"] or any(part.startswith("_") for part in rest)):
            yield f"{source.path}:{line} imports {target}, which Prefect does not promise to keep"


def connectors_know_the_domain(source: Source) -> Iterator[str]:
    """Of ``rightsflow`` a connector knows the domain alone; its settings come from ``connectors.settings``."""
    if not _is_in_a_connector(source):
        return
    for line, target in source.imports():
        parts = target.split(".")
        if parts[0] == "rightsflow" and parts[1:2] != ["domain"]:
            yield f"{source.path}:{line} imports {target}, which is not of the domain"


def _is_in_a_connector(source: Source) -> bool:
    return source.layer == "connectors" and len(source.path.parts) > 2


PUBLISHES: Mapping[str, frozenset[str]] = {
    "connectors.publishing": frozenset({"publishing_s3"}),
    "connectors.publishing_s3": frozenset({"s3"}),
}
"""Where seals are published is no system either, and goes by mail and into buckets as others do."""


def systems_are_handed_in(source: Source) -> Iterator[str]:
    """Tasks and flows know no vendor, mail server or place of publication: the composition hands them in."""
    if source.layer not in {"tasks", "flows"}:
        return
    for line, target in source.imports():
        if _top(target) == "connectors":
            yield f"{source.path}:{line} imports {target} past {COMPOSITION}"


CALLED_BY_FLOWS = frozenset({"app", "cases", "domain"})


def flows_through_cases(source: Source) -> Iterator[str]:
    """Flows know tasks, the acts on cases, and the domain: no store, no vault, no configuration."""
    if source.layer != "flows":
        return
    for line, target in source.imports():
        parts = target.split(".")
        if parts[0] == "rightsflow" and (len(parts) < 2 or parts[1] not in CALLED_BY_FLOWS):
            yield f"{source.path}:{line} imports {target} past the cases"


def names(source: Source) -> Iterator[str]:
    """No module is named like one of the standard library or like one of the packages."""
    for name in (source.path.stem, *source.place.parent.parts[1:]):
        if name in LAYERS:
            yield f"{source.path} is named like the package {name}"
        if name in sys.stdlib_module_names and str(source.path) not in MAY_CLASH:
            yield f"{source.path} is named like {name} of the standard library"


LONGEST = 500
"""The lines that a module may have: what is longer holds several things."""


def short_modules(source: Source) -> Iterator[str]:
    """No module is so long that no one reads it."""
    if (lines := source.text.count("\n")) > LONGEST:
        yield f"{source.path} has {lines} lines, more than {LONGEST}; split it by what its parts are for"


LONGEST_BODY = 50
"""The lines that a function may have beside its first line and its text: what is longer does several things."""


def short_bodies(source: Source) -> Iterator[str]:
    """No function is so long that its end is not seen from its beginning; the columns of a table are one list."""
    if source.module.startswith("rightsflow.store.migrations."):
        return
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            if lines > LONGEST_BODY:
                yield f"{source.path}: {node.name} has {lines} lines, more than {LONGEST_BODY}; name what its parts do"


def uses_of_any(source: Source) -> int:
    """How often a type is left open."""
    return sum(isinstance(node, ast.Name) and node.id == "Any" for node in source.nodes)


WORDS = (
    r"whoever",
    r"somebody",
    r"nobody(?!=|\b.?:)",
    r"the mend",
    r"clocks?(?: that)? (?:stands?|stood)",
    r"(?:left|leaves?)(?: (?:it|them))? alone",
    r"mak(?:es?|ing) room",
    r"lets? go",
    r"what [^.,;:\n]{1,60}? (?:came|comes|come) to(?! erase)",
    # The letters say that the software "looks again at" records.
    r"looks? again(?! at)",
    r"(?:it|something) is not said",
    r"is no day",
    r"did not do as asked",
)
"""What the glossary has other words for (docs/explanation/glossary.md), as far as it can be told from its letters."""
_WORDS = re.compile(rf"\b(?:{'|'.join(WORDS)})\b", re.IGNORECASE)


def plain_words(source: Source) -> Iterator[str]:
    """Comments, docstrings and sentences use the words of the glossary."""
    yield from _banned_words(str(source.path), source.text, is_text=_is_text)


def plain_prose(path: str, text: str) -> Iterator[str]:
    """The same for the comments and docstrings of tests, proofs and benchmarks, whose other texts are data; and for all
    that a template says.

    Args:
        path: Where it lies, from the root.
        text: What is in it.
    """
    if path.endswith(".py"):
        yield from _banned_words(path, text, is_text=_is_prose)
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _WORDS.search(line):
            yield f"{path}:{number} says {found[0]!r}; the glossary has another word"


def _banned_words(path: str, text: str, *, is_text: Callable[[tokenize.TokenInfo], bool]) -> Iterator[str]:
    if not _WORDS.search(text):
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if is_text(token) and (found := _WORDS.search(token.string)) and token.string.strip("\"'") != "nobody":
            line = token.start[0] + token.string[: found.start()].count("\n")
            yield f"{path}:{line} says {found[0]!r}; the glossary has another word"


def _is_text(token: tokenize.TokenInfo) -> bool:
    is_string = token.type == tokenize.STRING or tokenize.tok_name[token.type] == "FSTRING_MIDDLE"
    return is_string or token.type == tokenize.COMMENT


def _is_prose(token: tokenize.TokenInfo) -> bool:
    is_docstring = token.type == tokenize.STRING and token.string.startswith('"""') and token.line.lstrip()[:3] == '"""'
    return is_docstring or token.type == tokenize.COMMENT


def docstrings(source: Source) -> Iterator[str]:
    """Every module, public class and public function says what it is for."""
    if not (ast.get_docstring(source.tree) or "").strip():
        yield f"{source.path} has no docstring"
    waiting: list[tuple[str, ast.Module | ast.ClassDef]] = [("", source.tree)]
    while waiting:
        prefix, scope = waiting.pop()
        for node in scope.body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if node.name.startswith("_") or _is_overload(node):
                continue
            if not (ast.get_docstring(node) or "").strip():
                yield f"{source.path}:{node.lineno} {prefix}{node.name} has no docstring"
            if isinstance(node, ast.ClassDef):
                waiting.append((f"{prefix}{node.name}.", node))


def _is_overload(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it is only a signature of a function whose docstring stands at its body."""
    return any(isinstance(one, ast.Name) and one.id == "overload" for one in node.decorator_list)


def store_is_asked(source: Source) -> Iterator[str]:
    """Nothing outside of the case store opens its sessions: what it can do is reached from ``Store``."""
    if source.module.startswith("rightsflow.store.") or source.layer == "connectors":
        return
    for node in (one for one in source.nodes if isinstance(one, ast.Attribute)):
        if node.attr == "database" and _ends_in(node.value, "store"):
            yield f"{source.path}:{node.lineno} takes the store's database; ask the store"
        elif node.attr in {"transaction", "reading"} and _ends_in(node.value, "database"):
            yield f"{source.path}:{node.lineno} opens a transaction; ask the store"


def _ends_in(node: ast.expr, word: str) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name.endswith(word)


_EVENTS = frozenset({*CaseEvent, *StoreEvent})
_LETTERS = frozenset(LetterId)
_STEPS = frozenset(StepName)
_VOCABULARY = frozenset({"rightsflow.domain.vocabulary.events", "rightsflow.domain.vocabulary.letter_ids"})


def vocabulary(source: Source) -> Iterator[str]:
    """Events, steps and letters are named by their types: what is written is what is read, and no typing error is."""
    if source.module in _VOCABULARY or source.module.startswith("rightsflow.store.migrations."):
        return
    for node in source.nodes:
        if isinstance(node, ast.Constant) and node.value in _EVENTS:
            yield f"{source.path}:{node.lineno} names the event {node.value} without its type"
        elif isinstance(node, ast.Constant) and node.value in _LETTERS:
            yield f"{source.path}:{node.lineno} names the letter {node.value} without its type"
        elif isinstance(node, ast.Call | ast.Compare) and (name := _step_in(node)):
            yield f"{source.path}:{node.lineno} names the step {name} without its type"


def _step_in(node: ast.Call | ast.Compare) -> str:
    """A step's name as text where a step is meant: what its words mean elsewhere, such as to erase, is free."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        is_meant = any(re.search(r"\bstep\b", ast.unparse(side)) for side in sides)
    else:
        sides, called = node.args, ast.unparse(node.func)
        is_meant = called == "attempt" or bool(re.search(r"\bsteps\.\w+$", called))
    texts = [side.value for side in sides if isinstance(side, ast.Constant)]
    return next((str(text) for text in texts if text in _STEPS), "") if is_meant else ""


Rule = Callable[[Source], Iterator[str]]
RULES: tuple[Rule, ...] = (
    direction,
    rooms,
    floors,
    third_parties,
    pure_modules,
    time_is_an_argument,
    connectors_apart,
    connectors_know_the_domain,
    systems_are_handed_in,
    flows_through_cases,
    prefect_internals,
    names,
    short_modules,
    short_bodies,
    plain_words,
    docstrings,
    store_is_asked,
    vocabulary,
)


def violations(root: Path, *rules: Rule) -> list[str]:
    """What the sources under a root do against these rules (against all, if none is named)."""
    return [found for source in sources(root) for rule in rules or RULES for found in rule(source)]
