"""mParticle's OpenDSR, version 3, as its documents describe it, on the processor of the specification.

Source: https://docs.mparticle.com/developers/apis/dsr-api/v3/.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field

from tests.support.peers.opendsr import PEM, Processor

KEY_AND_SECRET = "example-api-key:example-api-secret"
WORKSPACE = "3622"
_TYPES = (
    "android_advertising_id",
    "android_id",
    "controller_customer_id",
    "email",
    "fire_advertising_id",
    "ios_advertising_id",
    "ios_vendor_id",
)


@dataclass
class MParticle(Processor):
    """The processor. Identities are a dictionary, one of a type; what it says has ``null`` where there is nothing."""

    controller: str = WORKSPACE
    kinds: tuple[str, ...] = _TYPES
    signs_status: bool = True
    faults: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, body: bytes, token: str) -> tuple[int, bytes, bool]:
        """Status, body, and whether it is signed."""
        self.calls.append((method, path))
        if path == "/v2/dsr/opendsr_cert.pem":
            return 200, self.signing.public_bytes(PEM), False
        if path.rstrip("/") == "/v2/discovery":
            return 200, json.dumps(self._discovery()).encode(), False
        if token != f"Basic {base64.b64encode(KEY_AND_SECRET.encode()).decode()}":
            return 401, b"", False
        if method == "POST":
            return self._submit(body)
        request_id = path.rpartition("/")[2]
        if request_id not in self.requests:
            return self._fault(404, "Subject request not found")
        said = self._common(request_id) | {"group_id": None, "request_status": self.status, "api_version": "3.0"}
        return 200, json.dumps(said | {"results_url": None, "extensions": None}).encode(), self.signs_status

    def _discovery(self) -> dict[str, object]:
        return {
            "api_version": "3.0",
            "supported_identities": [{"identity_type": one, "identity_format": "raw"} for one in self.kinds],
            "supported_subject_request_types": ["access", "erasure", "portability"],
            "processor_certificate": f"{self.url}/dsr/opendsr_cert.pem",
        }

    def _submit(self, body: bytes) -> tuple[int, bytes, bool]:
        asked = json.loads(body)
        identities = asked.get("subject_identities")
        if not isinstance(identities, dict) or not identities:
            return self._fault(400, "Subject identities are not a dictionary")
        if any(set(one) != {"value", "encoding"} or one["encoding"] != "raw" for one in identities.values()):
            return self._fault(400, "An identity has no value or encoding")
        if asked.get("api_version") != "3.0":
            return self._fault(400, "The version is not supported")
        request_id = asked["subject_request_id"]
        if request_id in self.requests:
            return self._fault(400, "Subject request already exists")
        self.requests[request_id] = asked
        said = self._common(request_id) | {
            "received_time": "2026-03-05T09:00:00.5568051Z",
            "encoded_request": base64.b64encode(body).decode(),
        }
        return 201, json.dumps(said).encode(), True

    def _fault(self, status: int, text: str) -> tuple[int, bytes, bool]:
        self.faults.append(text)
        return status, json.dumps({"code": status, "message": text}).encode(), False
