"""The controllers whose cases are played: their law, their systems, and what those cannot do."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Literal, cast

from proofs.answers.cases.fields import FIELDS, FIXED
from rightsflow.cases.app import App
from rightsflow.config.sections.system_settings import SystemSettings
from rightsflow.config.settings import Settings
from rightsflow.domain.connector import RecordKind, Withheld
from rightsflow.domain.disclosure.field_words import PLAIN, FieldWords, PaymentFields
from rightsflow.domain.erasure.retention import DocumentClass, Sector
from rightsflow.domain.records import Method
from rightsflow.testing.fakes import FakeSystem

_CONTROLLERS: tuple[dict[str, object], ...] = (
    {
        "name": "Example Devices GmbH",
        "address": "Musterstr. 1, 91052 Erlangen",
        "country": "DE",
        "timezone": "Europe/Berlin",
        "authority": {"name": "BayLDA", "url": "https://www.lda.bayern.de"},
    },
    {
        "name": "Exemple SARL",
        "country": "FR",
        "timezone": "Europe/Paris",
        "authority": {"name": "CNIL", "url": "https://www.cnil.fr"},
    },
    {
        "name": "Example Appliances Ltd",
        "address": "1 High Street, Leeds",
        "country": "GB",
        "timezone": "Europe/London",
        "regime": "uk-gdpr",
        "large_quantity": 1,
        "authority": {"name": "Information Commissioner's Office", "url": "https://ico.org.uk"},
    },
)
_COUNTRIES = ("DE", "FR", "AT", "ES", "IT", "NL", "PL", "IE", "SE")
"""Whose laws of retention and of evidence are played, beside those of the United Kingdom."""
_COOLING_OFF = (0, 0, 0, 1, 3, 14)
"""How many days after its approval an erasure begins."""
_AUTOMATED = (
    "No decision about you is made by automated means alone.",
    "A score decides on refunds above 500 euros; you can have a person look at it.",
)
_RECIPIENTS: tuple[tuple[str, ...] | Literal["none"], ...] = (
    ("Callhouse Lisbon (processor)",),
    ("Callhouse Lisbon (processor)", "Paywell plc"),
    "none",
)
_TRANSFERS = ("none", "United States, standard contractual clauses")
_LIMITS = (
    "Payments that were made as a guest.",
    "Numbers that stand in free text.",
    "Keys that spell the number in another way.",
)
_RESIDUE = ("", "Back-ups keep it for 30 days.", "A line in the log stays for 90 days.")
_WITHHELD = (
    Withheld(what="notes of staff members", reason="They name other people."),
    Withheld(what="keys of devices", reason="They would open the device of another person."),
)
_BY_HAND = ("", "", "Take the caller out of the address book of the desk by hand.")
_HELP = ((), ("de", "en"))
_BOTH = frozenset({Method.ERASE, Method.REDACT})
KINDS = {
    "helpdesk": (("ticket", "service tickets", _BOTH), ("profile", "customer profiles", _BOTH)),
    "payments": (("invoice", "invoices", frozenset({Method.REDACT})), ("profile", "payer profiles", _BOTH)),
    "call-store": (("recording", "call recordings", frozenset({Method.ERASE})),),
}
SYSTEMS = tuple(KINDS)
_STATED: tuple[tuple[str, ...] | None, ...] = (None, (), ("profile",), ("ticket", "recording"))
"""Which kinds a controller may say that are kept for marketing alone, or on consent alone; ``None`` says nothing."""
_PAYMENT_WORDS = FieldWords(payment=PaymentFields(key="number", what=("subject",)))


_POLICY: dict[str, object] = {"approval": "automatic", "policy": "Deletion policy 2.1 of 1 November 2026"}
_FOLLOW_UP: tuple[dict[str, object], ...] = ({}, _POLICY, _POLICY | {"covers_conditions": True})


def _register(dice: random.Random) -> dict[str, object]:
    """No processor, or one or two of them, each with what it works in and finds records by."""
    names = dice.choice(((), ("Callhouse Lisbon",), ("Callhouse Lisbon", "Paywell plc")))
    return {
        name.split()[0].lower(): {
            "name": name,
            "role": dice.choice(("processor", "processor", "joint controller", "controller")),
            "contact": "privacy@processor.example.com",
            "systems": dice.choice((["helpdesk"], ["payments", "call-store"], ["call-store"])),
            "categories": ["call notes"],
            "identifiers": dice.choice(
                (["email"], ["customer_id", "email"], ["customer_id"], ["phone", "customer_id"])
            ),
            "proof": dice.choice(([], ["counts"], ["counts", "file"])),
        }
        for name in names
    }


def settings_of(
    controller: dict[str, object],
    automated: str,
    follow_up: dict[str, object] | None = None,
    processors: dict[str, object] | None = None,
) -> Settings:
    """The settings of a controller."""
    return Settings.model_validate(
        {
            "controller": controller | {"automated_decisions": automated},
            "owners": {
                role: {"name": name, "email": f"{role.replace('_', '-')}@devices.example.com"}
                for role, name in (("case_owner", "Subject rights desk"), ("dpo", "Data Protection Officer"))
            }
            | {"management": {"name": "Head of customer care", "email": "care@devices.example.com"}},
            "systems": {name: {"connector": "fake"} for name in SYSTEMS},
            "follow_up": follow_up or {},
            "processors": processors or {},
        }
    )


def any_settings() -> Settings:
    """The settings of some controller."""
    return settings_of(_CONTROLLERS[0], _AUTOMATED[0])


def with_rights_beside(app: App, dice: random.Random) -> App:
    """The same controller, whose systems can mark records, and which says what each of them is used for.

    Args:
        app: Its runtime.
        dice: What is drawn with.
    """
    for connector in app.connectors.values():
        fake = cast("FakeSystem", connector)
        fake.kinds = tuple(
            _correctable(
                replace(one, methods=one.methods | ({Method.RESTRICT} if dice.random() < 0.7 else set())), dice
            )
            for one in fake.kinds
        )
        fake.kinds = tuple(_correctable(one, dice) for one in fake.kinds)
    sections = {
        system: one.model_copy(
            update={use: _of(KINDS[system], dice.choice(_STATED)) for use in ("marketing", "consent")}
        )
        for system, one in app.systems.items()
    }
    return replace(app, systems=sections)


def _correctable(kind: RecordKind, dice: random.Random) -> RecordKind:
    """A profile that programs can mostly correct; of the rest some systems say that it is never altered."""
    if kind.name == "profile" and dice.random() < 0.8:
        return replace(kind, methods=kind.methods | {Method.RECTIFY}, fields=FIELDS)
    return replace(kind, fixed=dice.choice(FIXED))


def under_other_rules(app: App, dice: random.Random) -> App:
    """The same controller once its seat or sector has changed, or the class that it gives to its invoices.

    Args:
        app: Its runtime.
        dice: What is drawn with.
    """
    if (what := dice.random()) < 0.5 and app.settings.controller.regime == "gdpr":
        moved = app.settings.controller.model_copy(update={"country": dice.choice(_COUNTRIES)})
        return replace(app, settings=app.settings.model_copy(update={"controller": moved}))
    if what < 0.7:
        sector = dice.choice((Sector.SUPERVISED_FINANCE, Sector.INVESTMENT_FIRM))
        controller = app.settings.controller.model_copy(update={"sector": sector})
        return replace(app, settings=app.settings.model_copy(update={"controller": controller}))
    classes = app.systems["payments"].document_classes or {}
    other = dice.choice((DocumentClass.NONE, DocumentClass.TRADE_LETTER))
    section = app.systems["payments"].model_copy(update={"document_classes": {**classes, "invoice": other}})
    return replace(app, systems={**app.systems, "payments": section})


def _of(
    kinds: tuple[tuple[str, str, frozenset[Method]], ...], stated: tuple[str, ...] | None
) -> tuple[str, ...] | None:
    return None if stated is None else tuple(name for name, _, _ in kinds if name in stated)


def _perhaps_unstated(section: SystemSettings, dice: random.Random) -> SystemSettings:
    """The section, of one in four without a word on back-ups."""
    unstated = {"backup_days": None, "backup_contents": ""}
    return section.model_copy(update=unstated) if dice.random() < 0.25 else section


def runtime_for(base: App, law: str, dice: random.Random) -> App:
    """A controller of its own for each case: its systems, what they cannot do.

    Args:
        base: What its runtime is made from.
        law: The regime.
        dice: What the rest is drawn with.
    """
    connectors, sections = {}, {}
    for system, kinds in KINDS.items():
        declared = tuple(
            RecordKind(
                name=name,
                title=title,
                methods=methods,
                residue=dice.choice(_RESIDUE),
                manual_step=dice.choice(_BY_HAND),
                withheld=_WITHHELD[: dice.choice((0, 0, 1, 2))],
                words=_PAYMENT_WORDS if name == "invoice" else PLAIN,
                is_profile=name == "profile",
            )
            for name, title, methods in kinds
        )
        limits = tuple(dice.sample(_LIMITS, dice.choice((0, 0, 1, 2))))
        connectors[system] = FakeSystem(system=system, kinds=declared, cannot_find=limits)
        if system == "call-store" and len(limits) == 1:
            # As recording stores are: of a person without a known number nothing can be searched for there.
            connectors[system].searches = frozenset({"phone"})
        sections[system] = SystemSettings(
            connector="fake",
            purposes=("handling service requests",),
            categories=("contact data", "service tickets")[: dice.choice((1, 2))],
            source="the data subject",
            recipients=dice.choice(_RECIPIENTS),
            retention="24 months after the ticket is closed",
            transfers=dice.choice(_TRANSFERS),
            may_be_empty=True,
            backup_days=(days := dice.choice((0, 30, 90))),
            backup_contents=dice.choice(("", "the whole database, encrypted")) if days else "",
            document_classes={
                name: DocumentClass.VOUCHER if name == "invoice" else DocumentClass.NONE for name, _, _ in kinds
            },
        )
    fitting = [one for one in _CONTROLLERS if one.get("regime", "gdpr") == law]
    controller = dice.choice(fitting) | {"help_languages": dice.choice(_HELP)}
    # Dice of its own, so that the cases stay those that they were.
    own = random.Random(repr(sorted(sections.items())))
    register = _register(own)
    controller |= {"cooling_off_days": own.choice(_COOLING_OFF)}
    sections = {name: _perhaps_unstated(one, own) for name, one in sections.items()}
    if law == "gdpr":
        controller |= {"country": own.choice(_COUNTRIES)}
    settings = settings_of(controller, dice.choice(_AUTOMATED), dice.choice(_FOLLOW_UP), register)
    return replace(base, settings=settings, connectors=connectors, systems=sections)
