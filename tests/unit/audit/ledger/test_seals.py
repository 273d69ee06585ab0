"""Seals: what they say, which keys may be trusted by them and follow them, and that no change stays unnoticed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.audit.ledger import START, Fault, FaultKind, Head
from rightsflow.audit.ledger.chain import canonical, digest_of
from rightsflow.audit.ledger.seal_checks import (
    Follower,
    broken_succession,
    check_proof,
    check_proved,
    check_published,
    check_seal,
    follow,
    key_number,
    missing_seals,
)
from rightsflow.audit.ledger.seals import (
    Commitment,
    Proved,
    Seal,
    SealProof,
    file_name,
    leaf_of,
    make_seal,
    read_published,
    read_seal,
    write_published,
)
from rightsflow.audit.signing import SigningKey, verify_signature
from tests.unit.audit.ledger.chains import AT, ONE, THREE, TWO, row, sealed, tree_of

FIRST = {"seal/1": ONE.public}
HEADS = {f"DSR-2026-{number:06}": Head(number + 1, f"{number:064x}") for number in range(13)}


def kinds(seal: Seal, keys: dict[str, str] | None = None) -> list[FaultKind]:
    return [fault.kind for fault in check_seal(seal, FIRST if keys is None else keys)]


def faults_along(seals: list[Seal], trusted: dict[str, str] | None = None) -> list[tuple[FaultKind, str]]:
    follower = Follower(FIRST if trusted is None else trusted)
    return [(fault.kind, fault.place) for one in seals for fault in follower.take(one)]


def resigned(seal: Seal, key: SigningKey, **changes: object) -> Seal:
    """A seal as a person with a key writes it anew."""
    body = canonical(json.loads(seal.body) | changes)
    return Seal(seal.number, body, digest_of(body), {name: key.sign(body.encode()) for name in seal.signatures})


def test_a_seal_is_known_to_the_byte_and_read_back() -> None:
    # A seal is known to the byte.
    seal = sealed(None, ONE)
    assert seal.body == (
        '{"at":"2026-11-25T01:30:00.000000+00:00","chains":1,'
        f'"keys":[{{"key":"seal/1","public":"{ONE.public}"}}],"made_with":{{"code":"0.1.0"}},"number":1,'
        f'"previous":"{"0" * 64}","proofs":0,"proved":"{sha256().hexdigest()}","root":"{"a" * 64}"}}'
    )
    assert seal.digest == digest_of(seal.body)
    assert verify_signature(ONE.public, seal.signatures["seal/1"], seal.body.encode())
    assert check_seal(seal, FIRST) == []
    # What a seal says is read back.
    one = Commitment(
        number=7,
        at=AT,
        chains=3,
        root="b" * 64,
        proofs=2,
        proved="d" * 64,
        previous="c" * 64,
        keys={"seal/1": ONE.public},
        made_with={"code": "1"},
    )
    assert read_seal(make_seal(one, {"seal/1": ONE}).body) == one
    with pytest.raises(ValueError, match="time zone"):
        make_seal(replace(read_seal(sealed(None, ONE).body), at=datetime(2026, 11, 24)), {"seal/1": ONE})
    # What is no seal is not read.
    for body in ("", "[]", "{}", '{"number":1}', '{"number": 1}', '{"keys":[1]}'):
        with pytest.raises(ValueError):
            read_seal(body)
        assert kinds(Seal(1, body, digest_of(body), {})) == [FaultKind.ALTERED]


@given(st.data())
def test_a_flipped_letter_of_a_seal_is_noticed(data: st.DataObject) -> None:
    seal = row((ONE,), (ONE, TWO))[1]
    at = data.draw(st.integers(0, len(seal.body) - 1))
    body = seal.body[:at] + chr(ord(seal.body[at]) ^ 1) + seal.body[at + 1 :]
    assert kinds(replace(seal, body=body)) == [FaultKind.ALTERED]
    assert kinds(replace(seal, body=body, digest=digest_of(body))), "also with its hash put right"


@given(st.sampled_from(["seal/1", "seal/2"]), st.integers(0, 127))
def test_a_flipped_digit_of_a_signature_is_noticed(name: str, at: int) -> None:
    seal = row((ONE,), (ONE, TWO))[1]
    was = seal.signatures[name]
    changed = was[:at] + ("0" if was[at] != "0" else "1") + was[at + 1 :]
    seal = replace(seal, signatures={**seal.signatures, name: changed})
    (fault,) = check_seal(seal, FIRST)
    assert (fault.kind, fault.text) == (FaultKind.ALTERED, f"Seal 2 has a signature by {name} that does not fit.")


def test_a_signature_that_is_removed_added_or_anothers_is_noticed() -> None:
    # A removed signature is noticed.
    for name in ("seal/1", "seal/2"):
        seal = row((ONE,), (ONE, TWO))[1]
        seal = replace(seal, signatures={other: text for other, text in seal.signatures.items() if other != name})
        assert kinds(seal) == [FaultKind.REMOVED]
    # An added signature is noticed.
    seal = sealed(None, ONE)
    seal = replace(seal, signatures={**seal.signatures, "seal/9": TWO.sign(seal.body.encode())})
    assert kinds(seal) == [FaultKind.ADDED]
    # A seal by another's key is noticed.
    assert kinds(sealed(None, TWO, names=("seal/1",))) == [FaultKind.ALTERED], "under the name of a known one"
    assert kinds(sealed(None, TWO, names=("seal/2",))) == [FaultKind.ADDED], "under a name of its own"
    assert kinds(sealed(None, ONE), {}) == [FaultKind.ADDED], "nobody is trusted"
    assert kinds(replace(sealed(None, ONE), number=2)) == [FaultKind.REORDERED]


SIGNERS = ((ONE,), (ONE,), (ONE, TWO), (TWO,), (TWO, THREE), (TWO, THREE), (THREE,))


def test_whoever_trusts_the_first_key_can_follow_to_the_newest() -> None:
    # Who trusts the first key can follow to the newest.
    seals = row(*SIGNERS)
    assert follow(seals, FIRST) == {"seal/3": THREE.public}
    assert [sorted(follow(seals[:count], FIRST)) for count in range(1, 5)] == [
        ["seal/1"],
        ["seal/1"],
        ["seal/1", "seal/2"],
        ["seal/2"],
    ]
    assert follow([], FIRST) == FIRST
    with pytest.raises(ValueError, match="Seal 2 is signed by no key that is trusted"):
        follow(row((ONE,), (TWO,)), FIRST)
    # Anyone who gets hold of an old key can go on from no seal after its end.
    seals = row((ONE,), (ONE, TWO), (TWO,))
    with pytest.raises(ValueError, match="Seal 4 is signed by no key that is trusted"):
        follow([*seals, sealed(seals[-1], ONE)], FIRST)


@given(st.integers(0, 6), st.sampled_from(["root", "chains", "at", "previous"]))
def test_a_seal_written_anew_with_another_key_is_noticed(index: int, field: str) -> None:
    seals = row(*SIGNERS)
    value = {"root": "e" * 64, "chains": 9, "at": "2026-11-24T01:30:00.000000+00:00", "previous": "e" * 64}[field]
    seals[index] = resigned(seals[index], SigningKey.new(), **{field: value})
    assert (FaultKind.ALTERED, f"seal {index + 1}") in faults_along(seals)


@given(st.integers(0, 5))
def test_a_seal_written_anew_with_the_right_key_does_not_fit_the_next(index: int) -> None:
    seals = row(*[(ONE,)] * 7)
    seals[index] = resigned(seals[index], ONE, root="e" * 64)
    assert faults_along(seals) == [(FaultKind.ALTERED, f"seal {index + 2}")]


@given(st.integers(0, 5))
def test_a_missing_seal_is_named(index: int) -> None:
    seals = row(*[(ONE,)] * 7)
    assert faults_along(seals[:index] + seals[index + 1 :]) == [(FaultKind.REMOVED, f"seal {index + 1}")]


@given(st.integers(0, 5))
def test_seals_in_each_others_place_are_out_of_order(index: int) -> None:
    seals = row(*[(ONE,)] * 7)
    seals[index], seals[index + 1] = seals[index + 1], seals[index]
    assert (FaultKind.REORDERED, f"seal {index + 1}") in faults_along(seals)


def test_an_altered_seal_is_one_fault_and_missing_ones_are_named() -> None:
    # An altered seal is one fault and not two.
    seals = row(*[(ONE,)] * 4)
    seals[1] = replace(seals[1], body=seals[1].body.replace('"chains":1', '"chains":2'))
    assert faults_along(seals) == [(FaultKind.ALTERED, "seal 2")]
    # One can begin after a seal that is known.
    seals = row(*SIGNERS)
    follower = Follower(read_seal(seals[2].body).keys, after=seals[2])
    assert [follower.take(one) for one in seals[3:]] == [[]] * 4
    # Missing seals at the end are named.
    assert missing_seals(3, 3) == missing_seals(4, 3) == []
    assert [fault.text for fault in missing_seals(3, 4)] == ["Seal 4 is missing."]
    assert [fault.text for fault in missing_seals(3, 6)] == ["Seals 4 to 6 are missing."]


@given(st.sampled_from(sorted(HEADS)), st.data())
def test_every_chain_is_under_the_seal_and_nothing_else(chain: str, data: st.DataObject) -> None:
    tree = tree_of(HEADS)
    commitment = read_seal(sealed(None, ONE, root=tree.root, chains=tree.size).body)
    position, head = sorted(HEADS).index(chain), HEADS[chain]
    proof = SealProof(
        seal=1, number=head.number, digest=head.digest, position=position, path=tuple(tree.path(position))
    )
    assert check_proof(chain, proof, commitment) == []
    changed: Callable[[], SealProof] = data.draw(
        st.sampled_from(
            [
                lambda: replace(proof, number=proof.number + 1),
                lambda: replace(proof, digest="f" * 64),
                lambda: replace(proof, position=(position + 1) % 13),
                lambda: replace(proof, path=proof.path[:-1]),
                lambda: replace(proof, path=proof.path[::-1]),
            ]
        )
    )
    (fault,) = check_proof(chain, changed(), commitment)
    assert (fault.kind, fault.place) == (FaultKind.ALTERED, f"proof of {chain} in seal 1")
    assert check_proof("DSR-2026-XXXXXX", proof, commitment)
    assert check_proof(chain, proof, replace(commitment, root="f" * 64))


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 2**53 - 1))
def test_a_leaf_is_canonical_json(chain: str, number: int) -> None:
    head = Head(number, "a" * 64)
    assert leaf_of(chain, head).decode() == canonical({"number": number, "digest": head.digest, "chain": chain})


def test_a_seal_is_published_and_read_back() -> None:
    # A seal is published and read back.
    seal = row((ONE,), (ONE, TWO))[1]
    assert read_published(write_published(seal)) == seal
    assert file_name(seal) == "seal-00000002.json"
    assert sorted(map(file_name, row(*[(ONE,)] * 11))) == [file_name(one) for one in row(*[(ONE,)] * 11)]
    # What is no published seal is not read.
    for text in ("", "{}", "[1]", "7", '{"body":1,"digest":"","number":1,"signatures":{}}'):
        with pytest.raises(ValueError):
            read_published(text)
        with pytest.raises(ValueError):
            read_published(write_published(sealed(None, ONE)) + " ")
    # A published seal shows what became of the one that is kept.
    seal = sealed(None, ONE)
    assert check_published(seal, seal) == []
    (gone,) = check_published(seal, None)
    (other,) = check_published(seal, resigned(seal, ONE, root="e" * 64))
    assert (gone.kind, gone.text) == (FaultKind.REMOVED, "Seal 1 was published, but is missing from the store.")
    assert (other.kind, other.text) == (FaultKind.ALTERED, "Seal 1 is not the one that was published.")
    # A published seal of another kind is not read.
    for change in ({"number": "1"}, {"number": True}, {"signatures": []}, {"body": None}, {"digest": 1}, {"more": 1}):
        fields = json.loads(write_published(sealed(None, ONE)))
        with pytest.raises(ValueError, match="kind"):
            read_published(canonical(fields | change) + "\n")
    # What is nested without end is no seal.
    for read in (read_seal, read_published):
        with pytest.raises(ValueError):
            read("[" * 100_000)


def proved(leaves: list[bytes]) -> Proved:
    found = Proved()
    for leaf in leaves:
        found.add(leaf)
    return found


def test_all_proofs_of_a_seal_are_those_that_were_made_with_it() -> None:
    leaves = [leaf_of(chain, HEADS[chain]) for chain in sorted(HEADS)]
    whole = proved(leaves)
    said = replace(read_seal(sealed(None, ONE).body), proofs=whole.count, proved=whole.digest)
    assert check_proved(1, whole, said) == []
    for other, kind, text in (
        (leaves[1:], FaultKind.REMOVED, "Seal 1 was made with 13 proofs, but 12 are there."),
        ([*leaves, leaves[0]], FaultKind.ADDED, "Seal 1 was made with 13 proofs, but 14 are there."),
        (
            [*leaves[:-1], leaf_of("x", START)],
            FaultKind.ALTERED,
            "Seal 1 was made with 13 proofs, and those that are there are others.",
        ),
        (leaves[::-1], FaultKind.ALTERED, "Seal 1 was made with 13 proofs, and those that are there are others."),
    ):
        assert check_proved(1, proved(other), said) == [Fault(kind, "seal 1", text)]


@given(st.lists(st.sampled_from(["a", "b", "ab", "a\n", ""]), max_size=4), st.data())
def test_no_other_row_of_chains_comes_to_the_same_hash(names: list[str], data: st.DataObject) -> None:
    others = data.draw(st.lists(st.sampled_from(["a", "b", "ab", "a\n", ""]), max_size=4))
    one, other = (proved([leaf_of(name, START) for name in row]) for row in (names, others))
    assert (one.digest == other.digest) == (names == others)


NAMES = st.frozensets(st.integers(1, 9), min_size=1, max_size=4)


def named(numbers: frozenset[int]) -> list[str]:
    return [f"seal/{number}" for number in numbers]


def test_keys_come_and_go_from_the_old_to_the_new() -> None:
    # Keys come and go from the old to the new.
    for before, after in (
        ((), "1"),
        ("1", "1"),
        ("1", "12"),
        ("12", "2"),
        ("12", "23"),
        ("2", "3"),
        ("9", "89")[:1] * 2,
    ):
        assert broken_succession([f"seal/{one}" for one in before], [f"seal/{one}" for one in after]) == ""
    # An older key never outlives a newer one.
    for before, after, said in (
        ("12", "1", "is not signed by seal/2, but by seal/1, which is older"),
        ("123", "13", "is not signed by seal/2, but by seal/1, which is older"),
        ("2", "12", "is signed by seal/1, which is older than a key before it"),
        ("2", "1", "is signed by seal/1, which is older than a key before it"),
    ):
        assert broken_succession([f"seal/{one}" for one in before], [f"seal/{one}" for one in after]) == said
    # Numbers are no texts.
    assert broken_succession(["seal/9"], ["seal/9", "seal/10"]) == ""
    assert broken_succession(["seal/9", "seal/10"], ["seal/10"]) == ""
    assert broken_succession(["seal/9", "seal/10"], ["seal/9"]) != ""
    # What is no name of a key is refused.
    for name in ("", "seal/", "seal/0", "seal/01", "seal/-1", "seal/1\n", "key/1", "seal/" + "1" * 10):
        assert key_number(name) == 0
        said = broken_succession(["seal/1"], ["seal/1", name])
        assert said.startswith("names a key as ")
        assert said.isprintable()


@given(st.lists(NAMES, min_size=1, max_size=8))
def test_along_an_unbroken_line_each_key_stays_or_only_newer_ones_are_left(line: list[frozenset[int]]) -> None:
    """So anyone who trusts one key may trust what any unbroken line says after it."""
    unbroken = [line[0]]
    for some in line[1:]:
        if not broken_succession(named(unbroken[-1]), named(some)):
            unbroken.append(some)
    for place, some in enumerate(unbroken):
        for later in unbroken[place:]:
            assert all(number in later or number < min(later) for number in some)
