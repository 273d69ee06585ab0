"""Invented names, addresses and numbers; nothing here can reach or mean anybody.

E-mail addresses use the domains of RFC 2606. Telephone numbers come from the ranges that the regulators keep free for
film and fiction (Bundesnetzagentur "Rufnummern für Medienproduktionen", Ofcom, Arcep, PTS, NANPA 555-01xx). British
ones are London's: Ofcom's mobile numbers for fiction are not valid to ``phonenumbers``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import count
from random import Random

# fmt: off
GIVEN = {
    "de": (
        "Anna", "Ben", "Clara", "David", "Elif", "Felix", "Greta", "Hannes", "Ida", "Jonas", "Käthe", "Lukas",
        "Mia", "Noah", "Özlem", "Paul", "Rosa", "Sören", "Theresa", "Uwe", "Wiebke", "Yasmin", "Jürgen",
        "Bärbel",
    ),
    "en": (
        "Alice", "Brian", "Chloé", "Dermot", "Eilidh", "Frank", "Gráinne", "Hugh", "Imogen", "Jack", "Kíara",
        "Liam", "Maeve", "Niamh", "Oscar", "Priya",
    ),
}
FAMILY = {
    "de": (
        "Ackermann", "Bäcker", "Çelik", "Döring", "Engel", "Fuß", "Größmann", "Hübner", "Jäger", "Köhler",
        "Lindqvist", "Müller", "Nowak", "Özdemir", "Pröll", "Richter", "Schäfer", "Straßburger", "Thön", "Voß",
        "Weiß", "Ziegler", "Krüger", "Kaya",
    ),
    "en": (
        "Adams", "Brontë", "Carter", "D’Arcy", "Evans", "Fitzgerald", "Gray", "Hughes", "Ingram", "Jones",
        "Kelly", "Lynch", "McNamara", "O’Neill",
    ),
}
# fmt: on

CAST = {
    "access": ("Zoë Müller-Lüdenscheidt", "de"),
    "erasure": ("José Ñíguez", "de"),
    "earlier holder": ("Søren Ødegård", "en"),
    "copied by": ("Łukasz Żółć", "de"),
    "shares a ticket": ("Aoife O’Connor", "en"),
    "reads along": ("王 小明", "en"),
    "gave up a number": ("Amélie Bœuf", "en"),
    "took over a number": ("Grzegorz Brzęczyszczykiewicz", "de"),
    "signed up twice": ("Renée Aßmann", "de"),
    "family 1": ("Ingrid Hoffmann", "de"),
    "family 2": ("Peter Hoffmann", "de"),
    "family 3": ("Jule Hoffmann", "de"),
    "owes": ("Đorđe Šarić", "de"),
    "disputes": ("Siân Llwyd", "en"),
    "names another": ("Thomas Weidner", "de"),
    "is named": ("Yağmur Şahin", "de"),
    "has two addresses": ("Björk Guðmundsdóttir", "en"),
}
"""The cast of the crossings of :class:`~rightsflow_sandbox.world.cases.Cases`, with their language."""

CITIES = {
    "de": (("10115", "Berlin", "DE"), ("20095", "Hamburg", "DE"), ("50667", "Köln", "DE"), ("80331", "München", "DE")),
    "en": (("SW1A 1AA", "London", "GB"), ("D02 X285", "Dublin", "IE"), ("10119", "Berlin", "DE")),
}
STREETS = {
    "de": ("Lindenstraße", "Gartenweg", "Schloßallee", "Am Brunnen", "Mühlengasse"),
    "en": ("Station Road", "Mill Lane", "Church Street", "The Green", "Abbey Road"),
}

HOTLINE = "+493023125000"
"""The call centre's own number, never a customer's."""

_RANGES = {
    "de": (("+493023125", 3), ("+496990009", 3), ("+494066969", 3), ("+492214710", 3), ("+498999998", 3)),
    "en": (("+442079460", 3), ("+3319900", 4), ("+467017406", 2), ("+121255501", 2)),
    "mobile": (("+4917139200", 2), ("+49176040690", 2)),
}
"""Prefix and number of free digits; ``"mobile"`` serves as anybody's second number."""

_LOWEST = {2: 5, 3: 101, 4: 101}
"""The first free number by digits: below lie the call centre's own, and numbers outside the Swedish range."""

_PLAIN = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "œ": "oe", "đ": "d", "Đ": "D", "ð": "d", "ı": "i"}
    | {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "王": "Wang", "小": "Xiao", "明": "ming"}
)


def plain(text: str) -> str:
    """Return the text in lower-case ASCII letters, words joined by dots, as people write it in an e-mail address."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).translate(_PLAIN))
    return re.sub(r"[^a-z]+", ".", letters.encode("ascii", "ignore").decode().lower()).strip(".")


def phones(random: Random, kind: str) -> Iterator[str]:
    """Yield all numbers of a kind in a random order, each once, E.164.

    Args:
        random: Decides the order.
        kind: ``"de"``, ``"en"`` or ``"mobile"``.
    """
    numbers = [
        f"{prefix}{number:0{digits}d}"
        for prefix, digits in _RANGES[kind]
        for number in range(_LOWEST[digits], min(10**digits, 1000))
    ]
    random.shuffle(numbers)
    yield from numbers


def full_names(random: Random) -> Iterator[tuple[str, str]]:
    """Yield names with their language, each once, Germans twice as often as others."""
    made: dict[str, int] = {}
    for _ in count():
        language = random.choice(("de", "de", "en"))
        name = f"{random.choice(GIVEN[language])} {random.choice(FAMILY[language])}"
        if random.random() < 0.15:
            name += f"-{random.choice(FAMILY[language])}"
        made[name] = made.get(name, 0) + 1
        if made[name] == 1:
            yield name, language
