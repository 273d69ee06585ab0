"""The same catalogue under the GDPR and under the UK GDPR."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from typing import Any

import pytest
from pydantic import ValidationError

from rightsflow.config.sections.controller import Controller
from rightsflow.documents.letters import Contestable, LetterId, LetterVariables, render, rules
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.refusals import REASONS, Reason
from tests.unit.documents.letters.sample import ICO, UK, UK_SENDER, variables

OF_BOTH_LAWS = [one for one in LetterId if one is not LetterId.COMPLAINT_RECEIVED]
ANSWERS = [
    LetterId.REFUSAL,
    LetterId.NOTHING_HELD,
    LetterId.ACCESS_COVER,
    LetterId.ERASURE_CONFIRMATION,
    LetterId.PARTIAL_ERASURE,
    LetterId.OBJECTION_FOLLOWED,
    LetterId.CONSENT_WITHDRAWN,
    LetterId.RESTRICTED,
    LetterId.RECTIFIED,
]
HOW_TO_COMPLAIN = (
    "You can complain to us first: write to Subject rights desk, rights@example.com, and say what you think is wrong. "
    "We confirm within 30 days that we have your complaint, look into it without undue delay and tell you the outcome "
    "(s. 164A Data Protection Act 2018)."
)


def british(letter_id: LetterId, **changes: Any) -> LetterVariables:
    """A British controller's letter; what cites a law as data (retention, suppression) cites British law."""
    remedies = UK if "remedies" in type(variables(letter_id)).model_fields else {"sender": UK_SENDER}
    as_data: dict[str, Any] = {}
    if letter_id is LetterId.REFUSAL:
        as_data["details"] = {"Purpose that goes on": "performing the contract", "Legal basis": "contract"}
    if letter_id in {
        LetterId.ERASURE_CONFIRMATION,
        LetterId.PARTIAL_ERASURE,
        LetterId.OBJECTION_FOLLOWED,
        LetterId.CONSENT_WITHDRAWN,
        LetterId.RESTRICTED,
        LetterId.RECTIFIED,
    }:
        as_data["suppression"] = "your e-mail address as a code."
        kept = variables(letter_id).model_dump()["rows"]
        as_data["rows"] = tuple(row | {"legal_basis": row["legal_basis"] and "Sch. 11 VATA 1994"} for row in kept)
    return variables(letter_id, **{**remedies, **as_data, **changes})


def test_a_letter_cites_its_own_law() -> None:
    # A British letter cites the uk gdpr only.
    for letter_id in list(LetterId):
        text = render(letter_id, british(letter_id)).body
        assert "UK GDPR" in text
        assert not re.search(r"(?<!UK )GDPR|\bEU\b|European|Art\. 77|the country where", text)
    # A letter of the union does not cite British law.
    for letter_id in OF_BOTH_LAWS:
        text = render(letter_id, variables(letter_id)).body
        assert "GDPR" in text
        assert not re.search(r"UK GDPR|Data Protection Act|12A|complain to us", text)
    # No template and no sentence of a refusal names one of the laws by itself.
    templates = list(files("rightsflow.documents.letters").joinpath("templates/en").iterdir())
    assert len(templates) >= len(LetterId)
    assert [one.name for one in templates if "GDPR" in one.read_text(encoding="utf-8")] == []
    assert not any("GDPR" in sentence for sentence, _ in REASONS.values())
    # A British refusal cites its own law.
    for reason in list(Reason):
        details = {label: f"detail {at}" for at, label in enumerate(REASONS[reason][1])}
        text = render(LetterId.REFUSAL, british(LetterId.REFUSAL, reason=reason, details=details, approvals=2)).body
        assert REASONS[reason][0].format(law="UK GDPR") in text
        assert "{law}" not in text


def test_a_british_answer_says_first_how_to_complain_to_the_controller() -> None:
    # A British answer says first how to complain to the controller.
    for letter_id in ANSWERS:
        text = render(letter_id, british(letter_id)).body
        ours, theirs, court = (text.index(part) for part in (HOW_TO_COMPLAIN, ICO.authority, "the High Court"))
        assert ours < theirs < court
        assert f"{ICO.authority}, {ICO.authority_url} (s. 165 Data Protection Act 2018)" in text
        assert "s. 180 Data Protection Act 2018" in text
    # Complaints to the controller begin on 19 June 2026.
    for day, told in ((date(2026, 6, 18), False), (date(2026, 6, 19), True)):
        received_on = date(2026, 6, 1)
        text = render(LetterId.REFUSAL, british(LetterId.REFUSAL, written_on=day, received_on=received_on)).body
        assert (HOW_TO_COMPLAIN in text) is told
        assert ("expects that you have complained to us before" in text) is told
        assert ICO.authority in text
    # A British answer that leaves that out is stopped.
    for letter_id in ANSWERS:
        given_variables = british(letter_id)
        text = render(letter_id, given_variables).body.replace(HOW_TO_COMPLAIN, "")
        with pytest.raises(Conflict, match="how to complain to the controller"):
            rules.check_body(letter_id, given_variables, text)
    # A complaint is confirmed under the British law alone.
    text = render(LetterId.COMPLAINT_RECEIVED, variables(LetterId.COMPLAINT_RECEIVED)).body
    assert "We confirm that we have it (s. 164A Data Protection Act 2018)." in text
    assert "High Court" in text
    with pytest.raises(ValidationError):
        variables(LetterId.COMPLAINT_RECEIVED, sender=UK_SENDER.model_copy(update={"regime": "gdpr"}))


def test_the_law_its_court_and_its_hash_are_those_configured() -> None:
    # A court that is named replaces the one of the law.
    leeds = ICO.model_copy(update={"court": "the County Court at Leeds"})
    given_variables = british(LetterId.REFUSAL, remedies=leeds)
    assert isinstance(given_variables, Contestable)
    text = render(LetterId.REFUSAL, given_variables).body
    assert "the County Court at Leeds" in text
    assert "High Court" not in text
    # The law is part of what the hash proves.
    for letter_id in OF_BOTH_LAWS:
        given_variables = variables(letter_id)
        sender = given_variables.sender.model_copy(update={"regime": "uk-gdpr"})
        changed = given_variables.model_copy(update={"sender": sender})
        first, again, other = (render(letter_id, one) for one in (given_variables, given_variables, changed))
        assert first == again
        assert other.variables_hash != first.variables_hash
    # Only laws whose letters are written can be configured.
    authority = {"name": "A", "url": "https://a.example"}
    given_keys = {"name": "Example", "country": "GB", "timezone": "Europe/London", "authority": authority}
    assert Controller.model_validate(given_keys | {"regime": "uk-gdpr"}).regime == "uk-gdpr"
    for other in ("ch-fadp", "ccpa", "lgpd"):
        with pytest.raises(ValidationError):
            Controller.model_validate(given_keys | {"regime": other})
        with pytest.raises(ValidationError):
            UK_SENDER.model_validate(UK_SENDER.model_dump() | {"regime": other})
