"""Error codes of the store as data, and the only place that translates them.

Codes: Amazon S3 API reference, "Error responses"; the ``KMS.…`` ones come through from the key service. A HEAD has
no body, so botocore gives the bare status as its code.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, cast

import urllib3.exceptions
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from connectors.bounds import OutOfBounds, out_of_bounds
from rightsflow.domain.errors import (
    ConnectorError,
    Misconfigured,
    Permanent,
    Refused,
    RightsflowError,
    Transient,
    safe_request_id,
)

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ResponseMetadataTypeDef

log = logging.getLogger(__name__)

GONE_CODES = frozenset({"NoSuchKey", "NoSuchVersion", "404"})
"""The object or the version is not there; of the bucket the code is ``NoSuchBucket``."""

NO_LOCK_CODES = frozenset(
    {
        "NoSuchObjectLockConfiguration",
        "ObjectLockConfigurationNotFoundError",
        "NoSuchObjectLegalHold",  # SeaweedFS
        "NotImplemented",
        "MethodNotAllowed",
        # S3 says so when a lock is asked for in a bucket that was made without Object Lock.
        "InvalidRequest",
    }
)
"""There is no lock on the object, or the server knows no locks."""

DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "403"})
"""Refused for want of rights, or by a lock: which of the two, only the lock itself tells."""


class StoreError(Exception):
    """An error code the caller has to decide on itself; it never leaves the connector."""

    def __init__(self, code: str, request_id: str) -> None:
        super().__init__(code)
        self.code = code
        self.request_id = request_id


@dataclass(frozen=True, slots=True)
class _Meaning:
    error: type[RightsflowError]
    sentence: str


_KEYS = "correct access_key_id and secret_access_key of the system"
_RIGHTS = "The store denies this; grant the key s3:ListBucket, s3:ListBucketVersions, s3:GetObject, "
_DENIED = _Meaning(
    Misconfigured,
    _RIGHTS + "s3:GetObjectVersion, s3:DeleteObject, s3:DeleteObjectVersion, s3:GetObjectRetention, "
    "s3:GetObjectLegalHold, where they are found by tags s3:GetObjectVersionTagging, and where they are encrypted "
    "with a KMS key kms:Decrypt, on every object under the prefix.",
)
_BUSY = _Meaning(Transient, "The store is busy or briefly out of order; the step is tried again later.")
_REGION = _Meaning(Misconfigured, "The bucket lies in another region; set the key region of the system to it.")
_KMS = _Meaning(Misconfigured, "The KMS key of the objects cannot be used; enable it and grant kms:Decrypt.")
_TOKEN = _Meaning(Misconfigured, f"The store's temporary credentials are not valid any more; renew them, or {_KEYS}.")
_NO_CREDENTIALS = _Meaning(Misconfigured, f"There are no usable credentials for the store; {_KEYS}.")
_UNREACHABLE = _Meaning(Transient, "The store cannot be reached or broke off; the step is tried again later.")
_UNKNOWN = _Meaning(Permanent, "The store answered with an error that is not known; look up its code.")

_BY_CODE: Mapping[str, _Meaning] = {
    **dict.fromkeys(("AccessDenied", "AccessDeniedException", "AllAccessDisabled", "403"), _DENIED),
    **dict.fromkeys(
        (
            "SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "RequestTimeoutException",
            "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequests", "BandwidthLimitExceeded",
            "OperationAborted", "ConditionalRequestConflict", "429", "500", "502", "503", "504",
        ),
        _BUSY,
    ),
    **dict.fromkeys(("PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "301", "307"), _REGION),
    **dict.fromkeys(
        (
            "KMS.DisabledException", "KMS.NotFoundException", "KMS.KMSInvalidStateException",
            "KMS.InvalidKeyUsageException",
        ),
        _KMS,
    ),
    **dict.fromkeys(("ExpiredToken", "InvalidToken", "TokenRefreshRequired"), _TOKEN),
    "InvalidAccessKeyId": _Meaning(Misconfigured, f"The store does not know the access key; {_KEYS}."),
    "SignatureDoesNotMatch": _Meaning(Misconfigured, f"The secret does not fit the access key; {_KEYS}."),
    "NoSuchBucket": _Meaning(Misconfigured, "There is no such bucket; correct the key bucket of the system."),
    "InvalidBucketName": _Meaning(Misconfigured, "The bucket's name is not valid; correct the key bucket."),
    "RequestTimeTooSkewed": _Meaning(Misconfigured, "The clock of this machine is wrong; set it by NTP."),
    "PreconditionFailed": _Meaning(Transient, "A recording was replaced meanwhile; it is looked at again later."),
    # The answer to a HEAD has no text. What is asked for is well formed, so this is what S3 says without the key.
    "400": _Meaning(
        Misconfigured,
        "An object is encrypted with a key that only its writer has (SSE-C), so the store shows nothing of it; let it "
        "be stored anew under a key of the store, or outside the key prefix.",
    ),
    "InvalidObjectState": _Meaning(
        Refused, "A recording lies in the archive (Glacier); restore it there, then the step goes on."
    ),
}  # fmt: skip

_BY_EXCEPTION: tuple[tuple[tuple[type[Exception], ...], _Meaning], ...] = (
    ((boto.SSLError,), _Meaning(Misconfigured, "The store's certificate is not trusted; correct endpoint_url.")),
    (
        (
            boto.NoCredentialsError,
            boto.PartialCredentialsError,
            boto.CredentialRetrievalError,
            boto.ProfileNotFound,
            boto.TokenRetrievalError,
        ),
        _NO_CREDENTIALS,
    ),
    (
        (boto.NoRegionError, boto.InvalidRegionError),
        _Meaning(Misconfigured, "No usable region is set; set the key region of the system."),
    ),
    (
        (
            boto.HTTPClientError,
            boto.ConnectionError,
            boto.IncompleteReadError,
            ResponseParserError,
            urllib3.exceptions.HTTPError,
            OSError,
        ),
        _UNREACHABLE,
    ),
)


@contextmanager
def translated(system: str, operation: str, *, expected: frozenset[str] = frozenset()) -> Iterator[None]:
    """Turn whatever botocore raises inside into ours.

    Args:
        system: The system's name in the configuration.
        operation: What is being done.
        expected: Error codes the caller decides on itself.

    Raises:
        StoreError: The store answered with one of the expected codes.
        Transient: The store may do it later.
        Permanent: The store will never do it.
        Refused: The store says no.
        Misconfigured: A setting, a right or a credential is wrong.
    """
    try:
        yield
    except boto.ClientError as error:
        code, request_id = _code(error), request_id_of(_metadata(error))
        if code in expected:
            raise StoreError(code, request_id) from None
        log.warning("s3 error system=%s operation=%s status=%s request_id=%s", system, operation, code, request_id)
        raise as_error(code, system, operation, request_id=request_id, retry_after=_retry_after(error)) from None
    except RecursionError:
        # botocore asks for the bucket's region at each redirect, and follows one of that answer too.
        raise _build(_REGION, system=system, operation=operation, status="redirect") from None
    except (boto.BotoCoreError, ResponseParserError, urllib3.exceptions.HTTPError, OSError, OutOfBounds) as error:
        if broken := out_of_bounds(_cause(error)):
            raise broken.as_error(system, operation) from None
        name = type(error).__name__
        log.warning("s3 error system=%s operation=%s status=%s", system, operation, name)
        meaning = next((meaning for types, meaning in _BY_EXCEPTION if isinstance(error, types)), _UNKNOWN)
        raise _build(meaning, system=system, operation=operation, status=name) from None


def as_error(
    code: str, system: str, operation: str, *, request_id: str = "", retry_after: float | None = None
) -> RightsflowError:
    """The error that an error code means.

    Args:
        code: The store's code.
        system: The system's name in the configuration.
        operation: What was being done.
        request_id: The store's id of the request, as :func:`request_id_of` gives it.
        retry_after: Seconds the store asked us to wait, or ``None``.
    """
    error = _build(_BY_CODE.get(code, _UNKNOWN), system=system, operation=operation, status=code, request_id=request_id)
    if isinstance(error, Transient):
        error.retry_after = retry_after
    return error


def _build(meaning: _Meaning, *, system: str, operation: str, status: str, request_id: str = "") -> RightsflowError:
    if issubclass(meaning.error, ConnectorError):
        return meaning.error(meaning.sentence, system=system, operation=operation, status=status, request_id=request_id)
    where = ", ".join(filter(None, (f"system {system}", operation, status, request_id and f"request {request_id}")))
    return meaning.error(f"{meaning.sentence.removesuffix('.')} ({where}).")


def _cause(error: Exception) -> BaseException:
    """Return the error that botocore wraps, which it passes as an argument and not as a cause."""
    wrapped = getattr(error, "kwargs", {}).get("error")
    return wrapped if isinstance(wrapped, BaseException) else error


def _code(error: boto.ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


class AnswerMetadata(TypedDict, total=False):
    """Botocore's data about an answer."""

    RequestId: str
    HTTPHeaders: dict[str, str]


def _metadata(error: boto.ClientError) -> AnswerMetadata:
    return cast("AnswerMetadata", error.response.get("ResponseMetadata", {}))


def request_id_of(metadata: AnswerMetadata | ResponseMetadataTypeDef) -> str:
    """The store's id of a request, hashed where it may quote data, or nothing."""
    # An answer without a body, from a proxy before the store, has it in its header only.
    given = metadata.get("RequestId") or metadata.get("HTTPHeaders", {}).get("x-amz-request-id", "")
    return safe_request_id(str(given))


def _retry_after(error: boto.ClientError) -> float | None:
    value = _metadata(error).get("HTTPHeaders", {}).get("retry-after", "")
    return float(value) if value.isdigit() else None
