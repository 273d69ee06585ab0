"""The evidence of a case that was really handled: whole, without personal data, and there when all else is gone."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from rightsflow.app import current_app
from rightsflow.audit.evidence.cover import fingerprint
from rightsflow.audit.evidence.verification import check_bundle
from rightsflow.cases.course.evidence.bundle import export_evidence, stated
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.course.letters.answers import write_answer, write_refusal
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.cases.facts.overview.personal_data import reveal
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.letter_ids import ANSWERS
from rightsflow.store.proofs.seals import all_seals, seal
from rightsflow.store.proofs.signing_keys import retire_keys, rotate_key
from tests.support import looks
from tests.support.bench import ANNA_PROFILE, ANNA_TEXT, BORIS
from tests.support.canary import Scanner
from tests.support.instead import Instead
from tests.support.kept_cases import staged
from tests.support.steps import answered_access, approved, carry_out, nothing_held

SCANNER = Scanner(
    {f"{one.kind.value} {number}": one.value for number, one in enumerate(sorted(ANNA_PROFILE | BORIS))}
    | {"text": ANNA_TEXT, "part of the text": "zebra-striped", "why": "from the train"}
)


def seal_now(bench):
    store = bench.runtime.store
    return seal(store.database, store.master, bench.runtime.now())


def seals_of(bench):
    with bench.runtime.store.database.transaction() as session:
        return list(all_seals(session))


@staged
def erased(bench):
    """An erasure case from the request to the answer, sealed once in between."""
    case_id = approved(bench)
    seal_now(bench)
    bench.pass_time(timedelta(days=2))
    carry_out(case_id)
    write_answer(current_app(), case_id)
    reveal(current_app(), case_id, by="Ida", reason="called from the train")
    return case_id


def files(made):
    with zipfile.ZipFile(io.BytesIO(made.content)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def certificate(made):
    return json.loads(files(made)["certificate.json"])


@pytest.mark.apart
def test_a_handled_case_is_whole_says_what_became_of_everything_and_names_no_person(bench):
    case_id = erased(bench)
    made = export_evidence(current_app(), case_id, by=" Aud Itor ")
    found = check_bundle(made.content)
    assert (found.faults, found.notes, found.case_id) == ((), (), case_id)
    assert found.entries == made.entries
    assert 0 < found.sealed == made.sealed < made.entries
    said = certificate(made)
    assert (said["right"], said["state"], said["opened_by"]) == ("erasure", "answered", "Olga Opener")
    assert said["exports"][0]["by"] == "Aud Itor"
    assert {one["system"]: one["outcomes"] for one in said["systems"]} == {
        "calls": {"erased": 1},
        "helpdesk": {"erased": 2, "redacted": 1},
        "payments": {"erased": 1, "retained": 1},
    }
    assert {one["verified"] for one in said["records"] if one["outcome"] != "retained"} == {"absent"}
    assert [one["letter"] for one in said["letters"]] == ["L1", "L11"]
    assert [(one["gate"], one["by"]) for one in said["decisions"]] == [
        ("identity", "Ida"),
        ("approval", "Dana Decider"),
    ]
    current = bench.runtime
    owners, sections = current.settings.owners, current.systems
    assert (said["accountable"], said["dpo"]) == (owners.case_owner.full_name, owners.dpo.full_name)
    assert {one["system"] for one in said["recipients"]} == set(sections)
    assert not any(one["is_instructed"] for one in said["recipients"])
    limits = {name: list(one.cannot_find) for name, one in current.capabilities.items()}
    assert {one["system"]: one["cannot_find"] for one in said["systems"]} == limits
    assert all(one["noted_at"] for one in said["letters"] if one["sent_at"])
    shown = reveal(current_app(), case_id, by="Ida", reason="an authority asks").letters
    assert [one.text_hash for one in shown] == [one["text_hash"] for one in said["letters"]]
    assert all(len(one.text_hash) == 64 for one in shown)
    for name, content in files(made).items():
        assert SCANNER.scan(content, name) == set()
    assert SCANNER.scan(made.content, "the bundle") == set()


def refused(bench):
    case_id = bench.open("access")
    reach_gate(current_app(), case_id, Gate.IDENTITY)
    reason = "She called from the train."
    refusal = Decision(
        gate=Gate.IDENTITY,
        verdict=Verdict.REFUSED,
        by="Dana",
        reason=reason,
        code="R8",
        details={"What proof is needed": "x"},
    )
    record_decision(current_app(), case_id, refusal)
    write_refusal(current_app(), case_id)
    return case_id


def withdrawn(bench):
    case_id = bench.open("erasure")
    withdraw(current_app(), case_id, by="Dana", reason="called from the train")
    return case_id


@pytest.mark.apart
@pytest.mark.parametrize(
    ("closed", "state"),
    [(answered_access, "answered"), (nothing_held, "nothing held"), (refused, "refused"), (withdrawn, "withdrawn")],
)
def test_however_a_case_ends_its_evidence_is_whole_and_without_the_person(bench, closed, state):
    case_id = closed(bench)
    if closed is not withdrawn:
        before = certificate(export_evidence(current_app(), case_id, by="Aud"))
        assert (before["closed_at"], before.get("handed_over_at")) == (None, None)
        with bench.file(case_id) as file:
            (letter,) = ANSWERS.intersection(file.outbox.titles())
        record_sent(current_app(), case_id, letter, by="Ben")
    made = export_evidence(current_app(), case_id, by="Aud")
    assert check_bundle(made.content).faults == ()
    said = certificate(made)
    assert said["state"] == state
    assert said["closed_at"] is not None
    assert SCANNER.scan(made.content, "the bundle") == set()
    if closed is answered_access:
        (approval,) = [one for one in said["decisions"] if one["gate"] == "approval"]
        assert approval["plan_hash"] == said["package"]
        assert said["disclosed"]["service tickets"] == 2
        assert len(said["package"]) == 64
        assert isinstance(said["left_out"], list)


@pytest.mark.apart
def test_it_stands_when_the_systems_and_the_ticket_are_gone(bench):
    case_id = erased(bench)
    before = certificate(export_evidence(current_app(), case_id, by="Aud"))
    bench.systems.clear()
    made = export_evidence(current_app(), case_id, by="Aud")
    assert check_bundle(made.content).is_whole
    after = certificate(made)
    assert after["records"] == before["records"]
    assert len(after["exports"]) == 2


def test_where_there_is_no_seal_one_is_made(bench):
    made = export_evidence(current_app(), bench.open("access"), by="Aud")
    assert len(seals_of(bench)) == 1
    assert (made.sealed, made.entries) == (2, 3), "all but the note of the export"
    before, last = (json.loads(line) for line in files(made)["entries.jsonl"].splitlines()[-2:])
    covered = {"entries": 2, "head": last["previous"], "sealed": 2, "seal": 1}
    assert last["details"] == covered | stated(bench.runtime, "case_owner")
    assert (before["number"], last["actor"]) == (2, "Aud")
    assert check_bundle(made.content).is_whole


def test_a_case_that_is_younger_than_the_last_seal_stands_under_the_bundles_signature(bench):
    bench.open("access", email="someone.else@example.org")
    seal_now(bench)
    bench.pass_time(timedelta(hours=1))
    made = export_evidence(current_app(), bench.open("erasure"), by="Aud", seal_first=False)
    found = check_bundle(made.content)
    assert (found.faults, found.sealed) == ((), 0)
    assert json.loads(files(made)["proofs.json"]) == []
    assert "stands under this file" in files(made)["index.html"].decode()


@pytest.mark.apart
def test_a_seal_is_made_first_unless_that_is_not_wanted(bench):
    case_id = erased(bench)
    made = export_evidence(current_app(), case_id, by="Aud", seal_first=False)
    assert len(seals_of(bench)) == 1
    assert made.sealed < made.entries - 1
    made = export_evidence(current_app(), case_id, by="Aud")
    assert len(seals_of(bench)) == 2
    assert made.sealed == made.entries - 1
    assert check_bundle(made.content).sealed == made.sealed


@pytest.mark.apart
def test_a_case_that_has_not_grown_is_proved_under_the_newest_seal_all_the_same(bench):
    """So that no one can give an old head for the present one."""
    case_id = bench.open("access")
    first = export_evidence(current_app(), case_id, by="Aud")
    for number in range(3):
        bench.open("erasure", email=f"someone{number}@example.org")
        bench.pass_time(timedelta(days=1))
        seal_now(bench)
    bench.open("access", email="one.more@example.org")
    made = export_evidence(current_app(), case_id, by="Aud", seal_first=False)
    found = check_bundle(made.content)
    assert (found.faults, found.seal, found.sealed) == ((), 4, first.entries)
    assert [one["seal"] for one in json.loads(files(made)["proofs.json"])] == [1, 2, 4]
    assert len(json.loads(files(made)["seals.jsonl"].splitlines()[-1])["signatures"]) == 1


def altered(bench, case_id, old, new, *, rehash):
    """What an administrator does to the first entry of a case; the triggers that refuse it are dropped before."""
    with bench.runtime.store.database.transaction() as session:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger'"
        for name in session.scalars(text(triggers)).all():
            session.execute(text(f"DROP TRIGGER {name}"))
        where = {"chain": case_id}
        body = session.scalars(text("SELECT body FROM ledger WHERE chain = :chain AND number = 1"), where).one()
        assert old in body
        digest = hashlib.sha256(body.replace(old, new).encode()).hexdigest()
        values = {**where, "body": body.replace(old, new)}
        session.execute(text("UPDATE ledger SET body = :body WHERE chain = :chain AND number = 1"), values)
        if rehash:
            update = "UPDATE ledger SET digest = :digest WHERE chain = :chain AND number = 1"
            session.execute(text(update), {**where, "digest": digest})


@pytest.mark.parametrize("rehash", [False, True])
def test_what_is_not_whole_is_not_signed(bench, rehash):
    case_id = bench.open("access")
    altered(bench, case_id, '"right":"access"', '"right":"erasure"', rehash=rehash)
    with pytest.raises(Conflict, match=f"What the ledger holds of {case_id} is not whole"):
        export_evidence(current_app(), case_id, by="Aud")
    assert seals_of(bench) == [], "nor sealed"
    with bench.file(case_id) as file:
        assert file.ledger.head.number == 2, "nor noted"


def test_what_would_not_pass_is_not_given_out(bench):
    case_id = bench.open("access")
    export_evidence(current_app(), case_id, by="Aud")
    store = bench.runtime.store

    def unproved(of_case):
        return replace(store.seals.cover(of_case), proofs=[])

    bench.pass_time(timedelta(days=1))
    with pytest.raises(Conflict, match="no evidence is made of it"):
        export_evidence(
            replace(current_app(), store=Instead(store, seals=Instead(store.seals, cover=unproved))), case_id, by="Aud"
        )


@pytest.mark.apart
def test_a_case_that_is_exported_again_and_again_is_whole_each_time(bench):
    case_id = bench.open("access")
    for turn in range(3):
        made = export_evidence(current_app(), case_id, by="Aud", seal_first=turn == 1)
        assert check_bundle(made.content).is_whole
        bench.pass_time(timedelta(days=1))


@pytest.mark.apart
def test_keys_may_change_between_the_first_seal_and_the_export(bench):
    case_id, store = erased(bench), bench.runtime.store
    first = seals_of(bench)[0]
    with store.database.transaction() as session:
        rotate_key(session, store.master, bench.runtime.now(), actor="Ida")
    made = export_evidence(current_app(), case_id, by="Aud")
    assert set(made.keys) == {"seal/1", "seal/2"}, "the new one signs before it is under a seal"
    assert check_bundle(made.content).is_whole
    seal_now(bench)
    bench.pass_time(timedelta(days=60))
    with store.database.transaction() as session:
        retire_keys(session, bench.runtime.now(), timedelta(days=30), {"seal/2"})
    bench.pass_time(timedelta(seconds=1))
    made = export_evidence(current_app(), case_id, by="Aud", seal_first=True)
    assert set(made.keys) == {"seal/2"}
    old = json.loads(first.body)["keys"][0]["public"]
    assert check_bundle(made.content, frozenset({fingerprint(old)})).is_whole, "the old key leads to the new one"


@pytest.mark.apart
def test_what_others_write_meanwhile_belongs_to_the_next_export(bench):
    case_id = bench.open("access")
    made = export_evidence(current_app(), case_id, by="Aud")
    store = bench.runtime.store

    def meanwhile(of_case, last):
        with bench.file(of_case) as file:
            file.ledger.append("StepDone")
        return store.seals.links_of(of_case, last)

    busy = replace(current_app(), store=Instead(store, seals=Instead(store.seals, links_of=meanwhile)))
    again = export_evidence(busy, case_id, by="Aud")
    assert again.entries == made.entries + 1
    assert check_bundle(again.content).is_whole


def test_an_unknown_case_is_said_to_be_unknown_and_nobody_exports_namelessly(bench):
    with pytest.raises(BadInput):
        export_evidence(current_app(), "DSR-2026-AAAAAA", by="Aud")
    assert seals_of(bench) == []
    case_id = bench.open("access")
    with pytest.raises(BadInput, match="name is missing"):
        export_evidence(current_app(), case_id, by=" ")
    assert "EvidenceExported" not in [one.event for one in looks.entries(bench, case_id)]
