"""One seed: everybody is drawn and planted, one person is erased, and every system is judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from proofs.neighbours import acting, desk_tickets, handed_out, paying, shop_rows, versions
from proofs.neighbours.drawn import Resident, Town, settle
from proofs.neighbours.judging import Erased, Judgement, System, judge
from proofs.strangers import operator
from proofs.strangers.cases import Office, office
from proofs.strangers.planted import Marks, Snapshot
from proofs.strangers.working import by_steps
from proofs.strangers.world import client_of
from rightsflow.domain.request import Right
from tests.support.peers.seaweedfs import S3Peer

_BY_ACCOUNT = ', shop-account = "account_id"'


@dataclass
class Street:
    """Where one seed is played.

    Args:
        town: Everybody.
        marks: Everything that was planted.
        systems: The systems.
        office: A Rightsflow that is configured for them.
        muted: How many recordings were muted so far.
        given: How many files people were given that they had written.
    """

    town: Town
    marks: Marks
    systems: tuple[System, ...]
    office: Office = field(repr=False)
    muted: int = 0
    given: int = 0

    def read(self) -> dict[str, Snapshot]:
        """What each system holds now."""
        return {one.name: one.snapshot() for one in self.systems}

    def erase_some(self, count: int) -> dict[str, Judgement]:
        """Erase some people, one after another; what came of all of them, by system.

        Args:
            count: How many.
        """
        done = {one.name: Judgement() for one in self.systems}
        for person in self.town.some(count, least=count):
            for name, judgement in self.erase(person).items():
                done[name].add(judgement)
        return done

    def act_on_some(self, count: int) -> dict[str, Judgement]:
        """Let some people use one right after another: a rectification, a restriction that is lifted, an erasure.

        Args:
            count: How many.
        """
        done = {one.name: Judgement() for one in self.systems}
        acts = cycle((self.rectify, self.restrict_and_lift, self.erase))
        for act, person in zip(acts, self.town.some(count, least=count), strict=False):
            for name, judgement in act(person).items():
                done[name].add(judgement)
        return done

    def rectify(self, person: Resident) -> Mapping[str, Judgement]:
        """Correct a person's number and name, and judge every system."""
        before = self.read()
        outcomes, change = acting.rectify(self.office, person)
        return self._changed(before, person, outcomes, change)

    def restrict_and_lift(self, person: Resident) -> Mapping[str, Judgement]:
        """Restrict a person's data, and lift that; judge every system after each."""
        before = self.read()
        case_id, outcomes, change = acting.restrict(self.office, person)
        done = self._changed(before, person, outcomes, change)
        acting.lift(case_id)
        # Once it is lifted, all is as it was.
        for name, judgement in self._changed(before, person, {}, acting.Change((), {})).items():
            done[name].add(judgement)
        return done

    def _changed(
        self,
        before: Mapping[str, Snapshot],
        person: Resident,
        outcomes: Mapping[tuple[str, str, str], str],
        change: acting.Change,
    ) -> dict[str, Judgement]:
        after, told = self.read(), outcomes
        return {
            one.name: acting.judge_change(one, before[one.name], after[one.name], person.number, told, change)
            for one in self.systems
        }

    def copy(self, person: Resident) -> list[str]:
        """Give a person a copy of their data; what is wrong in it, or was changed by that.

        Args:
            person: Who asks.
        """
        before = self.read()
        files = self.office.package(self.office.answer(Right.ACCESS, person))
        self.given += handed_out.given_files(files, person, self.marks)
        faults = handed_out.judge_package(files, person, self.town, self.marks)
        return faults + [f"{name} was changed by a copy" for name, held in self.read().items() if held != before[name]]

    def erase(self, person: Resident) -> Mapping[str, Judgement]:
        """Erase a person and judge every system.

        Args:
            person: Whose erasure is asked for, by an address, a number and the customer number.
        """
        before = self.read()
        case_id = self.office.answer(Right.ERASURE, person)
        # A version from before versions were kept is named by when it was stored as well.
        outcomes = {
            (system, kind, ref.partition("&stored=")[0]): outcome
            for (system, kind, ref), outcome in self.office.outcomes(case_id).items()
        }
        erased = Erased(person.number, lambda others: _words(self.town, person, others), outcomes)
        after = self.read()
        done = {
            one.name: judge(one.before(before[one.name]), before[one.name], after[one.name], erased, self.marks)
            for one in self.systems
        }
        done[versions.NAME].faults += versions.badly_muted(before[versions.NAME], after[versions.NAME], outcomes)
        self.muted += sum(outcome == "muted" for outcome in outcomes.values())
        return done


def _words(town: Town, person: Resident, others: frozenset[int]) -> frozenset[str]:
    """By what a person is named, without what names one of the others as well."""
    theirs = {word.casefold() for number in others for word in town.people[number].words}
    return frozenset(word for word in person.words if word.casefold() not in theirs)


@contextmanager
def living(
    seed: int,
    count: int,
    folder: Path,
    store: S3Peer,
    *,
    with_payments: bool = True,
    corrects: bool = False,
    mutes: bool = False,
) -> Iterator[Street]:
    """Draw a town and start everything.

    Args:
        seed: Decides all that chance decides.
        count: How many people.
        folder: An empty folder.
        store: An object store.
        with_payments: Whether the payment provider, which takes longest to start, is one of the systems.
        corrects: Whether the operator lets records be corrected, marked, and blanked where a law keeps them.
        mutes: Whether recordings are kept by a law, and muted where a card's security number was spoken in them.
    """
    town, marks = settle(seed, count), Marks()
    (folder / "home").mkdir(parents=True)
    with ExitStack() as stack:
        made = [stack.enter_context(desk_tickets.running(town, marks, folder)), shop_rows.fill(town, marks, folder)]
        if with_payments:
            made.append(stack.enter_context(paying.running(town, marks, folder)))
        archive, bucket = versions.put_all(town, marks, client_of(store), with_codes=mutes)
        # Nothing here is known by an account number in the shop.
        of_archive = operator.store_section(versions.NAME, store, bucket, folder).replace(_BY_ACCOUNT, "")
        if mutes:
            kept = of_archive.replace('recording = "none"', 'recording = "trade_letter"', 1)
            of_archive = kept.replace("[systems.archive.match]", f"{versions.MUTES}[systems.archive.match]")
        systems, sections = zip(*made, (archive, of_archive), strict=True)
        written = acting.configured("".join(sections)) if corrects else "".join(sections)
        worked = stack.enter_context(office(folder / "home", operator.head() + written, by_steps))
        yield Street(town, marks, systems, worked)
