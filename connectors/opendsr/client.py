"""The calls of OpenDSR 2.0 as a controller makes them: discovery, a request, its status.

Each answer is checked in the order of the specification before anything of it is read: the domain, the certificate, the
signature over the bytes; then that it is about our request. See ``specification.md`` at
https://github.com/opengdpr/OpenDSR.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from connectors.http import HttpClient, Patience
from connectors.opendsr.signatures import NotProved, check_certificate, check_domain, check_signature, load_roots
from rightsflow.domain.errors import Permanent, Refused
from rightsflow.domain.processors.opendsr import ERASURE, ErasureCall, OpenDsrStatus, SignedStatus

_VERSION: Final = "2.0"
_REQUESTS: Final = "/requests"
_MOST_CERTIFICATE_BYTES: Final = 64 * 1024
_MOST_RESULTS: Final = 10_000_000
_TWICE: Final = frozenset({400, 409})
"""How a processor may answer a request that it has already; whether it has, its status says."""


class Bearer:
    """A token that proves who calls.

    Args:
        token: Gives the token.
    """

    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def header(self) -> str:
        """The value of ``Authorization``."""
        return f"Bearer {self._token()}"

    def renew(self) -> bool:
        """There is no other."""
        return False


class OpenDsrClient:
    """One processor.

    Args:
        name: Its key in the register, for errors and the log.
        base_url: Where its interface lies, with the major version, such as ``https://dsr.example.com/v2``.
        domain: The domain that its certificate is for.
        controller_id: What it calls us.
        token: Gives the token by which it knows us; ``None`` where it asks for none.
        ca_file: A file of the certificate authorities that are trusted, PEM; those of the internet by default.
        now: Gives the present instant (aware).
        patience: Time limits and retries.
    """

    def __init__(
        self,
        name: str,
        *,
        base_url: str,
        domain: str,
        controller_id: str,
        token: Callable[[], str] | None = None,
        ca_file: str = "",
        now: Callable[[], datetime],
        patience: Patience | None = None,
    ) -> None:
        self._name = name
        self._base = base_url.rstrip("/")
        self._domain = domain.lower()
        self._controller_id = controller_id
        self._ca_file = ca_file
        self._now = now
        credentials = Bearer(token) if token else None
        self._http = HttpClient(
            name, self._base, credentials=credentials, patience=patience, hosts=(self._domain,), ca_file=ca_file
        )

    def ask(self, call: ErasureCall) -> None:
        """Ask for an erasure; see :class:`rightsflow.domain.processors.opendsr.OpenDsrProcessor`."""
        self._refuse_unsupported(call)
        body = {
            "regulation": "gdpr",
            "subject_request_id": call.request_id,
            "subject_request_type": ERASURE,
            "subject_identities": call.identities,
            "submitted_time": call.submitted_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "api_version": _VERSION,
        }
        answer = self._http.call("ask for an erasure", "POST", _REQUESTS, body=body, allow=_TWICE)
        if answer.status_code in _TWICE:
            # It may have it from an attempt whose answer was lost. Its status is signed, and a refusal is not.
            self.status(call.request_id)
            return
        self._refuse_another(self._proved(answer)[0], call.request_id)

    def status(self, request_id: str) -> SignedStatus:
        """Where a request stands; see :class:`rightsflow.domain.processors.opendsr.OpenDsrProcessor`."""
        answer = self._http.call("read a request's status", "GET", f"{_REQUESTS}/{request_id}")
        said, signature = self._proved(answer)
        self._refuse_another(said, request_id)
        try:
            status = OpenDsrStatus(str(said.get("request_status")))
        except ValueError:
            raise self._unreadable() from None
        count = said.get("results_count")
        is_count = isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= _MOST_RESULTS
        if count is not None and not is_count:
            raise self._unreadable()
        return SignedStatus(status=status, results_count=count, proof=self._proof(answer.content, signature))

    def _refuse_unsupported(self, call: ErasureCall) -> None:
        kinds = {(one["identity_type"], one["identity_format"]) for one in call.identities}
        taken = self._discovered.get("supported_identities")
        offered = taken if isinstance(taken, list) else []
        known = {(one.get("identity_type"), one.get("identity_format")) for one in offered if isinstance(one, dict)}
        if ERASURE not in self._listed("supported_subject_request_types") or not kinds <= known:
            raise Permanent(
                "The processor does not take erasures by such identifiers over OpenDSR; send the instruction yourself.",
                system=self._name,
                operation="discovery",
            )

    def _listed(self, name: str) -> list[Any]:
        found = self._discovered.get(name)
        return found if isinstance(found, list) else []

    @cached_property
    def _discovered(self) -> dict[str, Any]:
        return self._http.json("discovery", self._http.call("discovery", "GET", "/discovery"))

    @cached_property
    def _certificate(self) -> x509.Certificate:
        """The processor's certificate, checked; it is fetched once for as long as this client lives."""
        address = urljoin(f"{self._base}/", str(self._discovered.get("processor_certificate") or ""))
        if urlsplit(address).scheme != "https":
            raise NotProved("The processor names no https address of its certificate.")
        pem = b""
        for chunk in self._http.stream("read the certificate", address):
            pem += chunk
            if len(pem) > _MOST_CERTIFICATE_BYTES:
                raise NotProved("The processor's certificate is too large.")
        return check_certificate(pem, self._domain, self._roots, self._now())

    @cached_property
    def _roots(self) -> list[x509.Certificate]:
        return load_roots(self._ca_file or DEFAULT_CA_BUNDLE_PATH)

    def _proved(self, answer: requests.Response) -> tuple[dict[str, Any], str]:
        """What an answer says and its signature, once it is proved whose it is."""
        try:
            check_domain(answer.headers, self._domain)
            signature = check_signature(answer.content, answer.headers, self._certificate)
        except NotProved as error:
            raise Refused(f"{error} Nothing of it was taken.", system=self._name, operation="signature") from None
        return self._http.json("read the answer", answer), signature

    def _refuse_another(self, said: Mapping[str, Any], request_id: str) -> None:
        """A true answer about another request, or to another controller, is none to ours."""
        if said.get("subject_request_id") != request_id or said.get("controller_id") != self._controller_id:
            raise Refused(
                "The processor's answer is about another request, or to another controller.",
                system=self._name,
                operation="signature",
            )

    def _unreadable(self) -> Permanent:
        return Permanent(
            "The processor's answer is not as OpenDSR 2.0 says; ask the processor.",
            system=self._name,
            operation="status",
        )

    def _proof(self, body: bytes, signature: str) -> bytes:
        """What was said, in a form in which it can be checked again."""
        said = {
            "answer": base64.b64encode(body).decode(),
            "signature": signature,
            "algorithm": "RSASSA-PKCS1-v1_5 with SHA-256 over the bytes of the answer",
            "domain": self._domain,
            "certificate": self._certificate.public_bytes(Encoding.PEM).decode(),
            "checked_at": self._now().astimezone(UTC).isoformat(timespec="seconds"),
        }
        return json.dumps(said, indent=1, sort_keys=True).encode()
