"""Which class of document a ticket is, by form, brand, tag and custom field."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from connectors.zendesk.kinds import document_class
from connectors.zendesk.settings import TicketRule
from rightsflow.domain.vocabulary.records import DocumentClass

LETTER, NONE = DocumentClass.TRADE_LETTER, DocumentClass.NONE
TICKET: dict[str, object] = {
    "id": 7,
    "ticket_form_id": 11,
    "brand_id": 21,
    "tags": ["warranty", "vip"],
    "custom_fields": [{"id": 31, "value": "invoice"}, {"id": 32, "value": ["a", "b"]}, {"id": 33, "value": None}],
}


def test_the_first_rule_decides_whose_every_condition_holds() -> None:
    # Found: a ticket about an invoice was erased like any other.
    for conditions, fits in (
        ({"form": 11}, True),
        ({"form": 12}, False),
        ({"brand": 21}, True),
        ({"brand": 22}, False),
        ({"tag": "warranty"}, True),
        ({"tag": "warrant"}, False),
        ({"field": 31, "value": "invoice"}, True),
        ({"field": 32, "value": "b"}, True),
        ({"field": 32, "value": "c"}, False),
        ({"field": 33, "value": "None"}, False),
        ({"field": 34, "value": "invoice"}, False),
        ({"form": 11, "tag": "warranty"}, True),
        ({"form": 11, "tag": "other"}, False),
    ):
        rule = TicketRule.model_validate(conditions | {"document_class": "trade_letter"})
        assert document_class(TICKET, [rule]) == (LETTER if fits else None)
        assert document_class({"id": 8}, [rule]) is None
    # The first rule that fits decides.
    rules = [TicketRule(tag="vip", document_class=NONE), TicketRule(tag="warranty", document_class=LETTER)]
    assert document_class(TICKET, rules) is NONE
    assert document_class(TICKET, rules[::-1]) is LETTER
    # A rule without a whole condition is refused.
    for conditions in ({}, {"field": 31}, {"value": "x"}, {"field": 31, "value": "x", "kind": 1}):
        with pytest.raises(ValidationError):
            TicketRule.model_validate(conditions | {"document_class": "none"})
