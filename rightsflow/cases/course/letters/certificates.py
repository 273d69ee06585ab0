"""Certificates: the answer to an order, in place of a letter to the person."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from rightsflow.audit.ledger.chain import canonical
from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import CaseAccount, account_of
from rightsflow.cases.work.processors.status import open_by_hand
from rightsflow.cases.work.search import doubt_of_nothing
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.errors import Conflict, Misconfigured
from rightsflow.domain.orders.attestation import (
    Attestation,
    AttestedLine,
    AttestedPackage,
    lines_of,
    read_attestation,
    said_by,
)
from rightsflow.domain.orders.order import Order
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import CaseFile
from rightsflow.store.case.keeping import PASSPHRASE
from rightsflow.vault.sealing import encrypt_for


def put_certificate(file: CaseFile, app: App) -> None:
    """Make the certificate that answers the order of a settled case, and close the case with it.

    Args:
        file: The case file, open.
        app: What it works with.

    Raises:
        Conflict: A system was not searched, or nothing was found and that proves nothing.
        Misconfigured: The controller's certificate cannot be used.
    """
    account = account_of(file, app.capabilities)
    if account.not_searched:
        raise Conflict(f"{account.not_searched[0]} was not searched to its end; nothing is certified of it.")
    if file.state is CaseState.NOTHING_HELD and (doubt := doubt_of_nothing(file, app)):
        raise doubt
    attested = _attested(file, app, account)
    file.orders.put_result(canonical(said_by(attested)).encode(), attested.results)
    close_order(file, app)


def renew_certificate(file: CaseFile, app: App) -> bool:
    """Make the certificate of an erasure anew once no processor of ours has anything to prove any more.

    Of an access request the package stands in it, in which nothing that came later is.

    Args:
        file: The case file, open.
        app: What it works with.

    Returns:
        Whether it was made now; not if it would say what the first one says.
    """
    if not file.orders.is_one or not file.orders.demanded.is_completed or file.right is Right.ACCESS:
        return False
    if any(instruction.is_waited_for for instruction in file.instructions.all()):
        return False
    found, before = _attested(file, app, account_of(file, app.capabilities)), read_attestation(file.orders.result())
    if replace(before, completed_at=found.completed_at, verified_at=found.verified_at) == found:
        return False
    file.orders.put_result(canonical(said_by(found)).encode(), found.results)
    return True


def _attested(file: CaseFile, app: App, account: CaseAccount) -> Attestation:
    order = file.orders.demanded
    return Attestation(
        processor=app.settings.controller.name,
        controller_id=order.controller_id,
        request_id=order.request_id,
        right=file.right,
        received_at=order.received_at,
        completed_at=app.now(),
        verified_at=account.verified_at,
        systems=len(account.searches),
        lines=lines_of(_lines(account)),
        open_processors=sum(each.has_to_be_proved and not each.role.is_colleague for each in file.instructions.all()),
        by_hand=len(open_by_hand(file)) + sum(each.is_open and each.kind.is_by_hand for each in file.tasks.all()),
        package=_package(file, app, order) if file.state is CaseState.ANSWERED else None,
    )


def close_order(file: CaseFile, app: App) -> None:
    """Close the case of an order: the controller can read there that it is completed, or cancelled.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    file.close(app.now())
    if file.keeping.has_package and file.state is CaseState.ANSWERED:
        file.keeping.end_copies(app.today + timedelta(days=app.settings.retention.copies_days))


def _lines(account: CaseAccount) -> Iterator[AttestedLine]:
    for record in account.records:
        # Of a record that is not seen to be the person's we say that it is there, and nothing of its reason.
        is_theirs = record.attribution is Attribution.SUBJECT
        yield AttestedLine(
            category=record.category,
            fate=record.fate,
            records=1,
            legal_basis=record.legal_basis if is_theirs else "",
            until=record.until if is_theirs else None,
            ends_when=record.ends_when if is_theirs else "",
        )


def _package(file: CaseFile, app: App, order: Order) -> AttestedPackage | None:
    """Return the package of an access request, its passphrase encrypted for the controller alone."""
    passphrase = file.outbox.secret(PASSPHRASE)
    if file.right is not Right.ACCESS or not passphrase:
        return None
    inbound = app.settings.inbound.opendsr
    section = inbound.controllers.get(order.controller) if inbound else None
    if section is None or not section.certificate:
        raise Misconfigured(
            f"The package of {file.case_id} is encrypted for the certificate of {order.name}; name it in "
            f"[inbound.opendsr.controllers.{order.controller}]."
        )
    try:
        pem = Path(section.certificate).read_bytes()
    except OSError:
        raise Misconfigured(f"The certificate of {order.name} cannot be read; put the file there.") from None
    key = encrypt_for(pem, passphrase.encode())
    return AttestedPackage(sha256=file.what_is_approved(), key=base64.b64encode(key).decode())
