"""Class of document of a ticket, by the rules of the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.zendesk.settings import TicketRule
from rightsflow.domain.vocabulary.records import DocumentClass


def document_class(ticket: Mapping[str, object], rules: Iterable[TicketRule]) -> DocumentClass | None:
    """Return the class of the first matching rule; ``None`` if no rule matches.

    Args:
        ticket: As Zendesk gives it.
        rules: The rules, in order.
    """
    return next((rule.document_class for rule in rules if _fits(ticket, rule)), None)


def _fits(ticket: Mapping[str, object], rule: TicketRule) -> bool:
    conditions = (
        rule.form is None or ticket.get("ticket_form_id") == rule.form,
        rule.brand is None or ticket.get("brand_id") == rule.brand,
        not rule.tag or rule.tag in _list(ticket.get("tags")),
        rule.field is None or rule.value in _values(ticket, rule.field),
    )
    return all(conditions)


def _values(ticket: Mapping[str, object], field: int) -> list[str]:
    """Return the values of a custom field; a multi-select field has a list of values."""
    fields = (item for item in _list(ticket.get("custom_fields")) if isinstance(item, dict) and item.get("id") == field)
    given = next((item.get("value") for item in fields), None)
    return [str(item) for item in (given if isinstance(given, list) else [given]) if item is not None]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
