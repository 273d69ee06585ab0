"""The access package: everything the subject is given, as one encrypted archive (Art. 15 GDPR).

``assemble`` streams it, ``verify`` checks a finished one, ``new_passphrase`` makes its key.
"""

from rightsflow.disclosure.info import Finding, LeftOut, PackageInfo, SystemInfo, missing_statements
from rightsflow.disclosure.package import assemble
from rightsflow.disclosure.passphrase import new_passphrase
from rightsflow.disclosure.verification import Verification, verify

__all__ = [
    "Finding",
    "LeftOut",
    "PackageInfo",
    "SystemInfo",
    "Verification",
    "assemble",
    "missing_statements",
    "new_passphrase",
    "verify",
]
