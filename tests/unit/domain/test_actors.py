"""A name that says what proves it."""

from __future__ import annotations

from rightsflow.domain.people import Actor, Proof, kept, proof_of

DANA = Actor("Dana  Example", role="approver", proof=Proof.PASSKEY)


def test_who_acted_is_a_name_with_what_proves_it():
    # It is a name wherever a name goes.
    assert DANA == "Dana  Example"
    assert f"{DANA}" == "Dana  Example"
    assert type(str(DANA)) is str
    assert proof_of("Dana Example") == ("", Proof.TYPED)
    assert not Actor("Dana Example").is_proved
    # What proves it outlives the spelling.
    assert proof_of(kept(DANA, "Dana Example")) == ("approver", Proof.PASSKEY)
    assert kept(DANA, "Dana Example") == "Dana Example"
    assert proof_of(kept("Dana  Example", "Dana Example")) == ("", Proof.TYPED)
