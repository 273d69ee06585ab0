"""Changes of what is written where two requests of a person are open side by side, or a case is stopped."""

from __future__ import annotations

from functools import partial

from proofs.answers.mutants.changing import Mutant, function, letter
from rightsflow.cases import stopping
from rightsflow.cases.intake import opening
from rightsflow.cases.letters import answering, stopped


def _nothing(*_: object) -> None:
    """What is not done."""


_real = stopped._elsewhere
_Together = partial(Mutant, together=True)

TOGETHER = (
    _Together(
        "what another request erased meanwhile is passed over", function(answering, "note_erased_beside", _nothing)
    ),
    _Together(
        "the package does not say that it was erased since", function(answering, "erased_beside", lambda _: frozenset())
    ),
    _Together(
        "the package says of one record too many that it was erased since",
        letter("L9", "{{ letter.erased_since | counted", "{{ (letter.erased_since + 1) | counted"),
    ),
    _Together(
        "who was written to is not told that the case was stopped", function(stopping, "write_stopped", _nothing)
    ),
    _Together(
        "a stopped case names itself as the one that answers",
        letter("L27", "as the one with the number {{ letter.elsewhere.case_id }}", "as {{ letter.case_id }}"),
    ),
    _Together(
        "what answers a duplicate does not count from the earlier receipt",
        function(stopping, "_take_over", lambda *_, **__: ""),
    ),
    _Together(
        "a letter that waits keeps the dates that an earlier receipt has moved",
        function(opening, "write_anew", _nothing),
    ),
    _Together(
        "a duplicate is answered by another day",
        letter("L27", "by {{ letter.elsewhere.answer_by | day }}", "by {{ letter.elsewhere.received_on | day }}"),
    ),
    _Together(
        "a duplicate's suspended time limit is said to have ended",
        letter("L27", "{% elif letter.elsewhere.is_suspended %}", "{% elif false %}"),
    ),
    _Together(
        "a duplicate is answered that is not answered yet",
        function(
            stopped, "_elsewhere", lambda *given: _real(*given).model_copy(update={"answered_on": given[1].today})
        ),
    ),
    _Together(
        "who made a request twice is told that they made none",
        letter("L27", "{% if letter.elsewhere %}", "{% if false %}"),
    ),
)
