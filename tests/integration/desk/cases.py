"""Cases at their gates, for the desk's tests."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace

from rightsflow.app import current_app, installed
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.work.access.package import (
    assemble_package,
    extract_records,
    make_copies_again,
    redact_third_parties,
)
from rightsflow.cases.work.erasure.steps import prepare_plan
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Method, RecordRef
from rightsflow.testing.fakes import FakeRecord
from tests.support.bench import ANNA_ID
from tests.support.kept_cases import brought
from tests.support.steps import SYSTEMS, approved, carry_out, search

CHECK = {
    "method": "call back to the known number",
    "done": "They were called back and confirmed the request.",
    "at": "2026-03-05T09:30",
    "against": "phone number",
    "held_by": "helpdesk",
    "since": "2024-05-03",
}
"""The fields of a whole check of identity."""
_HIS = frozenset(
    {ANNA_ID, identifier(IdentifierKind.EMAIL, "zed@example.org"), identifier(IdentifierKind.NAME, "Zed Rook")}
)
_PLACE = re.compile(r'name="place" value="([\d-]+)"')


def at_approval(bench, right, **opened):
    """A case that waits for approval."""
    stage = ("at approval", right, *sorted(opened.items()))
    return brought(bench, stage, lambda: _at_approval(bench, right, opened))


def _at_approval(bench, right, opened):
    case = bench.open(right, **opened)
    bench.confirm_identity(case)
    to_approval(case, right)
    return case


def to_approval(case, right):
    """What a case's run does from its identity on, up to the approval gate."""
    search(case)
    if right == "erasure":
        prepare_plan(current_app(), case)
    else:
        for system in SYSTEMS:
            extract_records(current_app(), case, system)
            redact_third_parties(current_app(), case, system)
    reach_gate(current_app(), case, Gate.APPROVAL)


@contextmanager
def blocked_case(bench):
    """A Spanish controller, and an erasure case of it whose records are blocked."""
    controller = bench.runtime.settings.controller.model_copy(update={"country": "ES", "timezone": "Europe/Madrid"})
    bench.runtime = replace(
        bench.runtime, settings=bench.runtime.settings.model_copy(update={"controller": controller})
    )
    for fake in bench.systems.values():
        fake.kinds = tuple(replace(one, methods=one.methods | {Method.RESTRICT}) for one in fake.kinds)
    with installed(bench.runtime):
        case_id = approved(bench)
        carry_out(case_id)
        yield case_id


def make_again(case):
    """What the case's run does once the package was sent back."""
    search(case)
    make_copies(case)
    reach_gate(current_app(), case, Gate.APPROVAL)


def make_copies(case):
    """Copy and mask what has to be copied anew, and make the package of it."""
    for system in make_copies_again(current_app(), case):
        extract_records(current_app(), case, system)
        redact_third_parties(current_app(), case, system)
    assemble_package(current_app(), case)


def state(bench, case):
    """Where a case stands."""
    with bench.file(case) as file:
        return file.state


def entries(bench, case):
    """The last entry of each event of a case."""
    with bench.file(case) as file:
        return {str(entry.event): entry for entry in file.ledger.entries()}


def read(browser, case, reason="the release"):
    """Begin to read; gives the address of the first page."""
    answer = browser.send(f"/cases/{case}/package/read", f"/cases/{case}/package", reason=reason)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removeprefix("/desk")


def number_of(bench, case, key, system="helpdesk", kind="ticket"):
    with bench.file(case) as file:
        return next(one.number for one in file.findings.all() if one.ref == RecordRef(system, kind, key))


def packaged(bench):
    """A case with a package that waits for its release."""
    made = at_approval(bench, "access")
    assemble_package(current_app(), made)
    return made


def in_doubt(bench):
    """A case with a package, beside a record in doubt on which another one hangs; gives the case and its number."""
    bench.systems["payments"].add(
        FakeRecord(kind="profile", key="c7", texts=((_HIS, "the old account of Zed Rook"),)),
        FakeRecord(kind="invoice", key="i7", profile="c7", texts=((_HIS, "the old invoice"),)),
    )
    case = brought(bench, "a package beside a record in doubt", lambda: packaged(bench))
    return case, number_of(bench, case, "c7", system="payments", kind="profile")


def masks_of(bench, browser, case, key="t9", **where):
    """The page of a record's masks, with its places."""
    number = number_of(bench, case, key, **where)
    here = f"{read(browser, case)}/records/{number}"
    return here, _PLACE.findall(browser.get(here).text)


def sent_again(rig, browser, case, here):
    """Let the package be made again from a record's page."""
    release = f"{here.partition('/records/')[0]}/release"
    assert browser.send(f"{release}/make-again", release).status_code == 303
    assert rig.resumed[-1] == (case, Gate.APPROVAL)
    make_again(case)


def released(browser, case):
    """Release as it is read; gives the answer."""
    release = f"{read(browser, case)}/release"
    return browser.client.post(f"/desk{release}/approve", data={"token": browser.token(release)})
