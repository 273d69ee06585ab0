"""A labelled set of texts in seven languages, put together from phrase parts or written one by one.

A part file (`parts/<language>.toml`) holds sentences of requests for each right, hard negatives by kind, ordinary
service texts and the frame around them. A shape puts a sentence into a text as a mailbox, a chat or a call receives it:
misspelt, quoted by an agent, without punctuation, inside a long complaint. Everything depends on the seed alone.
"""

import functools
import random
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl")
RIGHTS = ("access", "erasure", "rectification", "restriction", "portability", "objection")
# The rights of each ten requests: access and erasure are the frequent ones.
TEN = ("access", "erasure", "rectification", "access", "erasure", "restriction", "access", "erasure", *RIGHTS[-2:])
# The share of hard negatives in the texts without a request.
HARD = 0.4
WRITTEN_ONLY = frozenset({"colleague_question", "past_request", "vendor"})  # No customer says these.
# The kind of an ordinary text, by its shape.
ORDINARY = {"with_footer": "signature", "in_complaint": "complaint", "four_pages": "long_letter"}
LETTERS_WITHOUT_SIGN = str.maketrans({"ß": "ss", "ł": "l", "Ł": "L", "œ": "oe"})


Draft = tuple[str, str | None, str]  # text, right and kind


@dataclass(frozen=True)
class LabelledText:
    """A text with its language, the right that it asks for (`None`: no request) and the kind of text it is."""

    id: str
    text: str
    language: str
    right: str | None
    kind: str


def generated(count: int = 1_400, seed: int = 1, share: float = 0.05) -> list[LabelledText]:
    """Return texts of which `share` are requests, equally many in each language."""
    each = count // len(LANGUAGES)
    wanted = round(each * share)
    texts = []
    for language in LANGUAGES:
        author = Author(language, seed)
        mine = [*author.requests(wanted), *author.negatives(each - wanted)]
        author.rng.shuffle(mine)
        texts += labelled(f"g{seed}", language, mine)
    return texts


def requests(count_per_language: int = 60, seed: int = 2) -> list[LabelledText]:
    """Return requests only, so that recall is measured on more of them than the mixed set has."""
    return [
        text
        for language in LANGUAGES
        for text in labelled(f"r{seed}", language, list(Author(language, seed).requests(count_per_language)))
    ]


def written() -> list[LabelledText]:
    """Return the texts that were written one by one."""
    entries = tomllib.loads((HERE / "written.toml").read_text(encoding="utf-8"))["text"]
    return [
        LabelledText(entry["id"], entry["text"].strip(), entry["language"], entry.get("right"), entry["kind"])
        for entry in entries
    ]


def labelled(prefix: str, language: str, drafts: list[Draft]) -> list[LabelledText]:
    """Number drafts, so that a report names a text by its set, language and place."""
    return [
        LabelledText(f"{prefix}-{language}-{number:04}", text, language, right, kind)
        for number, (text, right, kind) in enumerate(drafts, start=1)
    ]


@functools.cache
def parts_of(language: str) -> dict[str, dict[str, Any]]:
    """Read the phrase parts of a language."""
    return tomllib.loads((HERE / "parts" / f"{language}.toml").read_text(encoding="utf-8"))


@dataclass
class Deck:
    """Cards that are dealt in random order, each one before any comes again."""

    cards: list[str]
    rng: random.Random
    left: list[str] = field(default_factory=list)

    def deal(self) -> str:
        """Return the next card."""
        if not self.left:
            self.left = self.rng.sample(self.cards, len(self.cards))
        return self.left.pop()


class Author:
    """Writes texts in one language; two authors with the same seed write the same."""

    def __init__(self, language: str, seed: int) -> None:
        self.language = language
        self.parts = parts_of(language)
        self.rng = random.Random(f"{seed} {language}")
        self.decks: dict[tuple[str, str], Deck] = {}

    def part(self, section: str, name: str) -> str:
        """Return the next part of a list, with numbers, dates and names filled in."""
        if (section, name) not in self.decks:
            self.decks[section, name] = Deck(self.parts[section][name], self.rng)
        return self.fill(self.decks[section, name].deal())

    def fill(self, part: str) -> str:
        """Fill the placeholders of a part, except for the text that an agent quotes."""
        frame = self.parts["frame"]
        date = frame["date"].format(day=self.rng.randint(1, 28), month=self.rng.randint(1, 11))
        order = f"{self.rng.choice('ABKRW')}{self.rng.randint(10_000, 99_999)}"
        name = self.rng.choice(frame["names"])
        return part.replace("{date}", date).replace("{order}", order).replace("{name}", name)

    def frame(self, name: str, probability: float = 1.0) -> list[str]:
        """Return a part of the frame, or nothing, by chance."""
        return [self.part("frame", name)] if self.rng.random() < probability else []

    def requests(self, count: int) -> Iterator[Draft]:
        """Yield requests: rights by their frequency, each shape before any comes again."""
        shapes = Deck(list(SHAPES), self.rng)
        for number in range(count):
            right = TEN[number % len(TEN)]
            kind = shapes.deal()
            if kind == "mixed_language" and right not in self.parts["mixed"]:
                kind = "plain"
            section = SECTIONS.get(kind, "requests")
            yield SHAPES[kind](self, self.part(section, right)), right, kind

    def negatives(self, count: int) -> Iterator[Draft]:
        """Yield texts without a request: hard negatives and ordinary ones, in the shapes that requests have."""
        hard = round(count * HARD)
        kinds = Deck(list(self.parts["negatives"]), self.rng)
        for number in range(count):
            if number < hard:
                kind = kinds.deal()
                shapes = WRITTEN_SHAPES if kind in WRITTEN_ONLY else NEGATIVE_SHAPES
                text = SHAPES[self.rng.choice(shapes)](self, self.part("negatives", kind))
            else:
                shape = self.rng.choice(NEGATIVE_SHAPES)
                kind = ORDINARY.get(shape, "ordinary")
                text = SHAPES[shape](self, self.part("ordinary", "texts"))
            yield text, None, kind


def plain(author: Author, sentence: str) -> str:
    """Put a sentence into a short mail, sometimes with its story before it."""
    body = " ".join([*author.frame("stories", 0.4), sentence, *author.frame("threats", 0.25)])
    return "\n\n".join([*author.frame("greetings", 0.8), body, *author.frame("closings", 0.9)])


def short(author: Author, sentence: str) -> str:
    """Leave a sentence without a frame, as in a chat."""
    return " ".join([*author.frame("greetings", 0.2), sentence])


def rude(author: Author, sentence: str) -> str:
    """Put a sentence between insults."""
    return " ".join([*author.frame("rude"), sentence, *author.frame("rude", 0.7), *author.frame("threats", 0.5)])


def in_complaint(author: Author, sentence: str) -> str:
    """Bury a sentence anywhere in a long complaint."""
    lines = [*stories(author, author.rng.randint(4, 7)), *author.frame("rude", 0.5)]
    author.rng.shuffle(lines)
    lines.insert(author.rng.randint(1, len(lines)), sentence)
    breaks = author.rng.choice((" ", "\n\n"))
    body = breaks.join([*lines, *author.frame("threats", 0.5)])
    return "\n\n".join([*author.frame("greetings"), body, *author.frame("closings")])


def quoted_by_agent(author: Author, sentence: str) -> str:
    """Let an agent quote the customer's words in a note."""
    words = " ".join([*author.frame("stories", 0.3), sentence, *author.frame("threats", 0.2)])
    return author.part("frame", "agent_quotes").replace("{text}", words)


def reported_by_agent(author: Author, sentence: str) -> str:
    """Let an agent's note report the customer's wish beside another matter."""
    return "\n".join([*author.frame("thread_lines", 0.2), *author.frame("stories", 0.2), sentence])


def transcript(author: Author, sentence: str) -> str:
    """Write a call down as speech recognition does: lower case, no punctuation, fillers kept."""
    said = [*stories(author, author.rng.randint(1, 3)), sentence, *author.frame("threats", 0.3)]
    spoken = re.sub(r"[^\w\s'’@-]", " ", " ".join(said).lower())
    words = []
    for word in spoken.split():
        words += author.frame("fillers", 0.1)
        words.append(word)
    return " ".join([*author.frame("call_openings"), *words, *author.frame("call_closings")])


def misspelt(author: Author, sentence: str) -> str:
    """Write a short mail as hurried fingers do: letters swapped, left out or doubled, often no accents."""
    text = misspell(plain(author, sentence).replace(sentence, misspell(sentence, author.rng)), author.rng, 0.04)
    if author.rng.random() < 0.5:
        text = without_accents(text, author.language)
    return text.lower() if author.rng.random() < 0.4 else text


def formal_letter(author: Author, sentence: str) -> str:
    """Write a stiff letter with a date and paragraphs."""
    frame = author.parts["frame"]
    name = author.rng.choice(frame["names"])
    paragraphs = [*author.frame("stories", 0.3), sentence, *author.frame("threats", 0.6)]
    head = [f"{name}\n{author.fill('{date}')}", frame["formal_greeting"]]
    return "\n\n".join([*head, *paragraphs, f"{frame['formal_closing']}\n{name}"])


def four_pages(author: Author, sentence: str) -> str:
    """Hide a sentence in a letter of many smooth paragraphs, as a language model writes it."""
    smooth = author.parts["frame"]["long"]
    pairs = zip(smooth, stories(author, len(smooth)), strict=True)
    paragraphs = [paragraph for pair in pairs for paragraph in pair][:-1]
    place = author.rng.randint(1, len(paragraphs) - 2)
    paragraphs[place] = f"{paragraphs[place]} {sentence}"
    return "\n\n".join([*author.frame("greetings"), *paragraphs, *author.frame("closings")])


def stories(author: Author, count: int) -> list[str]:
    """Return different stories."""
    return [author.fill(story) for story in author.rng.sample(author.parts["frame"]["stories"], count)]


def in_thread(author: Author, sentence: str) -> str:
    """Put the company's earlier mail, with its legal footer, below the customer's answer."""
    quoted = [author.part("frame", name) for name in ("thread_lines", "thread_lines", "footers")]
    below = "\n".join(f"> {line}" for line in quoted)
    return "\n\n".join([plain(author, sentence), author.part("frame", "thread_headers"), below])


def with_footer(author: Author, sentence: str) -> str:
    """Put legal boilerplate below a short mail."""
    mail = [*author.frame("greetings", 0.8), sentence, *author.frame("closings", 0.9)]
    return "\n\n".join([*mail, "--", author.part("frame", "footers")])


def misspell(text: str, rng: random.Random, probability: float = 0.2) -> str:
    """Misspell words of four letters or more by chance, and at least one."""
    words = re.split(r"(\s+)", text)
    long_words = [place for place, word in enumerate(words) if len(word) >= 4 and word.isalpha()]
    chosen = {place for place in long_words if rng.random() < probability}
    if long_words and not chosen:
        chosen = {rng.choice(long_words)}
    for place in sorted(chosen):
        words[place] = rng.choice(SLIPS)(words[place], rng.randint(1, len(words[place]) - 2))
    return "".join(words)


SLIPS: tuple[Callable[[str, int], str], ...] = (
    lambda word, place: word[:place] + word[place + 1] + word[place] + word[place + 2 :],
    lambda word, place: word[:place] + word[place + 1 :],
    lambda word, place: word[:place] + word[place] + word[place:],
)


def without_accents(text: str, language: str) -> str:
    """Drop accents and other signs that a hurried keyboard leaves out; German writes ae, oe, ue."""
    if language == "de":
        text = re.sub("[äöüÄÖÜ]", lambda umlaut: unicodedata.normalize("NFD", umlaut[0])[0] + "e", text)
    decomposed = unicodedata.normalize("NFD", text.translate(LETTERS_WITHOUT_SIGN))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


Shape = Callable[[Author, str], str]
SHAPES: dict[str, Shape] = {
    "plain": plain,
    "short": short,
    "rude": rude,
    "in_complaint": in_complaint,
    "quoted_by_agent": quoted_by_agent,
    "reported_by_agent": reported_by_agent,
    "transcript": transcript,
    "misspelt": misspelt,
    "formal_letter": formal_letter,
    "four_pages": four_pages,
    "in_thread": in_thread,
    "with_footer": with_footer,
    "mixed_language": plain,
}
# The list of sentences that a shape takes its own from.
SECTIONS = {"formal_letter": "formal", "reported_by_agent": "reported", "mixed_language": "mixed"}
# The shapes of a colleague's or vendor's mail, and those that only a customer's text has.
WRITTEN_SHAPES = ("short", "with_footer")
CUSTOMER_SHAPES = ("plain", "misspelt", "in_thread", "in_complaint", "quoted_by_agent", "transcript", "four_pages")
NEGATIVE_SHAPES = (*WRITTEN_SHAPES, *CUSTOMER_SHAPES)
