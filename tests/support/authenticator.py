"""A software authenticator, and the browser before it: makes passkeys and answers challenges as WebAuthn Level 3 says.

It writes client data, authenticator data, COSE keys and ES256 signatures itself, so that what checks them is not tested
with its own code; and it lies where a test says so.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """A device with passkeys.

    Args:
        origin: What the browser says it is at.
        flags: What the device says of the person: there, and recognised by it.
        step: By how much its counter goes on with each use; 0 for one that does not count.
        counter: Where the counter stands.
        keys: Its private keys, by id.
        handles: Whose each is, by id.
    """

    origin: str
    flags: int = PRESENT | VERIFIED
    step: int = 1
    counter: int = 0
    keys: dict = field(default_factory=dict)
    handles: dict = field(default_factory=dict)

    def make(self, options):
        """The answer to ``navigator.credentials.create``, as ``toJSON`` writes it."""
        key, key_id = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(32)
        self.keys[key_id], self.handles[key_id] = key, _bytes(options["user"]["id"])
        point = key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(key_id)) + key_id + cbor2.dumps(cose)
        data = self._data(options["rp"]["id"], self.flags | ATTESTED) + attested
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        said = {
            "clientDataJSON": _text(self._client("webauthn.create", options)),
            "attestationObject": _text(statement),
        }
        return _credential(key_id, said)

    def answer(self, options, key_id=None):
        """The answer to ``navigator.credentials.get``."""
        allowed = [_bytes(one["id"]) for one in options.get("allowCredentials", [])]
        chosen = key_id or next(one for one in self.keys if not allowed or one in allowed)
        self.counter += self.step
        data, client = self._data(options["rpId"], self.flags), self._client("webauthn.get", options)
        signature = self.keys[chosen].sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        said = {
            "clientDataJSON": _text(client),
            "authenticatorData": _text(data),
            "signature": _text(signature),
            "userHandle": _text(self.handles[chosen]),
        }
        return _credential(chosen, said)

    def _data(self, rp_id, flags):
        return hashlib.sha256(rp_id.encode()).digest() + struct.pack(">BI", flags, self.counter)

    def _client(self, kind, options):
        return json.dumps(
            {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        ).encode()


def _credential(key_id, response):
    said = {"id": _text(key_id), "rawId": _text(key_id), "type": "public-key", "response": response}
    return json.dumps(said | {"clientExtensionResults": {}, "authenticatorAttachment": "platform"})


def _text(data):
    return urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
