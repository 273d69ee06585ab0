"""What the access package says besides the data, from the case file and the record of processing."""

from __future__ import annotations

from collections import Counter

from rightsflow.attribution import Attribution
from rightsflow.disclosure import Finding, LeftOut, PackageInfo, SystemInfo
from rightsflow.identifiers import IdentifierKind, of_kind
from rightsflow.retention import evidence_until
from rightsflow.store import CaseFile
from tasks.runtime import Runtime


def own_domains(current: Runtime) -> frozenset[str]:
    """The e-mail domains of the controller's own desks, whose addresses are not third parties'."""
    owners = current.settings.owners
    addresses = (owners.case_owner.email, owners.dpo.email, owners.management.email)
    return frozenset(address.rpartition("@")[2].casefold() for address in addresses)


def package_info(file: CaseFile, current: Runtime) -> PackageInfo:
    """Everything a package says of the case and the processing."""
    settings, now = current.settings, current.now()
    held = Counter(finding.ref.system for finding in file.findings.all() if finding.attribution is Attribution.SUBJECT)
    return PackageInfo(
        case_id=file.case_id,
        controller=settings.controller,
        contact=settings.owners.case_owner,
        received_at=file.received_at,
        answered_at=now,
        systems=tuple(
            SystemInfo.of(name, section, Finding.HELD if held[name] else Finding.NOTHING)
            for name, section in current.systems.items()
        ),
        automated_decisions=settings.controller.automated_decisions,
        controller_address=settings.controller.address,
        addressee=addressee(file),
        left_out=tuple(_left_out(file)),
        masked=_masked(file),
        request_file_until=evidence_until(settings.controller.country, current.today),
    )


def addressee(file: CaseFile) -> str:
    """The name to greet the person by, or an empty text."""
    names = of_kind(file.identifiers.known(), IdentifierKind.NAME)
    return names[0] if names else ""


def _left_out(file: CaseFile) -> list[LeftOut]:
    unclear = Counter(
        (finding.ref.system, finding.category)
        for finding in file.findings.all()
        if finding.attribution is Attribution.UNCLEAR
    )
    return [
        LeftOut(
            system=system,
            what=category,
            reason="They carry only a number that several people used in turn and cannot be attributed to you.",
            count=count,
        )
        for (system, category), count in sorted(unclear.items())
    ]


def _masked(file: CaseFile) -> Counter[str]:
    masked: Counter[str] = Counter()
    for step in file.steps.all():
        if step.step == "redact":
            masked.update(step.counts)
    return masked
