"""The case file as plain data: what the checker knows of a case, and nothing that was counted or worded already."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import Any

from rightsflow.cases.app import App
from rightsflow.cases.suppression import listed_of
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.gates.decisions import Decision, Gate
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.processors.answering import Instruction
from rightsflow.domain.rectification.rulings import RuledItem
from rightsflow.store import CaseFile

_DATES = (
    *("received_at", "opened_at", "closed_at", "due_on", "safe_due_on", "work_to_on", "notice_due_on"),
    *("no_pause_due_on", "suspended_since"),
)


def dump(file: CaseFile, current: App) -> dict[str, Any]:
    """What a case file and the configuration hold, in types of JSON.

    Args:
        file: The case file, open.
        current: The runtime.
    """
    known = file.identifiers.known()
    asked = [one for one in file.identifiers.asked_with() if one.kind is IdentifierKind.NAME]
    own = file.identifiers.of_no_other().intersection(file.identifiers.asked_with())
    return {
        "case_id": file.case_id,
        "ground": file.ground.value if file.ground else "",
        "listed": [
            {"kind": one.kind.value, "reason": one.reason.value, "until": _plain(one.until)}
            for one in listed_of(file, current)
        ],
        "right": file.right.value,
        "state": file.state.value,
        "today": current.today.isoformat(),
        "now": current.now().isoformat(),
        "opened_by": file.opened_by,
        "channel": file.channel,
        "items": [_item(one) for one in file.corrections.all()],
        "noted_language": [file.languages.noted.tag, file.languages.noted.source.value],
        "identifiers": sorted((one.kind.value, one.issuer) for one in known),
        "own": sorted({one.kind.value for one in own} - {IdentifierKind.NAME}),
        "name": next((one.value for one in sorted(known) if one.kind is IdentifierKind.NAME), ""),
        "names": sorted(one.value for one in asked or known if one.kind is IdentifierKind.NAME),
        "records": [_record(one) for one in file.findings.all()],
        "masks": _masks(file),
        "steps": _steps(file),
        "decisions": [_decision(one) for gate in Gate if (one := file.decisions.at(gate))],
        "letters": _letters(file),
        "tasks": _tasks(file),
        "instructions": [_instruction(one, file, current) for one in file.instructions.all()],
        "clock": {kind.name: _plain(event.at) for kind, event in file.clock.events().items()},
        "events": _events(file),
        "extended": file.is_extended,
        **_named(file, _DATES),
        **_configuration(current),
    }


def _item(one: RuledItem) -> dict[str, object]:
    """An item that was to be corrected, without its values."""
    ruling = _named(one.ruling, ("kind", "text")) if one.ruling else None
    return {"number": one.item.number, "field": one.item.field, "ruling": ruling}


def _steps(file: CaseFile) -> list[dict[str, object]]:
    return [
        {"step": one.step, "system": one.system, "state": one.state.value, "counts": dict(one.counts)}
        | {"finished_at": _plain(one.finished_at), "is_current": one.scope in {"", file.identifiers.scope()}}
        for one in file.steps.all()
    ]


def _letters(file: CaseFile) -> list[dict[str, object]]:
    proofs = {one.template_id: bool(one.proof) for one in file.outbox.letters()}
    sendings = [one.details for one in file.ledger.entries() if one.event == "LetterSent"]
    channels = {one["letter"]: one.get("channel", "") for one in sendings}
    return [
        {"id": one.template_id, "written_at": _plain(one.written_at), "sent_at": _plain(one.sent_at)}
        | {"sent_by": one.sent_by, "proof": proofs[one.template_id]}
        | {"channel": channels.get(one.template_id, "")}
        for one in file.outbox.lines()
    ]


def _tasks(file: CaseFile) -> list[dict[str, object]]:
    names = ("number", "kind", "system", "what", "records", "due_on", "kept_until", "check_first", "done_on", "done_by")
    return [_named(one, names) | {"numbers": list(one.numbers)} for one in file.tasks.all()]


def _instruction(one: Instruction, file: CaseFile, current: App) -> dict[str, object]:
    return _named(one, ("number", "name", "expected", "due_on", "is_promised", "is_notice")) | {
        "told": list(one.kinds),
        "action": one.action.value,
        "is_sent": one.sent_at is not None,
        "note": file.instructions.note(one.number),
        "finds_by": [kind.value for kind in current.settings.processors[one.processor].identifiers],
        "doubts": sorted({doubt.name.lower() for each in one.answers for doubt in each.doubts}),
        "answers": [
            {"answer": each.answer.value, "on": _plain(each.on), "records": each.records}
            | {"is_doubtful": bool(each.doubts), "is_checked": bool(each.checked_by)}
            for each in one.answers
        ],
    }


def _events(file: CaseFile) -> list[dict[str, object]]:
    return [
        {"event": one.event, "by": one.actor, "at": _plain(one.at)}
        | {name: one.details.get(name, "") for name in ("letter", "because", "signed_in")}
        for one in file.ledger.entries()
    ]


def _configuration(current: App) -> dict[str, object]:
    settings, controller = current.settings, current.settings.controller
    return {
        "regime": controller.regime,
        "country": controller.country,
        "sector": controller.sector.value,
        "cooling_off_days": controller.cooling_off_days,
        "zone": controller.timezone,
        "controller": controller.name,
        "address": controller.address,
        "help_languages": list(controller.help_languages),
        "authority": controller.authority.name,
        "authority_url": str(controller.authority.url),
        "automated": controller.automated_decisions,
        "contact": settings.owners.case_owner.name,
        "contact_email": settings.owners.case_owner.email,
        "dpo": settings.owners.dpo.full_name,
        "accountable": settings.owners.case_owner.full_name,
        "evidence_months": settings.retention.evidence_months,
        "follow_up": {name: getattr(settings.follow_up, name) for name in ("approval", "covers_conditions")},
        "register": [
            {"name": one.name, "role": one.role.value, "systems": list(one.systems)}
            for one in settings.processors.values()
        ],
        "asks_list": list(settings.suppression.asked_by),
        "passphrase_channel": settings.delivery.passphrase_channel,
        "systems": {name: _system(name, current) for name in current.connectors},
    }


def _system(name: str, current: App) -> dict[str, object]:
    section, can = current.systems[name], current.connectors[name].capabilities
    return {
        "purposes": list(section.purposes),
        "classes": {kind: one.value for kind, one in (section.document_classes or {}).items()},
        "categories": list(section.categories),
        "source": section.source,
        "recipients": [] if section.recipients == "none" else list(section.recipients),
        "retention": section.retention,
        "backups": [section.backup_days, section.backup_contents],
        "uses": {use: getattr(section, use) for use in ("marketing", "consent")},
        "stated": [section.recipients, section.transfers],
        "transfers": "" if section.transfers == "none" else section.transfers,
        "searches": sorted(can.searches),
        "issuers": sorted(can.account_issuers),
        "cannot_find": list(can.cannot_find),
        "kinds": {
            kind.name: {
                "residue": kind.residue,
                "by_hand": kind.manual_step,
                "is_payment": kind.words.payment is not None,
                "withheld": [(one.what, one.reason) for one in kind.withheld],
            }
            for kind in can.kinds
        },
    }


def _record(one: Finding) -> dict[str, object]:
    names = ("number", "category", "attribution", "names_person", "occurred_on", "method", "planned", "outcome")
    more = ("reason", "legal_basis", "until", "ends_when", "refused", "acted_at", "verified", "verified_at", "language")
    copies = one.copies
    return _named(one, (*names, *more)) | {
        "system": one.ref.system,
        "kind": one.ref.kind,
        "facts": sorted(fact.value for fact in one.facts),
        "doubt": one.doubt.value if one.doubt else None,
        "decided": _named(one.decided, ("act", "ground", "provision", "until", "ends_when", "by"))
        if one.decided
        else None,
        "documents": None if copies is None else copies.documents,
        "files": None if copies is None else copies.files,
    }


def _masks(file: CaseFile) -> list[dict[str, object]]:
    """What people decided on masks, with the record's number and at how many places the package was made with it."""
    numbers = {file.masks.hashes.of_record(one.ref): one.number for one in file.findings.all()}
    return [
        {"record": numbers[one.record], "act": one.act.value, "places": one.places, "passage": one.passage}
        | {"ground": one.ground.value if one.ground else ""}
        | {"interval": [one.interval.start, one.interval.end] if one.interval else []}
        for one in file.masks.all()
    ]


def _decision(one: Decision) -> dict[str, object]:
    names = ("gate", "verdict", "by", "reason", "method", "code", "include_unclear", "decided_at")
    return _named(one, names) | {
        "details": dict(one.details),
        "check": _named(one.check, ("at", "against", "held_by", "on_file_since")) if one.check else None,
    }


def _named(one: object, names: Iterable[str]) -> dict[str, object]:
    return {name: _plain(getattr(one, name)) for name in names}


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else value
