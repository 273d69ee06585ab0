"""People: their keys, absences and handovers, and who is on duty on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from rightsflow.config.sections.controller import CASE_OWNER
from rightsflow.config.settings import Settings
from rightsflow.domain.accounts import (
    PREPARING,
    Permission,
    Role,
    is_one_person_too_many,
    permissions,
    refuse_entrusted,
)
from rightsflow.domain.alerts.ladder import Audience
from rightsflow.domain.connector import Health
from rightsflow.domain.errors import BadInput, Conflict, RightsflowError
from rightsflow.domain.gates.decisions import ABOUT_NOTHING_HELD
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.mail import Mail
from rightsflow.domain.people import Absence, Proof, answering, kept, proof_of, refuse_no_colleague, same_person
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.work_notices import NoticeChoice

if TYPE_CHECKING:
    # Importing the store costs what the list of cases does without.
    from rightsflow.cases.app import App
    from rightsflow.store import CaseFile


def read_before(app: App, case_id: str) -> str:
    """Return the hash that binds an approval now: of the erasure plan or the encrypted package, or else a word.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(case_id) as file:
        return read_in(file)


def read_in(file: CaseFile) -> str:
    """Read the subject of a decision from an open case file, so that it is never taken for a later plan or package.

    Args:
        file: The case file.
    """
    return ABOUT_NOTHING_HELD if file.found_nothing else file.what_is_approved()


def refuse_false_name(file: CaseFile, by: str, app: App) -> None:
    """Refuse an act at a gate under a name that was only typed, where people act signed in, or under the subject's.

    Args:
        file: The case file.
        by: Who acts.
        app: What it works with.

    Raises:
        BadInput: It is no name, or the data subject's.
        Conflict: No one proved that it is they.
    """
    refuse_typed(app, by, file.case_id)
    known = file.identifiers.known()
    refuse_no_colleague(by, (item.value for item in known if item.kind is IdentifierKind.NAME))


def refuse_entrusted_account(file: CaseFile, by: str, app: App) -> dict[str, str]:
    """Refuse an approval by an account to which a person invited who opened or prepared the case.

    Args:
        file: The case file.
        by: The person who approves.
        app: What it works with.

    Returns:
        What the approval notes of an account that is as young; nothing of an older one.

    Raises:
        Conflict: Such a person invited to it within the last days.
    """
    if proof_of(by)[1] is Proof.TYPED:
        return {}
    key = member_key(app, by)
    entrusted = app.store.accounts.entrusted(key) if key else None
    if entrusted is None:
        return {}
    prepared_by = {entry.actor for entry in file.ledger.entries(*PREPARING)}
    refuse_entrusted(entrusted, prepared_by={file.opened_by, *prepared_by})
    return entrusted.note


def member_key(app: App, by: str) -> str:
    """Return the key of the person who acts; empty if they are not in the configuration.

    Args:
        app: What it works with.
        by: The name of the person who acts.
    """
    return next((key for key, member in app.settings.members.items() if same_person(member.own_name, by)), "")


def note_readers(app: App) -> dict[str, str]:
    """Return the people who may read the notes of a case: key and name.

    Args:
        app: What it works with.
    """
    members = app.settings.members.items()
    return {key: member.own_name for key, member in members if Permission.REVEAL in permissions(member.roles)}


def refuse_typed(app: App, by: str, case_id: str = "") -> None:
    """Refuse an act under a name that was only typed, where people act signed in.

    Args:
        app: What it works with.
        by: Who acts.
        case_id: On which case; empty where it is about none.

    Raises:
        Conflict: No one proved that it is they.
    """
    if proof_of(by)[1] is Proof.TYPED and app.settings.refuses_typed_names:
        where = app.desk_page(case_id) or "the desk"
        raise Conflict(
            f"Here people act signed in, and a name that is typed does not count; do it at {where} (or set "
            'typed_names = "allowed" in [desk] of rightsflow.toml, for scripts).'
        )


def known_person(app: App, key: str) -> str:
    """Return the key of a person or role, as it was typed.

    Raises:
        BadInput: There is no such person in the configuration.
    """
    people = app.settings.people_by_key
    proper = key.strip().lower()
    if proper not in people:
        raise BadInput(
            f"That key is not known; use one of {', '.join(people)}, or add them to [people] in rightsflow.toml."
        )
    return proper


def hand_over(app: App, case_id: str, to_owner: str, *, by: str, reason: str) -> str:
    """Let another person answer for a case; returns a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        to_owner: The key of the new owner.
        by: Who hands it over.
        reason: Why.

    Raises:
        BadInput: There is no such case or person, they may not open cases, or something is missing.
        Conflict: The case is closed and has no open task, or is theirs already.
    """
    proper = read_case_id(case_id)
    giver, owner = acting(app, by, proper), known_owner(app, to_owner)
    with app.store.case_file(proper) as file:
        tasks = hand_over_in(file, owner, reason=" ".join(reason.split()), by=giver)
    done = f"{app.settings.people_by_key[owner].full_name} answers for {proper} from now on"
    if tasks:
        done += f", and for its open {'task' if len(tasks) == 1 else 'tasks'} {', '.join(map(str, tasks))}"
    return f"{done}. {tell_new_owner(app, owner, [proper], giver)}".rstrip()


def may_own(app: App, key: str) -> bool:
    """Return whether a case can be handed to a person: with a desk they have to be able to open it there.

    The role of the case owner stands for the team.

    Args:
        app: What it works with.
        key: The person's or role's key.
    """
    member = app.settings.members.get(key)
    is_reader = member is not None and Permission.READ_CASES in permissions(member.roles)
    return is_reader or key == CASE_OWNER or not app.settings.has_desk


def known_owner(app: App, key: str) -> str:
    """Return the key of a person or role to whom a case can be handed, as it was typed.

    Raises:
        BadInput: There is no such person, or they may not open cases at the desk.
    """
    proper = known_person(app, key)
    if not may_own(app, proper):
        raise BadInput(
            "That person may not open cases at the desk; choose another one, or give them a role in rightsflow.toml."
        )
    return proper


def tell_new_owner(app: App, owner: str, case_ids: Sequence[str], giver: str) -> str:
    """Mail a person that cases were handed to them; returns in a sentence whether that went out.

    Args:
        app: What it works with.
        owner: Their key.
        case_ids: The cases.
        giver: Who handed them over.
    """
    person, settings = app.settings.people_by_key[owner], app.settings
    if settings.notifications.mail is None and not settings.has_desk:
        return ""
    if app.store.subscriptions.of(owner).choice is not NoticeChoice.NONE:
        return f"{person.full_name} gets a notice, as they chose."
    where = (f"{case_id} {app.desk_page(case_id)}".rstrip() for case_id in case_ids)
    body = "\n".join([f"{giver} handed over to you:", "", *where, "", f"{settings.controller.name}"])
    subject = f"{case_ids[0]} was handed over to you" if len(case_ids) == 1 else "Cases were handed over to you"
    mail = Mail(to_email=person.email, to_name=person.full_name, subject=subject, body=body)
    return _mail_to_colleague(app, mail, person.full_name)


def hand_over_in(file: CaseFile, owner: str, *, reason: str, by: str) -> Sequence[int]:
    """Let another person answer for a case whose file is open; the numbers of the tasks that go with it.

    Args:
        file: The case file.
        owner: The key of the new owner.
        reason: Why, in one line.
        by: Who hands it over.

    Raises:
        BadInput: The reason is missing.
        Conflict: The case is closed and has no open task, or is theirs already.
    """
    before = file.ownership.owner
    file.ownership.hand_over(owner, by=by, reason=reason, has_tasks=file.tasks.has_open)
    return file.tasks.follow(before, owner, by=by)


def record_absence(app: App, absence: Absence, *, by: str) -> str:
    """Record that a person is absent and who stands in; returns a sentence.

    Args:
        app: What it works with.
        absence: Who, when, and who stands in.
        by: Who records it.

    Raises:
        BadInput: There is no such person, the absence is over, or the name of who records it is missing.
        Conflict: It is recorded already.
    """
    recorder = acting(app, by)
    away = replace(absence, person=known_person(app, absence.person), deputy=known_person(app, absence.deputy))
    if away.last_on < app.today:
        raise BadInput("The absence is over already; check its last day.")
    same = [
        recorded_absence.number
        for recorded_absence in app.store.absences_from(app.today)
        if recorded_absence.absence == away
    ]
    if same:
        raise Conflict(
            f"That absence is recorded already, as number {same[0]}; `rightsflow people absences` lists them."
        )
    number = app.store.record_absence(away, recorder)
    days = f"{away.first_on:%a %d %b %Y} to {away.last_on:%a %d %b %Y}"
    people = app.settings.people_by_key
    deputy, person = people[away.deputy].full_name, people[away.person].full_name
    return f"Absence {number}: {deputy} stands in for {person} from {days}."


def acting(app: App, by: str, case_id: str = "") -> str:
    """Return the acting person's name; refuse a name that was only typed where people act signed in.

    Args:
        app: What it works with.
        by: Who acts.
        case_id: On which case, as typed; empty where it is about none.

    Raises:
        BadInput: The name is missing, or is none; or there is no such case id.
        Conflict: No one proved that it is they.
    """
    who = said(by)
    refuse_typed(app, who, read_case_id(case_id) if case_id else "")
    return who


def said(by: str) -> str:
    """Return the name of the acting person, as typed, with the proof of who they are.

    Raises:
        BadInput: It is missing, not in printable characters, or no name.
    """
    if not by.strip():
        raise BadInput("Your name is missing; fill it in.")
    name = identifier(IdentifierKind.NAME, by).value
    refuse_no_colleague(name)
    return kept(by, name)


_BODY = """\
{by} has made an invitation by which you, {name}, set up how you sign in at the desk of {controller}.{replaces}

The link itself is not in this mail; you get it from that person. If you do not expect it, tell the data protection
officer at once: {dpo}
"""
_REPLACES = " When it is used, it replaces the sign-in that you have."


def tell_invited(app: App, *, email: str, name: str, by: str, replaces: bool) -> str:
    """Mail a person that they were invited; return in a sentence whether that was done.

    Args:
        app: What it works with.
        email: The person's address in the configuration.
        name: The person's name.
        by: The name of the person who invited.
        replaces: Whether the invitation replaces a sign-in.
    """
    controller, dpo = app.settings.controller.name, app.settings.owners.dpo.email
    replacing = _REPLACES if replaces else ""
    body = _BODY.format(by=by, name=name, controller=controller, replaces=replacing, dpo=dpo)
    mail = Mail(to_email=email, to_name=name, subject=f"You were invited to the desk of {controller}", body=body)
    return _mail_to_colleague(app, mail, name)


def _mail_to_colleague(app: App, mail: Mail, name: str) -> str:
    """Mail a colleague; return in a sentence whether that went out."""
    server, controller = app.settings.notifications.mail, app.settings.controller.name
    if server is None:
        return f"There is no [notifications.mail] in rightsflow.toml, so {name} gets no mail about it; tell them."
    try:
        app.open_mail(server, controller).send(mail)
    except RightsflowError:
        return f"{name} could not be told of it by mail; tell them."
    return f"{name} was told of it by mail."


def people_health(settings: Settings) -> Health:
    """Return whether one person could pass for two, since an admin makes the sign-ins of the others; for ``doctor``.

    Args:
        settings: The configuration.
    """
    both = [key for key, member in settings.members.items() if is_one_person_too_many(member.roles)]
    admins = sum(Role.ADMIN in member.roles for member in settings.members.values())
    if both:
        detail = (
            f"{', '.join(both)} can work on cases and make the sign-ins of the others, and so could approve as another "
            "person; give the role admin to people without another role."
        )
    elif admins == 1:
        detail = "There is one admin; a sign-in is replaced by two, so name a second one."
    else:
        return Health(ok=True, detail=f"{len(settings.members)} people can sign in; no admin works on cases.")
    return Health(ok=True, detail=detail, is_doubtful=True)


_MANAGEMENT = (Audience.MANAGEMENT.value,)
_NEXT_UP = {CASE_OWNER: (Audience.DPO.value, *_MANAGEMENT)}
"""The people above a person or role, the highest last; a key not named here has the management above it."""


class Duty:
    """The people on duty today.

    Args:
        settings: The configuration.
        today: The present day in the controller's zone.
        absences: All absences that are not over.
    """

    def __init__(self, settings: Settings, today: date, absences: Sequence[Absence]) -> None:
        self._people = settings.people_by_key
        self._reachable = settings.reachable
        self._channels = sorted(text for text in settings.reachable if text.startswith("channel."))
        self._today = today
        self._absences = absences

    @classmethod
    def of(cls, app: App) -> Duty:
        """Return the duty of the present day.

        Raises:
            Transient: The case store does not answer.
        """
        absences = [recorded_absence.absence for recorded_absence in app.store.absences_from(app.today)]
        return cls(app.settings, app.today, absences)

    def answering(self, key: str) -> str:
        """Return the key of the person who acts for a person or role: themself, a deputy, or the next level up.

        An owner who has been taken out of the configuration is replaced by the role of the case owner.

        Args:
            key: The person's or role's key.
        """
        known = self._known(key)
        return answering(known, self._today, self._absences, self._people, _NEXT_UP.get(known, _MANAGEMENT))

    def _known(self, key: str) -> str:
        return key if key in self._people else CASE_OWNER

    def recipients(self, owner: str, roles: Sequence[str]) -> list[str]:
        """Return the people on duty for the roles, and every channel; only those that can be reached.

        Args:
            owner: The key of the case's owner.
            roles: The roles to be told.
        """
        keys = [owner if role == Audience.OWNER else role for role in roles]
        people = dict.fromkeys(f"person.{self.answering(key)}" for key in keys)
        return [person for person in people if person in self._reachable] + self._channels

    def name(self, key: str) -> str:
        """Return a case owner's name for display, with today's deputy.

        Args:
            key: The owner's key.
        """
        known = self._known(key)
        deputy = self.answering(key)
        stands_in = f", for whom {self._people[deputy].full_name} stands in" if deputy != known else ""
        return self._people[known].full_name + stands_in
