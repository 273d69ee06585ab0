"""What the letters say, read from the case file and the configuration."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from rightsflow.findings import Finding
from rightsflow.identifiers import IdentifierKind
from rightsflow.law import Law
from rightsflow.letters import OutcomeRow, Remedies, Residue, SearchLimit, Sender
from rightsflow.records import OutcomeKind
from rightsflow.retention import evidence_until
from rightsflow.store import CaseFile
from rightsflow.store.steps import StepState
from tasks.package_info import addressee
from tasks.runtime import Runtime

_WORDS = {
    IdentifierKind.EMAIL: "e-mail address",
    IdentifierKind.PHONE: "phone number",
    IdentifierKind.CUSTOMER_ID: "customer number",
    IdentifierKind.ACCOUNT_ID: "account number",
}
_UNTIL_THE_SYSTEM_ALLOWS = "the system allows it"


class LetterFacts:
    """The facts of one case for its letters.

    Args:
        file: The case file.
        current: The runtime.
    """

    def __init__(self, file: CaseFile, current: Runtime) -> None:
        self._file = file
        self._current = current
        self._settings = current.settings

    def common(self, *, greeting: bool = True) -> dict[str, Any]:
        """What every letter needs.

        Args:
            greeting: Whether the person may be greeted by name: only once identity is clear.
        """
        controller = self._settings.controller
        sender = Sender.of(controller, self._settings.owners.case_owner, address=controller.address)
        return {
            "case_id": self._file.case_id,
            "sender": sender,
            "written_on": self._current.today,
            "addressee": addressee(self._file) if greeting else "",
        }

    @property
    def remedies(self) -> Remedies:
        """Complaint and court."""
        authority = self._settings.controller.authority
        return Remedies(authority=authority.name, authority_url=str(authority.url))

    @property
    def received_on(self) -> date:
        """The day of receipt in the controller's zone."""
        return self._file.received_at.astimezone(self._settings.controller.zone).date()

    @property
    def refusal_due_on(self) -> date:
        """The last day for a refusal: the end of the unextended period."""
        return self._file.notice_due_on or self._file.due_on

    @property
    def evidence_until(self) -> date:
        """Until when the file about the request is kept."""
        months = self._settings.retention.evidence_months
        return evidence_until(self._settings.controller.country, self._current.today, months=months)

    def searched_by(self) -> tuple[str, ...]:
        """Which kinds of identifier were searched for, in words."""
        kinds = {one.kind for one in self._file.identifiers.known()}
        return tuple(f"your {word}" for kind, word in _WORDS.items() if kind in kinds)

    def not_searched(self) -> tuple[str, ...]:
        """Systems whose search did not end under the identifiers known now; with one of them nothing is written."""
        scope = self._file.identifiers.scope()
        searched = {
            step.system
            for step in self._file.steps.all()
            if step.step == "locate" and step.state is StepState.DONE and step.scope == scope
        }
        return tuple(system for system in self._current.connectors if system not in searched)

    def cannot_find(self) -> tuple[SearchLimit, ...]:
        """What the searches of the systems cannot find, as their connectors declare it."""
        return tuple(
            SearchLimit(system=system.replace("-", " ").capitalize(), text=text)
            for system, connector in self._current.connectors.items()
            for text in connector.capabilities.cannot_find
        )

    def outcome_rows(self) -> tuple[OutcomeRow, ...]:
        """What became of every record, joined where it is the same."""
        law = self._settings.controller.law
        groups = Counter(_group(finding, law) for finding in self._file.findings.all())
        return tuple(
            OutcomeRow(
                system=system.replace("-", " ").capitalize(),
                category=category,
                outcome=outcome,
                reason=reason,
                legal_basis=basis,
                until=until,
                ends_when=ends_when,
                count=count,
            )
            for (system, category, outcome, reason, basis, until, ends_when), count in groups.items()
        )

    def residue(self) -> tuple[Residue, ...]:
        """What systems cannot remove, for the kinds of record that were erased or redacted there."""
        done = {
            (finding.ref.system, finding.ref.kind)
            for finding in self._file.findings.all()
            if finding.outcome in {OutcomeKind.ERASED, OutcomeKind.REDACTED}
        }
        texts: dict[tuple[str, str], None] = {}
        for system, connector in self._current.connectors.items():
            for kind in connector.capabilities.kinds:
                if kind.residue and (system, kind.name) in done:
                    texts[system.replace("-", " ").capitalize(), kind.residue] = None
        return tuple(Residue(system=system, text=text) for system, text in texts)


def _group(finding: Finding, law: Law) -> tuple[str, str, OutcomeKind, str, str, date | None, str]:
    outcome = finding.outcome or OutcomeKind.FAILED
    if finding.refused and outcome is OutcomeKind.REDACTED:
        # A part stayed: the person must not read that nothing of theirs is left there.
        outcome = OutcomeKind.RETAINED
    basis, ends_when = finding.legal_basis, finding.ends_when
    if outcome is OutcomeKind.RETAINED:
        basis = basis or f"None: the erasure is due (Art. 17(1) {law.name}) as soon as the system allows it"
        ends_when = ends_when or ("" if finding.until else _UNTIL_THE_SYSTEM_ALLOWS)
    return finding.ref.system, finding.category, outcome, finding.reason, basis, finding.until, ends_when
