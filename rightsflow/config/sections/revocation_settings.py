"""Common settings of both OpenDSR sections on the revocation of certificates."""

from __future__ import annotations

from enum import StrEnum

from rightsflow.config.sections.section import Strict


class RevocationCheck(StrEnum):
    """The use of revocation lists."""

    REQUIRED = "required"
    OFF = "off"


class ChecksCertificates(Strict):
    """A section with the certificate authorities that are trusted.

    Args:
        ca_file: See the section.
        revocation: See the section.
        revocation_hosts: See the section.
    """

    ca_file: str = ""
    revocation: RevocationCheck | None = None
    revocation_hosts: tuple[str, ...] = ()

    @property
    def checks_revocation(self) -> bool:
        """True if revocation lists are checked: by default for the internet's authorities, and not for one's own."""
        return self.revocation is RevocationCheck.REQUIRED or (self.revocation is None and not self.ca_file)
