"""The labelled set: files of twelve kinds in four languages, with other people planted in every corner of them."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.support import made_files as made

SUBJECT: Final = ("Anna Berg", "anna.berg@example.com", "+4930901820111")


@dataclass(frozen=True)
class Person:
    """Another person: what is said of them in a file."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True)
class Labelled:
    """A file with what is planted in it, by what the rules may know of it.

    Args:
        kind: Its kind.
        language: Its language.
        content: The file.
        known: Names that the case knows as other people's.
        unknown: Names that nothing tells from a product's.
        contacts: Addresses and numbers of both.
        own: What is the subject's and stays.
    """

    kind: str
    language: str
    content: bytes = field(repr=False)
    known: tuple[str, ...]
    unknown: tuple[str, ...]
    contacts: tuple[str, ...]
    own: tuple[str, ...]


_WORDS: Final[Mapping[str, tuple[Sequence[str], Sequence[str], Sequence[str]]]] = {
    "en": (
        ("Oliver", "Imogen", "Rory", "Beatrix"),
        ("Thistlewood", "Ashdown-Pryce", "O’Rourke", "Windlestone"),
        (
            "Dear {own}, your neighbour {known} took the parcel for order 4711-{number}.",
            "Please call {known} on {phone} or write to {email}.",
            "{unknown} from the workshop ({email2}) repaired the kettle, serial SN-88{number}.",
            "Ticket {number} of 3 March 2026 is closed; amount 129.90 EUR, thank you {own}.",
        ),
    ),
    "de": (
        ("Jürgen", "Käthe", "Sören", "Wiebke"),
        ("Großkreutz", "Müllenbäcker", "Weißhaupt", "von Überacker"),
        (
            "Sehr geehrte {own}, Ihr Nachbar {known} hat das Paket zur Bestellung 4711-{number} angenommen.",
            "Rufen Sie bitte {known} unter {phone} an oder schreiben Sie an {email}.",
            "{unknown} aus der Werkstatt ({email2}) hat den Wasserkocher repariert, Serie SN-88{number}.",
            "Vorgang {number} vom 3. März 2026 ist erledigt; Betrag 129,90 EUR, vielen Dank {own}.",
        ),
    ),
    "fr": (
        ("Étienne", "Maëlle", "Gaël", "Noémie"),
        ("Lefèvre", "Dœuvre", "d’Hérouville", "Beauséjour"),
        (
            "Chère {own}, votre voisin {known} a reçu le colis de la commande 4711-{number}.",
            "Appelez {known} au {phone} ou écrivez à {email}.",
            "{unknown} de l’atelier ({email2}) a réparé la bouilloire, série SN-88{number}.",
            "Dossier {number} du 3 mars 2026 clos ; montant 129,90 EUR, merci {own}.",
        ),
    ),
    "pl": (
        ("Łukasz", "Żaneta", "Świętosława", "Grzegorz"),
        ("Źdźbłowski", "Brzęczyszczykiewicz", "Żółć", "Śliwińska"),
        (
            "Szanowna {own}, sąsiad {known} odebrał paczkę do zamówienia 4711-{number}.",
            "Proszę zadzwonić do {known} pod {phone} albo napisać na {email}.",
            "{unknown} z warsztatu ({email2}) naprawił czajnik, seria SN-88{number}.",
            "Sprawa {number} z 3 marca 2026 zamknięta; kwota 129,90 EUR, dziękuję {own}.",
        ),
    ),
}
_ENCODINGS: Final = {"en": "utf-8", "de": "iso-8859-15", "fr": "utf-16", "pl": "iso-8859-2"}


@dataclass(frozen=True)
class _Said:
    lines: list[str]
    people: tuple[Person, Person]
    language: str
    dice: random.Random

    @property
    def hidden(self) -> str:
        """What stands where few look: a comment, a hidden sheet, an earlier revision."""
        known = self.people[0]
        return f"{known.name} {known.email}"


def _said(language: str, dice: random.Random) -> _Said:
    first, last, sentences = _WORDS[language]
    people = []
    for at, (one, other) in enumerate(zip(dice.sample(first, 2), dice.sample(last, 2), strict=True)):
        number = dice.randrange(1_000_000)
        people.append(
            Person(f"{one} {other}", f"p{at}{number}@post.example", f"+49 30 9018{dice.randrange(10_000):04}")
        )
    known, unknown = people
    words = {
        "own": SUBJECT[0], "known": known.name, "phone": known.phone, "email": known.email, "unknown": unknown.name,
        "email2": unknown.email, "number": f"{dice.randrange(10_000):04}",
    }  # fmt: skip
    lines = [sentence.format(**words) for sentence in sentences] + [f"{SUBJECT[1]} {SUBJECT[2]}"]
    return _Said(lines, (known, unknown), language, dice)


def _text(said: _Said) -> bytes:
    return "\r\n".join(said.lines).encode(_ENCODINGS[said.language], "replace")


def _html(said: _Said) -> bytes:
    known = said.people[0]
    name = " <b>".join(known.name.split(" ", 1)) + "</b>"
    body = "".join(f"<p>{line.replace(known.name, name)}</p>" for line in said.lines)
    return f"<html><head><title>{known.name}</title></head><body>{body}<!-- {said.hidden} --></body></html>".encode()


def _csv(said: _Said) -> bytes:
    return "\r\n".join(["when;what", *(f'"3.3.2026";"{line}"' for line in said.lines)]).encode()


def _json(said: _Said) -> bytes:
    lines = [{"at": "2026-03-03", "said": line} for line in said.lines]
    return json.dumps({"entries": lines}, ensure_ascii=said.dice.random() < 0.5).encode()


def _mail(said: _Said) -> bytes:
    known = said.people[0]
    sender = f'"{known.name}" <{known.email}>'
    inner = made.mail("\n".join(said.lines), sender=sender, to=SUBJECT[1], subject=f"Re: {known.name}")
    files = {f"{known.name}.docx": _word(said), "list.zip": made.zipped({"a.txt": "\n".join(said.lines)})}
    text = "\n".join(said.lines)
    return made.mail(text, sender=SUBJECT[1], to=sender, subject="Fwd", html=f"<p>{text}</p>", files=files, inner=inner)


def _word(said: _Said) -> bytes:
    return made.docx(said.lines, hidden=said.hidden, author=said.people[0].name)


def _sheet(said: _Said) -> bytes:
    rows = [["3.3.2026", line] for line in said.lines]
    return made.xlsx(rows, hidden=said.hidden, author=said.people[0].name)


def _slides(said: _Said) -> bytes:
    return made.pptx(said.lines, hidden=said.hidden, author=said.people[0].name)


def _open(said: _Said) -> bytes:
    is_sheet = said.dice.random() < 0.5
    return made.odt(said.lines, hidden=said.hidden, author=said.people[0].name, is_sheet=is_sheet)


def _archive(said: _Said) -> bytes:
    inner = {f"{said.people[0].name}.txt": "\n".join(said.lines).encode(), "sheet.xlsx": _sheet(said)}
    return made.gzipped(made.tarred(inner)) if said.dice.random() < 0.5 else made.zipped(inner)


def _picture(said: _Said) -> bytes:
    return made.jpeg(said.hidden, text=said.lines[1])


KINDS: Final[Mapping[str, Callable[[_Said], bytes]]] = {
    "text": _text, "HTML": _html, "CSV": _csv, "JSON": _json, "e-mail": _mail, "Word": _word, "Excel": _sheet,
    "PowerPoint": _slides, "OpenDocument": _open, "archive": _archive, "picture": _picture,
}  # fmt: skip


class Printer:
    """PDFs: by hand with revisions and annotations, and as a browser prints them."""

    def __init__(self, browser: Any = None) -> None:
        self._page = browser.new_page() if browser else None

    def pdf(self, said: _Said) -> bytes:
        """A PDF of what is said."""
        is_western = said.language != "pl"
        if self._page is None or (is_western and said.dice.random() < 0.5):
            lines = said.lines if is_western else [line.encode("ascii", "ignore").decode() for line in said.lines]
            return made.pdf([lines, ["2"]], hidden=said.hidden if is_western else "", author=said.people[0].name)
        body = "".join(f"<p>{line}</p>" for line in said.lines)
        self._page.set_content(f"<title>{said.people[0].name}</title><style>p{{width:6cm}}</style>{body}")
        return bytes(self._page.pdf())


def files(each: int, seed: int, browser: Any = None) -> Iterator[Labelled]:
    """The set: of each kind and language some files."""
    kinds = {**KINDS, "PDF": Printer(browser).pdf}
    for kind, make in kinds.items():
        for language in _WORDS:
            for number in range(each):
                said = _said(language, random.Random(f"{seed} {kind} {language} {number}"))
                known, unknown = said.people
                yield Labelled(
                    kind=kind, language=language, content=make(said), known=(known.name,), unknown=(unknown.name,),
                    contacts=(known.email, known.phone, unknown.email), own=(SUBJECT[0], SUBJECT[1]),
                )  # fmt: skip


def chromium(driver: Any) -> Any:
    """The machine's browser; None where there is none."""
    path = shutil.which("chromium")
    return driver.chromium.launch(executable_path=path, args=["--no-sandbox"]) if path else None
