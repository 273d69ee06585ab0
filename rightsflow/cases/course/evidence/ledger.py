"""The ledger as a whole: sealed daily, published where the store's operator cannot change it, repaired by two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice
from pathlib import Path

from rightsflow.audit.ledger.seals import Seal, file_name, read_seal, write_published
from rightsflow.cases.app import App
from rightsflow.cases.facts.people import acting
from rightsflow.cases.step.faults import in_plain_words, without_content
from rightsflow.domain.errors import Conflict, Misconfigured, RightsflowError, Transient
from rightsflow.domain.mail import MailTransport
from rightsflow.domain.publication import Publication, PublicationPlace
from rightsflow.domain.wording import counted
from rightsflow.files.published_seals import published_in


@dataclass(frozen=True, slots=True, kw_only=True)
class SealState:
    """The state of the seals.

    Args:
        number: The number of the last one; 0 if there is none.
        at: When it was made (aware).
        behind: How many seals each place lacks, where it lacks some.
    """

    number: int
    at: datetime | None
    behind: dict[str, int]


def seal_heads(app: App) -> str:
    """Seal the heads of all chains, unless that was done today; says in a sentence what there is."""
    with in_plain_words("The ledger's seal"):
        made = seal_now(app, once_a_day=True)
        if made is None:
            return "The ledger is sealed for today already."
        return f"Seal {made.number} covers {read_seal(made.body).chains} chains."


def publish_seals(app: App) -> list[str]:
    """Publish what is not published; says in a sentence of each place that is behind why it is."""
    with in_plain_words("Publishing the seals"):
        return publish(app)


def seal_now(app: App, *, once_a_day: bool = False) -> Seal | None:
    """Seal the heads of all chains.

    Args:
        app: What it works with.
        once_a_day: Make none if there is one of this day, in the controller's zone.

    Returns:
        The seal; ``None`` if none was made.

    Raises:
        Conflict: The ledger is not whole, or not the one that was published; a seal would make that good.
        Transient: The case store does not answer.
    """
    if once_a_day and _is_of_today(app):
        return None
    _insist_on_a_whole_ledger(app)
    midnight = datetime.combine(app.today, time.min, app.settings.controller.zone)
    return app.store.seals.make(
        overlap=timedelta(days=app.settings.seals.overlap_days),
        unless_since=midnight if once_a_day else None,
    )


def _is_of_today(app: App) -> bool:
    at = seal_state(app).at
    return at is not None and app.day_of(at) >= app.today


def _insist_on_a_whole_ledger(app: App) -> None:
    fault = next(app.store.seals.check_unaccepted(_published(app)), None)
    if fault is not None:
        raise Conflict(
            f"The ledger is not whole, and was not sealed: {fault.text} Run `rightsflow ledger verify` for the rest; "
            "two people can accept the faults (`rightsflow ledger repair`, or Controls at the desk)."
        )


def _published(app: App) -> list[Seal]:
    """Yield the seals in the first folder in which they are published, if there are any."""
    folders = (Path(place.removeprefix("file:")) for place in app.settings.seals.publish if place.startswith("file:"))
    there = (folder for folder in folders if any(folder.glob("seal-*.json")))
    return [seal for folder in islice(there, 1) for seal in published_in(folder)]


def publish(app: App) -> list[str]:
    """Publish at each place what has not gone there, oldest first; one that fails is tried again with the next round.

    Args:
        app: What it works with.

    Returns:
        For each place that is behind, a sentence that names it and says why.

    Raises:
        Transient: The case store does not answer.
    """
    return [sentence for place in app.settings.seals.publish for sentence in _publish_at(place, app)]


def seal_state(app: App) -> SealState:
    """Return the state of the seals and the places that lack some."""
    last, lacking = app.store.seals.last(), app.store.seals.behind(app.settings.seals.publish)
    return SealState(number=last.number if last else 0, at=read_seal(last.body).at if last else None, behind=lacking)


def _publish_at(place: str, app: App) -> Iterator[str]:
    try:
        there = app.open_place(place, app.settings.seals, lambda: _server(app), app.now)
        while some := app.store.seals.unpublished(place):
            for seal in some:
                _put(there, seal)
                app.store.seals.note_published(place, seal.number)
    except RightsflowError as error:
        if isinstance(error, Transient) and error.system == "case store":
            raise
        yield f"The seals are not all published at {place}: {error}"
    except Exception as error:  # noqa: BLE001 - one place's fault must not keep the seals from the others
        yield f"The seals are not all published at {place}: {without_content(error, 'it')}"


def _put(there: PublicationPlace, seal: Seal) -> None:
    there.publish(Publication(number=seal.number, name=file_name(seal), text=write_published(seal), digest=seal.digest))


def _server(app: App) -> MailTransport:
    config = app.settings.seals.mail or app.settings.notifications.mail
    if config is None:
        raise Misconfigured("There is no mail server for seals; add [seals.mail] or [notifications.mail].")
    return app.open_mail(config, app.settings.controller.name)


def propose_repair(app: App, *, by: str) -> str:
    """Propose to seal the ledger in spite of its faults; return that in a sentence.

    Args:
        app: What it works with.
        by: The person who has looked into them.

    Raises:
        BadInput: The name is missing, there are no faults, or too many.
        Conflict: Here people act signed in.
    """
    count = app.store.seals.propose_repair(by=acting(app, by))
    return f"{counted(count, 'fault')} proposed; a second person has to accept the same ones."


def accept_repair(app: App, *, by: str) -> str:
    """Accept the faults that another person proposed to accept; return that in a sentence.

    Args:
        app: What it works with.
        by: The second person.

    Raises:
        BadInput: The name is missing.
        Conflict: Nothing is proposed, the faults are others by now, or the same person proposed them; or here people
            act signed in.
    """
    count = app.store.seals.accept_repair(by=acting(app, by))
    return f"{counted(count, 'fault')} accepted and noted in the ledger; the next seal is made in spite of them."
