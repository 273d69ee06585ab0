"""Revocation of certificates: the lists (CRL) that a certificate names, fetched, checked and cached for a while.

Lists and not OCSP: every authority of the internet publishes lists, several no longer answer OCSP, and a list does not
reveal our partners to the authority. An unknown status counts as revoked (RFC 5280, sections 5 and 6.3).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from time import monotonic
from typing import Final, cast
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPublicKeyTypes
from cryptography.x509.oid import ExtensionOID
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.exceptions import HTTPError

from connectors.opendsr.callbacks import addresses_of, is_public
from connectors.opendsr.proofs import NotProved

_SECONDS: Final = 10.0
_MOST_BYTES: Final = 20_000_000
_PIECE: Final = 64 * 1024
LONGEST_KEPT: Final = timedelta(hours=12)
"""After which time a list is fetched anew, although it counts for longer."""
PAUSE: Final = timedelta(minutes=1)
"""The time for which a list that did not answer is not requested again."""
_PORTS: Final = {"http": 80, "https": 443}
_KNOWN: Final = frozenset({ExtensionOID.ISSUING_DISTRIBUTION_POINT})


class RevocationUnknown(NotProved):
    """The revocation of a certificate cannot be checked now; the certificate is invalid until it can."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A list, or that it did not answer.

    Args:
        found: The list; ``None`` for none.
        until: Until when it is not asked for again (aware).
        why: Why there is none, in words.
    """

    found: x509.CertificateRevocationList | None
    until: datetime
    why: str = ""


class RevocationLists:
    """The lists of one process; several threads may ask.

    Args:
        hosts: The hosts that publish them, with those below them; empty for any on the internet. One that is named as
            it is may also lie in a network of our own.
        resolve: Gives the addresses of a host.
        may_reach: Whether an address may be called.
    """

    def __init__(
        self,
        hosts: Collection[str] = (),
        *,
        resolve: Callable[[str, int], list[str]] = addresses_of,
        may_reach: Callable[[str], bool] = is_public,
    ) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._resolve, self._may_reach = resolve, may_reach
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def check(self, chain: Sequence[x509.Certificate], now: datetime) -> None:
        """Check that no certificate of a chain was revoked, from its leaf up; the authority at its end is trusted.

        Args:
            chain: The certificates, each issued by the next.
            now: The present instant (aware).

        Raises:
            NotProved: One was revoked.
            RevocationUnknown: Of one it cannot be found out.
        """
        for certificate, issuer in pairwise(chain):
            self._check(certificate, issuer, now)

    def _check(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> None:
        urls = _addresses_in(certificate)
        if not urls:
            raise RevocationUnknown("The certificate, or one above it, names no revocation list over HTTP.")
        fault = RevocationUnknown("No revocation list of the certificate can be used.")
        for url in urls:
            try:
                listed = self._list_at(url, now)
                _refuse_unfit(listed, certificate, issuer, urls, now)
            except RevocationUnknown as error:
                fault = error
                continue
            if listed.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
                raise NotProved("The certificate, or one above it, was revoked by its authority.")
            return
        raise fault

    def _list_at(self, url: str, now: datetime) -> x509.CertificateRevocationList:
        with self._lock:
            kept = self._kept.get(url)
            if kept is None or now >= kept.until:
                kept = self._kept[url] = self._renewed(url, kept, now)
        if kept.found is None:
            raise RevocationUnknown(f"{kept.why} It is asked again later.")
        return kept.found

    def _renewed(self, url: str, kept: _Kept | None, now: datetime) -> _Kept:
        try:
            return _Kept(_read(self._fetched(url)), now + LONGEST_KEPT)
        except RevocationUnknown as error:
            # The one before counts for as long as it says itself.
            return _Kept(kept.found if kept else None, now + PAUSE, str(error))

    def _fetched(self, url: str) -> bytes:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port or _PORTS[parts.scheme]
        address = self._address(host, port)
        timeout = Timeout(total=_SECONDS)
        pool = (
            HTTPConnectionPool(address, port, timeout=timeout, retries=False)
            if parts.scheme == "http"
            else HTTPSConnectionPool(
                address, port, timeout=timeout, retries=False, server_hostname=host, assert_hostname=host
            )
        )
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        with pool:
            return _download(pool, path, parts.netloc)

    def _address(self, host: str, port: int) -> str:
        """The address to connect to: the name is resolved once, and a network of our own is not asked by its name."""
        named = host in self._hosts
        if self._hosts and not named and not any(host.endswith(f".{item}") for item in self._hosts):
            raise RevocationUnknown("The host of a revocation list is not among those of the configuration.")
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError):
            addresses = []
        if not addresses or not (named or all(map(self._may_reach, addresses))):
            raise RevocationUnknown("The host of a revocation list is not known, or lies in a network of our own.")
        return addresses[0]


def _download(pool: HTTPConnectionPool, path: str, netloc: str) -> bytes:
    found, ends = bytearray(), monotonic() + _SECONDS
    try:
        answer = pool.urlopen("GET", path, headers={"Host": netloc}, redirect=False, preload_content=False)
        try:
            while piece := answer.read1(_PIECE):
                found += piece
                if answer.status != 200 or len(found) > _MOST_BYTES or monotonic() > ends:
                    raise RevocationUnknown("A revocation list is not there, too large, or too slow.")
        finally:
            answer.close()
    except HTTPError:
        raise RevocationUnknown("A revocation list does not answer.") from None
    return bytes(found)


def _read(content: bytes) -> x509.CertificateRevocationList:
    try:
        if content.startswith(b"-----BEGIN"):
            return x509.load_pem_x509_crl(content)
        return x509.load_der_x509_crl(content)
    except ValueError:
        raise RevocationUnknown("A revocation list cannot be read.") from None


def _addresses_in(certificate: x509.Certificate) -> list[str]:
    """Return the addresses of a certificate's lists; over HTTP, and only of complete lists."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return []
    return [
        name.value
        for point in points
        if point.full_name and not point.reasons and not point.crl_issuer
        for name in point.full_name
        if isinstance(name, x509.UniformResourceIdentifier) and _is_usable(name.value)
    ]


def _is_usable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return parts.scheme in _PORTS and bool(host) and "@" not in parts.netloc and url.isascii() and url.isprintable()


def _refuse_unfit(
    listed: x509.CertificateRevocationList,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    urls: Collection[str],
    now: datetime,
) -> None:
    """Refuse a list that is another authority's, is over, or does not speak of such certificates."""
    until = listed.next_update_utc
    if until is None or not listed.last_update_utc <= now < until:
        raise RevocationUnknown("The revocation list of the certificate is over, or of a later day.")
    if listed.issuer != certificate.issuer or not _signs_lists(issuer) or not _is_signed(listed, issuer):
        raise RevocationUnknown("The revocation list of the certificate is not its authority's.")
    unknown = [each for each in listed.extensions if each.critical and each.oid not in _KNOWN]
    if unknown or not _speaks_of(listed, certificate, urls):
        raise RevocationUnknown("The revocation list does not speak of such certificates.")


def _signs_lists(issuer: x509.Certificate) -> bool:
    try:
        return issuer.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign
    except x509.ExtensionNotFound:
        return True


def _is_signed(listed: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    try:
        return listed.is_signature_valid(cast("CertificateIssuerPublicKeyTypes", issuer.public_key()))
    except (TypeError, ValueError):
        return False


def _speaks_of(listed: x509.CertificateRevocationList, certificate: x509.Certificate, urls: Collection[str]) -> bool:
    try:
        scope = listed.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return True
    if scope.indirect_crl or scope.only_contains_attribute_certs or scope.only_some_reasons:
        return False
    if scope.full_name and _urls_in(scope.full_name).isdisjoint(urls):
        return False
    is_authority = _is_authority(certificate)
    return not (scope.only_contains_ca_certs if not is_authority else scope.only_contains_user_certs)


def _urls_in(names: Collection[x509.GeneralName]) -> set[str]:
    return {name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)}


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
