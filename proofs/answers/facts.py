"""What has to be true of a case, and sentences: each has a form, and what has to be true where it stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
_YEARS_OF_EVIDENCE = {"DE": 3, "AT": 3, "ES": 3, "SE": 3, "FR": 5, "IT": 5, "NL": 5, "PL": 5, "CH": 5, "IE": 6, "GB": 6}
"""How long the file about a request is kept: to the end of the year, so many years later."""
_COMPLAINTS_FROM = date(2026, 6, 19)
_Day = date
_ANSWERS = ("L8", "L9", "L10", "L11", "L17", "L22", "L23", "L25")
Plain = Mapping[str, Any]
"""A part of a case file as plain data."""
KEPT = ("residue", "retained", "restricted", "pseudonymised", "unclear")


def is_identified(case: Plain) -> bool:
    """Whether it was confirmed who asks."""
    return any(one["gate"] == "identity" and one["verdict"] == "confirmed" for one in case["decisions"])


class Facts:
    """One case file."""

    def __init__(self, case: Plain) -> None:
        self.case = case
        self.zone = ZoneInfo(case["zone"])
        self.right = case["right"]
        self.records: list[dict[str, Any]] = [dict(one) for one in case["records"]]
        for one in self.records:
            one["fate"] = self._fate(one)
            one["hangs_on"] = 0 if not one["files"] else one["files"] - (0 if one["documents"] else 1)

    @cached_property
    def language(self) -> tuple[str, str]:
        """The person's language and what proves it: the request, else records that all say one, else the country.

        What records say is for the person alone, so they prove nothing while it is not confirmed who asks.
        """
        tag, source = self.case["noted_language"]
        if tag and source == "request":
            return tag, source
        said = {one["language"].split("-")[0] for one in self.records if one["attribution"] == "subject"} - {""}
        if self.decision("identity").get("verdict") == "confirmed" and len(said) == 1:
            return said.pop(), "record"
        return (tag, source) if tag else ("", "")

    @cached_property
    def earlier(self) -> list[Plain]:
        """The earlier cases that are known to be of the same person.

        They gave the same address, and it was confirmed in both who asks; or they gave two of the same identifiers, by
        which no search found another person. All cases of a course are of one person.
        """
        mine = set(self.case["own"])
        return [
            one
            for one in self.case["earlier"]
            if len(mine.intersection(one["own"])) > 1 or (is_identified(self.case) and is_identified(one))
        ]

    # -- words -----------------------------------------------------------------------------------------------------

    @property
    def law(self) -> str:
        """The law of the case by its name."""
        return "UK GDPR" if self.case["regime"] == "uk-gdpr" else "GDPR"

    @property
    def is_uk(self) -> bool:
        """Whether that is the law of the United Kingdom."""
        return bool(self.case["regime"] == "uk-gdpr")

    @staticmethod
    def title(system: str) -> str:
        """A system's name as texts write it."""
        words = system.replace("-", " ")
        return words[:1].upper() + words[1:]

    def system(self, title: str) -> str:
        """The system that a text means by a title; empty for none."""
        return next((one for one in self.case["systems"] if self.title(one).casefold() == title.casefold()), "")

    def day(self, when: str) -> str:
        """A day or an instant of the file as the letters write it."""
        on = self.date(when)
        return f"{on.day} {MONTHS[on.month - 1]} {on.year}"

    def date(self, when: str) -> date:
        """The day of an instant, or of a day, in the controller's zone."""
        if len(when) == 10:
            return date.fromisoformat(when)
        return datetime.fromisoformat(when).astimezone(self.zone).date()

    def short(self, when: str) -> str:
        """A day as the sheet writes it."""
        return f"{self.date(when):%a %d %b %Y}"

    def instant(self, when: str) -> str:
        """An instant as the sheet writes it."""
        local = datetime.fromisoformat(when).astimezone(self.zone)
        return f"{local:%a %d %b %Y}" if f"{local:%T.%f}" == "00:00:00.000000" else f"{local:%a %d %b %Y, %H:%M}"

    def spoken(self, when: str) -> str:
        """An instant as letters write it."""
        local = datetime.fromisoformat(when).astimezone(self.zone)
        return (
            self.day(when) if f"{local:%H:%M}" == "00:00" else f"{self.day(when)}, {local:%H:%M} ({self.case['zone']})"
        )

    @staticmethod
    def utc(when: str) -> str:
        """An instant as the evidence page writes it."""
        at = datetime.fromisoformat(when).astimezone(ZoneInfo("UTC"))
        return f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"

    # -- recipients ------------------------------------------------------------------------------------------------

    def recipients(self, system: str) -> list[str]:
        """Whom a system's section names, and each company of the register that works there and is not among them."""
        named = list(self.case["systems"][system]["recipients"])
        working = [one for one in self.case["register"] if system in one["systems"]]
        return named + [
            f"{one['name']} ({one['role']})"
            for one in working
            if not any(other == one["name"] or other.startswith(f"{one['name']} (") for other in named)
        ]

    # -- dates -----------------------------------------------------------------------------------------------------

    @property
    def received_on(self) -> str:
        """The day of the receipt, as letters write it."""
        return self.day(self.case["received_at"])

    @property
    def on_paper(self) -> bool:
        """Whether the request came by letter, so that its answer is printed."""
        return bool(self.case["channel"] == "letter")

    @property
    def today(self) -> str:
        """The present day of the case, as letters write it."""
        return self.day(self.case["today"])

    @property
    def letter_of_answer(self) -> Plain:
        """What is noted of the answer; nothing while there is none."""
        return next((one for one in self.case["letters"] if one["id"] in _ANSWERS), {})

    @property
    def answered_on(self) -> str:
        """The day that stands on the answer, as letters write it; empty while there is none."""
        return self.day(self.letter_of_answer["written_at"]) if self.letter_of_answer else ""

    def letter(self, name: str) -> Plain:
        """What is noted of a letter; nothing where there is none."""
        return next((one for one in self.case["letters"] if one["id"] == name), {})

    def evidence_until(self, on: _Day) -> str:
        """Until when the evidence is kept of an answer of that day."""
        return f"31 December {on.year + _YEARS_OF_EVIDENCE[self.case['country']]}"

    @property
    def hears_complaints(self) -> bool:
        """Whether the controller has to hear complaints itself."""
        return self.is_uk and date.fromisoformat(self.case["today"]) >= _COMPLAINTS_FROM

    # -- records ---------------------------------------------------------------------------------------------------

    def _fate(self, one: Plain) -> str:
        if one["outcome"] == "not concerned":
            return "not concerned"
        if one["outcome"] is None:
            if self.right != "access":
                return "found"
            if one["decided"] and one["decided"]["act"] == "leave out":
                return "left out"
            if one["attribution"] == "unclear":
                return "unclear"
            if one["documents"] is None:
                return "found"
            return "given" if one["documents"] + one["files"] else "gone"
        if one["attribution"] == "unclear" and one["method"] is None:
            return "unclear"
        if one["outcome"] in {"erased", "redacted"} and one["verified"] == "present":
            return "seen"
        return str(one["outcome"])

    def count(self, where: Callable[[dict[str, Any]], bool]) -> int:
        """How many records are so."""
        return sum(where(one) for one in self.records)

    def of(self, **wanted: Any) -> list[dict[str, Any]]:
        """The records that have these values."""
        return [one for one in self.records if all(one[name] == value for name, value in wanted.items())]

    @cached_property
    def fates(self) -> Counter[tuple[str, str, str]]:
        """How many records of each system and category have each fate."""
        return Counter((one["system"], one["category"], one["fate"]) for one in self.records)

    # -- steps and decisions ---------------------------------------------------------------------------------------

    def done(self, step: str, system: str = "") -> Plain | None:
        """A step that is done and counts; ``None`` where there is none."""
        found = [one for one in self.case["steps"] if (one["step"], one["system"]) == (step, system)]
        return next((one for one in found if one["state"] == "done" and one["is_current"]), None)

    def decision(self, gate: str) -> Plain:
        """What was decided at a gate; nothing where it was not."""
        return next((one for one in self.case["decisions"] if one["gate"] == gate), {})

    @property
    def refusal(self) -> Plain:
        """The decision that refused the request; nothing where there is none."""
        return next(
            (one for one in self.case["decisions"] if one["verdict"] == "refused" and one["gate"] != "dossier"), {}
        )

    def searched_by(self, system: str) -> list[str]:
        """The kinds of identifier that a system was searched by, in the letters' words."""
        about = self.case["systems"][system]
        words = {
            "email": "your e-mail address",
            "phone": "your phone number",
            "customer_id": "your customer number",
            "account_id": "your account number",
        }
        known = self.case["identifiers"]
        return [
            word
            for kind, word in words.items()
            if kind in about["searches"]
            and any(one == kind and (kind != "account_id" or issuer in about["issuers"]) for one, issuer in known)
        ]

    def not_searchable(self, system: str) -> bool:
        """Whether nothing is known of the person by which a system can be searched."""
        return not self.searched_by(system)

    @cached_property
    def masked(self) -> Counter[str]:
        """What was masked in the copies, counted."""
        masked: Counter[str] = Counter()
        for one in self.case["steps"]:
            if one["step"] == "redact" and one["state"] == "done":
                masked.update(one["counts"])
        return masked

    def happened(self, event: str) -> bool:
        """Whether the ledger has such an entry."""
        return any(one["event"] == event for one in self.case["events"])


def listed(things: list[str]) -> str:
    """Things in a row, as in "a, b and c"."""
    return " and ".join([", ".join(things[:-1]), things[-1]] if len(things) > 1 else things)


def counted(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


DATE = r"\d{1,2} [A-Z][a-z]+ \d{4}"
_SLOTS: Mapping[str, str] = {"D": DATE, "N": r"[\d,]+", "S": r"[A-Z][\w ]*?", "T": r".+", "LAW": r"(?:UK )?GDPR"}
TRUE: Callable[[Place], bool] = lambda _: True  # noqa: E731 - a sentence that is true of every case


@dataclass(slots=True)
class Place:
    """Where a line stands."""

    facts: Facts
    kind: str
    section: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)

    def __getitem__(self, slot: str) -> str:
        """What stood in a slot, without the punctuation of numbers."""
        return self.said.get(slot) or ""

    def number(self, slot: str = "N") -> int:
        """The number in a slot."""
        return int(self[slot].replace(",", ""))


@dataclass(frozen=True, slots=True)
class Rule:
    """One form of sentence."""

    form: str
    holds: Callable[[Place], object] = TRUE
    sections: tuple[str, ...] = ()
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        """Read the form."""
        object.__setattr__(self, "pattern", re.compile(_read(self.form)))


def _read(form: str) -> str:
    def slot(found: re.Match[str]) -> str:
        kind, _, name = found[1].partition(":")
        return f"(?P<{name or kind}>{_SLOTS[kind]})"

    parts = re.split(r"(\{[A-Z]+(?::\w+)?\})", form)
    return "".join(slot(re.fullmatch(r"\{(.+)\}", one)) if one.startswith("{") else one for one in parts)  # type: ignore[arg-type]


def plain(text: str) -> str:
    """A form that is the text itself, but for its slots."""
    parts = re.split(r"(\{[A-Z]+(?::\w+)?\})", text)
    return "".join(one if re.fullmatch(r"\{[A-Z]+(?::\w+)?\}", one) else re.escape(one) for one in parts)


def judge(lines: Iterable[tuple[str, str]], rules: Iterable[Rule], facts: Facts, kind: str) -> list[str]:
    """What is wrong with the lines of a text."""
    before: list[str] = []
    wrong = []
    known = list(rules)
    for section, line in lines:
        place, fitting = Place(facts, kind, section, {}, before), 0
        verdict = ""
        for rule in known:
            if rule.sections and not any(section.startswith(one) for one in rule.sections):
                continue
            if found := rule.pattern.fullmatch(line):
                place.said = {name: value for name, value in found.groupdict().items() if value is not None}
                fitting += 1
                try:
                    if rule.holds(place):
                        verdict = ""
                        break
                    verdict = f"{kind}: not so: {line}"
                except Exception as error:  # noqa: BLE001 - a claim about what there is not is not so either
                    verdict = f"{kind}: not so ({type(error).__name__}): {line}"
        if not fitting:
            verdict = f"{kind}: unproved: {line}"
        if verdict:
            wrong.append(verdict)
        before.append(line)
    return wrong


_LINES = frozenset({"h1", "h2", "h3", "h4", "p", "li", "dd", "tr", "summary", "caption", "pre"})
_JOINED = {"td": " | ", "th": " | ", "br": " / ", "dt": "", "dd": ": "}
_UNREAD = frozenset({"style", "title", "head", "script"})


def page_lines(page: str) -> Iterator[tuple[str, str]]:
    """The lines of a page."""
    page = re.sub(r'(?s)<article class="card">.*?</article>', "", page)
    page = re.sub(r'(?s)<div class="scroll"[^>]*aria-label="Table">.*?</table>\s*</div>', "", page)
    reader = _Reader()
    reader.feed(page)
    section = ""
    for tag, line in reader.lines:
        if tag in {"h1", "h2", "h3"}:
            section = line
        yield section, line


class _Reader(HTMLParser):
    """Collects a line for each paragraph, item, pair and row."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[tuple[str, str]] = []
        self._text = ""
        self._unread = 0
        self._cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in _UNREAD
        if tag in _LINES - {"dd"} or tag == "dt":
            self._text, self._cells = "", 0
        if tag in {"td", "th"}:
            self._text += " | " if self._cells else ""
            self._cells += 1
        elif tag in {"br", "dd"}:
            self._text += _JOINED[tag]

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in _UNREAD
        if tag in _LINES:
            line = " ".join(self._text.split())
            if line and not self._unread:
                self.lines.append((tag, line))
            self._text = ""

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._text += data
