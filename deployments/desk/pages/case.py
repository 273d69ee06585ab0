"""A case's page: dates, next step, history, records, letters and evidence."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Final

from starlette.responses import JSONResponse, Response, StreamingResponse

from deployments.desk.addresses import case_address
from deployments.desk.page import page
from deployments.desk.task_words import shown, words_of
from deployments.desk.visit import Visit
from deployments.desk.work_words import shown_work
from rightsflow.cases.app import App
from rightsflow.cases.course.evidence.bundle import export_evidence, give_letters
from rightsflow.cases.facts.overview.case_sheet import LANGUAGES, read_overview
from rightsflow.cases.facts.overview.overview import CaseOverview
from rightsflow.cases.facts.overview.personal_data import Revealed, package_of, reveal
from rightsflow.cases.facts.overview.sheet_lines import clock_lines, sent_lines
from rightsflow.cases.facts.overview.timeline import overtaken, timeline
from rightsflow.cases.facts.people import Duty
from rightsflow.cases.work.access.package import take_package
from rightsflow.domain.accounts import Permission
from rightsflow.domain.board import STATUS_LABELS, Light, WaitingFor
from rightsflow.domain.disclosure.texts import MASKED_WORDS
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifiers import kind_words
from rightsflow.domain.languages import language_name
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.wording import counted
from rightsflow.domain.work_list import ToDoKind

SHADES: Final = {shade.value: STATUS_LABELS[shade] for shade in Light}
"""The words of each light."""


_OF_THE_END: Final = frozenset({LetterId.WITHDRAWAL, LetterId.CASE_STOPPED})
_WAITS: Final[Mapping[WaitingFor, str]] = {
    WaitingFor.SYSTEM: "A step fails, for the reason below.",
    WaitingFor.PROOF: "The person was asked for proof of identity, and has not answered.",
    WaitingFor.CLARIFICATION: "The person was asked what they mean, and has not answered.",
    WaitingFor.START: "Its run has not started yet. That takes seconds; then load this page again.",
    WaitingFor.IDENTITY: "The person's identity has to be checked.",
    WaitingFor.SEARCH: "The systems are being searched, and what is found is prepared.",
    WaitingFor.APPROVAL: "It must be approved by someone other than the person who opened the request.",
    WaitingFor.NOTHING: "The decision is being carried out.",
    WaitingFor.SENDING: "The answer is to be sent to the person.",
}
_BY_ITSELF: Final = {
    WaitingFor.START: "",
    WaitingFor.SYSTEM: "It is tried again by itself.",
    WaitingFor.SEARCH: "That goes on by itself.",
    WaitingFor.NOTHING: "That goes on by itself.",
}
"""The words for a stage in which no person is needed: its page is looked at again by itself."""


def read_case(visit: Visit) -> CaseOverview:
    """The case that a page's address names.

    Raises:
        BadInput: There is no such case.
    """
    return read_overview(visit.app, read_case_id(visit.path("case_id")), in_sum=True)


@page("/cases/{case_id}", needs=Permission.READ_CASES)
def case(visit: Visit) -> Response:
    """The case's page."""
    changes = visit.app.store.changes.of(read_case_id(visit.path("case_id")))
    return _shown(visit, read_case(visit), changes=changes)


@page("/cases/{case_id}/changes", needs=Permission.READ_CASES, is_background=True)
def changes(visit: Visit) -> Response:
    """Return the number of changes of a case, by which a waiting page sees that it is out of date."""
    return JSONResponse({"changes": visit.app.store.changes.of(read_case_id(visit.path("case_id")))})


def _shown(visit: Visit, seen: CaseOverview, revealed: Revealed | None = None, changes: int | None = None) -> Response:
    app, is_open = visit.app, seen.closed_at is None
    waits = seen.waits_for if is_open else None
    work = [shown_work(item, may=visit.may(item.needs)) for item in seen.work if item.kind is not ToDoKind.ALERT]
    stopped = next((item for item in app.store.brakes.present() if item.system == seen.case_id), None)
    return visit.show(
        "case.html",
        case=seen,
        tasks=shown(seen.tasks),
        task_words=words_of(task for task in seen.tasks if task.is_open),
        order=list(sent_lines(seen.order, seen.agent)),
        shade=seen.light.value,
        shades=SHADES,
        stopped=stopped,
        says=_says(waits, seen) if waits else _after_the_answer(app, seen),
        work=work,
        next_act=next((one for one in work if one.may), None),
        owner=Duty.of(app).name(seen.owner),
        language=_language(seen),
        clock=[line.removeprefix("- ") for line in clock_lines(seen, app.settings.controller.zone, app.today) if line],
        timeline=timeline(seen.ledger),
        overtaken=overtaken(seen.ledger),
        revealed=revealed,
        changes=changes,
        goes_on=waits in _BY_ITSELF and stopped is None,
        kinds=kind_words,
        masked_words=MASKED_WORDS,
    )


def _says(waits: WaitingFor, seen: CaseOverview) -> str:
    """Return the sentence on a stage; that it goes on by itself only where no person is needed."""
    if waits is WaitingFor.SYSTEM and seen.is_refused:
        return "A system refused what was asked of it. Nothing goes on there until a person has decided."
    return _WAITS[waits] if seen.work else f"{_WAITS[waits]} {_BY_ITSELF.get(waits, '')}".rstrip()


def _language(seen: CaseOverview) -> str:
    """Return the person's language by name, and its source."""
    known = LANGUAGES[seen.language_source]
    return f"{language_name(seen.language)}, {known}" if seen.language else known


def _after_the_answer(app: App, seen: CaseOverview) -> str:
    left = sum(task.done_on is None for task in seen.tasks)
    if any(letter.template_id == LetterId.ACCESS_COVER for letter in seen.letters) and package_of(app, seen.case_id):
        if seen.on_paper:
            return "The case is closed. If the printed answer has not been sent yet, print paper.html in the package."
        channel = app.settings.delivery.passphrase_channel
        return f"The case is closed. If the person was not told the passphrase of the package yet, tell it {channel}."
    if seen.state.ends_unanswered:
        unsent = [
            letter.template_id for letter in seen.letters if letter.template_id in _OF_THE_END and not letter.sent_at
        ]
        return " ".join(
            [seen.next_action, *(f"Send the letter {template_id} that tells the person." for template_id in unsent)]
        )
    if not left:
        return "Nothing is left to do."
    tasks = f"{counted(left, 'task')} {'is' if left == 1 else 'are'} left"
    return f"The case is closed. {tasks}; what and until when stands below."


@case.act("/evidence", needs=Permission.EXPORT_EVIDENCE)
def evidence(visit: Visit) -> Response:
    """Download the evidence; the export and its user are an entry in it."""
    case_id = read_case_id(visit.path("case_id"))
    made = export_evidence(visit.app, case_id, by=visit.actor)
    named = {"Content-Disposition": f'attachment; filename="{case_id}-evidence.zip"'}
    return Response(made.content, media_type="application/zip", headers=named)


@case.act("/letters-file", needs=Permission.REVEAL)
def letters_file(visit: Visit) -> Response:
    """Download the texts of the letters in an encrypted file, with its passphrase, once; the download is noted."""
    visit.needed({"letters_reason": "Say why they are given, such as the authority's file number."})
    seen = read_case(visit)
    given = give_letters(visit.app, seen.case_id, by=visit.actor, reason=visit.typed("letters_reason"))
    return visit.show(
        "letters_file.html",
        case=seen,
        shade=seen.light.value,
        shades=SHADES,
        given=given,
        content=b64encode(given.content).decode(),
    )


@case.act("/package-file", needs=Permission.REVEAL)
def package_file(visit: Visit) -> Response:
    """Save the released package, encrypted as the person gets it; the download and its user are noted."""
    case_id = read_case_id(visit.path("case_id"))
    chunks = take_package(visit.app, case_id, by=visit.actor)
    named = {"Content-Disposition": f'attachment; filename="{case_id}.zip"'}
    return StreamingResponse(chunks, media_type="application/zip", headers=named)


@case.act("/reveal", needs=Permission.REVEAL)
def look(visit: Visit) -> Response:
    """Show encrypted data, once, on the page that answers; the access and its reason are noted."""
    visit.needed({"reason": "Say why you have to see it; the reason is kept with the case, encrypted."})
    case_id = read_case_id(visit.path("case_id"))
    revealed = reveal(visit.app, case_id, by=visit.actor, reason=visit.typed("reason"))
    return _shown(visit, read_overview(visit.app, case_id, in_sum=True), revealed)


@page("/cases/{case_id}/run", needs=Permission.SEE_PREFECT)
def run(visit: Visit) -> Response:
    """Go to Prefect's page of the case's run."""
    case_id = read_case_id(visit.path("case_id"))
    address = visit.desk.run_address(case_id)
    if not address:
        raise BadInput(f"Prefect has no run of {case_id} at present; the keeper starts one where there is work to do.")
    return visit.go(address)


def to_case(visit: Visit, said: str) -> Response:
    """Go to the case's page after something was done.

    Args:
        visit: The request.
        said: What was done.
    """
    return visit.go(case_address("", read_case_id(visit.path("case_id"))), said)
