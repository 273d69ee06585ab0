"""A case in the terms of the Data Privacy Vocabulary 2.3 (W3C Community Group report), as JSON-LD.

The shape is that of the guide on rights: a record of the exercise of a right whose parts are the activities, each with
its status, justification and notices. There is no personal data in it: the person is there by keyed hashes, those who
acted by their role. Nothing has to be fetched to read it, since the context is written out.

Where neither the vocabulary nor Dublin Core has a term, ours stands, in ``urn:rightsflow:terms#``: ``dueOn`` (the last
day of the law), ``channel`` (how the request arrived), ``identityMethod``, ``keyedHash`` (of a letter's text),
``records`` (how many), ``absentRecords``, ``presentRecords`` and ``unknownRecords`` (what a fresh read showed),
``unclearRecords`` (not attributed to anybody), ``failedAttempts``, ``earlierCases`` (of the same person; how many).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from rightsflow.audit.evidence.dpv_course import course, statuses
from rightsflow.audit.evidence.dpv_terms import (
    ACTION_PERFORMED,
    CONTEXT,
    INITIATED,
    LETTERS,
    OTHER_LETTER,
    RIGHTS,
    TO_RECIPIENTS,
    About,
    ActingParty,
    Activity,
    category_types,
    law_of,
)
from rightsflow.audit.evidence.record import CaseRecord, EvidenceLetterLine
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.rights import Right

Node = dict[str, object]

_MATTERS: Final[Mapping[str, About]] = {
    LetterId.ACKNOWLEDGEMENT: About.RECEIPT,
    LetterId.IDENTITY_REQUEST: About.IDENTITY,
    LetterId.IDENTITY_REMINDER: About.IDENTITY,
    LetterId.CLARIFICATION: About.CLARIFICATION,
    LetterId.EXTENSION: About.EXTENSION,
}
"""The matter that a letter belongs to; any other letter belongs to the answer."""
_MOST_OF_A_MATTER = 50
"""Up to how many letters, or activities, of one matter each of its activities names each of its letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerFacts:
    """The export's data on the controller.

    Args:
        name: As in the letters.
        authority: The name of the supervisory authority.
        authority_page: Its address on the web; may be empty.
    """

    name: str
    authority: str
    authority_page: str = ""


def export(record: CaseRecord, controller: ControllerFacts) -> dict[str, object]:
    """Export a case as JSON-LD.

    Args:
        record: What the ledger says of the case.
        controller: Who answers the request.

    Returns:
        A document of JSON's types with its own context and a graph.
    """
    return {"@context": dict(CONTEXT), "@graph": list(_Export(record, controller).nodes())}


def _names_letters(activity: Activity) -> bool:
    """Return whether letters can mention an activity, as those about the person's own acts do not."""
    return activity.status not in {INITIATED, ACTION_PERFORMED}


class _Export:
    """The nodes of one case."""

    def __init__(self, record: CaseRecord, controller: ControllerFacts) -> None:
        self._record, self._controller = record, controller
        self._law = law_of(record.regime)
        self._case = _case_iri(record.case_id)
        self._activities = course(record)
        self._notices = self._placed_letters()
        self._noticed = {number for numbers in self._notices.values() for number in numbers}

    def nodes(self) -> Iterator[Node]:
        """Yield the record, its activities, its notices and its parties."""
        yield self._whole()
        yield from (self._activity(number, activity) for number, activity in enumerate(self._activities, start=1))
        yield from (self._notice(number, letter) for number, letter in enumerate(self._record.letters, start=1))
        yield from self._parties()

    def _whole(self) -> Node:
        record = self._record
        due_on = next((line.due_on for line in reversed(record.clock) if line.due_on), None)
        unplaced = [number for number in range(1, len(record.letters) + 1) if number not in self._noticed]
        return _filled(
            {
                "@id": self._case,
                "@type": "dpv:RightExerciseRecord",
                "dct:identifier": record.case_id,
                "created": _instant(record.received_at or record.opened_at),
                "modified": _instant(record.last_at),
                "dpv:hasRequestStatus": _ids(statuses(self._activities)),
                "dpv:hasDataSubject": self._part("subject"),
                "dpv:hasDataController": self._part("controller"),
                "dpv:hasApplicableLaw": self._applicable_law(),
                "dpv:hasRight": self._right(),
                "dueOn": _day(due_on),
                "rf:channel": record.channel,
                "rf:earlierCases": record.earlier_cases,
                "dpv:hasNotice": [self._part(f"letter-{number}") for number in unplaced],
                "dct:hasPart": [self._part(str(number)) for number in range(1, len(self._activities) + 1)],
            }
        )

    def _applicable_law(self) -> Node | None:
        if self._law.term or not self._law.name:
            return _id(self._law.term)
        return {**self._part("law"), "@type": "dpv:Law", "dct:title": self._law.name}

    def _right(self) -> Node | None:
        term, article = RIGHTS.get(self._record.right, ("", ""))
        if not term or self._law.european:
            return _id(term)
        british = {"dct:source": f"{article} {self._law.name}", "skos:closeMatch": _id(term)} if self._law.term else {}
        return {**self._part("right"), "@type": "dpv:DataSubjectRight", "dct:title": self._record.right, **british}

    def _activity(self, number: int, activity: Activity) -> Node:
        iri = f"{self._case}/{number}"
        return _filled(
            {
                "@id": iri,
                "@type": "dpv:RightExerciseActivity",
                "created": _instant(activity.at),
                "dpv:hasStatus": _id(activity.status),
                "dpv:hasActivityStatus": _id("" if activity.status else "dpv:ActivityCompleted"),
                "dpv:hasRight": self._right() if number == 1 else None,
                "prov:wasAssociatedWith": self._part(activity.actor.name.lower()),
                "dpv:isAfter": self._part(str(number - 1)) if number > 1 else None,
                "dpv:isBefore": self._part(str(number + 1)) if number < len(self._activities) else None,
                "dpv:hasJustification": list(self._justifications(iri, activity)),
                "dpv:hasNotice": [*self._letters_of(activity), *self._to_recipients(iri, activity)],
                "dpv:hasRecipient": self._part("processor") if activity.about is About.RECIPIENTS else None,
                "dpv:isImplementedByEntity": self._part("processor")
                if activity.actor is ActingParty.PROCESSOR
                else None,
                "dpv:isImplementedUsingTechnology": self._system(activity.system),
                "dpv:hasProcessing": _id(activity.processing),
                "dpv:hasPersonalData": list(_personal_data(iri, activity.data)),
                "dpv:hasStorageCondition": _keeping(iri, activity),
                "prov:generated": _package(iri, activity.package),
                "dueOn": _day(activity.due_on),
                "rf:identityMethod": activity.method,
                "dct:description": activity.text,
                **{f"rf:{name}": count for name, count in activity.counts.items()},
            }
        )

    def _justifications(self, iri: str, activity: Activity) -> Iterator[Node]:
        for number, cause in enumerate(activity.causes, start=1):
            yield _filled(
                {
                    "@id": f"{iri}/justification-{number}",
                    "@type": ["dpv:Justification", self._law.word(cause.term)],
                    "dct:source": activity.basis or cause.provision.format(law=self._law.name).strip(),
                    "dct:description": activity.reason,
                }
            )

    def _placed_letters(self) -> dict[About, list[int]]:
        """Return the numbers of the letters by their matter; the other letters belong to the whole request.

        Each activity of a matter names each of its letters. Where there are more of both than any case has, that would
        make a document whose size grows with the square of the entries, so those letters stand with the request.
        """
        letters: defaultdict[About, list[int]] = defaultdict(list)
        for number, letter in enumerate(self._record.letters, start=1):
            letters[_MATTERS.get(letter.letter, About.ANSWER)].append(number)
        activities = Counter(activity.about for activity in self._activities if _names_letters(activity))
        return {
            about: numbers
            for about, numbers in letters.items()
            if about in activities and min(activities[about], len(numbers)) <= _MOST_OF_A_MATTER
        }

    def _letters_of(self, activity: Activity) -> Iterator[Node]:
        numbers = self._notices.get(activity.about, ()) if _names_letters(activity) else ()
        return (self._part(f"letter-{number}") for number in numbers)

    def _to_recipients(self, iri: str, activity: Activity) -> Iterator[Node]:
        if activity.about is About.RECIPIENTS and self._record.right == Right.ERASURE:
            yield {
                "@id": f"{iri}/notice",
                "@type": self._law.word(TO_RECIPIENTS),
                "issued": _instant(activity.at),
                "dct:source": f"Art. 19 {self._law.name}".strip(),
            }

    def _system(self, name: str) -> Node | None:
        if not name:
            return None
        return {"@id": f"{self._case}/system/{_in_iri(name)}", "@type": "dpv:Technology", "dct:title": name}

    def _notice(self, number: int, letter: EvidenceLetterLine) -> Node:
        return _filled(
            {
                **self._part(f"letter-{number}"),
                "@type": [self._law.word(term) for term in LETTERS.get(letter.letter, OTHER_LETTER)],
                "dct:identifier": letter.letter,
                "dct:hasVersion": letter.version,
                "dct:language": letter.language,
                "created": _instant(letter.written_at),
                "issued": _instant(letter.sent_at),
                "rf:keyedHash": letter.text_hash,
            }
        )

    def _parties(self) -> Iterator[Node]:
        hashes = sorted({f"{identifier.kind}:{identifier.keyed_hash}" for identifier in self._record.identifiers})
        yield _filled({**self._part("subject"), "@type": "dpv:DataSubject", "dpv:hasIdentifier": hashes})
        yield {
            **self._part("controller"),
            "@type": "dpv:DataController",
            "dpv:hasName": self._controller.name,
            "dpv:hasAuthority": self._part("authority"),
        }
        yield _filled(
            {
                **self._part("authority"),
                "@type": "dpv:DataProtectionAuthority",
                "dpv:hasName": self._controller.authority,
                "foaf:page": _id(self._controller.authority_page),
            }
        )
        if self._record.processors:
            controller = self._part("controller")
            yield {**self._part("processor"), "@type": "dpv:DataProcessor", "prov:actedOnBehalfOf": controller}

    def _part(self, name: str) -> Node:
        return {"@id": f"{self._case}/{name}"}


def _personal_data(iri: str, data: Mapping[str, int]) -> Iterator[Node]:
    for number, (category, count) in enumerate(sorted(data.items()), start=1):
        yield _filled(
            {
                "@id": f"{iri}/data-{number}",
                "@type": category_types(category),
                "dct:title": category,
                "rf:records": count,
            }
        )


def _keeping(iri: str, activity: Activity) -> Node | None:
    if activity.until is None and not activity.ends_when:
        return None
    return _filled(
        {
            "@id": f"{iri}/storage",
            "@type": ["dpv:StorageDuration", "dpv:UntilTimeDuration" if activity.until else "dpv:UntilEventDuration"],
            "validUntil": _day(activity.until),
            "dct:description": activity.ends_when,
        }
    )


def _package(iri: str, digest: str) -> Node | None:
    """Return the copy that was handed out, by its hash."""
    return {"@id": f"{iri}/copy", "@type": "dcat:Dataset", "dct:identifier": f"sha256:{digest}"} if digest else None


def _case_iri(case_id: str) -> str:
    return f"urn:rightsflow:case:{_in_iri(case_id)}"


def _in_iri(text: str) -> str:
    """Return a text as a part of an IRI; a letter that is not allowed there becomes its hexadecimal number."""
    return re.sub(r"[^A-Za-z0-9._-]", lambda found: f"~{ord(found[0]):x}~", text)


def _id(iri: str) -> Node | None:
    return {"@id": iri} if iri else None


def _ids(iris: Iterable[str]) -> list[Node]:
    return [{"@id": iri} for iri in iris if iri]


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _day(on: date | None) -> str | None:
    return on.isoformat() if on else None


def _filled(node: Mapping[str, object]) -> Node:
    """Return a node without empty values: JSON-LD has no null."""
    return {name: value for name, value in node.items() if value}
