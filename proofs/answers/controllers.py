"""The controllers whose cases are played, the combinations that are played towards, and a real case store for them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any, Literal, cast

from connectors.publishing import place_of
from rightsflow.app import mail_server
from rightsflow.cases.app import App
from rightsflow.config.sections.system_settings import SystemSettings
from rightsflow.config.settings import Settings
from rightsflow.domain.connector import RecordKind, Withheld
from rightsflow.domain.erasure.retention_duties import Sector
from rightsflow.domain.vocabulary.field_words import PLAIN, FieldWords, PaymentFields
from rightsflow.domain.vocabulary.records import DocumentClass, Method
from rightsflow.store import Database, Store
from rightsflow.testing.fakes import FakeSystem
from rightsflow.vault import MasterKey
from tests.support.stores import set_up, without_waiting_for_the_disk

FIELDS = frozenset({"name", "date of birth", "delivery note", "statement"})
"""What can be corrected in a profile."""
FIXED = ("", "It is what was said then, and is not altered.")
"""Why what has no such fields stays as it is, where a system says so."""

_CONTROLLERS: tuple[dict[str, object], ...] = (
    {"name": "Example Devices GmbH", "address": "Musterstr. 1, 91052 Erlangen", "country": "DE",
     "timezone": "Europe/Berlin", "authority": {"name": "BayLDA", "url": "https://www.lda.bayern.de"}},
    {"name": "Exemple SARL", "country": "FR", "timezone": "Europe/Paris",
     "authority": {"name": "CNIL", "url": "https://www.cnil.fr"}},
    {"name": "Example Appliances Ltd", "address": "1 High Street, Leeds", "country": "GB", "timezone": "Europe/London",
     "regime": "uk-gdpr", "large_quantity": 1,
     "authority": {"name": "Information Commissioner's Office", "url": "https://ico.org.uk"}},
)  # fmt: skip
_COUNTRIES = ("DE", "FR", "AT", "ES", "IT", "NL", "PL", "IE", "SE")
"""Whose laws of retention and of evidence are played, beside those of the United Kingdom."""
_COOLING_OFF = (0, 0, 0, 1, 3, 14)
"""How many days after its approval an erasure begins."""
_AUTOMATED = (
    "No decision about you is made by automated means alone.",
    "A score decides on refunds above 500 euros; you can have a person look at it.",
)
_RECIPIENTS: tuple[tuple[str, ...] | Literal["none"], ...] = (
    ("Callhouse Lisbon (processor)",), ("Callhouse Lisbon (processor)", "Paywell plc"), "none",
)  # fmt: skip
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
    """Return up to two processors, each with its systems and its identifiers."""
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
    """Return the settings of a controller."""
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
    return settings_of(_CONTROLLERS[0], _AUTOMATED[0])


def with_rights_beside(app: App, dice: random.Random) -> App:
    """Return a controller whose systems can mark records, and that states the use of each of them."""
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
    if kind.name == "profile" and dice.random() < 0.8:
        return replace(kind, methods=kind.methods | {Method.RECTIFY}, fields=FIELDS)
    return replace(kind, fixed=dice.choice(FIXED))


def under_other_rules(app: App, dice: random.Random) -> App:
    """Return a controller once its seat, its sector or its invoices' class has changed."""
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
    unstated = {"backup_days": None, "backup_contents": ""}
    return section.model_copy(update=unstated) if dice.random() < 0.25 else section


def runtime_for(base: App, law: str, dice: random.Random) -> App:
    """Return a controller of its own for each case, with its systems and their limits."""
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


_REFUSED = (
    "R1 at identity",
    *(f"{code} at {gate}" for code in ("R2", "R6", "R7", "R8", "R9") for gate in ("identity", "approval")),
)
"""Ends by a refusal, of which most codes can be used at either gate."""
_STOPS = ("withdrawn", "waiting", *_REFUSED)
_ENDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "main": {
        "access": ("L9", "L8", *_STOPS),
        "erasure": ("L10", "L11", "failed", "L8", *_STOPS, "R3 at approval", "R4 at approval"),
    },
    "beside": {
        "objection": ("L17", "failed", *_STOPS), "consent-withdrawal": ("L23", "failed", *_STOPS),
        "restriction": ("L22", "L8", "failed", *_STOPS), "rectification": ("L25", "L8", "failed", *_STOPS),
    },
}  # fmt: skip
STARTS = {"main": 0, "beside": 1_000_000, "together": 10_000_000}
"""From which number on cases are of access and erasure, of the other rights, and of two requests side by side."""
LAWS = ("gdpr", "uk-gdpr")


@dataclass(frozen=True, slots=True, order=True)
class Combination:
    """One combination."""

    right: str
    law: str
    end: str
    extended: bool = False
    suspended: bool = False

    @property
    def is_possible(self) -> bool:
        return not (self.end.startswith("R1") and not self.suspended and self.law == "uk-gdpr")


def _declared(of: Mapping[str, tuple[str, ...]]) -> Iterator[Combination]:
    both = (False, True)
    for right, ends in of.items():
        for law, end, extended, suspended in product(LAWS, ends, both, both):
            yield Combination(right, law, end, extended, suspended)


DECLARED = {group: tuple(one for one in _declared(of) if one.is_possible) for group, of in _ENDS.items()} | {
    "together": tuple(
        Combination(right, law, "together") for right in ("access", "erasure", "restriction") for law in LAWS
    )
}
"""Every combination that the product has."""
_ANSWERS = ("L8", "L9", "L10", "L11", "L17", "L22", "L23", "L25")
_ORDER = {group: random.Random(15).sample(DECLARED[group], len(DECLARED[group])) for group in _ENDS}
_DRAWN = {group: (order, [one for one in order if one.end in {*_ANSWERS, "failed"}]) for group, order in _ORDER.items()}


def group_of(number: int) -> str:
    return next(group for group, start in reversed(STARTS.items()) if number >= start)


def target_of(number: int) -> Combination:
    if (group := group_of(number)) == "together":
        return DECLARED[group][number % len(DECLARED[group])]
    order = _DRAWN[group][number % 2]
    return order[number % STARTS["beside"] // 2 % len(order)]


def reached(case: Mapping[str, Any]) -> Combination:
    if "holds" in case:
        return Combination(case["right"], case["regime"], "together")
    # A question stopped the clock, or let it begin anew with the answer (identity in the United Kingdom).
    begins_anew = case["regime"] == "uk-gdpr" and "IDENTITY_REQUESTED" in case["clock"]
    is_suspended = bool(begins_anew or case["no_pause_due_on"] or case["suspended_since"])
    return Combination(case["right"], case["regime"], _end(case), bool(case["extended"]), is_suspended)


def _end(case: Mapping[str, Any]) -> str:
    written = {one["id"] for one in case["letters"]}
    if case["state"] == "refused":
        [refusal] = [one for one in case["decisions"] if one["verdict"] == "refused" and one["gate"] != "dossier"]
        return f"{refusal['code']} at {refusal['gate']}"
    if case["state"] in {"answered", "nothing held"}:
        return next(one for one in _ANSWERS if one in written)
    if case["state"] == "withdrawn":
        return "withdrawn"
    return "failed" if any(one["outcome"] == "failed" for one in case["records"]) else "waiting"


@dataclass(slots=True)
class World:
    """A store that cases are put into one after another."""

    base: App
    moment: list[datetime]
    runtime: App = field(init=False)

    def __post_init__(self) -> None:
        self.runtime = self.base


@contextmanager
def a_world(folder: Path) -> Iterator[World]:
    """Make an empty store in a folder."""
    database = without_waiting_for_the_disk(Database(f"sqlite:///{folder / 'cases.db'}"))
    set_up(database)
    moment = [datetime(2026, 1, 5, 9, tzinfo=UTC)]
    runtime = App(
        settings=any_settings(), store=Store(database, MasterKey(b"k" * 32), lambda: moment[0]), connectors={},
        systems={}, work_location=str(folder / "work"), now=lambda: moment[0],
        import_location=str(folder / "imports"), open_mail=mail_server, open_place=place_of,
    )  # fmt: skip
    yield World(runtime, moment)
    database.close()


@dataclass(frozen=True, slots=True)
class Written:
    """A text with the case file as it was when it was written."""

    kind: str
    text: str
    case: dict[str, Any]
