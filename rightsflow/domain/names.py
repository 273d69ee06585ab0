"""Likeness of two names, compared without case, accents, order, titles and script. Pure.

Names are no proof: many people share one. They only contradict: a person called Andreas is not Anna. A letter to the
wrong name tells its reader that another person has asked, so a greeting uses the name in the request, or else the name
in a profile of the person's own, such as a customer's account.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import combinations, permutations
from typing import Final, NamedTuple

from anyascii import anyascii


class Likeness(IntEnum):
    """The agreement of two names, from the lowest to the highest."""

    OTHER = 0
    """They have nothing in common."""
    RELATED = 1
    """They share a part and differ in another one, as in a family."""
    SILENT = 2
    """One of them is none, or is written so that it cannot be compared."""
    COMPATIBLE = 3
    """One may be a part, an abbreviation or another spelling of the other."""
    SAME = 4
    """They agree in at least two parts that are written out, and differ in none."""

    @property
    def contradicts(self) -> bool:
        """True if the names are two people's, as far as names show."""
        return self <= Likeness.RELATED


class _Part(NamedTuple):
    """A word of a name.

    Args:
        sound: As it is compared.
        spelled: In Latin letters, without case and accents.
        is_initial: Whether it was a single letter.
    """

    sound: str
    spelled: str
    is_initial: bool


@dataclass(frozen=True, slots=True)
class _Name:
    """A name as it is compared, without titles.

    Args:
        parts: Its words by their sounds.
        script: The writing that cannot be turned into Latin letters sound by sound; empty where it can.
        generation: Which of two people of one name; empty where that is not said.
        is_company: Whether a company's legal form stands in it.
    """

    parts: Mapping[str, _Part]
    script: str
    generation: str
    is_company: bool

    @property
    def written_out(self) -> frozenset[str]:
        return frozenset(sound for sound, part in self.parts.items() if not part.is_initial)

    @property
    def is_full(self) -> bool:
        return len(self.written_out) > 1


def likeness(text: str, other: str) -> Likeness:
    """Return the likeness of two names.

    Args:
        text: A name as it was written.
        other: Another one.
    """
    first, second = _read(text), _read(other)
    if not first.parts or not second.parts or first.script != second.script:
        return Likeness.SILENT
    if first.generation and second.generation and first.generation != second.generation:
        return Likeness.RELATED
    if _fit(first, second) or _is_sign_in_name(first, second) or _is_sign_in_name(second, first):
        is_same = len(first.written_out & second.written_out) > 1
        return Likeness.SAME if is_same else Likeness.COMPATIBLE
    if first.is_company or second.is_company:
        # Whom a company's name means, no one can say by it.
        return Likeness.SILENT
    return Likeness.RELATED if first.written_out & second.written_out else Likeness.OTHER


def closest(names: Collection[str], known: Collection[str]) -> Likeness:
    """Return the likeness of a record's names to the known names of a person.

    Names that are written out count before those that are not, since an abbreviation fits many people; and the
    generation that is known, before a name that does not tell it.

    Args:
        names: The names in the record, all of one person.
        known: The person's names.
    """
    alike = agreement(names, [text for text in known if _read(text).is_full] or known)
    here, there = _generations(names), _generations(known)
    return min(alike, Likeness.RELATED) if here and there and not here & there else alike


def tells_more(names: Iterable[str], known: Collection[str]) -> bool:
    """Return whether a record's fitting name still differs by a given name, an initial or a generation.

    Args:
        names: The names in the record, all of one person.
        known: The person's names.
    """
    pairs = [(_read(name), _read(other)) for name in names for other in known if likeness(name, other) is Likeness.SAME]
    return bool(pairs) and all(
        len(name.parts) != len(other.parts) or name.generation != other.generation for name, other in pairs
    )


def tells_generation(names: Iterable[str], known: Collection[str]) -> bool:
    """Return whether only one side names the generation, as ``jun.`` does, that distinguishes two people of a name.

    Args:
        names: The names in the record, all of one person.
        known: The person's names.
    """
    full = [text for text in known if _read(text).is_full]
    fitting = [name for name in names if any(likeness(name, other) is Likeness.SAME for other in full)]
    return bool(fitting) and bool(_generations(fitting)) != bool(_generations(full))


def _generations(names: Iterable[str]) -> frozenset[str]:
    return frozenset(read.generation for name in names if (read := _read(name)).generation)


def agreement(names: Collection[str], others: Collection[str]) -> Likeness:
    """Return the agreement of the names in two records.

    What a company is called says nothing where people's names can be compared: several people share that name.

    Args:
        names: Those in one record, all of one person.
        others: Those in the other.
    """
    pairs = [(name, other) for name in names for other in others]
    persons = _best((name, other) for name, other in pairs if not (_read(name).is_company or _read(other).is_company))
    return _best(pairs) if persons is Likeness.SILENT else persons


def _best(pairs: Iterable[tuple[str, str]]) -> Likeness:
    degrees = (likeness(name, other) for name, other in pairs)
    # A name that cannot be compared with one spelling may be with another one.
    return max((degree for degree in degrees if degree is not Likeness.SILENT), default=Likeness.SILENT)


def is_full(name: str) -> bool:
    """Return whether a name has at least two parts written out, which distinguish people.

    Args:
        name: The name as it was written.
    """
    return _read(name).is_full


def is_company(name: str) -> bool:
    """Return whether a name contains a company's legal form.

    Args:
        name: The name as it was written.
    """
    return _read(name).is_company


def _is_readable(name: str) -> bool:
    """Return whether a text has a word that can be a name: not a number, an address, or a word such as *unknown*."""
    return bool(_read(name).parts)


def _fit(name: _Name, other: _Name) -> bool:
    """Return whether each part of the shorter name occurs in the longer one, in full or as an initial."""
    shorter, longer = sorted((name.parts, other.parts), key=lambda parts: (len(parts), sorted(parts)))
    # What agrees wholly is set aside first, that an initial does not take it away.
    left = {sound: part for sound, part in longer.items() if sound not in shorter}
    for sound in sorted(shorter.keys() - longer.keys()):
        fitting = sorted(each for each in left if _is_abbreviated(shorter[sound], left[each]))
        if not fitting:
            return False
        del left[fitting[0]]
    return True


def _is_abbreviated(part: _Part, other: _Part) -> bool:
    """Return whether one of two words is the other's initial."""
    return any(
        short.is_initial and (long.spelled.startswith(short.spelled) or long.sound.startswith(short.sound))
        for short, long in ((part, other), (other, part))
    )


def _is_sign_in_name(name: _Name, other: _Name) -> bool:
    """Return whether a single word was made of the parts of a name, such as ``aweber`` of Anna Weber."""
    if len(name.parts) != 1 or not other.is_full:
        return False
    (word,) = (part.spelled for part in name.parts.values())
    spelled = [part.spelled for part in other.parts.values()]
    return any(word in {first + last, first[0] + last, first + last[0]} for first, last in permutations(spelled, 2))


@lru_cache(maxsize=2048)
def _read(name: str) -> _Name:
    """Read a name without the parts that do not identify a person."""
    joined = re.sub("['’‘`´]", "", unicodedata.normalize("NFKC", name))
    parts = {_plain(word): word for word in re.findall(r"[^\W\d_]+", joined)}
    words = frozenset(parts) - {""}
    if any(character.isdigit() or character == "@" for character in name) or words <= _NO_NAME:
        words = frozenset()
    # Le and Do are surnames as well.
    spelled = (words - _TITLES - _FIRMS - _GENERATIONS.keys()) or words
    generations = {_GENERATIONS[word] for word in words if word in _GENERATIONS}
    if list(parts)[-1:] == [_SENIOR_OR_SIR]:
        generations.add(_GENERATIONS["sen"])
    return _Name(
        parts={(sound := _sound(item)): _Part(sound, item, len(parts[item]) == 1) for item in sorted(spelled)},
        script=_script(name),
        generation=generations.pop() if len(generations) == 1 else "",
        is_company=bool(words & _FIRMS),
    )


def _plain(text: str) -> str:
    """Return Latin letters without case and accents, where the script has letters for sounds."""
    composed = unicodedata.normalize("NFKC", text).casefold()
    return composed if _script(composed) else re.sub(r"[^a-z]", "", anyascii(composed).lower())


def _script(text: str) -> str:
    """Return the script of a text that is not spelled by sounds alone; empty for Latin and well transcribed scripts."""
    scripts = {unicodedata.name(letter, "LATIN").split()[0] for letter in text if letter.isalpha()}
    return " ".join(sorted(scripts - _SPELLED))


def _sound(word: str) -> str:
    """Return a word as it is compared: ``Müller`` is ``Mueller`` and ``Muller``, and ``Юлия`` is ``Julia``."""
    for letters, sound in _SOUNDS:
        word = word.replace(letters, sound)
    return re.sub(r"(.)\1+", r"\1", word)


def _words_of(text: str) -> frozenset[str]:
    return frozenset(map(_plain, text.split()))


_SPELLED: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "GEORGIAN", "FULLWIDTH", "MODIFIER"})
_SOUNDS: Final = (
    ("tsch", "ch"), ("sch", "sh"), ("kh", "h"), ("ph", "f"), ("th", "t"), ("ck", "k"), ("x", "ks"), ("ae", "a"),
    ("ou", "u"), ("oy", "u"), ("oe", "o"), ("ue", "u"), ("w", "v"), ("j", "i"), ("y", "i"), ("ch", "h"), ("c", "k"),
)  # fmt: skip
_TITLES: Final = _words_of(
    """
    dr prof professor herr frau hr fr mr mrs ms miss mx sir madam mme mlle monsieur madame sig signor signora sr sra
    don dona ing dipl med phil jur rer nat mag msc bsc mba phd und and et familie family fam famille famiglia
    familia von van vom zu zur zum der den de del della di da do dos das du la le el al bin ibn ter ten
    """
)
_GENERATIONS: Final = {
    "jun": "jr", "jr": "jr", "jnr": "jr", "junior": "jr", "sen": "sr", "snr": "sr", "senior": "sr",
    "ii": "2", "iii": "3", "iv": "4",
}  # fmt: skip
_SENIOR_OR_SIR: Final = "sr"
"""Behind a name it is the elder, before one a Spanish form of address."""
_FIRMS: Final = _words_of(
    """
    gmbh mbh ag kg ohg ug ek eg ev ltd limited llc llp inc corp corporation plc bv nv sarl sas spa srl oy ab
    aps company firma
    """
)
_NO_NAME: Final = _words_of(
    """
    anonymous anonym anonymised anonymized unknown unbekannt guest gast inconnu customer kunde kundin client caller
    wireless private privat withheld unavailable user test none null na name deleted permanently requester kontakt
    contact billing account shop
    """
)


def greeting_name(asked: Iterable[str], on_profiles: Iterable[str]) -> str:
    """Return the name to greet a person by; empty for a greeting without a name.

    Args:
        asked: The names that the request gave for the person.
        on_profiles: The names in profiles that surely are the person's. They count only written out in full, and only
            where they do not contradict each other.
    """
    given = [name for name in asked if _is_readable(name) and not is_company(name)]
    on_file = [name for name in on_profiles if is_full(name) and not is_company(name)]
    return _fullest(given) or ("" if _contradict(on_file) else _fullest(on_file))


def _contradict(names: Collection[str]) -> bool:
    return any(agreement([name], [other]).contradicts for name, other in combinations(names, 2))


def _fullest(names: Collection[str]) -> str:
    return max(sorted(names), key=lambda name: len(name.split()), default="")
