"""The sections about policies that stand for a person's decision, and about the suppression list."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.section import Strict
from rightsflow.domain.gates.decisions import IdentityMethod
from rightsflow.domain.gates.policies import PlainRecords, Policy
from rightsflow.domain.vocabulary.rights import Right


def _named(method: IdentityMethod) -> IdentityMethod:
    if method is IdentityMethod.OTHER:
        raise ValueError("a policy names the ways of checking identity; give those that it accepts")
    return method


_PLAIN: Final = "plain records"
_Kind = Annotated[str, Field(pattern="^[^/]+/[^/]+$")]


class PolicySettings(Strict):
    """A policy, each in a section ``[[policies]]`` of its own; without one a person decides on every case.

    Args:
        name: The policy's name, in small letters, digits and hyphens; ledger and evidence say
            ``policy NAME version N``.
        version: The policy's version; raise it whenever the written policy changes.
        right: The requests that it applies to.
        when: The decision that it makes. ``nothing held``: the answer "we hold no data about you", if the search found
            nothing, every system was searched, and each proved that its mappings find people. ``plain records``: the
            release of the package of an imported access request, if all records found are covered by ``fields``. A
            request by a representative always goes to a person.
        identity: The accepted methods of identity verification, such as ``["logged in to the account"]``.
        every_nth_to_a_person: One in this many of its cases is decided by a person nevertheless; 0 for none. The
            selection follows from the case's id, so that anyone can verify it and no one can influence it.
        fields: With ``plain records``: the fields that may have values, by record kind as ``"system/kind"``; inner ones
            are ``outer.inner``. A record of another kind, another field that is not empty, a value with several lines
            or more than 200 characters, and any file go to a person. Name no field for free text.
        most_records: With ``plain records``: the largest number of records in a package.
        stands_for_second_person: With ``plain records``: ``true`` if your written policy also replaces the second
            person who otherwise releases each package (four eyes). Without it there is no such policy.
    """

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,39}$")]
    version: Annotated[int, Field(ge=1, strict=True)]
    right: Literal["access", "erasure"]
    when: Literal["nothing held", "plain records"] = "nothing held"
    identity: Annotated[tuple[Annotated[IdentityMethod, AfterValidator(_named)], ...], Field(min_length=1)]
    every_nth_to_a_person: Annotated[int, Field(ge=0, le=1000, strict=True)] = 20
    fields: dict[_Kind, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(default_factory=dict)
    most_records: Annotated[int, Field(ge=0, le=1000, strict=True)] = 0
    stands_for_second_person: bool = False

    @model_validator(mode="after")
    def _says_what_it_releases(self) -> Self:
        says = bool(self.fields), bool(self.most_records), self.stands_for_second_person
        if self.when != _PLAIN:
            if any(says):
                raise ValueError('fields, most_records and stands_for_second_person belong to when = "plain records"')
            return self
        if self.right != "access":
            raise ValueError('a policy of plain records releases packages; write right = "access"')
        if not all(says[:2]):
            raise ValueError("name in fields what may stand in a package, and in most_records how many records it has")
        if not self.stands_for_second_person:
            raise ValueError(
                "say stands_for_second_person = true if your written policy stands for the second person too; "
                "if it does not, a person releases each package and this section has no use"
            )
        return self

    @property
    def policy(self) -> Policy:
        """The policy as the rule takes it."""
        kinds = {kind: frozenset(names) for kind, names in self.fields.items()}
        return Policy(
            name=self.name,
            version=self.version,
            right=Right(self.right),
            identity=frozenset(self.identity),
            every=self.every_nth_to_a_person,
            plain=PlainRecords(fields=kinds, most=self.most_records) if self.when == _PLAIN else None,
            digest=self.digest,
        )

    @property
    def digest(self) -> str:
        """The SHA-256 of the section as JSON, keys sorted, without blanks: proof of a version's content."""
        written = json.dumps(self.model_dump(mode="json", exclude_unset=True), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(written.encode()).hexdigest()


class SuppressionSettings(Strict):
    """The suppression list: keyed hashes of the addresses and numbers of people who were erased or who objected.

    Args:
        after_erasure: ``true`` to add each erased person to the list, so that an import does not bring the data back.
            The answer to the person mentions it. It is off by default, since the list is a processing of its own.
        months: The number of months for which an erased person stays on the list. People who objected to advertising
            stay indefinitely.
        token: The secret, of 32 characters at least, with which other programs ask `rightsflow service suppression`;
            ``None`` if no program asks.
        asked_by: The programs that send advertising and ask the list before, as people call them, such as
            ``"Our newsletter program"``. The answer to an objection names these, and no others.
        per_minute: The number of questions that `rightsflow service suppression` answers per minute in all.
    """

    after_erasure: bool = Field(default=False, strict=True)
    months: Annotated[int, Field(ge=1, le=120, strict=True)] = 36
    token: SecretRef | None = None
    asked_by: tuple[Annotated[str, Field(min_length=1, max_length=80)], ...] = ()
    per_minute: Annotated[int, Field(ge=1, le=100_000, strict=True)] = 600
