"""``python -m proofs.kills.acts``: kill the process at every commit of the desk's acts, and of what others send."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from proofs.common import Post, head, in_memory, row, say, tell
from proofs.kills.ends import Wire
from rightsflow.app import current_app, installed
from rightsflow.cases.app import App
from rightsflow.cases.course.contacts_on_file import addresses_on_file
from rightsflow.cases.course.gates.gates import approve_plan, reach_gate, release_package
from rightsflow.cases.course.gates.many_cases import IN_ONE_TRANSACTION, approve_many, look_at_many
from rightsflow.cases.course.identity import (
    check_identity_code,
    send_identity_code,
)
from rightsflow.cases.course.intake.agent_requests import revoke_agent_request, take_agent_request, tell_agents
from rightsflow.cases.course.intake.agents import pair_agent
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.cases.course.letters.answers import write_nothing_held
from rightsflow.cases.course.orders import cancel_order, take_order, tell_controllers
from rightsflow.cases.course.sending.delivery import record_returned, record_sent
from rightsflow.cases.course.withdrawal import stop_case
from rightsflow.cases.work.access.mask_choices import copied_record, hide_passage, mute_interval, show_masked, take_back
from rightsflow.cases.work.access.package import assemble_package, extract_records, redact_third_parties
from rightsflow.cases.work.access.package_review import digest_of as notes_digest
from rightsflow.cases.work.access.package_review import note_left_out, noted, open_letter, send_back
from rightsflow.cases.work.erasure.plan import digest_of, note_decision, notes_on
from rightsflow.cases.work.erasure.steps import prepare_plan
from rightsflow.config.sections.mail_server import MailServer
from rightsflow.domain.case.acts import StopReason
from rightsflow.domain.disclosure.mask_choices import Interval, MaskGround
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.gates.four_eyes import GateSubject
from rightsflow.domain.gates.package_changes import MakingAgain
from rightsflow.domain.request import RequestForm
from rightsflow.store import CaseFile, Database, Store
from rightsflow.testing.fakes import FakeRecord
from rightsflow.vault import MasterKey
from tests.support.agents import BUSINESS, CALLBACK_HOST, drp_section, envelope, exercise, pairing
from tests.support.bench import ANNA_PROFILE, Bench, running_bench
from tests.support.brand_and_site import BRAND_DOMAIN, CALLBACK_URL, inbound, order_said, write_keys
from tests.support.steps import SYSTEMS, identified, search
from tests.support.stores import without_waiting_for_the_disk
from tests.support.waves import wave

OFFICER, DECIDER = "Ida Officer", "Dana Decider"
PASSAGE, LINE = "Zadok Windlestone", "+49 30 23125 099"
_CODE: Final = re.compile(r"^ {4}(\d{4} \d{4})\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Ready:
    """An act whose form is about to be sent."""

    cases: tuple[str, ...]
    does: Callable[[App], object]
    sees: Callable[[App], Mapping[str, object]] | None = None


def _package(bench: Bench) -> tuple[str, str]:
    """Return a case whose package waits for its release, and the package's hash."""
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


def _on_package(act: Callable[[App, str, int, str], object], key: str = "t9") -> Callable[[Bench], Ready]:
    def prepare(bench: Bench) -> Ready:
        case, package = _package(bench)
        number = _number(bench, case, key)
        return Ready((case,), lambda app: act(app, case, number, package))

    return prepare


def _show(bench: Bench) -> Ready:
    case, package = _package(bench)
    number = _number(bench, case, "t9")
    with bench.file(case) as file:
        keys = [one.key for one in copied_record(file, current_app(), number).hits()]
    return Ready((case,), lambda app: show_masked(app, case, number, keys, reason="hers", by=OFFICER, package=package))


def _take_back(bench: Bench) -> Ready:
    case, package = _package(bench)
    number = _number(bench, case, "t9")
    hide_passage(current_app(), case, number, PASSAGE, remark="", ground=_OTHERS, by=OFFICER, package=package)
    with bench.file(case) as file:
        numbers = [one.number for one in file.masks.all()]
    return Ready((case,), lambda app: take_back(app, case, number, numbers, by=OFFICER, package=package))


def _release(bench: Bench) -> Ready:
    case, package = _package(bench)
    note_left_out(
        current_app(), case, [_number(bench, case, "t9")], ground="rights of others", provision="", package=package
    )
    with bench.file(case) as file:
        bound = notes_digest(noted(file))
    open_letter(current_app(), case, by=DECIDER)
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
    cases = [_nothing_held(bench, number) for number in range(IN_ONE_TRANSACTION + 1)]
    chosen = {one.case_id: one.bound_to for one in look_at_many(current_app(), cases, by=DECIDER)}
    about = GateSubject.NOTHING_HELD
    return Ready(tuple(cases), lambda app: approve_many(app, chosen, about=about, reason="nothing odd", by=DECIDER))


def _duplicate(bench: Bench) -> Ready:
    first, _ = _plan(bench)
    bench.pass_time(timedelta(days=2))
    form = RequestForm(right="erasure", email="Anna.Quill@example.com", opened_by=OFFICER)
    second = open_request_form(current_app(), form, despite_duplicate=True).case_id
    record_sent(current_app(), first, "L1", by=OFFICER)
    known = "the same letter, entered twice"
    return Ready(
        (first, second), lambda app: stop_case(app, first, StopReason.DUPLICATE, known, by=DECIDER, duplicate_of=second)
    )


def _code(bench: Bench) -> Ready:
    """Return the code that was mailed to the address on file, as the person reads it out."""
    bench.systems["helpdesk"].add(
        FakeRecord(kind="profile", key="u9", texts=((ANNA_PROFILE, "profile"),), occurred_on=date(2024, 5, 3))
    )
    case, box = bench.open("access"), Post()
    reach_gate(current_app(), case, Gate.IDENTITY)
    settings = bench.runtime.settings
    mail = MailServer(host="127.0.0.1", port=25, security="none", sender="mail@example.com")
    settings = settings.model_copy(update={"delivery": settings.delivery.model_copy(update={"mail": mail})})
    with installed(replace(bench.runtime, settings=settings, open_mail=lambda *_: box)):
        (address,) = addresses_on_file(current_app(), case, by=OFFICER).addresses
        send_identity_code(current_app(), case, address.choice, by=OFFICER)
    code = _CODE.search(box.taken[0].body)
    assert code
    return Ready((case,), lambda app: check_identity_code(app, case, code[1], "on the telephone", by=OFFICER))


def _on_answered(act: Callable[[App, str], object], *before: str) -> Callable[[Bench], Ready]:
    def prepare(bench: Bench) -> Ready:
        case = _nothing_held(bench, 1)
        bench.approve(case)
        write_nothing_held(current_app(), case)
        for letter in before:
            record_sent(current_app(), case, letter, by=OFFICER)
        return Ready((case,), lambda app: act(app, case))

    return prepare


_OTHERS: Final = MaskGround.OTHER_PERSON
PREPARED: Final[Mapping[str, Callable[[Bench], Ready]]] = {
    "check an identity code": _code,
    "mask a passage": _on_package(
        lambda app, case, number, package: hide_passage(
            app, case, number, PASSAGE, remark="asked for", ground=_OTHERS, by=OFFICER, package=package
        )
    ),
    "mute an interval": _on_package(
        lambda app, case, number, package: mute_interval(
            app, case, number, 1, Interval(200, 900), remark="", ground=_OTHERS, by=OFFICER, package=package
        ),
        "r9",
    ),
    "show what is masked": _show,
    "take a mask back": _take_back,
    "send a package back": _on_package(
        lambda app, case, _, package: send_back(
            app, case, MakingAgain.COPY, remark="one lacks", by=OFFICER, package=package
        )
    ),
    "release a package": _release,
    "note a decision on a plan": _note,
    "approve a plan": _approve,
    "approve many": _many,
    "note a letter as sent": _on_answered(lambda app, case: record_sent(app, case, "L8", by=OFFICER)),
    "note a letter as returned": _on_answered(
        lambda app, case: record_returned(app, case, "L8", app.today, by=OFFICER), "L8"
    ),
    "stop a duplicate": _duplicate,
}
"""By what the act is called."""

SIDES = ("before", "after")
_STORE = "cases.db"

End = Mapping[str, object]
"""What is there of a case, by its id."""


@dataclass(frozen=True, slots=True)
class KilledAct:
    """What came of the kills of one act."""

    name: str
    kills: int
    faults: tuple[str, ...]


def kill(name: str, folder: Path, prepare: Callable[[Bench], Ready] | None = None) -> KilledAct:
    """Kill an act at each of its commits, on both sides."""
    prepared = folder / "prepared"
    prepared.mkdir()
    with running_bench(prepared) as bench:
        ready, app = (prepare or PREPARED[name])(bench), current_app()
    commits, expected = _undisturbed(app, ready, Path(shutil.copytree(prepared, folder / "undisturbed")))
    faults = list[str]()
    points = [(number, side) for number in range(1, commits + 1) for side in SIDES]
    for number, side in points:
        place = Path(shutil.copytree(prepared, folder / f"{number}-{side}"))
        if _forked(app, ready, place, (number, side)) != -signal.SIGKILL:
            faults.append(f"{name}: it was not killed {side} commit {number}")
        with suppress(BadInput, Conflict):  # That it was done is an answer too.
            ready.does(_at(app, place))
        found = _end(_at(app, place), ready)
        faults += [f"{name}, {side} commit {number}: {one}" for one in _otherwise(expected, found)]
        shutil.rmtree(place)
    return KilledAct(name, len(points), tuple(faults))


def _at(app: App, place: Path) -> App:
    database = without_waiting_for_the_disk(Database(f"sqlite:///{place / _STORE}"))
    store = Store(database, MasterKey(b"k" * 32), app.store.now)
    return replace(app, store=store, work_location=str(place / "work"))


def _forked(app: App, ready: Ready, place: Path, point: tuple[int, str] | None) -> int:
    pid = os.fork()
    if pid == 0:
        wire = Wire(point)
        try:
            ready.does(_at(app, place))
        except BaseException as error:  # noqa: BLE001 - the child has nowhere to raise it
            tell(f"{type(error).__name__}: {error}")
            os._exit(0)
        os._exit(wire.commits)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _undisturbed(app: App, ready: Ready, place: Path) -> tuple[int, End]:
    commits = _forked(app, ready, place, None)
    if commits <= 0:
        raise AssertionError(f"the act failed undisturbed, or it changes nothing ({commits})")
    return commits, _end(_at(app, place), ready)


def _end(app: App, ready: Ready) -> End:
    found: dict[str, object] = dict(ready.sees(app)) if ready.sees else {}
    for case_id in ready.cases:
        with app.store.case_file(case_id) as file:
            found[case_id] = _end_of(file)
    app.store.database.close()
    return found


def _end_of(file: CaseFile) -> dict[str, object]:
    entries = (
        f"{one.event} by {one.actor}: {json.dumps(one.details, sort_keys=True)}" for one in file.ledger.entries()
    )
    return {
        "state": file.state.value,
        "entries": Counter(entries),
        "letters": [(one.template_id, one.sent_at, one.body) for one in file.outbox.letters()],
        "masks": [(one.act, one.state, one.by, one.place, one.passage, one.interval) for one in file.masks.all()],
        "notes": [(one.records, one.by, one.decision) for one in notes_on(file)],
        "left out": noted(file),
        "decided": [(one.number, one.decided) for one in file.findings.all()],
    }


def _otherwise(expected: End, found: End) -> Iterator[str]:
    for case_id, parts in expected.items():
        for part, wanted in parts.items():  # type: ignore[attr-defined]
            if found[case_id][part] != wanted:  # type: ignore[index]
                yield f"{part}: {found[case_id][part]} and not {wanted}"  # type: ignore[index]


def main(make: Callable[[str, Path], KilledAct] = kill, names: Iterable[str] = PREPARED) -> int:
    rows = list[KilledAct]()
    for name in names:
        with in_memory("acts-") as folder:
            rows.append(make(name, folder))
    say(head("act", "kills", "same end"), *(row(one.name, one.kills, "no" if one.faults else "yes") for one in rows))
    say(*(f"- {fault}" for one in rows for fault in one.faults))
    return int(any(one.faults for one in rows))


URL: Final = "https://localhost/v2"
AGENT: Final = "first"
_DRAWN: Final = re.compile(r"DSR-\d{4}-\w{6}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}")
"""Ids that are drawn, and hashes that are bound to them."""


def _listening(bench: Bench) -> tuple[Callable[[Callable[[App], object]], Ready], App]:
    """Makes an act ready on an application that takes what others send, whose callbacks are taken; and that one."""
    keys = Path(bench.runtime.work_location).parent / "keys"
    write_keys(keys)
    both = inbound(URL, keys, callback_hosts=[BRAND_DOMAIN]).model_copy(update={"drp": drp_section().drp})
    settings = bench.runtime.settings.model_copy(update={"inbound": both})

    def ready(act: Callable[[App], object]) -> Ready:
        def does(app: App) -> object:
            return act(replace(app, settings=settings, call_back=lambda *_: None, tell_agent=lambda *_: None))

        return Ready((), does, everything)

    return ready, replace(current_app(), settings=settings)


def everything(app: App) -> Mapping[str, object]:
    cases = []
    for one in app.store.summaries(closed_too=True):
        with app.store.case_file(one.case_id) as file:
            entries = [f"{each.event} by {each.actor}: {json.dumps(each.details)}" for each in file.ledger.entries()]
            order, agent = file.orders.present, file.agents.present
            told = (order.told if order else "", agent.told if agent else "")
        cases.append(f"{one.state.value} {told} {_DRAWN.sub('#', repr(sorted(entries)))}")
    return {"cases": {"cases": sorted(cases), "agents": app.store.agent_tokens.paired(BUSINESS)}}


def _order(app: App, **more: object) -> bytes:
    return json.dumps(order_said(app, **more)).encode()


def _take_order(bench: Bench) -> Ready:
    ready, app = _listening(bench)
    body = _order(app)
    return ready(lambda app: take_order(app, "brand", body))


def _cancel_order(bench: Bench) -> Ready:
    ready, app = _listening(bench)
    order = take_order(app, "brand", _order(app))
    return ready(lambda app: cancel_order(app, order))


def _tell_controller(bench: Bench) -> Ready:
    ready, app = _listening(bench)
    cancel_order(app, take_order(app, "brand", _order(app, status_callback_urls=[CALLBACK_URL])))
    return ready(tell_controllers)


def _pair(bench: Bench) -> Ready:
    (ready, _), parent = _listening(bench), os.getpid()

    def ask(app: App) -> object:
        # An agent that saw no answer signs anew: the same message gets no second token.
        later = timedelta(seconds=30 if os.getpid() == parent else 60)
        said = pairing(app) | {"issued-at": (app.now() - later).isoformat()}
        token = pair_agent(app, AGENT, json.dumps(said).encode())
        assert token, "a token is given"
        return token

    return ready(ask)


def _take_agent_request(bench: Bench) -> Ready:
    ready, app = _listening(bench)
    plain = json.dumps(exercise(app)).encode()
    return ready(lambda app: take_agent_request(app, AGENT, plain, envelope(plain)))


def _asked(app: App) -> str:
    plain = json.dumps(exercise(app)).encode()
    return take_agent_request(app, AGENT, plain, envelope(plain)).request.case_id


def _revoke(bench: Bench) -> Ready:
    ready, app = _listening(bench)
    case_id = _asked(app)
    return ready(lambda app: revoke_agent_request(app, AGENT, case_id, b'{"reason": "enough"}'))


def _tell_agent(bench: Bench) -> Ready:
    ready, app = _listening(bench)
    agents = app.settings.inbound.drp.agents if app.settings.inbound.drp else {}
    assert CALLBACK_HOST in agents[AGENT].callback_hosts
    reach_gate(app, _asked(app), Gate.IDENTITY)
    return ready(tell_agents)


INBOUND: Final[Mapping[str, Callable[[Bench], Ready]]] = {
    "an order is taken": _take_order, "an order is cancelled": _cancel_order, "a controller is told": _tell_controller,
    "an agent gets a token": _pair, "an agent's request is taken": _take_agent_request,
    "an agent's request is revoked": _revoke, "an agent is told": _tell_agent,
}  # fmt: skip
"""What others send, each prepared up to the moment at which it arrives."""


if __name__ == "__main__":
    sys.exit(max(main(), main(lambda name, folder: kill(name, folder, INBOUND[name]), INBOUND)))
