"""A record of a package before its release: its redactions confirmed or shown; more of it redacted, muted or edited."""

from __future__ import annotations

import re
from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import case_address
from deployments.desk.page import WITH_FILES, page
from deployments.desk.pages.form_fields import beside
from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.work.access.mask_choices import accept_masks, hide_passage, mute_interval, show_masked, take_back
from rightsflow.cases.work.access.package_review import package_read
from rightsflow.cases.work.access.record_masks import RecordMasks, look_behind, read_record, replace_file
from rightsflow.domain.accounts import Permission
from rightsflow.domain.disclosure.mask_choices import MOST_EDITED_BYTES, Interval, MaskGround
from rightsflow.domain.disclosure.texts import MARKS, MASKED_WORDS
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.wording import counted

_NUMBER: Final = re.compile("[0-9]{1,9}", re.ASCII)
_SECONDS: Final = re.compile(r"(?:([0-9]{1,4}):)?([0-9]{1,6})(?:[.,]([0-9]{1,3}))?", re.ASCII)
_GROUND: Final = "Choose whose rights it protects; the person reads it."
_NOT_YET: Final = "It counts when the package is made again."


@page("/cases/{case_id}/package/{reading}/records/{number}", needs=Permission.REVEAL, most_bytes=WITH_FILES)
def record(visit: Visit) -> Response:
    """A record as the person will read it, with its masks."""
    return _shown(visit, read_record(visit.app, _case(visit), _token(visit), session=visit.cookie, number=_of(visit)))


def _shown(visit: Visit, seen: RecordMasks) -> Response:
    package = f"{case_address('', _case(visit))}/package/{_token(visit)}"
    return visit.show(
        "package_record.html",
        case_id=_case(visit),
        seen=seen,
        package=package,
        here=f"{package}/records/{_of(visit)}",
        kinds=MASKED_WORDS,
        marks=MARKS,
        most_megabytes=MOST_EDITED_BYTES >> 20,
        grounds=[(item.value, item.value) for item in MaskGround],
    )


@record.act("/look", needs=Permission.REVEAL)
def look(visit: Visit) -> Response:
    """Show redacted passages, once, on the page that answers; the access and its reason are noted."""
    visit.needed({"reason": "Say why you have to see it; the reason is kept with the case, encrypted."})
    seen = look_behind(
        visit.app,
        _case(visit),
        _token(visit),
        session=visit.cookie,
        number=_of(visit),
        keys=_places(visit),
        by=visit.actor,
        reason=visit.typed("reason"),
    )
    return _shown(visit, seen)


@record.act("/accept", needs=Permission.PREPARE_PACKAGE)
def accept(visit: Visit) -> Response:
    """Note that some masks are right."""
    places = _places(visit)
    accept_masks(visit.app, _case(visit), _of(visit), places, by=visit.actor, package=_package(visit))
    return _back(visit, f"{counted(len(places), 'mask')} accepted.")


@record.act("/show", needs=Permission.PREPARE_PACKAGE)
def show(visit: Visit) -> Response:
    """Disclose redacted passages to the person."""
    visit.needed({"reason": "Say why it is not another person's; the reason is kept with the case, encrypted."})
    places = _places(visit)
    show_masked(
        visit.app,
        _case(visit),
        _of(visit),
        places,
        reason=visit.typed("reason"),
        by=visit.actor,
        package=_package(visit),
    )
    return _back(visit, f"{counted(len(places), 'place')} to be shown. {_NOT_YET}")


@record.act("/hide", needs=Permission.PREPARE_PACKAGE)
def hide(visit: Visit) -> Response:
    """Redact a passage wherever it occurs in the record."""
    visit.needed({"passage": "Give the passage that is to be masked."})
    ground = _ground(visit, "hide-ground")
    places = hide_passage(
        visit.app,
        _case(visit),
        _of(visit),
        visit.typed("passage"),
        ground=ground,
        remark=visit.typed("hide-remark"),
        by=visit.actor,
        package=_package(visit),
    )
    return _back(visit, f"To be masked at {counted(places, 'place')} of this record. {_NOT_YET}")


@record.act("/mute", needs=Permission.PREPARE_PACKAGE)
def mute(visit: Visit) -> Response:
    """Silence an interval of a recording."""
    start, end = (_moment(visit, name, words) for name, words in (("start", "begins"), ("end", "ends")))
    ground, which, channel = _ground(visit, "mute-ground"), visit.typed("recording"), visit.typed("channel", "0")
    if not _NUMBER.fullmatch(which):
        raise Wrong({"recording": "Choose the recording."})
    if not _NUMBER.fullmatch(channel):
        raise Wrong({"channel": "Choose the channel."})
    mute_interval(
        visit.app,
        _case(visit),
        _of(visit),
        int(which),
        Interval(start, end, int(channel)),
        ground=ground,
        remark=visit.typed("mute-remark"),
        by=visit.actor,
        package=_package(visit),
    )
    return _back(visit, f"To be muted. {_NOT_YET}")


@record.act("/replace", needs=Permission.PREPARE_PACKAGE)
def replace(visit: Visit) -> Response:
    """Replace a file by a manually edited copy."""
    ground, which = _ground(visit, "edit-ground"), visit.typed("file")
    if not _NUMBER.fullmatch(which):
        raise Wrong({"file": "Choose the file that the copy stands for."})
    with beside("copy"):
        replace_file(
            visit.app,
            _case(visit),
            _of(visit),
            int(which),
            visit.file("copy"),
            ground=ground,
            remark=visit.typed("edit-remark"),
            by=visit.actor,
            package=_package(visit),
        )
    return _back(visit, f"The copy is to be given. {_NOT_YET}")


@record.act("/take-back", needs=Permission.PREPARE_PACKAGE)
def take_it_back(visit: Visit) -> Response:
    """Take decisions on the record's masks back."""
    chosen = visit.chosen("choice")
    if not chosen or not all(map(_NUMBER.fullmatch, chosen)):
        raise Wrong({"choices": "Choose the decisions that are taken back."})
    take_back(
        visit.app, _case(visit), _of(visit), [int(item) for item in chosen], by=visit.actor, package=_package(visit)
    )
    return _back(visit, "Taken back. What was in the package already goes when it is made again.")


def _case(visit: Visit) -> str:
    return read_case_id(visit.path("case_id"))


def _token(visit: Visit) -> str:
    return visit.path("reading")


def _of(visit: Visit) -> int:
    if not _NUMBER.fullmatch(visit.path("number")):
        raise BadInput("This case has no record of that number.")
    return int(visit.path("number"))


def _package(visit: Visit) -> str:
    """Return the package under review; an action without a review of it is refused."""
    return package_read(visit.app, _case(visit), _token(visit), session=visit.cookie)


def _back(visit: Visit, said: str) -> Response:
    return visit.go(f"{case_address('', _case(visit))}/package/{_token(visit)}/records/{_of(visit)}", said)


def _places(visit: Visit) -> list[str]:
    chosen = visit.chosen("place")
    if not chosen:
        raise Wrong({"places": "Choose the masked places that this is about."})
    return chosen


def _ground(visit: Visit, field: str) -> MaskGround:
    if visit.typed(field) not in set(MaskGround):
        raise Wrong({field: _GROUND})
    return MaskGround(visit.typed(field))


def _moment(visit: Visit, field: str, words: str) -> int:
    """Seconds, or minutes and seconds, in milliseconds."""
    read = _SECONDS.fullmatch(visit.typed(field).strip())
    if read is None:
        raise Wrong({field: f"Say where it {words}, in seconds, such as 83.5 or 1:23.5."})
    minutes, seconds, parts = read.groups()
    return (int(minutes or 0) * 60 + int(seconds)) * 1000 + int((parts or "0").ljust(3, "0"))
