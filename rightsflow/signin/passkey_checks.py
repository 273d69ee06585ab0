"""WebAuthn Level 3 requests to browsers, and checks of their answers.

A passkey is two factors in one: the device, and its unlocking, without which its answer is refused. Challenges are in
the store, bound to the browser that asked for them, and are valid once.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from typing import Final

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from rightsflow.domain.accounts import CHALLENGE_LASTS
from rightsflow.domain.errors import BadInput
from rightsflow.signin.members import Member
from rightsflow.signin.passkey_site import Purpose, Site
from rightsflow.store import Store
from rightsflow.store.passkeys import NewPasskey, Passkey

RP_NAME: Final = "Rightsflow"
_LONGEST_NAME: Final = 60
_MALFORMED: Final = (ValueError, TypeError, KeyError, IndexError, struct.error)
"""The errors that the library raises on answers that no authenticator wrote."""
_VERIFIED: Final = UserVerificationRequirement.REQUIRED
_NO_SITE: Final = (
    "Passkeys need https and a host name (or localhost); open the desk by the address of RIGHTSFLOW_PUBLIC_URL."
)
_NOT_TAKEN: Final = "The passkey does not fit, or it took too long; try again."
_WENT_BACK: Final = "The passkey's counter did not go on, so it may have been copied; sign in otherwise, and remove it."


class PasskeyChecks:
    """Requests to browsers and checks of their answers; the door decides who is let in.

    Args:
        store: Gives the case store.
    """

    def __init__(self, store: Callable[[], Store]) -> None:
        self._give_store = store

    @property
    def _store(self) -> Store:
        return self._give_store()

    def to_make(self, member: Member, site: Site | None, holder: str) -> str:
        """Return the options for making a passkey, as JSON for the browser.

        Args:
            member: For whom.
            site: Where; ``None`` where it is not possible.
            holder: What the browser holds: the cookie that its answer comes with.

        Raises:
            BadInput: It is not possible at this address.
        """
        here, store = _possible(site), self._store
        options = generate_registration_options(
            rp_id=here.rp_id,
            rp_name=RP_NAME,
            user_id=store.passkeys.handle(member.key),
            user_name=member.key,
            user_display_name=member.name,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
            ),
            exclude_credentials=_described(store.passkeys.of(member.key), here),
        )
        self._keep(holder, Purpose.MAKE, options.challenge)
        return options_to_json(options)

    def made(self, answer: str, name: str, site: Site | None, holder: str) -> NewPasskey:
        """Return the passkey that a browser made.

        Args:
            answer: What the browser sent, JSON.
            name: What the person calls it.
            site: Where.
            holder: What the browser holds.

        Raises:
            BadInput: It does not fit the challenge, the name is wrong, or it is not possible at this address.
        """
        here, called = _possible(site), " ".join(name.split())
        if not called or len(called) > _LONGEST_NAME or not called.isprintable():
            raise BadInput(f"Give the passkey a name of 1 to {_LONGEST_NAME} characters, such as: office laptop.")
        challenge = self._take(holder, Purpose.MAKE)
        try:
            verified = verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=here.rp_id,
                expected_origin=here.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, *_MALFORMED):
            raise BadInput(_NOT_TAKEN) from None
        return NewPasskey(
            rp_id=here.rp_id,
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            name=called,
        )

    def to_sign_in(self, site: Site | None, holder: str) -> str:
        """Return the options for signing in with a passkey, as JSON for the browser; they name no one.

        Args:
            site: Where; ``None`` where it is not possible.
            holder: What the browser holds.

        Raises:
            BadInput: It is not possible at this address.
        """
        return self._asked(_possible(site), holder, Purpose.SIGN_IN, [])

    def to_step_up(self, person: str, site: Site | None, holder: str) -> str:
        """Return the options for a person's fresh proof by passkey, as JSON for the browser.

        Args:
            person: Their key.
            site: Where; ``None`` where it is not possible.
            holder: What the browser holds.

        Raises:
            BadInput: It is not possible at this address, or they have none there.
        """
        here = _possible(site)
        mine = _described(self._store.passkeys.of(person), here)
        if not mine:
            raise BadInput("You have no passkey at this address; type a code.")
        return self._asked(here, holder, Purpose.STEP_UP, mine)

    def checked(self, answer: str, purpose: Purpose, site: Site | None, holder: str) -> str:
        """Return the key of the person whose passkey answered.

        Args:
            answer: What the browser sent, JSON.
            purpose: What it was asked for.
            site: Where.
            holder: What the browser holds.

        Raises:
            BadInput: It does not fit the challenge, no such passkey is known, or it is not possible at this address.
        """
        here, challenge = _possible(site), self._take(holder, purpose)
        try:
            credential = parse_authentication_credential_json(answer)
            kept = self._store.passkeys.with_id(credential.raw_id)
            if kept is None or kept.new.rp_id != here.rp_id:
                raise BadInput(_NOT_TAKEN)
            verified = verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=here.rp_id,
                expected_origin=here.origin,
                credential_public_key=kept.new.public_key,
                # Compared where it is written, so that two answers at once are not both taken.
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        except (WebAuthnException, *_MALFORMED):
            raise BadInput(_NOT_TAKEN) from None
        if not self._store.passkeys.note_use(kept.new.credential_id, verified.new_sign_count):
            raise BadInput(_WENT_BACK)
        return kept.person

    def _asked(self, here: Site, holder: str, purpose: Purpose, allowed: list[PublicKeyCredentialDescriptor]) -> str:
        options = generate_authentication_options(
            rp_id=here.rp_id, allow_credentials=allowed, user_verification=_VERIFIED
        )
        self._keep(holder, purpose, options.challenge)
        return options_to_json(options)

    def _keep(self, holder: str, purpose: Purpose, challenge: bytes) -> None:
        self._store.challenges.keep(_hashed(holder), purpose, challenge, lasts=CHALLENGE_LASTS)

    def _take(self, holder: str, purpose: Purpose) -> bytes:
        challenge = self._store.challenges.take(_hashed(holder), purpose) if holder else None
        if challenge is None:
            raise BadInput(_NOT_TAKEN)
        return challenge


def _possible(site: Site | None) -> Site:
    if site is None:
        raise BadInput(_NO_SITE)
    return site


def _described(passkeys: list[Passkey], here: Site) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=passkey.new.credential_id)
        for passkey in passkeys
        if passkey.new.rp_id == here.rp_id
    ]


def _hashed(holder: str) -> str:
    return hashlib.sha256(holder.encode()).hexdigest()
