"""The page on which a processor answers by its one-time link: no account, and nothing of the person on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import OUTWARD
from deployments.desk.page import ANYBODY, WITH_FILES, page
from deployments.desk.pages.form_fields import beside, typed_count, typed_day
from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.course.processors.link import (
    AskedByLink,
    UnexplainedZero,
    answer_by_link,
    read_link,
)
from rightsflow.cases.course.processors.processor_answers import MOST_PROOF_BYTES
from rightsflow.domain.errors import BadInput
from rightsflow.domain.processors.answers import Instruction, StatedAnswer
from rightsflow.domain.processors.files import MOST_DOCUMENT_BYTES, MOST_DOCUMENTS
from rightsflow.domain.processors.terms import InstructionStanding, ProcessorAnswer, ProofKind
from rightsflow.domain.wording import day
from rightsflow.store.case.one_time_codes import NO_LINK

_MOST_DIGITS: Final = 9
_MEGABYTES: Final = MOST_PROOF_BYTES // 1024 // 1024


def _asked(visit: Visit) -> AskedByLink:
    number = visit.path("number")
    if not (number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS):
        raise BadInput(NO_LINK)
    return read_link(visit.app, visit.path("case_id"), int(number), visit.path("link"))


@page("/confirm/{case_id}/{number}/{link}", needs=ANYBODY, admits=_asked, most_bytes=WITH_FILES)
def confirm(visit: Visit) -> Response:
    """Show the instruction and the possible answers."""
    asked = _asked(visit)
    return visit.show(
        "confirm.html",
        asked=asked,
        here=visit.request.url.path if visit.request.method == "GET" else visit.request.url.path.rsplit("/", 1)[0],
        wants_counts=ProofKind.COUNTS in asked.proof,
        wants_file=ProofKind.FILE in asked.proof,
        today=visit.app.today.isoformat(),
        megabytes=_MEGABYTES,
        most_files=MOST_DOCUMENTS,
        most_megabytes=MOST_DOCUMENT_BYTES >> 20,
    )


@confirm.act("/done", needs=ANYBODY)
def done(visit: Visit) -> Response:
    """The records are erased."""
    visit.needed({"done_on": "Give the day on which it was done.", "done_by": "Give the name of who did it."})
    stated = StatedAnswer(
        answer=ProcessorAnswer.DONE,
        on=typed_day(visit, "done_on"),
        records=typed_count(visit, "records"),
        note=visit.typed("done_note").strip(),
    )
    proof = visit.file("proof")
    if len(proof) > MOST_PROOF_BYTES:
        raise Wrong({"proof": f"The file has more than {_MEGABYTES} MB; give a smaller one."})
    with beside("proof" if proof else "done_on"):
        return _recorded(visit, stated, "done_note", name=visit.typed("done_by"), proof=proof)


@confirm.act("/handed-over", needs=ANYBODY)
def handed_over(visit: Visit) -> Response:
    """Here are the records."""
    visit.needed({"given_on": "Give the day on which you looked.", "given_by": "Give the name of who looked."})
    documents = visit.files("documents")
    if not documents:
        raise Wrong({"documents": "Choose the files with the records."})
    stated = StatedAnswer(
        answer=ProcessorAnswer.DONE,
        on=typed_day(visit, "given_on"),
        records=typed_count(visit, "given_records"),
        note=visit.typed("given_note").strip(),
    )
    with beside("documents"):
        return _recorded(visit, stated, name=visit.typed("given_by"), documents=documents)


@confirm.act("/nothing-held", needs=ANYBODY)
def nothing_held(visit: Visit) -> Response:
    """Record that the processor holds no data of the person."""
    visit.needed({"looked_on": "Give the day on which you looked.", "looked_by": "Give the name of who looked."})
    stated = StatedAnswer(
        answer=ProcessorAnswer.NOTHING_HELD,
        on=typed_day(visit, "looked_on"),
        note=visit.typed("looked_note").strip(),
    )
    with beside("looked_on"):
        return _recorded(visit, stated, "looked_note", name=visit.typed("looked_by"))


@confirm.act("/cannot", needs=ANYBODY)
def cannot(visit: Visit) -> Response:
    """Record that the processor cannot comply."""
    visit.needed({"reason": "Say why you cannot do it."})
    stated = StatedAnswer(answer=ProcessorAnswer.CANNOT, on=visit.app.today, note=visit.typed("reason").strip())
    with beside("reason"):
        return _recorded(visit, stated)


@confirm.act("/more-time", needs=ANYBODY)
def more_time(visit: Visit) -> Response:
    """Record that the processor needs more time."""
    visit.needed({"until": "Give the day by which you will be done."})
    until = typed_day(visit, "until")
    note = visit.typed("why_later").strip()
    stated = StatedAnswer(answer=ProcessorAnswer.MORE_TIME, on=visit.app.today, until=until, note=note)
    with beside("until"):
        return _recorded(visit, stated)


@confirm.act("/handed-on", needs=ANYBODY)
def handed_on(visit: Visit) -> Response:
    """Their own processors act."""
    others = visit.typed("others").strip()
    chosen = tuple(visit.chosen("sub"))
    if not (chosen or others):
        raise Wrong({"others": "Name those to whom you handed it on."})
    stated = StatedAnswer(
        answer=ProcessorAnswer.HANDED_ON,
        on=visit.app.today,
        sub_processors=(*chosen, others) if others else chosen,
        note=f"Handed on to {others}." if others else "",
    )
    with beside("others"):
        return _recorded(visit, stated)


@page("/confirm/recorded", needs=ANYBODY, admits=lambda _: None)
def recorded(visit: Visit) -> Response:
    """Show that an answer was recorded."""
    return visit.show("confirmed.html")


def _recorded(
    visit: Visit,
    stated: StatedAnswer,
    explained: str = "",
    *,
    name: str = "",
    proof: bytes = b"",
    documents: Sequence[bytes] = (),
) -> Response:
    """Record an answer; ``explained`` is the field in which a zero is explained that contradicts our search."""
    case_id, number, link = visit.path("case_id"), int(visit.path("number")), visit.path("link")
    try:
        answered = answer_by_link(visit.app, case_id, number, link, stated, name=name, proof=proof, documents=documents)
    except UnexplainedZero as error:
        raise Wrong({explained: str(error)}) from None
    visit.desk.follow(answered.case_id)
    return visit.go(f"{OUTWARD}recorded", _said(answered))


def _said(answered: Instruction) -> str:
    match answered.standing:
        case InstructionStanding.CONFIRMED:
            return "Thank you: your confirmation is recorded. Nothing more is asked of you here."
        case InstructionStanding.QUESTIONED:
            return "Your answer is recorded. We check it, and write to you if we have a question."
        case _:
            due = day(answered.due_on)
            return f"Your answer is recorded. It has to be proved by {due}; we send you another link for that."
