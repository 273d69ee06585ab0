"""``python -m proofs.files``: how many files are opened, what is masked in them, and what hostile ones do."""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from playwright.sync_api import sync_playwright

from proofs.common import Adding, head, row, say, tell
from proofs.files.hostile import hostile
from proofs.files.judge import plain, seen
from proofs.files.labelled import SUBJECT, Labelled, chromium, files
from rightsflow.domain.disclosure.file_texts import FileText
from rightsflow.domain.disclosure.redaction import mask_file
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Blob, RecordRef
from rightsflow.files.kinds.reader import ChildReader

_KINDS = (IdentifierKind.NAME, IdentifierKind.EMAIL, IdentifierKind.PHONE)
_SUBJECT = frozenset(identifier(kind, value) for kind, value in zip(_KINDS, SUBJECT, strict=True))
_MOST_SECONDS = 120.0
_COLUMNS = (
    "Kind",
    "Files",
    "Opened",
    "Known names",
    "Contacts",
    "Other names",
    "Masks",
    "Right",
    "Own lost",
    "Withheld",
)


@dataclass
class Found(Adding):
    """What was found in the files of a kind."""

    files: int = 0
    opened: int = 0
    known: int = 0
    known_gone: int = 0
    contacts: int = 0
    contacts_gone: int = 0
    unknown: int = 0
    unknown_gone: int = 0
    masks: int = 0
    right: int = 0
    own_lost: int = 0
    withheld: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def main() -> int:
    """Run the proof; the exit status says whether nothing planted is left and no hostile file did harm."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--each", type=int, default=9, help="files of each kind and language")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", choices=("labelled", "hostile"), help="one of the two parts")
    options = asked.parse_args()
    is_kept = options.only == "hostile" or _labelled_is_kept(options.each, options.seed)
    return 0 if (options.only == "labelled" or _hostile(options.seed)) and is_kept else 1


def _labelled_is_kept(each: int, seed: int) -> bool:
    with sync_playwright() as driver:
        browser = chromium(driver)
        made = list(files(each, seed, browser))
        if browser:
            browser.close()
    return _labelled(made)


def _blob(content: bytes) -> Blob:
    ref = RecordRef("helpdesk", "attachment", "a1")
    return Blob(record=ref, category="attachments", name="file", media_type="", open=lambda: iter([content]))


def _labelled(made: Iterable[Labelled]) -> bool:
    reader, by_kind = ChildReader(), dict[str, Found]()
    for one in made:
        found = _judged(one, reader)
        by_kind.setdefault(one.kind, Found()).add(found)
    total = Found()
    say(
        head(
            "Kind",
            "Files",
            "Opened",
            "Known names",
            "Contacts",
            "Other names",
            "Masks",
            "Right",
            "Own lost",
            "Withheld",
        )
    )
    for kind, found in by_kind.items():
        say(_row(kind, found))
        total.add(found)
    say(_row("all", total), "")
    for title, listed in (("Left", total.missed), ("Masked wrongly", total.wrong)):
        say(f"{title}: {len(listed)}", *(f"- {text} ({count})" for text, count in Counter(listed).most_common(10)), "")
    say(f"Not given, since another reader found something: {total.withheld}", "")
    return not total.missed


def _row(kind: str, found: Found) -> str:
    pairs = (
        (found.known_gone, found.known),
        (found.contacts_gone, found.contacts),
        (found.unknown_gone, found.unknown),
    )
    gone = (f"{some} of {every}" for some, every in pairs)
    return row(kind, found.files, found.opened, *gone, found.masks, found.right, found.own_lost, found.withheld)


def _judged(one: Labelled, reader: ChildReader) -> Found:
    opened = reader.open(_blob(one.content))
    found = Found(files=1, opened=int(opened.is_scanned))
    texts, _ = mask_file(
        _blob(one.content), FileText(opened.runs), subject=_SUBJECT, others=frozenset(one.known), country="DE"
    )
    planted = plain(" ".join((*one.known, *one.unknown, *one.contacts)))
    for mask in texts.masks:
        hidden = plain(_read(texts.runs[mask.run].text[mask.start : mask.end]))
        is_right = hidden in planted or any(plain(word) in hidden for word in (*one.known, *one.contacts))
        found.masks += 1
        found.right += is_right
        found.wrong += [] if is_right else [f"{one.kind}: {hidden}"]
    given = reader.mask(_blob(one.content), texts.masks) if opened.is_open else one.content
    if given is None or (opened.is_open and reader.check(given, texts.forbidden())):
        found.withheld += 1
        return found
    before, after = seen(one.content), seen(given)
    found.known, found.known_gone, left = _gone(one.known, before, after)
    found.contacts, found.contacts_gone, more = _gone(one.contacts, before, after)
    found.unknown, found.unknown_gone, _ = _gone(one.unknown, before, after)
    found.missed += [f"{one.kind}, {one.language}: {word}" for word in (*left, *more)]
    found.own_lost += sum(plain(word) in before and plain(word) not in after for word in one.own)
    return found


def _read(text: str) -> str:
    """A masked text as people read it, whose letters are spelt as in a page, a link or JSON."""
    spelt = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), re.sub(r"<[^>]*>", "", text))
    return unquote(spelt)


def _gone(words: Iterable[str], before: str, after: str) -> tuple[int, int, list[str]]:
    """How many of the words stood in a file, how many are gone, and which are left."""
    there = [word for word in words if plain(word) in before]
    left = [word for word in there if plain(word) in after]
    return len(there), len(there) - len(left), left


def _hostile(seed: int) -> bool:
    reader, ends, slowest, count = ChildReader(), Counter[str](), list[tuple[float, str]](), 0
    for name, content in hostile(seed):
        begun = time.monotonic()
        opened = reader.open(_blob(content))
        if opened.is_open:
            texts, _ = mask_file(_blob(content), FileText(opened.runs), subject=_SUBJECT, country="DE")
            given = reader.mask(_blob(content), texts.masks)
            is_given = given is not None and not reader.check(given, texts.forbidden())
            ends["opened and given" if is_given else "opened and withheld"] += 1
        else:
            ends[str(opened.unread[0])] += 1
        slowest.append((time.monotonic() - begun, name))
        count += 1
        tell(f"{slowest[-1][0]:6.2f} s  {name}")
    say(f"Hostile files: {count}", "", head("End", "Files"), *(row(*end) for end in ends.most_common()), "")
    say("Slowest: " + ", ".join(f"{name} {seconds:.1f} s" for seconds, name in sorted(slowest, reverse=True)[:5]))
    return max(seconds for seconds, _ in slowest) < _MOST_SECONDS


if __name__ == "__main__":
    raise SystemExit(main())
