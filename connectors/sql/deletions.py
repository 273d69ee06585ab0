"""What a store of objects keeps of a removed file, as far as its settings tell: soft delete, versions, retention."""

from __future__ import annotations

from typing import Any, Final

from fsspec.asyn import sync

from rightsflow.domain.wording import counted

_AZURE: Final = frozenset({"az", "abfs", "abfss"})
_GOOGLE: Final = frozenset({"gs", "gcs"})
UNKNOWN: Final = "removed files for a time that its settings do not show to this account"


def kept_after_deletion(protocol: str, fs: Any, container: str) -> str:
    """Return what a store keeps of a removed file, in words that follow *The store keeps*; empty if nothing.

    Args:
        protocol: The protocol in the location's URL.
        fs: Its file system of ``fsspec``.
        container: The bucket or container.
    """
    try:
        if protocol in _AZURE:
            return _of_azure(fs)
        return _of_google(fs, container) if protocol in _GOOGLE else ""
    except Exception:  # noqa: BLE001 - each driver has its own; not to know is an answer here
        return UNKNOWN


def _of_azure(fs: Any) -> str:
    """Azure's soft delete; versions show in no property that the account's data key reads."""
    properties = sync(fs.loop, fs.service_client.get_service_properties)
    policy = properties.get("delete_retention_policy")
    if policy is None or not policy.enabled:
        return ""
    return f"removed files for {counted(int(policy.days or 0), 'day')} (soft delete)"


def _of_google(fs: Any, bucket: str) -> str:
    """Google's soft delete, object versions and retention."""
    about: dict[str, Any] = fs.call("GET", "b/{}", bucket, json_out=True)
    kept: list[str] = []
    seconds = int(about.get("softDeletePolicy", {}).get("retentionDurationSeconds", 0))
    if seconds:
        kept.append(f"removed files for {counted(-(-seconds // 86_400), 'day')} (soft delete)")
    if about.get("versioning", {}).get("enabled"):
        kept.append("removed files as older versions, without an end")
    return " and ".join(kept)
