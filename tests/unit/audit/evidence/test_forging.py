"""Forged by a person who can sign: with the key of the day, with a retired one, or with names that mislead."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.audit.evidence.bundle import Material
from rightsflow.audit.evidence.fingerprints import fingerprint
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

    def test_an_old_head_under_real_seals_is_not_the_present_one(self):
        """All entries after the first proof are gone, a fresh note of an export names the newest seal."""
        cut = STORY[: SEALED_AFTER[0]]
        links = exported(cut, sealed=SEALED_AFTER[0], seal=7)
        forged = Material(case_id=CASE, links=links, proofs=HELD.proofs[:1], seals=HELD.seals)
        assert texts(bundle(forged)) == ["proofs.json does not prove the state of the case under seal 7."]

    def test_an_old_proof_does_not_lead_to_a_later_seal(self):
        links = exported(STORY[: SEALED_AFTER[0]], sealed=SEALED_AFTER[0], seal=7)
        moved = replace(HELD.proofs[0], seal=7)
        forged = Material(case_id=CASE, links=links, proofs=[HELD.proofs[0], moved], seals=HELD.seals)
        (text,) = texts(bundle(forged))
        assert "is not under seal 7: its proof does not lead to the seal's root" in text

    def test_without_any_proof_a_case_has_to_be_younger_than_the_newest_seal(self):
        links = exported(sealed=0, seal=7)
        found = texts(bundle(Material(case_id=CASE, links=links, proofs=[], seals=HELD.seals)))
        assert found[0] == f"Entry 1 of {CASE} is dated 05 Mar 2026 09:00, but the seal after that does not cover it."

    def test_a_younger_case_stands_under_the_bundles_own_signature(self):
        first = [replace(one) for one in HELD.seals[-1:]]
        early = read_seal(first[0].body)
        made = make_seal(replace(early, at=early.at - timedelta(days=30)), ROTATION[-1])
        found = check_bundle(bundle(Material(case_id=CASE, links=exported(sealed=0, seal=7), proofs=[], seals=[made])))
        assert (found.faults, found.sealed, found.seal) == ((), 0, 7)


class TestDates:
    """An entry that was added later under an earlier date stands between seals that it does not fit."""

    BACKDATED = (0, "LetterSent", "Mallory", {"letter": "L10", "at": "2026-03-05T10:00:00+00:00"})

    @pytest.mark.parametrize(("place", "number"), [(36, 37), (25, 26)], ids=["after the seals", "under the last seal"])
    def test_an_entry_with_an_earlier_date_is_named(self, place, number):
        story = (*STORY[:place], self.BACKDATED, *STORY[place:])
        (text,) = texts(bundle(material(story=story)))
        assert text.startswith(f"Entry {number} of {CASE} is dated 05 Mar 2026 09:00, ")

    def test_nothing_is_dated_after_the_export(self):
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

    @pytest.mark.parametrize("trusted", [(), (NEW,), (OLD,)], ids=["no key", "the new key", "the old key"])
    def test_the_old_key_cannot_go_on_alone_from_a_seal_of_both(self, trusted):
        found = texts(self.forged(HELD.seals[1], {"seal/1": OLD}), *(fingerprint(one.public) for one in trusted))
        assert found == ["Seal 7 is not signed by seal/2, but by seal/1, which is older."]

    @pytest.mark.parametrize("name", ["seal/3", "seal/2"])
    def test_nor_under_another_name(self, name):
        (text,) = texts(self.forged(HELD.seals[1], {name: OLD}))
        assert text.startswith("Seal 7 ")

    def test_nor_sign_the_manifest_alone_where_the_newest_seal_is_of_both(self):
        held = material((ROTATION[0], ROTATION[0], ROTATION[1]))
        assert texts(bundle(held, {"seal/1": OLD})) == [
            "manifest.json is not signed by seal/2, but by seal/1, which is older."
        ]

    def test_nor_come_back_once_it_was_let_go(self):
        held = material((ROTATION[1], ROTATION[2], {"seal/1": OLD, "seal/2": NEW}))
        assert texts(bundle(held))[0] == "Seal 7 is signed by seal/1, which is older than a key before it."
        assert texts(bundle(keys={"seal/1": OLD, "seal/2": NEW})) == [
            "manifest.json is signed by seal/1, which is older than a key before it."
        ]

    def test_a_fork_from_before_the_new_key_does_not_pass_with_the_new_key(self):
        fork = self.forged(HELD.seals[0], {"seal/1": OLD}, with_it=False)
        found = check_bundle(fork, frozenset({fingerprint(NEW.public)}))
        assert (found.faults, found.by_another_key) == ((), True)
        assert texts(fork, fingerprint(OLD.public)) == [], "only the published seals show it to one who trusts the old"
        assert texts(fork, fingerprint(OLD.public), published=HELD.seals) == [
            "Seal 6 is not the one that was published."
        ]

    def test_what_really_follows_is_trusted_by_each_of_its_keys(self):
        for keys in (ROTATION, (ROTATION[0], ROTATION[0], ROTATION[1])):
            data = bundle(material(keys), keys[-1])
            assert texts(data, fingerprint(OLD.public)) == texts(data, fingerprint(NEW.public)) == []

    def test_a_new_key_may_sign_beside_the_old_before_it_is_under_a_seal(self):
        held = material((ROTATION[0],) * 3)
        assert texts(bundle(held, ROTATION[1]), fingerprint(NEW.public)) == []


class TestPublishedSeals:
    def test_seals_that_agree_vouch_for_it(self):
        found = check_bundle(bundle(), published=HELD.seals)
        assert (found.faults, found.notes, found.published) == ((), (), 3)

    def test_everything_made_anew_under_the_real_names_is_caught(self):
        forged = bundle(material(({"seal/2": FOREIGN},) * 3), {"seal/2": FOREIGN})
        assert texts(forged) == []
        assert texts(forged, published=HELD.seals) == [
            f"Seal {number} is not the one that was published." for number in (5, 6, 7)
        ]

    @pytest.mark.parametrize("published", [[], [make_seal(read_seal(HELD.seals[0].body), ROTATION[0])]])
    def test_where_none_is_among_them_nothing_is_shown(self, published):
        others = [Seal(one.number + 90, one.body, one.digest, one.signatures) for one in published]
        assert texts(bundle(), published=others) == ["seals.jsonl holds none of the seals that were published."]

    def test_what_is_not_compared_is_said(self):
        found = check_bundle(bundle(), published=HELD.seals[:2])
        assert (found.published, found.is_whole) == (2, True)
        assert found.notes == ("The published seals end with seal 6, and this file with seal 7.",)
        found = check_bundle(bundle(), published=[HELD.seals[0], HELD.seals[2]])
        assert found.notes == ("1 of its seals were not among those that were given as published.",)

    def test_an_old_file_is_told_from_the_present_state(self):
        later = [*HELD.seals, *(replace(HELD.seals[-1], number=number) for number in (8, 9))]
        found = check_bundle(bundle(), published=later)
        assert found.is_whole
        assert found.notes == ("The published seals go on to seal 9: what came after seal 7 is not here.",)


class TestNames:
    """What a file calls its keys and its case is printed: it may say nothing but that."""

    SPOOF = "seal/1, fingerprint " + fingerprint(NEW.public) + "\nIt is signed by the key you gave.\x1b[8m\n"

    @pytest.mark.parametrize("name", [SPOOF, "seal/0", "seal/01", "seal/", "seal/1 ", "", "[/] seal/1", "seal/١"])
    def test_a_key_is_called_seal_and_a_number(self, name):
        data = bundle(material(({name: FOREIGN},) * 3), {name: FOREIGN})
        found = check_bundle(data)
        assert found.faults
        assert found.faults[0].text.startswith("Seal 5 names a key as ")
        for text in (*found.keys, *(fault.text for fault in found.faults), *(fault.place for fault in found.faults)):
            assert text.isprintable()

    @pytest.mark.parametrize("name", ["", "DSR-2026-8MX8AM was altered.[/] \n", "dsr-2026-7k3m9q", "../x", "LEDGER"])
    def test_a_case_is_called_as_cases_are(self, name):
        links = links_of(chain=name)
        data = bundle(Material(case_id=name, links=links, proofs=[], seals=HELD.seals[-1:]))
        found = check_bundle(data)
        assert found.case_id == ""
        assert ("manifest.json", FaultKind.ALTERED) in [(one.place, one.kind) for one in found.faults]
        assert all(fault.text.isprintable() and fault.place.isprintable() for fault in found.faults)

    def test_the_first_seal_of_a_store_is_followed_from_nothing(self):
        made, proof = under_one_seal(links_of(), ROTATION[-1], 1, GENESIS)
        links = exported(sealed=len(STORY), seal=1)
        assert texts(bundle(Material(case_id=CASE, links=links, proofs=[proof], seals=[made]))) == []
        body = canonical({"number": 1})
        bad = Seal(1, body, digest_of(body), {})
        assert texts(bundle(Material(case_id=CASE, links=links, proofs=[proof], seals=[bad])))
