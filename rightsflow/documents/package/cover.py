"""The cover letter of a package as read before its release: what is said of this case, and what each answer says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from rightsflow.documents.package.info import PackageInfo

STANDING_SECTIONS: Final = frozenset({"AUTOMATED DECISIONS", "THE FILE ABOUT THIS REQUEST", "YOUR RIGHTS"})
"""The sections that come of law, clock and configuration alone."""
STANDING_LINES: Final = (
    "For each system that holds data about you, you find below",
    "- Purposes:",
    "- Categories of data:",
    "- Recipients:",
    "- How long:",
    "- Where from:",
    "- Third countries:",
    "- Our search here does not find:",
    "  - ",
)
"""The beginnings of the lines that come of the configuration and the connectors alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverSection:
    """A section of the letter.

    Args:
        heading: Its heading; empty of the first.
        text: What it says of this case.
        standing: What it says in every answer.
    """

    heading: str
    text: str
    standing: str


def standing_remarks(info: PackageInfo) -> list[str]:
    """Return what the letter says of fields that a system's copies have for no one.

    Args:
        info: What the letter says.
    """
    return [left.what for left in info.left_out if left.is_part and not left.ground]


def cover_sections(text: str, standing: Collection[str] = ()) -> list[CoverSection]:
    """Return the sections of a cover letter.

    Args:
        text: The letter as plain text.
        standing: What is said in every answer besides, from :func:`standing_remarks`.
    """
    sections: list[tuple[str, list[str]]] = [("", [])]
    for line in text.splitlines():
        if line and line == line.upper() and any(sign.isalpha() for sign in line) and not line.startswith("-"):
            sections.append((line, []))
        else:
            sections[-1][1].append(line)
    return [_section(heading, lines, standing) for heading, lines in sections if heading or any(lines)]


def _section(heading: str, lines: list[str], remarks: Collection[str]) -> CoverSection:
    is_standing = [
        heading in STANDING_SECTIONS or line.startswith(STANDING_LINES) or any(remark in line for remark in remarks)
        for line in lines
    ]
    own = [line for line, is_so in zip(lines, is_standing, strict=True) if not is_so]
    standing = [line for line, is_so in zip(lines, is_standing, strict=True) if is_so]
    return CoverSection(heading=heading, text="\n".join(own).strip(), standing="\n".join(standing).strip())
