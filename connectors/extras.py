"""Libraries that only one kind of system needs; each is an extra of the distribution, installed where it is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_EXTRA_OF: Final[Mapping[str, str]] = {"boto3": "s3", "botocore": "s3", "stripe": "stripe"}
_EXTRA_OF_PROTOCOL: Final[Mapping[str, str]] = {
    **dict.fromkeys(("sftp", "ssh"), "sftp"),
    **dict.fromkeys(("az", "abfs", "abfss"), "azure"),
    **dict.fromkeys(("gs", "gcs"), "gcs"),
}


def how_to_install(error: BaseException) -> str:
    """Return how to install the library that a failed import lacks.

    Args:
        error: What the import raised.

    Returns:
        Such as ``run `pip install 'rightsflow[s3]'```; empty where it is none of these libraries.
    """
    module = error.name or "" if isinstance(error, ModuleNotFoundError) else ""
    extra = _EXTRA_OF.get(module.partition(".")[0], "")
    return f"run `pip install 'rightsflow[{extra}]'`" if extra else ""


def how_to_install_driver(protocol: str) -> str:
    """Return how to install the driver of a location of files.

    Args:
        protocol: The protocol in its URL, such as ``sftp``.
    """
    extra = _EXTRA_OF_PROTOCOL.get(protocol, "")
    return f"run `pip install 'rightsflow[{extra}]'`" if extra else "install its driver"
