"""Makes pages of the templates: whatever is put in is escaped; days and times are in the controller's zone."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from deployments.desk.addresses import HOME, PREFIX, case_address
from deployments.desk.file_answers import is_sound, is_text
from rightsflow.cases.facts.overview.sheet_lines import day, moment
from rightsflow.domain.accounts import Permission
from rightsflow.domain.disclosure.texts import split_at_marks
from rightsflow.domain.vocabulary.letter_ids import kind_of_letter
from rightsflow.domain.wording import counted, sentence

_HERE: Final = Path(__file__).parent
STATIC: Final = _HERE / "static"
_BOLD: Final = re.compile(r"\*\*(.+?)\*\*")
_CODE: Final = re.compile(r"`(.+?)`")
_SLANTED: Final = re.compile(r"(?<!\w)_(.+?)_(?!\w)")


class Rendering:
    """The desk's templates."""

    def __init__(self) -> None:
        self._templates = _templates()

    def page(self, template: str, zone: ZoneInfo, **values: Any) -> str:
        """A page's text.

        Args:
            template: The template's file.
            zone: The controller's time zone.
            **values: What it shows.
        """

        def when(instant: datetime) -> str:
            return moment(instant, zone)

        return self._templates.get_template(template).render(when=when, zone=str(zone), **values)


@cache
def _templates() -> Environment:
    """The templates, each compiled when it is first shown and once for the whole process."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(may=Permission, home=HOME, prefix=PREFIX, case_path=partial(case_address, ""), counted=counted)
    made.globals.update(letter_name=_letter_name)
    made.filters.update(day=_day, number=_number, capital=_capital, prose=prose, zip=zip)
    made.filters.update(marked=_marked, sound=is_sound, text=is_text, sentence=sentence)
    return made


def _day(value: date | None) -> str:
    return day(value) if value else "–"


def _number(count: int) -> str:
    return f"{count:,}"


def _letter_name(letter: str) -> str:
    return f"{kind_of_letter(letter).name.replace('_', ' ').capitalize()} ({letter})"


def prose(text: str) -> Markup:
    """Return a sentence of the case sheet as HTML: bold text and commands keep their style, italics become plain.

    Args:
        text: The sentence, in the sheet's Markdown.
    """
    safe = escape(_SLANTED.sub(r"\1", text))
    bold = _BOLD.sub(r"<strong>\1</strong>", str(safe))
    return Markup(_CODE.sub(r"<code>\1</code>", bold))  # noqa: S704 - escaped before the tags are put in


def _marked(text: str) -> Markup:
    """Return a redacted text with its replacements marked."""
    safe = ((escape(piece), is_mark) for piece, is_mark in split_at_marks(text))
    return Markup("").join(Markup("<mark>{}</mark>").format(piece) if is_mark else piece for piece, is_mark in safe)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
