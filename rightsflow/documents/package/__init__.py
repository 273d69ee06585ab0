"""The access package: everything the subject is given, as one encrypted archive (Art. 15 GDPR).

``assemble`` streams it, ``verify`` checks a finished one, ``new_passphrase`` makes its key.
"""

from rightsflow.documents.package.assembly import assemble
from rightsflow.documents.package.info import LeftOut, PackageFinding, PackageInfo, SystemInfo, missing_statements
from rightsflow.documents.package.verification import Verification, new_passphrase, verify

__all__ = [
    "LeftOut",
    "PackageFinding",
    "PackageInfo",
    "SystemInfo",
    "Verification",
    "assemble",
    "missing_statements",
    "new_passphrase",
    "verify",
]
