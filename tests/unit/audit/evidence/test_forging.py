"""Forged by a person who can sign: with the key of the day, with a retired one, or with names that mislead."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.audit.evidence.bundle import Material
from rightsflow.audit.evidence.cover import fingerprint
from rightsflow.audit.evidence.verification import check_bundle
from rightsflow.audit.ledger import FaultKind
from rightsflow.audit.ledger.chain import GENESIS, canonical, digest_of
from rightsflow.audit.ledger.merkle import Tree
from rightsflow.audit.ledger.seals import Seal, SealProof, leaf_of, make_seal, read_seal
from tests.support.story import (
    CASE,
    FIRST_DAY,
    FOREIGN,
    NEW,
    OLD,
    ROTATION,
    SEALED_AFTER,
    STORY,
    bundle,
    exported,
    links_of,
    material,
)

HELD = material()


def texts(data, *trusted, published=None):
    return [fault.text for fault in check_bundle(data, frozenset(trusted), published).faults]


def under_one_seal(links, keys, number, previous):
    """A seal of one chain alone, as a person makes it who has these keys, and its proof."""
    head = links[-1].head
    said = read_seal(HELD.seals[-1].body)
    public = {name: key.public for name, key in keys.items()}
    root = Tree([leaf_of(CASE, head)]).root
    at = FIRST_DAY + timedelta(days=9)
    made = make_seal(replace(said, at=at, number=number, chains=1, root=root, previous=previous, keys=public), keys)
    return made, SealProof(seal=number, number=head.number, digest=head.digest, position=0, path=())


class TestCutAtAnOldProof:
    """What is sealed cannot be left out again, not even by one who has the key of the day."""

    def test_an_old_proof_does_not_stand_for_the_present(self):
        # All entries after the first proof are gone, a fresh note of an export names the newest seal.
        cut = STORY[: SEALED_AFTER[0]]
        links = exported(cut, sealed=SEALED_AFTER[0], seal=7)
        forged = Material(case_id=CASE, links=links, proofs=HELD.proofs[:1], seals=HELD.seals)
        assert texts(bundle(forged)) == ["proofs.json does not prove the state of the case under seal 7."]
        # An old proof does not lead to a later seal.
        links = exported(STORY[: SEALED_AFTER[0]], sealed=SEALED_AFTER[0], seal=7)
        moved = replace(HELD.proofs[0], seal=7)
        forged = Material(case_id=CASE, links=links, proofs=[HELD.proofs[0], moved], seals=HELD.seals)
        (text,) = texts(bundle(forged))
        assert "is not under seal 7: its proof does not lead to the seal's root" in text
        # Without any proof a case has to be younger than the newest seal.
        links = exported(sealed=0, seal=7)
        found = texts(bundle(Material(case_id=CASE, links=links, proofs=[], seals=HELD.seals)))
        assert found[0] == f"Entry 1 of {CASE} is dated 05 Mar 2026 09:00, but the seal after that does not cover it."
        # A younger case stands under the bundles own signature.
        first = [replace(one) for one in HELD.seals[-1:]]
        early = read_seal(first[0].body)
        made = make_seal(replace(early, at=early.at - timedelta(days=30)), ROTATION[-1])
        found = check_bundle(bundle(Material(case_id=CASE, links=exported(sealed=0, seal=7), proofs=[], seals=[made])))
        assert (found.faults, found.sealed, found.seal) == ((), 0, 7)


class TestDates:
    """An entry that was added later under an earlier date stands between seals that it does not fit."""

    BACKDATED = (0, "LetterSent", "Mallory", {"letter": "L10", "at": "2026-03-05T10:00:00+00:00"})

    def test_an_earlier_and_a_later_date_are_named(self):
        # An entry with an earlier date is named.
        for place, number in ((36, 37), (25, 26)):
            story = (*STORY[:place], self.BACKDATED, *STORY[place:])
            (text,) = texts(bundle(material(story=story)))
            assert text.startswith(f"Entry {number} of {CASE} is dated 05 Mar 2026 09:00, ")
        # Nothing is dated after the export.
        story = (*STORY, (40, "LetterSent", "Mallory", {"letter": "L10"}))
        assert f"Entry 37 of {CASE} is dated 14 Apr 2026 09:00, but an earlier seal covers it." in texts(
            bundle(material(story=story))
        )


class TestOldKeys:
    """Trust goes forward only: a key that was retired, or stolen, leads nowhere."""

    LINKS = links_of(STORY[:-1])

    def forged(self, before: Seal, keys, *, with_it=True):
        made, proof = under_one_seal(self.LINKS, keys, before.number + 1, before.digest)
        links = exported(STORY[:-1], sealed=len(self.LINKS), seal=made.number)
        seals = [before, made] if with_it else [made]
        return bundle(Material(case_id=CASE, links=links, proofs=[proof], seals=seals), keys)

    @pytest.mark.apart
    def test_the_old_key_cannot_go_on_alone(self):
        # The old key cannot go on alone from a seal of both.
        for trusted in ((), (NEW,), (OLD,)):
            found = texts(self.forged(HELD.seals[1], {"seal/1": OLD}), *(fingerprint(one.public) for one in trusted))
            assert found == ["Seal 7 is not signed by seal/2, but by seal/1, which is older."]
        # Nor under another name.
        for name in ("seal/3", "seal/2"):
            (text,) = texts(self.forged(HELD.seals[1], {name: OLD}))
            assert text.startswith("Seal 7 ")
        # Nor sign the manifest alone where the newest seal is of both.
        held = material((ROTATION[0], ROTATION[0], ROTATION[1]))
        assert texts(bundle(held, {"seal/1": OLD})) == [
            "manifest.json is not signed by seal/2, but by seal/1, which is older."
        ]
        # Nor come back once it was given up.
        held = material((ROTATION[1], ROTATION[2], {"seal/1": OLD, "seal/2": NEW}))
        assert texts(bundle(held))[0] == "Seal 7 is signed by seal/1, which is older than a key before it."
        assert texts(bundle(keys={"seal/1": OLD, "seal/2": NEW})) == [
            "manifest.json is signed by seal/1, which is older than a key before it."
        ]

    @pytest.mark.apart
    def test_what_really_follows_is_trusted_and_a_fork_is_not(self):
        # A fork from before the new key does not pass with the new key.
        fork = self.forged(HELD.seals[0], {"seal/1": OLD}, with_it=False)
        found = check_bundle(fork, frozenset({fingerprint(NEW.public)}))
        assert (found.faults, found.by_another_key) == ((), True)
        assert texts(fork, fingerprint(OLD.public)) == [], "only the published seals show it to one who trusts the old"
        assert texts(fork, fingerprint(OLD.public), published=HELD.seals) == [
            "Seal 6 is not the one that was published."
        ]
        # What really follows is trusted by each of its keys.
        for keys in (ROTATION, (ROTATION[0], ROTATION[0], ROTATION[1])):
            data = bundle(material(keys), keys[-1])
            assert texts(data, fingerprint(OLD.public)) == texts(data, fingerprint(NEW.public)) == []
        held = material((ROTATION[0],) * 3)
        assert texts(bundle(held, ROTATION[1]), fingerprint(NEW.public)) == []


class TestPublishedSeals:
    @pytest.mark.apart
    def test_seals_that_were_published_are_compared(self):
        found = check_bundle(bundle(), published=HELD.seals)
        assert (found.faults, found.notes, found.published) == ((), (), 3)
        # Everything made anew under the real names is caught.
        forged = bundle(material(({"seal/2": FOREIGN},) * 3), {"seal/2": FOREIGN})
        assert texts(forged) == []
        assert texts(forged, published=HELD.seals) == [
            f"Seal {number} is not the one that was published." for number in (5, 6, 7)
        ]
        # Where none is among them nothing is shown.
        for published in ([], [make_seal(read_seal(HELD.seals[0].body), ROTATION[0])]):
            others = [Seal(one.number + 90, one.body, one.digest, one.signatures) for one in published]
            assert texts(bundle(), published=others) == ["seals.jsonl holds none of the seals that were published."]
        # What is not compared is said.
        found = check_bundle(bundle(), published=HELD.seals[:2])
        assert (found.published, found.is_whole) == (2, True)
        assert found.notes == ("The published seals end with seal 6, and this file with seal 7.",)
        found = check_bundle(bundle(), published=[HELD.seals[0], HELD.seals[2]])
        assert found.notes == ("1 of its seals were not among those that were given as published.",)
        # An old file is told from the present state.
        later = [*HELD.seals, *(replace(HELD.seals[-1], number=number) for number in (8, 9))]
        found = check_bundle(bundle(), published=later)
        assert found.is_whole
        assert found.notes == ("The published seals go on to seal 9: what came after seal 7 is not here.",)


class TestNames:
    """What a file calls its keys and its case is printed: it may say nothing but that."""

    SPOOF = "seal/1, fingerprint " + fingerprint(NEW.public) + "\nIt is signed by the key you gave.\x1b[8m\n"

    @pytest.mark.apart
    def test_keys_and_cases_are_called_as_they_are(self):
        # A key is called seal and a number.
        for name in (self.SPOOF, "seal/0", "seal/01", "seal/", "seal/1 ", "", "[/] seal/1", "seal/١"):
            data = bundle(material(({name: FOREIGN},) * 3), {name: FOREIGN})
            found = check_bundle(data)
            assert found.faults
            assert found.faults[0].text.startswith("Seal 5 names a key as ")
            for text in (
                *found.keys,
                *(fault.text for fault in found.faults),
                *(fault.place for fault in found.faults),
            ):
                assert text.isprintable()
        # A case is called as cases are.
        for name in ("", "DSR-2026-8MX8AM was altered.[/] \n", "dsr-2026-7k3m9q", "../x", "LEDGER"):
            links = links_of(chain=name)
            data = bundle(Material(case_id=name, links=links, proofs=[], seals=HELD.seals[-1:]))
            found = check_bundle(data)
            assert found.case_id == ""
            assert ("manifest.json", FaultKind.ALTERED) in [(one.place, one.kind) for one in found.faults]
            assert all(fault.text.isprintable() and fault.place.isprintable() for fault in found.faults)
        # The first seal of a store is followed from nothing.
        made, proof = under_one_seal(links_of(), ROTATION[-1], 1, GENESIS)
        links = exported(sealed=len(STORY), seal=1)
        assert texts(bundle(Material(case_id=CASE, links=links, proofs=[proof], seals=[made]))) == []
        body = canonical({"number": 1})
        bad = Seal(1, body, digest_of(body), {})
        assert texts(bundle(Material(case_id=CASE, links=links, proofs=[proof], seals=[bad])))
