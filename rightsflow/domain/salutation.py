"""Name for greeting a person in letters. Pure.

A letter to the wrong name tells its reader that another person has asked. So the name is the one that the request gave;
else one that a profile of the person's own bears, such as a customer's account. The name beside a caller's number, on
a parcel or in a ticket may be anybody's, and a number that stands where a name belongs is none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import combinations

from rightsflow.domain.names import agreement, is_firm, is_full, is_readable


def greeting_name(asked: Iterable[str], on_profiles: Iterable[str]) -> str:
    """Return the name to greet a person by; empty for a greeting without a name.

    Args:
        asked: The names that the request gave for the person.
        on_profiles: The names in profiles that surely are the person's. They count only written out in full, and only
            where they do not contradict each other.
    """
    given = [name for name in asked if is_readable(name) and not is_firm(name)]
    on_file = [name for name in on_profiles if is_full(name) and not is_firm(name)]
    return _fullest(given) or ("" if _contradict(on_file) else _fullest(on_file))


def _contradict(names: Collection[str]) -> bool:
    return any(agreement([combination], [other]).contradicts for combination, other in combinations(names, 2))


def _fullest(names: Collection[str]) -> str:
    return max(sorted(names), key=lambda name: len(name.split()), default="")
