"""The tables of proof: the ledger's chains and entries, its seals, where they were published, and the vault's keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from rightsflow.store.tables.base import Base


class ChainRow(Base):
    """A chain of the ledger and its head, which the database itself moves on with every entry (a trigger).

    The chain outlives its case: when the evidence period ends, the entries go and the head stays, since seals name it.
    """

    __tablename__ = "chains"

    chain: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    # The entry up to which the last seal covers it.
    sealed_number: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    purged_at: Mapped[datetime | None]


class LedgerRow(Base):
    """One entry of the ledger. The database refuses to change or delete it (triggers)."""

    __tablename__ = "ledger"
    __table_args__ = (UniqueConstraint("chain", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))


class SealRow(Base):
    """A signed commitment to the heads of all chains. The database refuses to change or delete it (triggers)."""

    __tablename__ = "seals"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    # By the key's name.
    signatures: Mapped[dict[str, str]]


class SealProofRow(Base):
    """The proof that a chain's earlier head is under a seal; stored for chains that had grown since the seal before."""

    __tablename__ = "seal_proofs"
    __table_args__ = (UniqueConstraint("chain", "seal"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(String(20))
    seal: Mapped[int]
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    position: Mapped[int]
    path: Mapped[list[str]]


class PublicationRow(Base):
    """A place where a seal was published, so that each goes to each place once."""

    __tablename__ = "publications"
    __table_args__ = (UniqueConstraint("place", "seal"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(String(200))
    seal: Mapped[int]
    published_at: Mapped[datetime]


class VaultKeyRow(Base):
    """A key of the whole store, wrapped by the master key: for keyed hashes, for forms, for seals."""

    __tablename__ = "vault_keys"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    # The fingerprint of the master key that wraps it.
    wrapped_by: Mapped[str] = mapped_column(String(16))
    # The public half of a signing key, hexadecimal.
    public: Mapped[str] = mapped_column(String(64), default="", server_default=text("''"))
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
