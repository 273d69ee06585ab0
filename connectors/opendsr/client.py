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
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from connectors.http import HttpClient, Patience
from connectors.opendsr.dialects import DIALECTS
from connectors.opendsr.proofs import NotProved
from connectors.opendsr.results import open_package
from connectors.opendsr.revocation import RevocationLists, RevocationUnknown
from connectors.opendsr.signatures import check_certificate, check_domain, check_signature, load_roots
from connectors.opendsr.signing import Signer
from rightsflow.domain.errors import BadInput, ConnectorError, Misconfigured, Permanent, Refused, Transient
from rightsflow.domain.orders.attestation import Attestation, read_attestation
from rightsflow.domain.processors.opendsr import (
    EXTENSION,
    REQUEST_TYPES,
    CertifiedResult,
    OpenDsrCall,
    OpenDsrDialect,
    OpenDsrStatus,
    SignedStatus,
)
from rightsflow.domain.vocabulary.rights import Right

_REQUESTS: Final = "/requests"
_MOST_CERTIFICATE_BYTES: Final = 64 * 1024
_MOST_RESULTS: Final = 10_000_000
_TWICE: Final = frozenset({400, 409})
"""The statuses with which a processor may answer a request that it has already; the request's status is decisive."""


class OpenDsrClient:
    """The client of one processor.

    Args:
        name: Its key in the register, for errors and the log.
        base_url: Where its interface lies, with the major version, such as ``https://dsr.example.com/v2``.
        domain: The domain that its certificate is for.
        controller_id: What it calls us.
        token: Gives the token by which it knows us; ``None`` where it asks for none.
        ca_file: A file of the certificate authorities that are trusted, PEM; those of the internet by default.
        now: Gives the present instant (aware).
        patience: Time limits and retries.
        signer: Signs requests to another Rightsflow, and opens what it hands over; ``None`` for any other processor.
        callback_url: Where the processor is to tell us of changes; empty for nowhere.
        dialect: How it speaks.
        certificate_host: The host from which its certificate is fetched, where that is another one.
        revocation: The revocation lists; ``None`` where they are not looked at.
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
        signer: Signer | None = None,
        callback_url: str = "",
        dialect: OpenDsrDialect = OpenDsrDialect.SPECIFICATION,
        certificate_host: str = "",
        revocation: RevocationLists | None = None,
    ) -> None:
        self._revocation = revocation
        self._dialect = DIALECTS[dialect]
        self._signer = signer
        self._callback_url = callback_url
        self._name = name
        self._base = base_url.rstrip("/")
        self._domain = domain.lower()
        self._controller_id = controller_id
        self._ca_file = ca_file
        self._now = now
        credentials = self._dialect.credentials(token) if token else None
        hosts = (self._domain, *([certificate_host.lower()] if certificate_host else []))
        self._http = HttpClient(
            name, self._base, credentials=credentials, patience=patience, hosts=hosts, ca_file=ca_file
        )

    def probe(self) -> str:
        """See whether it is in order; see :class:`rightsflow.domain.processors.opendsr.OpenDsrProcessor`."""
        wanted = [REQUEST_TYPES[Right.ERASURE], *([REQUEST_TYPES[Right.ACCESS]] if self._signer else [])]
        taken = self._listed("supported_subject_request_types")
        if missing := [item for item in wanted if item not in taken]:
            raise Permanent(
                f"The processor does not take {missing[0]} over OpenDSR; choose another channel for it.",
                system=self._name,
                operation="discovery",
            )
        try:
            left = self._certificate.not_valid_after_utc - self._now()
        except NotProved as error:
            raise self._refused(error, str(error), "certificate") from None
        return f"It answers and proves to be {self._domain}; its certificate ends in {left.days} days."

    def ask(self, call: OpenDsrCall) -> None:
        """Ask for something; see :class:`rightsflow.domain.processors.opendsr.OpenDsrProcessor`."""
        self._refuse_unsupported(call)
        content = json.dumps(self._body(call)).encode()
        signed = self._signer.as_controller(content) if self._signer else None
        answer = self._http.call("ask", "POST", _REQUESTS, content=content, headers=signed, allow=_TWICE)
        if answer.status_code in _TWICE:
            # The request may have arrived in an attempt whose answer was lost. Its status is signed, a refusal is not.
            self.status(call.request_id)
            return
        self._refuse_another(self._proved(answer)[0], call.request_id)

    def _body(self, call: OpenDsrCall) -> dict[str, object]:
        body: dict[str, object] = {
            "regulation": "gdpr",
            "subject_request_id": call.request_id,
            "subject_request_type": REQUEST_TYPES[call.right],
            "subject_identities": self._dialect.identities(call, self._name),
            "submitted_time": call.submitted_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "api_version": self._dialect.version,
        }
        if self._callback_url:
            body["status_callback_urls"] = [self._callback_url]
        if self._signer:
            body["extensions"] = {EXTENSION: self._extension(call)}
        return body

    def _extension(self, call: OpenDsrCall) -> dict[str, object]:
        """Return the details that the specification has no words for; none of them is about the person."""
        exclusions = [
            {
                "category": exclusion.category,
                "provision": exclusion.provision,
                "until": exclusion.until.isoformat() if exclusion.until else None,
                "ends_when": exclusion.ends_when,
            }
            for exclusion in call.exclusions
        ]
        said: dict[str, object] = {"processor_domain": self._domain, "exclusions": exclusions}
        return said | ({"due_on": call.due_on.isoformat()} if call.due_on else {})

    def status(self, request_id: str) -> SignedStatus:
        """Return a request's status; see :class:`rightsflow.domain.processors.opendsr.OpenDsrProcessor`."""
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
        proof, url = self._proof(answer.content, signature), said.get("results_url")
        return SignedStatus(
            status=status, results_count=count, proof=proof, results_url=url if isinstance(url, str) else ""
        )

    def told_by_callback(self, body: bytes, headers: Mapping[str, str]) -> str:
        """The request of a callback; see :class:`rightsflow.domain.processors.opendsr.OpenDsrProcessor`."""
        self._signature_of(body, CaseInsensitiveDict(headers))
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            said = None
        about = said if isinstance(said, dict) else {}
        request_id = about.get("subject_request_id")
        named = about.get("status_callback_url") if self._dialect.names_callback else self._callback_url
        is_ours = named == self._callback_url and bool(self._callback_url)
        if not is_ours or about.get("controller_id") != self._controller_id or not isinstance(request_id, str):
            raise Refused("The callback is for another address or controller.", system=self._name, operation="callback")
        return request_id

    def result(self, request_id: str, said: SignedStatus) -> CertifiedResult:
        """Return another Rightsflow's answer; see :class:`rightsflow.domain.processors.opendsr.OpenDsrProcessor`."""
        own = f"{self._base}{_REQUESTS}/{request_id}"
        if said.results_url != f"{own}/results":
            # Credentials go there, and the certificate is believed: no other address will do.
            raise self._unreadable()
        answer = self._http.call("read the certificate of an order", "GET", f"{_REQUESTS}/{request_id}/results")
        about, signature = self._proved(answer)
        self._refuse_another(about, request_id)
        try:
            attestation = read_attestation(answer.content)
        except BadInput:
            raise self._unreadable() from None
        return CertifiedResult(
            records=attestation.results,
            is_whole=attestation.is_whole,
            documents=tuple(self._handed_over(attestation, f"{own}/package")),
            proof=self._proof(answer.content, signature),
        )

    def _handed_over(self, attestation: Attestation, url: str) -> list[bytes]:
        if attestation.package is None:
            return []
        if self._signer is None:
            raise Misconfigured(f"The package of {self._name} cannot be opened without your own key; name it.")
        try:
            passphrase = self._signer.open(base64.b64decode(attestation.package.key, validate=True))
        except ValueError:
            raise Misconfigured(
                f"The package of {self._name} is encrypted for another certificate; let it register yours."
            ) from None
        try:
            return open_package(self._http.stream("fetch the package", url), attestation.package.sha256, passphrase)
        except NotProved as error:
            raise Permanent(f"{error} Nothing of it was taken.", system=self._name, operation="package") from None

    def _refuse_unsupported(self, call: OpenDsrCall) -> None:
        kinds = {(identity["identity_type"], identity["identity_format"]) for identity in call.identities}
        taken = self._discovered.get("supported_identities")
        offered = taken if isinstance(taken, list) else []
        known = {(item.get("identity_type"), item.get("identity_format")) for item in offered if isinstance(item, dict)}
        wanted = REQUEST_TYPES[call.right]
        if wanted not in self._listed("supported_subject_request_types") or not kinds <= known:
            what = "erasures" if call.right is Right.ERASURE else "access requests"
            raise Permanent(
                f"The processor does not take {what} by such identifiers over OpenDSR; send the instruction yourself.",
                system=self._name,
                operation="discovery",
            )

    def _listed(self, name: str) -> list[object]:
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
        return check_certificate(pem, self._domain, self._roots, self._now(), self._revocation)

    @cached_property
    def _roots(self) -> list[x509.Certificate]:
        return load_roots(self._ca_file or DEFAULT_CA_BUNDLE_PATH)

    def _proved(self, answer: requests.Response) -> tuple[dict[str, Any], str]:
        """Return an answer's content and its signature, once its origin is proved."""
        signature = self._signature_of(answer.content, answer.headers)
        return self._http.json("read the answer", answer), signature

    def _signature_of(self, body: bytes, headers: Mapping[str, str]) -> str:
        """The signature of a message of the processor's, checked in the order of the specification."""
        try:
            check_domain(headers, self._domain)
            return check_signature(body, headers, self._certificate)
        except NotProved as error:
            raise self._refused(error, f"{error} Nothing of it was taken.", "signature") from None

    def _refused(self, error: NotProved, text: str, operation: str) -> ConnectorError:
        """Return the error of an unproved answer: a refusal, or a retry if the proof cannot be checked now."""
        if isinstance(error, RevocationUnknown):
            return Transient(text, system=self._name, operation="revocation")
        return Refused(text, system=self._name, operation=operation)

    def _refuse_another(self, said: Mapping[str, object], request_id: str) -> None:
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
        """Return an answer in a form in which it can be verified again."""
        said = {
            "answer": base64.b64encode(body).decode(),
            "signature": signature,
            "algorithm": "RSASSA-PKCS1-v1_5 with SHA-256 over the bytes of the answer",
            "domain": self._domain,
            "certificate": self._certificate.public_bytes(Encoding.PEM).decode(),
            "checked_at": self._now().astimezone(UTC).isoformat(timespec="seconds"),
        }
        return json.dumps(said, indent=1, sort_keys=True).encode()
