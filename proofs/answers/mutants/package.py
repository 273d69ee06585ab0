"""Changes of the access package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from proofs.answers.mutants.changing import Mutant, function, page, shown
from rightsflow.cases.access import masking, package_info
from rightsflow.documents.package import assembly as package
from rightsflow.documents.package import info as package_words
from rightsflow.domain.case.fates import Fate
from rightsflow.domain.disclosure.mask_choices import Interval
from rightsflow.domain.disclosure.muting import muted
from rightsflow.domain.disclosure.passages import hide_passages
from rightsflow.domain.records import Part

_real_hide, _real_muted = hide_passages, muted
_real_of = package_words.SystemInfo.of.__func__  # type: ignore[attr-defined]


def _all_parts(self: masking.Masking, copied: Iterable[Part]) -> Iterator[Part]:
    return (self._part(one, self.rules.on(one.record)) for one in copied)


def _of(**changes: Any) -> Callable[..., Any]:
    return classmethod(lambda cls, *args, **named: replace(_real_of(cls, *args, **named), **changes))  # type: ignore[return-value]


PACKAGE = (
    Mutant(
        "the package counts files as records",
        shown(package._Group, "records", lambda self: len(self._has_document) + self.attachments),
    ),
    Mutant("what was left out is not listed", function(package_info, "_left_out", lambda *_: iter(()))),
    Mutant("what connectors withhold is not listed", function(package_info, "_withheld", lambda *_: iter(()))),
    Mutant(
        "a system with unclear records is called empty",
        function(
            package_info,
            "_finding",
            lambda fates, _: (
                package_words.PackageFinding.HELD
                if set(fates) - {Fate.UNCLEAR}
                else package_words.PackageFinding.NOTHING
            ),
        ),
    ),
    Mutant(
        "a system that could not be searched is called empty",
        function(
            package_info,
            "_finding",
            lambda fates, _: (
                package_words.PackageFinding.HELD
                if set(fates) - {Fate.UNCLEAR}
                else package_words.PackageFinding.NOT_ATTRIBUTABLE
                if fates
                else package_words.PackageFinding.NOTHING
            ),
        ),
        ends=("L9",),
    ),
    Mutant(
        "recipients: a favourable default", lambda: patch.object(package_words.SystemInfo, "of", _of(recipients=()))
    ),
    Mutant("transfers: a favourable default", lambda: patch.object(package_words.SystemInfo, "of", _of(transfers=""))),
    Mutant(
        "limits of the search are left out of the package",
        lambda: patch.object(package_words.SystemInfo, "of", _of(cannot_find=())),
    ),
    Mutant(
        "the package counts one payment too many",
        page("index.html.j2", "system.payments | length |", "(system.payments | length + 1) |"),
    ),
    Mutant("the package does not list payments", page("index.html.j2", "{% if system.payments %}", "{% if false %}")),
    Mutant("automated decisions are not stated", page("letter.txt.j2", "{{ info.automated_decisions }}")),
    Mutant(
        "the package names another authority",
        page("letter_text.html.j2", "{{ info.controller.authority.name }}", "the authority"),
    ),
    Mutant(
        "the package leaves out the complaint to the controller",
        page("letter.txt.j2", "{% if info.law.hears_complaints(info.answered_on) %}", "{% if false %}"),
    ),
    Mutant("the package leaves out the court", page("letter.txt.j2", "- You can go to court: {{ info.law.court }}.\n")),
    Mutant(
        "the overview says that nothing else was left out",
        page("index.html.j2", ' | selectattr("is_part") | list | length == 0', " is defined"),
    ),
    Mutant(
        "unclear records read as none",
        page("letter_text.html.j2", " that we can attribute to you{% endif %}", "{% endif %}"),
    ),
    Mutant(
        "the ground of what a person left out is not told",
        shown(package_words.LeftOut, "full_reason", lambda self: self.reason),
    ),
    Mutant(
        "the provision of what a person left out is not told",
        page("letter_text.html.j2", "{% if left.legal_basis %} ({{ left.legal_basis }}){% endif %}"),
    ),
    Mutant(
        "a passage that a person masked is called masked and stays",
        function(masking, "hide_passages", lambda part, passages: replace(_real_hide(part, passages), part=part)),
        ends=("L9",),
    ),
    Mutant(
        "a passage that a person masked is not masked",
        function(masking, "hide_passages", lambda part, _: _real_hide(part, [])),
        ends=("L9",),
    ),
    Mutant(
        "a record that a person left out is in the package",
        function(masking.Masking, "parts", _all_parts),
        ends=("L9",),
    ),
    Mutant("a muted interval is heard", function(masking, "muted", lambda chunks, _: iter(chunks)), ends=("L9",)),
    Mutant(
        "another interval than the muted one is silent",
        function(masking, "muted", lambda chunks, _: _real_muted(chunks, [Interval(0, 500)])),
        ends=("L9",),
    ),
)
