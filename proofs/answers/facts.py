"""What a case file proves, and sentences: each has a form with slots, and what has to be true where it stands."""

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
ANSWERS = ("L8", "L9", "L10", "L11", "L17", "L22", "L23", "L25")
IDS = {
    "email": "e-mail address", "phone": "phone number", "customer_id": "customer number",
    "account_id": "account number",
}  # fmt: skip
ASKED = {
    "access": "for access to personal data (Art. 15", "erasure": "to erase personal data (Art. 17",
    "objection": "not to use personal data for direct marketing (Art. 21(2)",
    "restriction": "to restrict the use of personal data (Art. 18",
    "rectification": "to correct personal data (Art. 16",
    "consent-withdrawal": "to end what rests on consent to the processing of personal data (Art. 7(3)",
}  # fmt: skip
KEPT = ("residue", "retained", "restricted", "pseudonymised", "unclear")
_Day = date
Plain = Mapping[str, Any]
"""A part of a case file as plain data."""


def is_identified(case: Plain) -> bool:
    return any(one["gate"] == "identity" and one["verdict"] == "confirmed" for one in case["decisions"])


class Facts:
    """One case file: its values by their names, and what follows from them."""

    def __init__(self, case: Plain) -> None:
        self.case, self._zone, self.is_uk = case, ZoneInfo(case["zone"]), case["regime"] == "uk-gdpr"
        self.law = "UK GDPR" if self.is_uk else "GDPR"
        self.asked, self.on_paper = f"{ASKED[case['right']]} {self.law})", case["channel"] == "letter"
        self.records: list[dict[str, Any]] = [dict(one) for one in case["records"]]
        for one in self.records:
            one["fate"] = self._fate(one)
            one["hangs_on"] = 0 if not one["files"] else one["files"] - (0 if one["documents"] else 1)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["case"][name]
        except KeyError:
            raise AttributeError(name) from None

    @cached_property
    def language(self) -> tuple[str, str]:
        """The person's language and what proves it: the request, else records that all say one, else the country.

        What records say is for the person alone, so they prove nothing while it is not confirmed who asks.
        """
        tag, source = self.noted_language
        if tag and source == "request":
            return tag, source
        said = {one["language"].split("-")[0] for one in self.of(attribution="subject")} - {""}
        if self.decision("identity").get("verdict") == "confirmed" and len(said) == 1:
            return said.pop(), "record"
        return (tag, source) if tag else ("", "")

    @cached_property
    def earlier(self) -> list[Plain]:
        """The earlier cases that are known to be of the same person.

        They gave the same address, and it was confirmed in both who asks; or they gave two of the same identifiers, by
        which no search found another person. All cases of a course are of one person.
        """
        mine, known = set(self.own), is_identified(self.case)
        return [
            one
            for one in self.case["earlier"]
            if len(mine.intersection(one["own"])) > 1 or (known and is_identified(one))
        ]

    # -- words and days: as letters write them, but for those that the sheet or the evidence write otherwise
    @staticmethod
    def title(system: str) -> str:
        words = system.replace("-", " ")
        return words[:1].upper() + words[1:]

    def system(self, title: str) -> str:
        return next((one for one in self.systems if self.title(one).casefold() == title.casefold()), "")

    def day(self, when: str) -> str:
        on = self.date(when)
        return f"{on.day} {MONTHS[on.month - 1]} {on.year}"

    def date(self, when: str) -> date:
        return date.fromisoformat(when) if len(when) == 10 else self._local(when).date()

    def _local(self, when: str) -> datetime:
        return datetime.fromisoformat(when).astimezone(self._zone)

    def short(self, when: str) -> str:
        return f"{self.date(when):%a %d %b %Y}"

    def instant(self, when: str) -> str:
        local = self._local(when)
        return f"{local:%a %d %b %Y}" if f"{local:%T.%f}" == "00:00:00.000000" else f"{local:%a %d %b %Y, %H:%M}"

    def spoken(self, when: str) -> str:
        time = f"{self._local(when):%H:%M}"
        return self.day(when) if time == "00:00" else f"{self.day(when)}, {time} ({self.zone})"

    @staticmethod
    def utc(when: str) -> str:
        at = datetime.fromisoformat(when).astimezone(ZoneInfo("UTC"))
        return f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"

    @property
    def received_on(self) -> str:
        return self.day(self.received_at)

    @property
    def answer(self) -> Plain:
        return next((one for one in self.letters if one["id"] in ANSWERS), {})

    @property
    def answered_on(self) -> str:
        return self.day(self.answer["written_at"]) if self.answer else ""

    def letter(self, name: str) -> Plain:
        return next((one for one in self.letters if one["id"] == name), {})

    def written_on(self, name: str) -> _Day:
        return self.date(self.letter(name)["written_at"])

    def evidence_until(self, on: _Day) -> str:
        return f"31 December {on.year + _YEARS_OF_EVIDENCE[self.country]}"

    @property
    def hears_complaints(self) -> bool:
        return self.is_uk and date.fromisoformat(self.today) >= _COMPLAINTS_FROM

    def recipients(self, system: str) -> list[str]:
        named = list(self.systems[system]["recipients"])
        working = (one for one in self.register if system in one["systems"])
        return named + [f"{one['name']} ({one['role']})" for one in working if not _is_named(one["name"], named)]

    # -- records
    def _fate(self, one: Plain) -> str:
        outcome, is_unclear = one["outcome"], one["attribution"] == "unclear"
        if outcome is not None:
            if is_unclear and one["method"] is None and outcome != "not concerned":
                return "unclear"
            seen = outcome in {"erased", "redacted"} and one["verified"] == "present"
            return "seen" if seen else str(outcome)
        if self.right != "access":
            return "found"
        if one["decided"] and one["decided"]["act"] == "leave out":
            return "left out"
        if is_unclear or one["documents"] is None:
            return "unclear" if is_unclear else "found"
        return "given" if one["documents"] + one["files"] else "gone"

    def count(self, where: Callable[[dict[str, Any]], object]) -> int:
        return sum(bool(where(one)) for one in self.records)

    def of(self, *fates: str, **wanted: Any) -> list[dict[str, Any]]:
        found = (one for one in self.records if not fates or one["fate"] in fates)
        return [one for one in found if all(one[name] == value for name, value in wanted.items())]

    @cached_property
    def fates(self) -> Counter[tuple[str, str, str]]:
        return Counter((one["system"], one["category"], one["fate"]) for one in self.records)

    # -- steps and decisions
    def done(self, step: str, system: str = "") -> Plain | None:
        found = (one for one in self.steps if (one["step"], one["system"]) == (step, system))
        return next((one for one in found if one["state"] == "done" and one["is_current"]), None)

    def decision(self, gate: str) -> Plain:
        return next((one for one in self.decisions if one["gate"] == gate), {})

    @property
    def refusal(self) -> Plain:
        refused = (one for one in self.decisions if one["verdict"] == "refused" and one["gate"] != "dossier")
        return next(refused, {})

    def searched_by(self, system: str) -> list[str]:
        searches, issuers = (self.systems[system][name] for name in ("searches", "issuers"))
        known = {kind for kind, issuer in self.identifiers if kind != "account_id" or issuer in issuers}
        return [f"your {word}" for kind, word in IDS.items() if kind in searches and kind in known]

    @cached_property
    def unsearched(self) -> list[str]:
        return [one for one in self.systems if not self.searched_by(one)]

    @cached_property
    def masked(self) -> Counter[str]:
        redacted = (one for one in self.steps if one["step"] == "redact" and one["state"] == "done")
        return sum((Counter(one["counts"]) for one in redacted), Counter[str]())

    def happened(self, event: str) -> bool:
        return any(one["event"] == event for one in self.events)


def _is_named(name: str, named: Iterable[str]) -> bool:
    return any(other == name or other.startswith(f"{name} (") for other in named)


def without_section(facts: Facts, system: str) -> list[str]:
    working = [one["name"] for one in facts.register if system in one["systems"]]
    named = facts.systems[system]["recipients"]
    return [one for one in named if "(" not in one and not any(_is_named(name, [one]) for name in working)]


def listed(things: list[str]) -> str:
    return " and ".join([", ".join(things[:-1]), things[-1]] if len(things) > 1 else things)


def counted(number: int, singular: str, plural: str = "") -> str:
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def read_day(text: str) -> date:
    number, month, year = text.split()
    return date(int(year), MONTHS.index(month) + 1, int(number))


def whole(text: str) -> int:
    return int(text.replace(",", ""))


DATE = r"\d{1,2} [A-Z][a-z]+ \d{4}"
_SLOTS: Mapping[str, str] = {"D": DATE, "N": r"[\d,]+", "S": r"[A-Z][\w ]*?", "T": r".+"}
_KNOWN: Mapping[str, str] = {"law": r"(?:UK )?GDPR", "received_on": DATE, "answered_on": DATE, "asked": r".+?\)"}
_SLOT = re.compile(r"\{([A-Za-z_]+)(?::(\w+))?\}")


@dataclass(slots=True)
class Place:
    """Where a line stands; it has all that the case file has."""

    facts: Facts
    kind: str
    section: str = ""
    said: Mapping[str, str | None] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)

    def __getitem__(self, slot: str) -> str:
        return self.said.get(slot) or ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.facts, name)

    def number(self, slot: str = "N") -> int:
        return whole(self[slot])

    @property
    def written(self) -> date:
        return self.facts.written_on(self.kind)

    def here(self) -> str:
        return self["system"] or self.facts.system(self["S"])


Check = Callable[[Place], object]
"""Whether what a sentence says is true of the case."""
TRUE: Check = lambda _: True  # noqa: E731 - a sentence that is true of every case


class Rule:
    """One form of sentence, a regular expression with slots.

    What stands in ``{D}``, ``{N}``, ``{S}`` or ``{T}`` (with ``:NAME``, if need be) is for the check; in
    ``{name}``, in lower case, has to stand the case file's own value of that name.
    """

    def __init__(self, form: str, holds: Check = TRUE, *sections: str) -> None:
        self.holds, self.sections, self._known = holds, sections, list[str]()
        self._pattern = re.compile(_SLOT.sub(self._slot, form))

    def _slot(self, found: re.Match[str]) -> str:
        kind, name = found[1], found[2] or found[1]
        if kind in _SLOTS:
            return f"(?P<{name}>{_SLOTS[kind]})"
        self._known.append(kind)
        return f"(?P<_{len(self._known)}>{_KNOWN.get(kind, '.+?')})"

    def proves(self, line: str, at: Place) -> bool | None:
        if not (found := self._pattern.fullmatch(line)):
            return None
        at.said = found.groupdict()
        named = ((found[f"_{number}"], name) for number, name in enumerate(self._known, start=1))
        return all(text in {None, str(getattr(at, name))} for text, name in named) and bool(self.holds(at))


class Lines(Rule):
    """Lines that follow from the case file word for word."""

    def __init__(self, lines: Callable[[Facts], Iterable[str]], *sections: str) -> None:
        self.sections, self._lines = sections, lines

    def proves(self, line: str, at: Place) -> bool | None:
        told = at.facts.__dict__.setdefault("_told", {})
        if self not in told:
            told[self] = set(self._lines(at.facts))
        return True if line in told[self] else None


def exact(text: str, holds: Check = TRUE, *sections: str) -> Rule:
    return Rule(
        "".join(one if _SLOT.fullmatch(one) else re.escape(one) for one in _PARTS.split(text)), holds, *sections
    )


_PARTS = re.compile(r"(\{[A-Za-z_]+(?::\w+)?\})")


def judge(lines: Iterable[tuple[str, str]], rules: Iterable[Rule], facts: Facts, kind: str) -> Iterator[str]:
    """Return the faults in the lines of a text: sentences that are untrue, or unproved."""
    before, known = list[str](), list(rules)
    for section, line in lines:
        verdict = f"{kind}: unproved: {line}"
        for rule in known:
            if rule.sections and not section.startswith(rule.sections):
                continue
            try:
                if (is_so := rule.proves(line, Place(facts, kind, section, {}, before))) is None:
                    continue
                verdict = "" if is_so else f"{kind}: not so: {line}"
            except Exception as error:  # noqa: BLE001 - a claim about what there is not is not so either
                verdict = f"{kind}: not so ({type(error).__name__}): {line}"
            if not verdict:
                break
        if verdict:
            yield verdict
        before.append(line)


_LINES = frozenset({"h1", "h2", "h3", "h4", "p", "li", "dd", "tr", "summary", "caption", "pre"})
_JOINED = {"br": " / ", "dd": ": "}
_UNREAD = frozenset({"style", "title", "head", "script"})


def page_lines(page: str) -> Iterator[tuple[str, str]]:
    page = re.sub(r'(?s)<article class="card">.*?</article>', "", page)
    page = re.sub(r'(?s)<div class="scroll"[^>]*aria-label="Table">.*?</table>\s*</div>', "", page)
    reader = _Reader()
    reader.feed(page)
    section = ""
    for tag, line in reader.lines:
        section = line if tag in {"h1", "h2", "h3"} else section
        yield section, line


class _Reader(HTMLParser):
    """Collects a line for each paragraph, item, pair and row."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[tuple[str, str]] = []
        self._text, self._unread, self._cells = "", 0, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in _UNREAD
        if tag in _LINES - {"dd"} or tag == "dt":
            self._text, self._cells = "", 0
        if tag in {"td", "th"}:
            self._text += " | " if self._cells else ""
            self._cells += 1
        self._text += _JOINED.get(tag, "")

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in _UNREAD
        if tag in _LINES:
            line = " ".join(self._text.split())
            if line and not self._unread:
                self.lines.append((tag, line))
            self._text = ""

    def handle_data(self, data: str) -> None:
        self._text += "" if self._unread else data
