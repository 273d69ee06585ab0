"""Recordings can be played, and two parties are heard in turn."""

from __future__ import annotations

import io
import math
import wave
from array import array
from itertools import pairwise

from rightsflow_sandbox.telephony.audio import AGENT_HZ, CALLER_HZ, RATE, RINGING_HZ, RINGING_SECONDS, record


def samples_of(data: bytes) -> list[array]:
    """The samples of each channel."""
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getframerate(), file.getsampwidth()) == (RATE, 2)
        both = array("h", file.readframes(file.getnframes()))
        return [both[channel :: file.getnchannels()] for channel in range(file.getnchannels())]


def strength(samples: array, frequency: float) -> float:
    """How much of the power of the samples lies at a frequency, between 0 and 1 (Goertzel)."""
    step = 2 * math.pi * frequency / RATE
    real = sum(sample * math.cos(step * tick) for tick, sample in enumerate(samples))
    imaginary = sum(sample * math.sin(step * tick) for tick, sample in enumerate(samples))
    power = sum(sample * sample for sample in samples)
    return 2 * (real * real + imaginary * imaginary) / (len(samples) * power) if power else 0.0


def loudness(samples: array) -> float:
    """Root mean square as a share of full scale."""
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples)) / 32767


def part(samples: array, start: float, end: float) -> array:
    """The samples between two moments in seconds."""
    return samples[int(start * RATE) : int(end * RATE)]


def test_it_is_a_recording_of_the_length_asked_for_and_the_same_each_time():
    # It is a wav file of the length asked for.
    for seconds in (2, 6):
        for stereo in (False, True):
            recording = record(seconds, key="one", stereo=stereo)
            channels = samples_of(recording.data)
            assert len(channels) == recording.channels == (2 if stereo else 1)
            assert all(len(channel) == seconds * RATE for channel in channels)
            assert len(recording.data) < 200_000
    assert record(3, key="one", stereo=False) == record(3, key="one", stereo=False)
    assert len({record(3, key=str(key), stereo=False).data for key in range(50)}) == 50
    (mix,) = samples_of(record(3, key="one", stereo=False).data)
    assert strength(part(mix, 0, RINGING_SECONDS), RINGING_HZ) > 0.8


def test_the_parties_are_told_apart_by_pitch_turn_and_channel():
    # Each party is heard by its pitch when it speaks.
    for key in ("one", "two", "three"):
        recording = record(5, key=key, stereo=False)
        (mix,) = samples_of(recording.data)
        assert recording.pitch in CALLER_HZ
        for turn in recording.turns:
            spoken = part(mix, turn.start, turn.end)
            agent, customer = strength(spoken, AGENT_HZ), strength(spoken, recording.pitch)
            assert (agent > 5 * customer) is turn.is_agent
            assert (customer > 5 * agent) is not turn.is_agent
    # The parties speak in turn without gaps.
    turns = record(6, key="one", stereo=False).turns
    assert len(turns) >= 4
    assert all(first.is_agent is not second.is_agent for first, second in pairwise(turns))
    assert all(first.end == second.start for first, second in pairwise(turns))
    assert (turns[0].start, turns[-1].end) == (RINGING_SECONDS, 6.0)
    # With two channels the customer is left and the agent right.
    recording = record(5, key="one", stereo=True)
    customer, agent = samples_of(recording.data)
    for turn in recording.turns:
        speaking, silent = (agent, customer) if turn.is_agent else (customer, agent)
        assert loudness(part(speaking, turn.start, turn.end)) > 0.05
        assert not any(part(silent, turn.start, turn.end))
    # It is clearly audible and not clipped.
    for key in range(10):
        (mix,) = samples_of(record(4, key=str(key), stereo=False).data)
        assert 0.05 < loudness(mix) < 0.5
        assert 10_000 < max(map(abs, mix)) < 32_000
    # The mix is the sum of both channels.
    (mix,) = samples_of(record(4, key="one", stereo=False).data)
    customer, agent = samples_of(record(4, key="one", stereo=True).data)
    assert list(mix) == [left + right for left, right in zip(customer, agent, strict=True)]
