"""Changes of what is written before an erasure begins and after an answer: L21, L15, L24, L20.2, other rules."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from proofs.answers.mutants.changing import DAY, Mutant, evidence, function, letter
from rightsflow.cases.erasure import by_hand
from rightsflow.cases.follow_up import changed_rules, lifting, retained, telling
from rightsflow.documents.letters.erased_again import ErasedAgain
from rightsflow.documents.letters.restriction import LiftingNotice
from rightsflow.domain import wording

_real_day = wording.day
_Erased = partial(Mutant, ends=("L10", "L11"))
_Restricted = partial(Mutant, rights=("restriction",), ends=("L22",))


def _one_more(of: type[Any], **given: Any) -> Any:
    """The same letter with a record too many."""
    first, *rest = given["lines"]
    return of(**given | {"lines": (first.model_copy(update={"count": first.count + 1}), *rest)})


def _day_after(on: date) -> str:
    return _real_day(on + DAY)


LATER = (
    _Erased(
        "an erasure is said to begin on another day",
        letter(
            "L21", "begin to erase on {{ letter.begins_on | day }}", "begin to erase on {{ letter.written_on | day }}"
        ),
    ),
    _Erased(
        "the last day to take a request back is another one",
        letter("L21", "tell us before {{ letter.begins_on | day }}", "tell us before {{ letter.received_on | day }}"),
    ),
    _Erased("what depends on the data is left out", letter("L21", "{% if letter.runs_on %}", "{% if false %}")),
    _Erased("what the erasure means is left out", letter("L21", "{% if letter.consequences %}", "{% if false %}")),
    _Erased(
        "what was back is told with another day",
        letter("L24", "we saw it on {{ letter.seen_on | day }}", "we saw it on {{ letter.answered_on | day }}"),
    ),
    _Erased(
        "what was back is counted once too often", function(telling, "ErasedAgain", partial(_one_more, ErasedAgain))
    ),
    _Erased("what was back and is erased again is not told", function(retained, "tell_erased_again", lambda *_: None)),
    _Erased(
        "what was back and is to be erased is called erased again",
        evidence('{{ " and erased again" if one.outcome in gone_by }}', " and erased again"),
    ),
    _Erased(
        "the word of a processor that was doubted is left out", letter("L20", "{% if letter.again %}", "{% if false %}")
    ),
    _Erased("today's rules are told with another day", function(changed_rules, "day", _day_after)),
    _Restricted(
        "a restriction is said to end on another day",
        letter("L15", "From {{ letter.lifted_on | day }} on", "From {{ letter.answered_on | day }} on"),
    ),
    _Restricted(
        "a restriction is said to end of a record too many",
        function(lifting, "LiftingNotice", partial(_one_more, LiftingNotice)),
    ),
    _Restricted(
        "the end of a restriction gives another reason", letter("L15", "{{ letter.reason | sentence }}", "It is over.")
    ),
    _Restricted(
        "the end of a restriction speaks of an erasure",
        letter("L15", '{% if letter.right != "restriction" %}', "{% if true %}"),
    ),
    _Restricted("a mark goes without its letter", function(lifting, "_is_told", lambda *_: True)),
    _Restricted("what was to be restricted is to be erased later", function(by_hand, "_ERASES_NOTHING", frozenset())),
)
