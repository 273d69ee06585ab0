"""Cases as officers and flows work them, by the flows or by their steps; and a violation that is put in on purpose."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pyzipper

from connectors.s3 import S3Connector
from deployments.cli.commands.setup import set_up
from flows.access import access_request
from flows.erasure import erasure_request
from flows.runs import outcome_of
from rightsflow.app import current_app, forget, installed
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.facts.overview.personal_data import reveal
from rightsflow.cases.facts.systems import configured_systems, state_of
from rightsflow.cases.work.access.package import assemble_package, extract_records, redact_third_parties
from rightsflow.cases.work.erasure.plan import decide_corrections
from rightsflow.cases.work.erasure.steps import erase_records, prepare_plan, settle_plan, verify_erasure
from rightsflow.cases.work.search import locate_records, resolve_identifiers
from rightsflow.config.environment import Environment
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.connector import Connector
from rightsflow.domain.erasure.partial_erasure import is_muted
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.request import RequestForm
from rightsflow.domain.vocabulary.records import (
    Blob,
    Located,
    Method,
    Outcome,
    OutcomeKind,
    Part,
    Presence,
    PresenceState,
    RecordRef,
)
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from tests.support.case_systems import systems_with_records
from tests.support.homes import Home, living_in
from tests.support.identity import confirmed
from tests.support.reading import read_then_decide

_MOST_ROUNDS = 12


def by_flows(case_id: str, right: Right) -> str:
    flow = {Right.ACCESS: access_request, Right.ERASURE: erasure_request}[right]
    state = flow(case_id, return_state=True)
    if not state.is_completed():
        raise RuntimeError(f"The run failed: {state.message}")
    return outcome_of(state)


def by_steps(case_id: str, right: Right) -> str:
    """Run the flows' steps in their order."""
    reach_gate(current_app(), case_id, Gate.IDENTITY)
    if state_of(current_app(), case_id) is CaseState.IN_PROGRESS:
        _search(case_id)
        if right is Right.ACCESS:
            _copy(case_id)
        else:
            prepare_plan(current_app(), case_id)
        reach_gate(current_app(), case_id, Gate.APPROVAL)
        return "Waiting"
    if right.has_plan:
        settle_plan(current_app(), case_id)
        for system in systems_with_records(current_app(), case_id):
            erase_records(current_app(), case_id, system)
            verify_erasure(current_app(), case_id, system)
    write_answer(current_app(), case_id)
    return "Answered"


def _search(case_id: str) -> None:
    for _ in range(_MOST_ROUNDS):
        for system in configured_systems(current_app()):
            locate_records(current_app(), case_id, system)
        if not resolve_identifiers(current_app(), case_id).learnt:
            return
    raise RuntimeError("The search did not end.")


def _copy(case_id: str) -> None:
    for system in systems_with_records(current_app(), case_id):
        extract_records(current_app(), case_id, system)
        redact_third_parties(current_app(), case_id, system)
    assemble_package(current_app(), case_id)


Work = Callable[[str, Right], str]
"""Works a case as far as it goes, and says in which state it is then: ``Waiting`` at a gate."""
Named = tuple[str, str]
"""A system and the place of a record in it."""


@dataclass(frozen=True)
class Office:
    """A Rightsflow that is configured for the systems."""

    home: Home
    work: Work

    def doctor(self) -> str:
        said = self.home.run("doctor")
        return str(said.out + said.err)

    def answer(self, right: Right, person: Any, **more: Any) -> str:
        """Answer a request from the form to the end; whatever is to be corrected is accepted."""
        more = {"birth_date": getattr(person, "born", "")} | more
        form = RequestForm(
            right=right.value, email=person.emails[0], phone=person.phones[-1], customer_id=person.customer,
            name=person.name, opened_by="Olga Opener", **more,
        )  # fmt: skip
        case_id = open_request_form(current_app(), form).case_id
        read_then_decide(current_app(), case_id, confirmed(by="Ida Identity"))
        for _ in range(2):
            state = self.work(case_id, right)
            if state != "Waiting":
                return case_id
            for number, _ in enumerate(more.get("corrections", "").splitlines(), start=1):
                decide_corrections(current_app(), case_id, [f"{number}: accept"], by="Ida Identity")
            read_then_decide(
                current_app(), case_id, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider")
            )
        raise RuntimeError("The case waits although its gates were passed.")

    def package(self, case_id: str) -> dict[str, bytes]:
        revealed = reveal(current_app(), case_id, by="Dana Decider", reason="proof")
        with pyzipper.AESZipFile(revealed.package) as archive:
            archive.setpassword(revealed.passphrase.encode())
            return {name: archive.read(name) for name in archive.namelist()}

    def outcomes(self, case_id: str) -> dict[tuple[str, str, str], str]:
        with current_app().store.case_file(case_id) as file:
            return {(one.ref.system, one.ref.kind, one.ref.ref): _ended(one) for one in file.findings.all()}

    def named(self, case_id: str) -> frozenset[Named]:
        """Return the records that the answer names as not given or not erased, each with its system and place.

        Each line of the answer says of which system, of what and how many; it names them if it counts as many.
        """
        with current_app().store.case_file(case_id) as file:
            left = [
                one
                for one in file.findings.all()
                if (
                    one.attribution is Attribution.UNCLEAR or one.outcome in {OutcomeKind.RETAINED, OutcomeKind.RESIDUE}
                )
            ]
            answer = "\n".join(one.body for one in file.outbox.letters())
        if any(one.outcome is None for one in left):
            answer += self.package(case_id)["letter.txt"].decode()
        found: set[Named] = set()
        for system, category in {(one.ref.system, one.category) for one in left}:
            these = {_place(one.ref) for one in left if (one.ref.system, one.category) == (system, category)}
            lines = (f"{system}: {category} \\((\\d+) record", f"- {category} \\({system}\\), (\\d+) record")
            count = sum(int(one) for line in lines for one in re.findall(line, answer, re.IGNORECASE))
            found |= these if count >= len(these) else set()
        return frozenset(found)


def _place(ref: RecordRef) -> Named:
    if not ref.ref.startswith("["):
        return ref.system, f"files/{ref.ref}"
    key = "/".join(map(str, json.loads(ref.ref)))
    return ref.system, f"{ref.kind.removeprefix('rf_').strip('_')}/{key}"


def _ended(one: Finding) -> str:
    if one.outcome is None:
        return one.attribution.value
    if is_muted(one):
        return "muted"
    # What a law keeps, and what that does not need, which went.
    return "blanked" if one.method is Method.BLANK and _BLANKED in one.reason else one.outcome.value


_BLANKED = "is blanked there"


@contextmanager
def office(folder: Path, configuration: str, work: Work) -> Iterator[Office]:
    with living_in(folder) as home:
        (folder / "rightsflow.toml").write_text(configuration, encoding="utf-8")
        set_up(Environment())
        forget()
        yield Office(home, work)


_MARKED = "?versionId="


class TakesTheKey:
    """A connector of a store that takes all versions of a key for the person's who has one of them."""

    def __init__(self, inner: S3Connector, client: Any) -> None:
        self._inner, self._client, self._bucket = inner, client, inner._settings.bucket

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def locate(self, known: Identifiers) -> Iterator[Located]:
        found = {one.record: one for one in self._inner.locate(known)}
        beside = {ref: replace(one, record=ref) for one in found.values() for ref in self._beside(one.record)}
        yield from {**beside, **found}.values()

    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        for ref in refs:
            yield Blob(
                record=ref,
                category="call recordings",
                name="recording.wav",
                media_type="audio/wav",
                open=partial(self._read, ref),
            )

    def _read(self, ref: RecordRef) -> Iterator[bytes]:
        yield self._client.get_object(**self._place(ref))["Body"].read()

    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        for ref in refs:
            self._client.delete_object(**self._place(ref))
            yield Outcome(record=ref, kind=OutcomeKind.ERASED)

    def presence(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
        for ref in refs:
            yield Presence(record=ref, state=PresenceState.ABSENT)

    def _beside(self, ref: RecordRef) -> Iterator[RecordRef]:
        key = ref.ref.partition(_MARKED)[0]
        for one in self._client.list_object_versions(Bucket=self._bucket, Prefix=key).get("Versions", []):
            if one["VersionId"] not in ref.ref:
                yield replace(ref, ref=f"{key}{_MARKED}{one['VersionId']}")

    def _place(self, ref: RecordRef) -> dict[str, str]:
        key, _, version = ref.ref.partition(_MARKED)
        return {"Bucket": self._bucket, "Key": key, "VersionId": version.partition("&")[0]}


@contextmanager
def mutated(system: str, connector: Connector) -> Iterator[None]:
    current = current_app()
    with installed(replace(current, connectors={**current.connectors, system: connector})):
        yield
