"""Masks other people's data in what the subject is given (Art. 15(4) GDPR), and counts what was masked.

Masked in every text of a JSON tree are the names, e-mail addresses, phone numbers and dates of birth that a connector
listed as other people's, and any further e-mail address, phone number and number with its own check digits (an IBAN),
with the name that a mail program writes before an address (``"Bob Meyer" <bob@example.com>``). The subject's own data
and the controller's own stay. Where two readings of a text overlap, the longer one wins, and the subject's wins a tie.

Names are matched as whole words without regard to case, accents and the form of the space between their parts, in
both orders ("Anna Meyer", "MEYER, Anna"), with the s of a genitive ("Anna Meyers Auto"), and the last part alone after
a form of address ("Frau Meyer"). What a system keeps as HTML or in the spellings of mails, links and JSON is read as
well (:mod:`rightsflow.domain.disclosure.passages`). A part of a name alone is *not* masked: "Berlin" of a contact
called "Tax Office Berlin" would take the subject's own address with it. A connector that knows a person by one word
lists it.

Pure. The release gate stays a person's: a program cannot recognise every way in which people write about others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Final

from rightsflow.domain.check_digits import CheckDigits, checked_numbers
from rightsflow.domain.disclosure.file_texts import FileText, MaskSpan
from rightsflow.domain.disclosure.mask_choices import MaskedHit, MaskPlace
from rightsflow.domain.disclosure.mask_rules import AT, MaskMemory, MaskRules, date_pattern, days_of, spelt_pattern
from rightsflow.domain.disclosure.passages import Span, readings
from rightsflow.domain.disclosure.texts import IDENTIFIER, JSON, MARK, MARKS, rewrite, rewrite_mapping
from rightsflow.domain.identifier_kinds import declared_kinds
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, parse_leniently
from rightsflow.domain.spellings.phones import in_plain_digits, number_like, numbers_in
from rightsflow.domain.spellings.wordforms import Own, compose, fold, name_forms, phone_pattern
from rightsflow.domain.vocabulary.records import Blob, Document, Part

_Found = tuple[Span, str]

_NOTHING = Own()
_NOWHERE: Final[frozenset[MaskPlace]] = frozenset()
_CONTENT: Final = "content"
_AROUND: Final = 80
"""Characters shown before and after masked text."""

_SHORT: Final = 100
_MOST_CLEAN: Final = 2_000

_LOCAL_TAIL = re.compile(r"[\w.!#$&*+=?^{|}~%-]{1,64}\Z")
_CALLED = re.compile(r"""(?:"([^"<>@\n]{1,80})"|((?:[^\W\d_][\w.'’-]{0,40}[ \t]{1,3}){1,4}))[ \t]{0,3}<\Z""")
"""Name that a mail program writes before an address: quoted, or some words."""
_LONGEST_CALLED: Final = 180
_FULL: Final = 2
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_][\w-]{0,61}[^\W_]")


def mask_third_parties(
    value: JSON,
    *,
    subject: Identifiers,
    others: frozenset[str] = frozenset(),
    own: Own = _NOTHING,
    country: str = "",
) -> tuple[JSON, Counter[str]]:
    """Mask other people's data in a JSON tree, keys included.

    Args:
        value: The tree; it is not changed.
        subject: Everything the subject is known by; none of it is masked.
        others: Names, e-mail addresses and phone numbers of others, masked wherever they stand.
        own: What is the controller's own and stays: its lines, its names, and addresses of its mail domains, unless
            ``others`` has the address.
        country: ISO 3166-1 alpha-2 code that national numbers are read in; without it only ``+…`` and ``00…`` count.

    Returns:
        The masked tree, and how often each kind ("name", "email", "phone") was masked.
    """
    masker = _Masker(MaskRules(subject, others, own, country.upper()))
    return rewrite(value, masker), masker.counts


def mask_part(
    part: Part,
    *,
    subject: Identifiers,
    others: frozenset[str] = frozenset(),
    own: Own = _NOTHING,
    country: str = "",
    shown: frozenset[MaskPlace] = _NOWHERE,
    memory: MaskMemory | None = None,
) -> tuple[Part, Counter[str]]:
    """Mask a document's content, or a blob's name and metadata; arguments as in :func:`mask_third_parties`.

    A document's own ``others`` are masked too, and emptied, since they are not to be disclosed. The text of a blob is
    masked by :func:`mask_file`. What is ``shown`` stays. With a ``memory`` what was worked out for the parts before is
    not worked out again.
    """
    rules = (memory or MaskMemory()).rules(MaskRules(subject, _others(part, others), own, country.upper()))
    masker = _Masker(rules, shown)
    return _mask(part, masker), masker.counts


def mask_file(
    part: Blob,
    file: FileText,
    *,
    subject: Identifiers,
    others: frozenset[str] = frozenset(),
    own: Own = _NOTHING,
    country: str = "",
    shown: frozenset[MaskPlace] = _NOWHERE,
) -> tuple[FileText, Counter[str]]:
    """Mask the texts of a file; arguments as in :func:`mask_part`.

    Args:
        part: The file.
        file: Its texts.
        subject: As above, like the others.
        others: As above.
        own: As above.
        country: As above.
        shown: As above.

    Returns:
        The texts with the spans that are masked, and how often each kind was.
    """
    masker = _Masker(MaskRules(subject, others, own, country.upper()), shown)
    _mask(part, masker)
    masker.counts.clear()
    return _mask_file(file, masker), masker.counts


def hits_in(
    part: Part,
    *,
    subject: Identifiers,
    others: frozenset[str] = frozenset(),
    own: Own = _NOTHING,
    country: str = "",
    shown: frozenset[MaskPlace] = _NOWHERE,
    file: FileText | None = None,
) -> list[MaskedHit]:
    """Return another person's data in a part, in order, including data shown by a choice; arguments as above.

    Of a file its texts count where they are given.
    """
    masker = _Masker(MaskRules(subject, _others(part, others), own, country.upper()), shown)
    _mask(part, masker)
    if file:
        # Last, so that the places of name and metadata are the same whether or not the file can be read.
        _mask_file(file, masker)
    return masker.hits


def _others(part: Part, others: frozenset[str]) -> frozenset[str]:
    return others | part.others if isinstance(part, Document) else others


def _mask(part: Part, masker: _Masker) -> Part:
    if isinstance(part, Document):
        return replace(part, content=rewrite_mapping(part.content, masker), others=frozenset())
    return replace(part, name=masker.text(part.name, ""), metadata=rewrite_mapping(part.metadata, masker))


def _mask_file(file: FileText, masker: _Masker) -> FileText:
    """Mask the texts of a file, which follow those of its name and metadata."""
    masks, first = list[MaskSpan](), len(masker.hits)
    for number, run in enumerate(file.runs):
        before = len(masker.hits)
        masker.text(run.text, run.where or _CONTENT)
        places = ((hit.place, hit.kind) for hit in masker.hits[before:])
        masks += [MaskSpan(number, it.start, it.end, MARKS[kind]) for it, kind in places if it not in masker.shown]
    masker.hits[first:] = [replace(hit, is_in_file=True) for hit in masker.hits[first:]]
    return FileText(file.runs, masks)


@dataclass
class _Masker:
    """Rewrites a tree, and counts."""

    rules: MaskRules
    shown: frozenset[MaskPlace] = _NOWHERE
    counts: Counter[str] = field(default_factory=Counter)
    hits: list[MaskedHit] = field(default_factory=list)
    texts: int = 0

    def number(self, original: float, field: str) -> JSON:
        """Mask a number: some systems store phone numbers as numbers."""
        number = self._numbered()
        if not isinstance(original, int) or f"+{original}" not in self.rules.listed.phones:
            return original
        masked = self._masked(number, f"+{original}", field)
        return original if masked == f"+{original}" else masked

    def text(self, original: str, field: str) -> str:
        """Return a text without another person's data."""
        return original if len(original) < 2 else self._masked(self._numbered(), original, field)

    def _numbered(self) -> int:
        """Return the index of a text or number among all; it does not depend on the rules, which change over time."""
        self.texts += 1
        return self.texts - 1

    def _masked(self, number: int, original: str, field: str) -> str:
        if original in self.rules.clean:
            return original
        text = compose(original)
        findings = list(_unprotected(text, self.rules))
        if not findings:
            self._note_clean(original)
            return original
        return self._without(number, text, findings, field, original)

    def _note_clean(self, text: str) -> None:
        if len(text) <= _SHORT:
            if len(self.rules.clean) >= _MOST_CLEAN:
                self.rules.clean.clear()
            self.rules.clean.add(text)

    def _without(self, number: int, text: str, findings: Sequence[_Found], under: str, original: str) -> str:
        pieces, at, done = list[str](), 0, list[tuple[MaskPlace, str, int, int]]()
        length, is_masked = 0, False
        for (start, end), kind in findings:
            place = MaskPlace(number, start, end)
            stays = place in self.shown
            stands = text[start:end] if stays else MARKS[str(kind)]
            begin = length + start - at
            pieces += [text[at:start], stands]
            length, at = begin + len(stands), end
            done.append((place, str(kind), begin, length))
            if not stays:
                self.counts[str(kind)] += 1
                is_masked = True
        masked = "".join([*pieces, text[at:]])
        self.hits += [
            MaskedHit(
                place=place,
                kind=kind,
                under=under,
                hidden=text[place.start : place.end],
                before=masked[max(begin - _AROUND, 0) : begin],
                after=masked[end : end + _AROUND],
            )
            for place, kind, begin, end in done
        ]
        return masked if is_masked else original


def _unprotected(text: str, rules: MaskRules) -> Iterator[_Found]:
    """Yield the spans to mask, in order and without overlaps."""
    hits, kept = _found_in(text, rules)
    for seen, where in readings(text):
        # What one sees on a page that a system keeps as HTML is another person's as well as what one sees in its text.
        also, stays = _found_in(seen, rules, parted=True)
        hits += [(_within(span, where), kind) for span, kind in also]
        kept += [_within(span, where) for span in stays]
    at = 0
    for (start, end), kind in sorted(hits, key=lambda item: (item[0][0], -item[0][1])):
        for first, last in _without((max(start, at), end), kept):
            yield (first, last), kind
            at = last


def _found_in(text: str, rules: MaskRules, *, parted: bool = False) -> tuple[list[_Found], list[Span]]:
    """Find another person's data, and kept data that overlap with them; digits of parted lines are no number."""
    folded = fold(text)
    digits = text.replace("\n", "|") if parted else text
    hits = [*_names(folded, rules), *_emails(text, rules), *_dates(text, rules), *_phones(digits, rules)]
    hits += _checked(text, rules)
    if not hits and not parted:
        return [], []
    patterns, plain = (*_protected(rules.subject), MARK), in_plain_digits(folded)
    return hits, [match.span() for pattern in patterns for match in pattern.finditer(plain)]


def _within(span: Span, where: Sequence[Span]) -> Span:
    return where[span[0]][0], where[span[1] - 1][1]


def _without(span: Span, kept: Iterable[Span]) -> Iterator[Span]:
    """Yield the rest of a span without the kept spans; a kept span inside a longer one does not count."""
    start, end = span
    for first, last in kept:
        if first <= start and end <= last:
            return
        if first < start < last < end:
            start = last
        elif start < first < end < last:
            end = first
    if start < end:
        yield start, end


def _names(folded: str, rules: MaskRules) -> Iterator[_Found]:
    for name in rules.listed.names:
        if name.literal in folded:
            yield from ((match.span(), IdentifierKind.NAME) for match in name.pattern.finditer(folded))


def _emails(text: str, rules: MaskRules) -> Iterator[_Found]:
    # From each @ outwards, in bounded steps: a pattern that starts with the local part is quadratic on long words.
    for at in AT.finditer(text):
        local = _LOCAL_TAIL.search(text[max(0, at.start() - 64) : at.start()])
        domain = _DOMAIN.match(text, at.end())
        if not local or not domain:
            continue
        # "mail=anna@example.com" is one word, yet the address starts after the sign.
        readings = {local[0], re.split(r"[=&#?|{}]", local[0])[-1]}
        if not any(rules.keeps_email(f"{reading}@{domain[0]}") for reading in readings if reading):
            start = at.start() - len(local[0])
            yield (start, domain.end()), IdentifierKind.EMAIL
            yield from ((span, IdentifierKind.NAME) for span in _called(text, start, rules))


def _called(text: str, start: int, rules: MaskRules) -> Iterator[Span]:
    """Yield the name before an address in angle brackets that begins at ``start``.

    Without quotation marks it is two words or more that begin with a capital letter: a single one may be "From".
    """
    begin = max(0, start - _LONGEST_CALLED)
    called = _CALLED.search(text[begin:start])
    if not called:
        return
    first, last = (begin + end for end in called.span(1 if called[1] else 2))
    if not called[1]:
        words = list(re.finditer(r"\S+", text[first:last]))
        words = words[max((at for at, word in enumerate(words, start=1) if not word[0][0].isupper()), default=0) :]
        if len(words) < _FULL:
            return
        first, last = first + words[0].start(), first + words[-1].end()
    if not rules.own.has_name(text[first:last]):
        yield first, last


def _dates(text: str, rules: MaskRules) -> Iterator[_Found]:
    if rules.listed.dates:
        yield from ((match.span(), IdentifierKind.BIRTH_DATE) for match in rules.listed.dates.finditer(text))


def _phones(text: str, rules: MaskRules) -> Iterator[_Found]:
    for run in number_like(text):
        for number in rules.listed.phones:
            for match in phone_pattern(number).finditer(run.string, run.start(), run.end()):
                yield match.span(), IdentifierKind.PHONE
        for start, end, number in numbers_in(run, rules.country):
            if not rules.keeps_phone(number, run.string, start):
                yield (start, end), IdentifierKind.PHONE


def _checked(text: str, rules: MaskRules) -> Iterator[_Found]:
    """Yield numbers whose check digits distinguish them from any other number (an IBAN), and those that are listed."""
    folded = fold(text)
    for pattern in rules.listed.numbers:
        yield from ((match.span(), IDENTIFIER) for match in pattern.finditer(folded))
    kinds = (kind for kind in declared_kinds() if (form := kind.declaration.form) and form.check is CheckDigits.MOD_97)
    for start, end, number in checked_numbers(text, [partial(parse_leniently, kind) for kind in kinds]):
        if number not in rules.subject:
            yield (start, end), IDENTIFIER


@lru_cache(maxsize=256)
def _protected(subject: Identifiers) -> tuple[re.Pattern[str], ...]:
    """Patterns of the subject's own data, for a folded text."""
    return tuple(pattern for identifier in sorted(subject) if (pattern := _own_pattern(identifier)))


def _own_pattern(identifier: Identifier) -> re.Pattern[str] | None:
    if identifier.kind is IdentifierKind.PHONE:
        return phone_pattern(identifier.value)
    if identifier.kind is IdentifierKind.NAME:
        forms = name_forms(identifier.value)
        return forms.pattern if forms else None
    if identifier.kind is IdentifierKind.BIRTH_DATE:
        return date_pattern(days_of(identifier.value))
    return spelt_pattern(identifier)
