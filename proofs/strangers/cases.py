"""Forty cases as officers and flows work them: opened, identified, searched, approved, answered."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyzipper

from deployments.cli.commands.setup import set_up
from rightsflow.app import current_app, forget
from rightsflow.cases.gates.gates import record_decision
from rightsflow.cases.intake.opening import open_request_form
from rightsflow.cases.rectification.deciding_items import decide_corrections
from rightsflow.cases.reveal import reveal
from rightsflow.config.environment import Environment
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.erasure.card_codes import is_muted
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.records import Method, OutcomeKind, RecordRef
from rightsflow.domain.request import RequestForm, Right
from tests.support.homes import Home, living_in
from tests.support.identity import confirmed

Work = Callable[[str, Right], str]
"""Works a case as far as it goes, and says in which state it is then: ``Waiting`` at a gate."""
Named = tuple[str, str]
"""A system and the place of a record in it."""


class Asking(Protocol):
    """A person who asks, by what they are known by."""

    @property
    def emails(self) -> tuple[str, ...]:
        """Their addresses, the one they write from first."""

    @property
    def phones(self) -> tuple[str, ...]:
        """Their numbers, the one they give last."""

    @property
    def customer(self) -> str:
        """Their customer number."""

    @property
    def name(self) -> str:
        """Their name."""


@dataclass(frozen=True)
class Office:
    """A Rightsflow that is configured for the systems.

    Args:
        home: Its home.
        work: Works a case.
    """

    home: Home
    work: Work

    def doctor(self) -> str:
        """What ``rightsflow doctor`` says."""
        said = self.home.run("doctor")
        return str(said.out + said.err)

    def answer(self, right: Right, person: Asking, **more: str) -> str:
        """Answer a request from the form to the end; whatever is to be corrected is accepted.

        Args:
            right: Which right is used.
            person: Who asks; the form has one of their addresses, a number and the customer number.
            more: What the form says besides.

        Returns:
            The case.
        """
        form = RequestForm(
            right=right.value,
            email=person.emails[0],
            phone=person.phones[-1],
            customer_id=person.customer,
            name=person.name,
            opened_by="Olga Opener",
            **({"birth_date": getattr(person, "born", "")} | more),
        )
        case_id = open_request_form(current_app(), form).case_id
        record_decision(current_app(), case_id, confirmed(by="Ida Identity"))
        for _ in range(2):
            state = self.work(case_id, right)
            if state != "Waiting":
                return case_id
            for number, _ in enumerate(more.get("corrections", "").splitlines(), start=1):
                decide_corrections(current_app(), case_id, [f"{number}: accept"], by="Ida Identity")
            record_decision(
                current_app(), case_id, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider")
            )
        raise RuntimeError("The case waits although its gates were passed.")

    def package(self, case_id: str) -> dict[str, bytes]:
        """The files of an access package."""
        revealed = reveal(current_app(), case_id, by="Dana Decider", reason="proof")
        with pyzipper.AESZipFile(revealed.package) as archive:
            archive.setpassword(revealed.passphrase.encode())
            return {name: archive.read(name) for name in archive.namelist()}

    def outcomes(self, case_id: str) -> dict[tuple[str, str, str], str]:
        """How each record of a case ended."""
        with current_app().store.case_file(case_id) as file:
            return {(one.ref.system, one.ref.kind, one.ref.ref): _ended(one) for one in file.findings.all()}

    def named(self, case_id: str) -> frozenset[Named]:
        """The records that the answer names because they were not given, or not erased, each with its system and place.

        Each line of the answer says of which system, of what and how many; it names them if it counts as many.
        """
        with current_app().store.case_file(case_id) as file:
            left = [one for one in file.findings.all() if _is_left(one)]
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


def _is_left(one: Finding) -> bool:
    return one.attribution is Attribution.UNCLEAR or one.outcome in {OutcomeKind.RETAINED, OutcomeKind.RESIDUE}


def _place(ref: RecordRef) -> Named:
    """Where a record lies, as a snapshot calls it; an integrator's view has the name of its table."""
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
    """A home with this configuration.

    Args:
        folder: An empty folder.
        configuration: The whole ``rightsflow.toml``.
        work: Works a case.
    """
    with living_in(folder) as home:
        (folder / "rightsflow.toml").write_text(configuration, encoding="utf-8")
        set_up(Environment())
        forget()
        yield Office(home, work)
