"""The desk's acts, each prepared up to the moment at which its form is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from rightsflow.app import current_app, installed
from rightsflow.cases.access.copied_record import copied_record
from rightsflow.cases.access.copies import assemble_package, extract_records, redact_third_parties
from rightsflow.cases.access.mask_choosing import hide_passage, mute_interval, show_masked, take_back
from rightsflow.cases.access.package_choices import digest_of as notes_digest
from rightsflow.cases.access.package_choices import note_left_out, noted, release_package
from rightsflow.cases.access.sending_back import send_back
from rightsflow.cases.app import App
from rightsflow.cases.erasure.erasing import prepare_plan
from rightsflow.cases.erasure.plan_notes import approve_plan, digest_of, note_decision, notes_on
from rightsflow.cases.gates.deciding_many import IN_ONE_TRANSACTION, approve_many, look_at_many
from rightsflow.cases.gates.gate_views import reach_gate
from rightsflow.cases.identity.codes import check_identity_code, send_identity_code
from rightsflow.cases.identity.on_file import addresses_on_file
from rightsflow.cases.intake.opening import open_request_form
from rightsflow.cases.letters.answering import write_nothing_held
from rightsflow.cases.sending.arriving import record_returned
from rightsflow.cases.sending.sent import record_sent
from rightsflow.cases.stopping import stop_case
from rightsflow.config.sections.mail_server import MailServer
from rightsflow.domain.case.stopping import StopReason
from rightsflow.domain.disclosure.mask_choices import Interval, MaskGround
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.gates.making_again import MakingAgain
from rightsflow.domain.gates.together import GateSubject
from rightsflow.domain.mail import Mail, Taken
from rightsflow.domain.request import RequestForm
from rightsflow.testing.fakes import FakeRecord
from tests.support.bench import ANNA_PROFILE, Bench
from tests.support.steps import SYSTEMS, identified, search
from tests.support.waves import wave

OFFICER, DECIDER = "Ida Officer", "Dana Decider"
PASSAGE, LINE = "Zadok Windlestone", "+49 30 23125 099"
_CODE: Final = re.compile(r"^ {4}(\d{4} \d{4})\r?$", re.MULTILINE)
_OTHERS: Final = MaskGround.OTHER_PERSON


@dataclass(frozen=True, slots=True)
class Ready:
    """An act whose form is about to be sent.

    Args:
        cases: The cases that it is about.
        does: Does it, with an application on a copy of the store.
        sees: What it leaves, by parts with names; of the cases by default, which an act that opens some cannot name.
    """

    cases: tuple[str, ...]
    does: Callable[[App], object]
    sees: Callable[[App], Mapping[str, object]] | None = None


def _package(bench: Bench) -> tuple[str, str]:
    """A case whose package waits for its release, and the package's hash."""
    bench.systems["helpdesk"].add(
        FakeRecord(kind="ticket", key="t9", profile="u1", texts=((ANNA_PROFILE, f"Ring {LINE}. {PASSAGE} knows."),))
    )
    bench.systems["calls"].add(
        FakeRecord(kind="recording", key="r9", texts=((ANNA_PROFILE, "a call"),), audio=wave(seconds=2))
    )
    case = identified(bench, "access")
    search(case)
    for system in SYSTEMS:
        extract_records(current_app(), case, system)
        redact_third_parties(current_app(), case, system)
    assemble_package(current_app(), case)
    reach_gate(current_app(), case, Gate.APPROVAL)
    with bench.file(case) as file:
        return case, file.what_is_approved()


def _number(bench: Bench, case: str, key: str) -> int:
    with bench.file(case) as file:
        return int(next(one.number for one in file.findings.all() if one.ref.ref == key))


def _hide(bench: Bench) -> Ready:
    case, package = _package(bench)
    number = _number(bench, case, "t9")
    return Ready(
        (case,),
        lambda app: hide_passage(
            app, case, number, PASSAGE, ground=_OTHERS, remark="asked for", by=OFFICER, package=package
        ),
    )


def _mute(bench: Bench) -> Ready:
    case, package = _package(bench)
    number = _number(bench, case, "r9")
    return Ready(
        (case,),
        lambda app: mute_interval(
            app, case, number, 1, Interval(200, 900), ground=_OTHERS, remark="", by=OFFICER, package=package
        ),
    )


def _show(bench: Bench) -> Ready:
    case, package = _package(bench)
    number = _number(bench, case, "t9")
    with bench.file(case) as file:
        keys = [one.key for one in copied_record(file, current_app(), number).hits()]
    return Ready((case,), lambda app: show_masked(app, case, number, keys, reason="hers", by=OFFICER, package=package))


def _take_back(bench: Bench) -> Ready:
    case, package = _package(bench)
    number = _number(bench, case, "t9")
    hide_passage(current_app(), case, number, PASSAGE, ground=_OTHERS, remark="", by=OFFICER, package=package)
    with bench.file(case) as file:
        numbers = [one.number for one in file.masks.all()]
    return Ready((case,), lambda app: take_back(app, case, number, numbers, by=OFFICER, package=package))


def _send_back(bench: Bench) -> Ready:
    case, package = _package(bench)
    return Ready(
        (case,), lambda app: send_back(app, case, MakingAgain.COPY, remark="one lacks", by=OFFICER, package=package)
    )


def _release(bench: Bench) -> Ready:
    case, package = _package(bench)
    note_left_out(
        current_app(), case, [_number(bench, case, "t9")], ground="rights of others", provision="", package=package
    )
    with bench.file(case) as file:
        bound = notes_digest(noted(file))
    return Ready((case,), lambda app: release_package(app, case, package=package, noted_before=bound, by=DECIDER))


def _plan(bench: Bench) -> tuple[str, str]:
    case = identified(bench, "erasure")
    search(case)
    prepare_plan(current_app(), case)
    reach_gate(current_app(), case, Gate.APPROVAL)
    with bench.file(case) as file:
        return case, file.what_is_approved()


def _note(bench: Bench) -> Ready:
    case, plan = _plan(bench)
    number = _number(bench, case, "t1")
    kept = "keep | defence of a claim | Art. 17(3)(e) | until 2027-01-31"
    return Ready((case,), lambda app: note_decision(app, case, [number], kept, read=plan, by=DECIDER))


def _approve(bench: Bench) -> Ready:
    note = _note(bench)
    note.does(current_app())
    (case,) = note.cases
    with bench.file(case) as file:
        plan, bound = file.what_is_approved(), digest_of(notes_on(file))
    return Ready((case,), lambda app: approve_plan(app, case, read=plan, noted=bound, by=DECIDER))


def _nothing_held(bench: Bench, number: int) -> str:
    case: str = identified(bench, "access", email=f"nobody{number}@example.net")
    search(case)
    reach_gate(current_app(), case, Gate.APPROVAL)
    return case


def _many(bench: Bench) -> Ready:
    """One more than are decided in one transaction, so that some are decided and others are not."""
    cases = [_nothing_held(bench, number) for number in range(IN_ONE_TRANSACTION + 1)]
    chosen = {one.case_id: one.bound_to for one in look_at_many(current_app(), cases, by=DECIDER)}
    about = GateSubject.NOTHING_HELD
    return Ready(tuple(cases), lambda app: approve_many(app, chosen, about=about, reason="nothing odd", by=DECIDER))


def _sent(bench: Bench) -> Ready:
    case = _answered(bench)
    return Ready((case,), lambda app: record_sent(app, case, "L8", by=OFFICER))


def _returned(bench: Bench) -> Ready:
    case = _answered(bench)
    record_sent(current_app(), case, "L8", by=OFFICER)
    today = current_app().today
    return Ready((case,), lambda app: record_returned(app, case, "L8", today, by=OFFICER))


def _answered(bench: Bench) -> str:
    case = _nothing_held(bench, 1)
    bench.approve(case)
    write_nothing_held(current_app(), case)
    return case


def _duplicate(bench: Bench) -> Ready:
    """Both cases are changed with one commit: the one that is stopped, and the one that counts from its receipt."""
    first, _ = _plan(bench)
    bench.pass_time(timedelta(days=2))
    form = RequestForm(right="erasure", email="Anna.Quill@example.com", opened_by=OFFICER)
    second = open_request_form(current_app(), form, despite_duplicate=True).case_id
    record_sent(current_app(), first, "L1", by=OFFICER)
    known = "the same letter, entered twice"
    return Ready(
        (first, second),
        lambda app: stop_case(app, first, StopReason.DUPLICATE, known, by=DECIDER, duplicate_of=second),
    )


def _code(bench: Bench) -> Ready:
    """The person reads out the code that was mailed to the address on file."""
    bench.systems["helpdesk"].add(
        FakeRecord(kind="profile", key="u9", texts=((ANNA_PROFILE, "profile"),), occurred_on=date(2024, 5, 3))
    )
    case, box = bench.open("access"), _Box()
    reach_gate(current_app(), case, Gate.IDENTITY)
    with _mailing(bench, box):
        (address,) = addresses_on_file(current_app(), case, by=OFFICER).addresses
        send_identity_code(current_app(), case, address.choice, by=OFFICER)
    code = _CODE.search(box.bodies[0])
    assert code
    return Ready((case,), lambda app: check_identity_code(app, case, code[1], "on the telephone", by=OFFICER))


PREPARED: Final[Mapping[str, Callable[[Bench], Ready]]] = {
    "check an identity code": _code,
    "mask a passage": _hide,
    "mute an interval": _mute,
    "show what is masked": _show,
    "take a mask back": _take_back,
    "send a package back": _send_back,
    "release a package": _release,
    "note a decision on a plan": _note,
    "approve a plan": _approve,
    "approve many": _many,
    "note a letter as sent": _sent,
    "note a letter as returned": _returned,
    "stop a duplicate": _duplicate,
}
"""By what the act is called."""


class _Box:
    """A mail server that keeps what it is handed."""

    def __init__(self) -> None:
        self.bodies = list[str]()

    def send(self, mail: Mail) -> Taken:
        """Keep a mail."""
        self.bodies.append(mail.body)
        return Taken("250", "2.0.0 ok")

    def probe(self) -> None:
        """It is always there."""


@contextmanager
def _mailing(bench: Bench, box: _Box) -> Iterator[None]:
    before, settings = bench.runtime, bench.runtime.settings
    mail = MailServer(host="127.0.0.1", port=25, security="none", sender="mail@example.com")
    delivery = settings.delivery.model_copy(update={"mail": mail})
    runtime = replace(before, settings=settings.model_copy(update={"delivery": delivery}), open_mail=lambda *_: box)
    with installed(runtime):
        yield
