"""Whether a certificate was revoked: what both sections about OpenDSR say of it."""

from __future__ import annotations

from enum import StrEnum

from rightsflow.config.sections.section import Strict


class RevocationCheck(StrEnum):
    """Whether revocation lists are looked at."""

    REQUIRED = "required"
    OFF = "off"


class ChecksCertificates(Strict):
    """A section that says whose certificates are trusted.

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
        """Whether lists are looked at: by default those of the internet's authorities, and not of one's own."""
        return self.revocation is RevocationCheck.REQUIRED or (self.revocation is None and not self.ca_file)
