"""The plan of an erasure as its approver reads it: exceptions first, the rest by kind, and what depends on them. Pure.

Nothing here is personal data: a record is its number, its kind and its planned outcome. An erasure that ends a mandate
or an open ticket may not be what the person wanted, so it is stated beforehand (Art. 5(1)(a) GDPR).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Question
from rightsflow.domain.doubts import CARRIES, RecordDoubt
from rightsflow.domain.erasure.linked_records import ERASED_BY_HAND
from rightsflow.domain.erasure.plan_by_request import is_left
from rightsflow.domain.identifiers import kind_words
from rightsflow.domain.vocabulary.records import Fact, KindAt, Method, OutcomeKind
from rightsflow.domain.wording import listed


class PlanRecord(NamedTuple):
    """A record in a plan.

    Args:
        number: Its number on the sheet and at the gates.
        digest: Its keyed hash.
        system: The system's name in the configuration.
        kind: The connector's word for it.
        attribution: Whose it is.
        doubt: Why it is unclear whose it is, if it is.
        facts: What the plan had to know.
        occurred_on: Its date in the system.
        method: How it is erased; ``None`` where nothing is done at the system.
        planned: The outcome that is planned, if one is.
        until: The last day it is kept.
        ends_when: What ends the keeping, where no day is known.
        reason: Why, in one sentence for the person.
        legal_basis: The provision on which it is kept.
        question: What the plan leaves to a person.
        note: What the person who approves has to look at.
    """

    number: int
    digest: str
    system: str
    kind: str
    attribution: Attribution
    doubt: RecordDoubt | None
    facts: frozenset[Fact]
    occurred_on: date | None
    method: Method | None
    planned: OutcomeKind | None
    until: date | None
    ends_when: str
    reason: str
    legal_basis: str
    question: Question | None
    note: str

    @property
    def names_person(self) -> bool:
        """True if the owner is unclear for more than a number that several people used."""
        return self.doubt is not None and self.doubt.names_person


class Look(StrEnum):
    """The reason why a record needs review, in display order."""

    TO_ANSWER = "To be answered before the approval"
    UNCLEAR = "Ownership unclear"
    DOUBTFUL = "May be another person's, each for its own reason"
    NAMES_ANOTHER = "Carry the person's number and name another person"
    BY_HAND = "Cannot be erased by the software"
    BY_PERSON = "Are not corrected by the software, and a person looks at them"
    NOTED = "Look at the note before you approve"
    CONSEQUENCE = "Dependencies"
    SHARED = "Hold another person's data too"


_DEPENDS: Final = frozenset(
    {
        Fact.ACTIVE_CONTRACT,
        Fact.OPEN_INVOICE,
        Fact.OPEN_DISPUTE,
        Fact.OPEN_ORDER,
        Fact.OPEN_TICKET,
        Fact.MANDATE,
        Fact.WARRANTY,
        Fact.REFERRED_TO,
    }
)
_SHARED: Final = frozenset({Fact.SHARED, Fact.MENTION})

CONSEQUENCES: Final = {
    Fact.ACTIVE_CONTRACT: "Something runs on that an erasure would end, such as a subscription.",
    Fact.OPEN_INVOICE: "An invoice is open.",
    Fact.OPEN_DISPUTE: "A payment is disputed; this is proof.",
    Fact.OPEN_ORDER: "An order is not fulfilled yet.",
    Fact.OPEN_TICKET: "It is not solved yet; an erasure ends the matter without an answer.",
    Fact.MANDATE: "Money is collected by it; an erasure ends that.",
    Fact.WARRANTY: "A warranty may still run, for which the person may need it as proof.",
    Fact.ACCOUNTING: "It is a voucher of tax and commercial law; the person may need it for a warranty.",
    Fact.REFERRED_TO: (
        "Entries that stay refer to it, and its system does not let it go without them: it may be blanked or kept "
        "although it is to be erased, and the answer says so."
    ),
    Fact.REFERRED_BY_OWN: "Other entries of the person refer to it; it goes only if all of these do.",
    Fact.SHARED: "Another person's data stand in it.",
    Fact.NAMED_ELSEWHERE: "An entry that is none of the person's leads to it too.",
    Fact.MENTION: "It is another person's record, which names this person.",
    Fact.LEGAL_HOLD: "The system holds it without an end.",
    Fact.LOCKED: "The system holds it until its lock ends.",
    Fact.CARD_CODE: "A card's security number was recorded in a part of it.",
}
"""Consequences to know before a record is erased or kept, by the connector's fact."""


def look_at(plan_record: PlanRecord) -> Look | None:
    """Return the reason why a record needs review; ``None`` for a standard record.

    Args:
        plan_record: The record.
    """
    if plan_record.question is not None:
        return Look.TO_ANSWER
    if plan_record.attribution is Attribution.UNCLEAR:
        return _look_at_doubt(plan_record.doubt)
    if plan_record.planned is OutcomeKind.FAILED or plan_record.ends_when == ERASED_BY_HAND:
        return Look.BY_HAND
    if plan_record.planned is OutcomeKind.UNRECTIFIED:
        return Look.BY_PERSON
    return Look.NOTED if plan_record.note else _look_at_facts(plan_record)


def _look_at_doubt(doubt: RecordDoubt | None) -> Look:
    if doubt is None or not doubt.names_person:
        return Look.UNCLEAR
    return Look.DOUBTFUL if doubt.may_be_decided else Look.NAMES_ANOTHER


def _look_at_facts(plan_record: PlanRecord) -> Look | None:
    """Return the reason why the connector's facts need review; none for a record that stays unchanged."""
    if plan_record.planned is OutcomeKind.NOT_CONCERNED:
        return None
    if plan_record.facts & _DEPENDS:
        return Look.CONSEQUENCE
    return Look.SHARED if plan_record.facts & _SHARED else None


_VERBS: Final = {
    OutcomeKind.ERASED: "erase",
    OutcomeKind.REDACTED: "remove the person's part",
    OutcomeKind.RETAINED: "keep",
    OutcomeKind.RESTRICTED: "restrict",
    OutcomeKind.RECTIFIED: "correct",
    OutcomeKind.UNRECTIFIED: "leave, a person looks at it",
    OutcomeKind.NOT_CONCERNED: "out of scope, no change",
    OutcomeKind.NOT_HELD: "leave, not attributable",
    OutcomeKind.FAILED: "cannot be done by the software",
}


def _verb(planned: OutcomeKind | None) -> str:
    """Return the planned act on a record, for an approver."""
    return _VERBS.get(planned, planned.value) if planned else "not planned yet"


def does(plan_record: PlanRecord) -> str:
    """Return the planned act on a record, for an approver; an unattributed record stays unchanged and is not retained.

    Args:
        plan_record: The record.
    """
    if plan_record.method is Method.MUTE:
        return "keep, and mute a part of it"
    return "leave as it is" if is_left(plan_record.attribution, plan_record.legal_basis) else _verb(plan_record.planned)


_MEANS: Final = {
    OutcomeKind.ERASED: "It is deleted in its system and read again afterwards; that cannot be undone.",
    OutcomeKind.REDACTED: "What is the person's is taken out of it for good, and the rest stays.",
    OutcomeKind.RETAINED: "It stays, is erased by the software when its end has come, and the answer says so.",
    OutcomeKind.RESTRICTED: "It stays in its system, marked so that it is stored and used for nothing else.",
    OutcomeKind.RECTIFIED: (
        "A field is written where it holds what is wrong and no other value, and read again; the record stays."
    ),
    OutcomeKind.UNRECTIFIED: "The software leaves it as it is, for the reason below; the answer says so.",
    OutcomeKind.NOT_CONCERNED: "It stays as it is; if the request is about it all the same, decide to erase it.",
    OutcomeKind.FAILED: "Its system gives the software no way; a person erases it by hand, as a task of this case.",
}
_LEFT: Final = "It is left as it is; the answer says so, and what would show whose it is."
_UNDATED: Final = "It stays as long as what keeps it, without a known day; it is looked at again. The answer says so."
_MUTED: Final = "Seconds of it are silenced in its system for good; the rest stays until its end has come."


def means(plan_record: PlanRecord) -> str:
    """Return the consequence of the plan for a record, for an approver; empty while nothing is planned.

    Args:
        plan_record: The record.
    """
    if is_left(plan_record.attribution, plan_record.legal_basis):
        return _LEFT
    if plan_record.method is Method.MUTE:
        return _MUTED
    if plan_record.planned is OutcomeKind.RETAINED and plan_record.until is None:
        return _UNDATED
    return _MEANS.get(plan_record.planned, "") if plan_record.planned else ""


@dataclass(frozen=True, slots=True)
class AlikeRecords:
    """Records of which the plan says the same, so that thousands are grouped as one.

    Args:
        one: The first of them; what it says besides its number, key and dates is true of all.
        numbers: The numbers of all, in order.
        until: The days on which the keeping ends, the first and the last; ``None`` where no day is known.
    """

    one: PlanRecord
    numbers: Sequence[int]
    until: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class PlanGroup:
    """Records that a person reads together.

    Args:
        key: Names the group in an address.
        title: What they have in common.
        look: Why they need a look; ``None`` of matters of course.
        numbers: The records' numbers, in order.
    """

    key: str
    title: str
    look: Look | None
    numbers: Sequence[int]


def grouped(records: Iterable[AlikeRecords]) -> list[PlanGroup]:
    """Group the records, each in one group: those to review by reason, then the rest by system, kind and fate.

    Args:
        records: The records of a plan.
    """
    looks: dict[Look, list[int]] = {item: [] for item in Look}
    rest: dict[tuple[str, str, str], list[int]] = {}
    for alike in records:
        finding = alike.one
        if look := look_at(finding):
            looks[look].extend(alike.numbers)
        else:
            rest.setdefault((finding.system, finding.kind, does(finding)), []).extend(alike.numbers)
    return [*_exceptions(looks), *_matters_of_course(rest)]


STANDARD: Final = "standard"
"""The key of all records together that need no look."""


def with_standard(groups: Sequence[PlanGroup]) -> list[PlanGroup]:
    """Return the groups with one more of all standard records together, where these are in several groups.

    Args:
        groups: The groups, from :func:`grouped`.
    """
    first, rest = ([group for group in groups if bool(group.look) is is_first] for is_first in (True, False))
    if len(rest) < _SEVERAL:
        return [*groups]
    numbers = sorted(number for group in rest for number in group.numbers)
    return [*first, PlanGroup(STANDARD, "All standard records", None, numbers), *rest]


_SEVERAL: Final = 2


def _exceptions(looks: dict[Look, list[int]]) -> Iterator[PlanGroup]:
    for look, numbers in looks.items():
        if numbers:
            yield PlanGroup(look.name.lower(), look.value, look, sorted(numbers))


def _matters_of_course(rest: dict[tuple[str, str, str], list[int]]) -> Iterator[PlanGroup]:
    for (system, kind, what), numbers in sorted(rest.items()):
        yield PlanGroup(f"{system} {kind} {what}", f"{system} {kind}: {what}", None, sorted(numbers))


@dataclass(frozen=True, slots=True)
class Traces:
    """The links of a record to the person.

    Args:
        named: The kinds of known identifiers that it names itself, each with where that was learnt and whether other
            people use it as well.
        strangers: How many identifiers it names that are not known to be the person's.
        via: The number of the record through which it was reached; none if it was found by itself, several for records
            that are shown together.
        chain: The kinds of the records from it up to the one that put it in doubt; empty where it did so itself.
    """

    named: tuple[tuple[str, str, bool], ...]
    strangers: int
    via: tuple[int, ...]
    chain: tuple[str, ...] = ()


def whose(plan_record: PlanRecord, traces: Traces) -> str:
    """Explain the attribution of a record, or of records of the same traces, in one sentence without personal data.

    Args:
        plan_record: The record.
        traces: What ties it to the person.
    """
    named = _identifiers(traces.named)
    ties = "; ".join(filter(None, (f"it names the person's {named}" if named else "", _linked(traces.via))))
    if plan_record.attribution is not Attribution.UNCLEAR:
        return f"The person's: {ties or 'it was found by what is known of the person'}."
    carries = f"it, or a record that it belongs to, carries {CARRIES[plan_record.doubt]}" if plan_record.doubt else ""
    decided = f"decided by {' → '.join(traces.chain)}" if traces.chain else ""
    return f"Unclear: {'; '.join(filter(None, (ties, carries, decided))) or 'nothing in it names the person'}."


def _linked(via: tuple[int, ...]) -> str:
    if len(via) > 1:
        return f"each is linked to one of the records {listed([str(number) for number in via])}"
    return f"it is linked to record {via[0]}" if via else ""


def _identifiers(named: Iterable[tuple[str, str, bool]]) -> str:
    """Return the identifiers in words, each source once."""
    sources: dict[str, list[str]] = {}
    for kind, learnt_from, contested in named:
        source = "given in the request" if learnt_from == "request" else f"learnt from {learnt_from}"
        also = ", which other people used too" if contested else ""
        sources.setdefault(f"({source}{also})", []).append(kind_words(kind)[0])
    return ", and ".join(f"{listed([*dict.fromkeys(kinds)])} {source}" for source, kinds in sources.items())


_IN_ORDER: Final = (
    Fact.ACTIVE_CONTRACT,
    Fact.OPEN_ORDER,
    Fact.OPEN_INVOICE,
    Fact.OPEN_DISPUTE,
    Fact.MANDATE,
    Fact.OPEN_TICKET,
    Fact.WARRANTY,
)
RUNS_ON: Final = {
    Fact.ACTIVE_CONTRACT: ("running contract", "running contracts"),
    Fact.OPEN_ORDER: ("open order", "open orders"),
    Fact.OPEN_INVOICE: ("open invoice", "open invoices"),
    Fact.OPEN_DISPUTE: ("disputed payment", "disputed payments"),
    Fact.MANDATE: ("mandate for collecting money", "mandates for collecting money"),
    Fact.OPEN_TICKET: ("ticket that is not solved", "tickets that are not solved"),
    Fact.WARRANTY: ("purchase under warranty", "purchases under warranty"),
}
"""Names of the dependencies, in the singular and in the plural."""
_TOLD: Final = {
    Fact.MANDATE: "Money can no longer be collected by what was erased; a later direct debit needs a new mandate.",
    Fact.OPEN_TICKET: (
        "A service ticket that was not solved yet has ended with its erasure; write to us anew if you still need help."
    ),
    Fact.WARRANTY: "For a warranty you now need your own receipt: we can no longer look the purchase up.",
}
"""Sentences for the person about an erased record; the answer gives reasons for the retained ones."""
_ACCOUNT_GONE: Final = (
    "An account or customer record of yours was erased. You can no longer sign in with it, and we no longer know "
    "you as a customer."
)
_ENDS: Final = {
    Fact.MANDATE: "Money can no longer be collected by a mandate that is erased; a later direct debit needs a new one.",
    Fact.OPEN_TICKET: "A service ticket that is not solved ends without an answer.",
    Fact.WARRANTY: (
        "A warranty of yours may still run. We can then no longer look the purchase up: keep your own receipt."
    ),
}
"""Effects of erasing such a record, as the person reads them beforehand."""
_STAYS: Final = {
    Fact.ACTIVE_CONTRACT: "A contract is running: the records that it needs stay until it ends.",
    Fact.OPEN_ORDER: (
        "An order is not fulfilled yet: the records that it needs stay until it is fulfilled or cancelled."
    ),
    Fact.OPEN_INVOICE: "An invoice is open: its records stay until it is settled, or longer where the law orders that.",
    Fact.OPEN_DISPUTE: "A payment is disputed: its records stay until the dispute is settled.",
}
"""Reasons for keeping such a record for now, as the person reads them beforehand."""
_ACCOUNT_GOES: Final = (
    "An account or customer record of yours is erased. You can then no longer sign in with it, and we no longer know "
    "you as a customer."
)
_REMOVED: Final = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED})


class Dependent(Protocol):
    """A record with what the plan had to know of it."""

    @property
    def system(self) -> str:
        """The system's name in the configuration."""
        ...

    @property
    def kind(self) -> str:
        """The connector's word for it."""
        ...

    @property
    def facts(self) -> Collection[str]:
        """Facts that the plan had to know."""
        ...

    @property
    def planned(self) -> OutcomeKind | None:
        """Planned outcome, if there is one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsOn:
    """A kind of dependency at one system.

    Args:
        fact: What it is.
        system: The system's name in the configuration.
        records: On how many records it depends.
    """

    fact: Fact
    system: str
    records: int


def preflight(records: Iterable[tuple[Dependent, int]]) -> list[RunsOn]:
    """Return the dependencies that an erasure affects, the most important first.

    Args:
        records: The person's records, each with how many are like it.
    """
    counts: Counter[tuple[Fact, str]] = Counter()
    for record, number in records:
        counts.update({(fact, record.system): number for fact in map(Fact, record.facts) if fact in RUNS_ON})
    ordered = sorted(counts.items(), key=lambda item: (_IN_ORDER.index(item[0][0]), item[0][1]))
    return [RunsOn(fact=fact, system=system, records=count) for (fact, system), count in ordered]


def foretold(records: Iterable[Dependent], profiles: Collection[KindAt]) -> tuple[str, ...]:
    """Return what an erasure will mean for the person, in sentences for them before it begins and for who approves it.

    Args:
        records: The person's records, with what is planned of each.
        profiles: The kinds of records that are a person's profile.
    """
    found = list(records)
    goes = [record for record in found if record.planned in _REMOVED]
    stays = [record for record in found if record.planned in {OutcomeKind.RETAINED, OutcomeKind.RESTRICTED}]
    return (
        *((_ACCOUNT_GOES,) if _has_profile(goes, profiles) else ()),
        *_said(goes, _ENDS),
        *_said(stays, _STAYS),
    )


def consequences(erased: Iterable[Dependent], profiles: Collection[KindAt]) -> tuple[str, ...]:
    """Return what is no longer possible for the person, in sentences for the answer.

    Args:
        erased: The records that are gone.
        profiles: The kinds of records that are a person's profile.
    """
    gone = list(erased)
    return (*((_ACCOUNT_GONE,) if _has_profile(gone, profiles) else ()), *_said(gone, _TOLD))


def _has_profile(records: Iterable[Dependent], profiles: Collection[KindAt]) -> bool:
    return any(KindAt(record.system, record.kind) in profiles for record in records)


def _said(records: Iterable[Dependent], sentences: Mapping[Fact, str]) -> Iterator[str]:
    facts = {fact for record in records for fact in record.facts}
    yield from (sentences[fact] for fact in _IN_ORDER if fact in facts and fact in sentences)
