"""Makes recordings of telephone calls that can be played: a ringing tone, then two parties speaking in turn.

What is heard are tones with the formants of vowels, not words. Each party has a pitch of their own, so that the two can
be told apart by ear and by measurement. Everything is made from a few syllables per voice that are computed once.
"""

from __future__ import annotations

import io
import math
import wave
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from random import Random

RATE = 8000
"""Samples per second, as in a telephone system."""

RINGING_HZ = 425.0
"""The ringing tone of Europe's networks (ITU-T E.180)."""

RINGING_SECONDS = 0.4
AGENT_HZ = 120.0
"""The pitch of the agent's voice."""

CALLER_HZ = (185.0, 205.0, 225.0, 245.0)
"""The pitches a customer's voice may have."""

_SYLLABLE_SECONDS = 0.2
_VOWELS = ((700, 1200), (300, 2300), (400, 800), (500, 1800))
"""First and second formant in Hz: a, i, o, e."""

_LOUDNESS = 0.5
_FULL_SCALE = 32767
_FADE_SECONDS = 0.02
_SYLLABLES_PER_TURN = (2, 4)


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of one party speaking.

    Args:
        is_agent: Who speaks.
        start: When, in seconds from the beginning.
        end: Until when.
    """

    is_agent: bool
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording and the turns heard in it.

    Args:
        data: A WAV file, 16 bit, 8 kHz.
        channels: 1 for the mix of both parties, 2 for the customer left and the agent right.
        turns: Who speaks when.
        pitch: The customer's pitch in Hz.
    """

    data: bytes
    channels: int
    turns: tuple[Turn, ...]
    pitch: float


def record(seconds: int, *, key: str, stereo: bool) -> Recording:
    """Make a recording, the same for the same arguments.

    Args:
        seconds: How long it is to be.
        key: Decides what is said and in which voice.
        stereo: Whether each party has a channel of its own.
    """
    random = Random(key)  # noqa: S311 - repeatable on purpose
    pitch = random.choice(CALLER_HZ)
    ringing, silence = _tone((RINGING_HZ,), RINGING_SECONDS), array("h", bytes(2 * int(RATE * RINGING_SECONDS)))
    customer, agent, mix = array("h", silence), array("h", ringing), array("h", ringing)
    turns: list[Turn] = []
    while len(mix) < seconds * RATE:
        is_agent = len(turns) % 2 == 0
        spoken = _speech(random, AGENT_HZ if is_agent else pitch)
        spoken = spoken[: seconds * RATE - len(mix)]
        turns.append(Turn(is_agent=is_agent, start=len(mix) / RATE, end=(len(mix) + len(spoken)) / RATE))
        quiet = array("h", bytes(2 * len(spoken)))
        mix.extend(spoken)
        agent.extend(spoken if is_agent else quiet)
        customer.extend(quiet if is_agent else spoken)
    samples = _interleaved(customer, agent) if stereo else mix
    return Recording(
        data=_wav(samples, 2 if stereo else 1), channels=2 if stereo else 1, turns=tuple(turns), pitch=pitch
    )


def _speech(random: Random, pitch: float) -> array[int]:
    spoken: array[int] = array("h")
    for _ in range(random.randint(*_SYLLABLES_PER_TURN)):
        spoken.extend(_syllable(pitch, random.randrange(len(_VOWELS))))
    return spoken


@cache
def _syllable(pitch: float, vowel: int) -> array[int]:
    """Harmonics of the pitch, the louder the nearer they lie to a formant of the vowel."""
    partials = []
    harmonic = pitch
    while harmonic < RATE * 0.4:
        nearness = max(math.exp(-(((harmonic - formant) / 250) ** 2)) for formant in _VOWELS[vowel])
        partials.append((harmonic, 0.15 + nearness))
        harmonic += pitch
    # The voice's own pitch is always heard, whatever the vowel.
    partials[0] = (pitch, 1.0)
    return _mixed(partials, _SYLLABLE_SECONDS)


@cache
def _tone(frequencies: tuple[float, ...], seconds: float) -> array[int]:
    return _mixed([(frequency, 1.0) for frequency in frequencies], seconds)


def _mixed(partials: Iterable[tuple[float, float]], seconds: float) -> array[int]:
    """Sine waves of these frequencies (Hz) and weights, faded in and out, at the usual loudness."""
    partials = list(partials)
    number, fade = int(RATE * seconds), int(RATE * _FADE_SECONDS)
    waves = [(2 * math.pi * frequency / RATE, weight) for frequency, weight in partials]
    raw = [
        sum(weight * math.sin(step * tick) for step, weight in waves)
        * min(1.0, tick / fade, (number - 1 - tick) / fade)
        for tick in range(number)
    ]
    peak = max(map(abs, raw))
    return array("h", (round(sample / peak * _LOUDNESS * _FULL_SCALE) for sample in raw))


def _interleaved(left: array[int], right: array[int]) -> array[int]:
    both = array("h", bytes(4 * len(left)))
    both[0::2], both[1::2] = left, right
    return both


def _wav(samples: array[int], channels: int) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return target.getvalue()
