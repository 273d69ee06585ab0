"""A name that says what proves it."""

from __future__ import annotations

from rightsflow.domain.people import Actor, Proof, kept, proof_of

DANA = Actor("Dana  Example", role="approver", proof=Proof.PASSKEY)


def test_it_is_a_name_wherever_a_name_goes():
    assert DANA == "Dana  Example"
    assert f"{DANA}" == "Dana  Example"
    assert type(str(DANA)) is str


def test_a_plain_name_was_typed():
    assert proof_of("Dana Example") == ("", Proof.TYPED)
    assert not Actor("Dana Example").is_proved


def test_what_proves_it_outlives_the_spelling():
    assert proof_of(kept(DANA, "Dana Example")) == ("approver", Proof.PASSKEY)
    assert kept(DANA, "Dana Example") == "Dana Example"
    assert proof_of(kept("Dana  Example", "Dana Example")) == ("", Proof.TYPED)
