"""Sounds of a classroom in which nobody speaks, made from numbers alone: no word may come of them.

Each is float32, shape (n,), -1..1, 16 kHz; the same seed always gives the same samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from media_ingest.frames import SAMPLE_RATE

Samples = NDArray[np.float32]
Maker = Callable[[float, Generator], Samples]
"""Makes so many seconds of a sound."""

SEED = 20_261_125
LEVELS = {"quiet": 0.01, "usual": 0.1, "loud": 0.5}
"""Root mean square of noises, peak of the other sounds."""


def sounds(seconds: float, seed: int = SEED) -> Iterator[tuple[str, Samples]]:
    """Give every sound at every level, each with its name."""
    yield "silence", np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    for name, make in MAKERS.items():
        sound = make(seconds, np.random.default_rng(seed))
        for level, peak in LEVELS.items():
            yield f"{level} {name}", _at_level(sound, peak, is_noise=name.endswith("noise"))


def _at_level(sound: Samples, level: float, *, is_noise: bool) -> Samples:
    size = np.sqrt(np.mean(np.square(sound))) if is_noise else np.abs(sound).max()
    return np.asarray(np.clip(sound * (level / size), -1, 1), np.float32)


def white_noise(seconds: float, generator: Generator) -> Samples:
    """Every frequency alike: a fan, a bad line."""
    return generator.standard_normal(round(seconds * SAMPLE_RATE)).astype(np.float32)


def pink_noise(seconds: float, generator: Generator) -> Samples:
    """Power falling with frequency: rain, a ventilation."""
    return _coloured(white_noise(seconds, generator), 0.5)


def brown_noise(seconds: float, generator: Generator) -> Samples:
    """Power falling with its square: traffic, wind."""
    return _coloured(white_noise(seconds, generator), 1.0)


def _coloured(noise: Samples, exponent: float) -> Samples:
    spectrum = np.fft.rfft(noise)
    hertz = np.maximum(np.fft.rfftfreq(len(noise), 1 / SAMPLE_RATE), 20)
    return np.fft.irfft(spectrum / hertz**exponent, len(noise)).astype(np.float32)


def hum(seconds: float, generator: Generator) -> Samples:
    """The mains at 50 Hz with its overtones, and a little noise."""
    time_s = _times(seconds)
    sound = sum(np.sin(2 * np.pi * 50 * n * time_s) / n for n in (1, 2, 3, 4, 6))
    return np.asarray(sound + 0.02 * white_noise(seconds, generator), np.float32)


def chords(seconds: float, generator: Generator) -> Samples:
    """A guitar's cadence, four chords of half a second over and over."""
    cadence = [(262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294)]
    return _played([(notes, 0.5) for notes in cadence], seconds, generator)


def melody(seconds: float, generator: Generator) -> Samples:
    """One instrument in the range of a voice, notes of a quarter to a half second with vibrato."""
    scale = [196, 220, 247, 262, 294, 330, 392]
    pitches, lengths_s = generator.choice(scale, 40), generator.uniform(0.2, 0.5, 40)
    notes = [
        ((int(pitch),), float(note_s)) for pitch, note_s in zip(pitches, lengths_s, strict=True)
    ]
    return _played(notes, seconds, generator)


def _played(
    notes: Sequence[tuple[tuple[int, ...], float]], seconds: float, generator: Generator
) -> Samples:
    """Play notes, each of some pitches for some seconds, over and over."""
    parts, length = list[Samples](), 0
    while length < seconds * SAMPLE_RATE:
        pitches, note_s = notes[len(parts) % len(notes)]
        parts.append(_plucked(pitches, note_s))
        length += len(parts[-1])
    sound = np.concatenate(parts)[: round(seconds * SAMPLE_RATE)]
    return np.asarray(sound + 0.002 * white_noise(seconds, generator)[: len(sound)], np.float32)


def _plucked(pitches: Sequence[int], seconds: float) -> Samples:
    time_s = _times(seconds)
    bent = time_s + 0.0005 * np.sin(2 * np.pi * 5 * time_s) / 5
    sound = sum(
        np.sin(2 * np.pi * pitch * harmonic * bent) * np.exp(-2 * harmonic * time_s) / harmonic
        for pitch in pitches
        for harmonic in range(1, 7)
    )
    return np.asarray(sound, np.float32)


def typing(seconds: float, generator: Generator) -> Samples:
    """A keyboard: two bursts of some milliseconds a stroke, four to twelve strokes a second."""
    return _struck(seconds, generator, every_s=(0.08, 0.25), decay_s=0.002, echo_s=0.06)


def clicks(seconds: float, generator: Generator) -> Samples:
    """A mouse or a pen: short and far apart."""
    return _struck(seconds, generator, every_s=(0.3, 1.5), decay_s=0.001, echo_s=0.09)


def knocks(seconds: float, generator: Generator) -> Samples:
    """A door: three or four low, wooden knocks, then a rest."""
    return _struck(seconds, generator, every_s=(0.18, 0.9), decay_s=0.03, echo_s=0.0, hertz=180)


def _struck(
    seconds: float,
    generator: Generator,
    *,
    every_s: tuple[float, float],
    decay_s: float,
    echo_s: float,
    hertz: float = 0.0,
) -> Samples:
    """Strike something again and again: decaying noise, and a tone where it has one."""
    sound = 0.001 * white_noise(seconds, generator)
    time_s = _times(8 * decay_s)
    at_s = 0.0
    while (at_s := at_s + generator.uniform(*every_s)) < seconds - echo_s - 8 * decay_s - 0.01:
        body = np.sin(2 * np.pi * hertz * time_s) if hertz else 0.0
        strike = np.exp(-time_s / decay_s) * (body + 0.3 * generator.standard_normal(len(time_s)))
        for offset_s, level in ((0.0, 1.0), (echo_s, 0.4)) if echo_s else ((0.0, 1.0),):
            first = round((at_s + offset_s) * SAMPLE_RATE)
            sound[first : first + len(strike)] += (level * strike).astype(np.float32)
    return sound


def telephone(seconds: float, generator: Generator) -> Samples:
    """A ring of two tones, two seconds of every six, with the beat of an old bell."""
    time_s = _times(seconds)
    ring = np.sin(2 * np.pi * 440 * time_s) + np.sin(2 * np.pi * 480 * time_s)
    beat = (time_s % 6 < 2) * (0.6 + 0.4 * np.sign(np.sin(2 * np.pi * 20 * time_s)))
    return np.asarray(ring * beat + 0.002 * white_noise(seconds, generator), np.float32)


def paper(seconds: float, generator: Generator) -> Samples:
    """Pages turned and shuffled: hiss that swells and falls, several times a second."""
    steps = generator.uniform(0, 1, max(4, round(seconds * 6))) ** 3
    swell = np.interp(_times(seconds), np.linspace(0, seconds, len(steps)), steps)
    noise = white_noise(seconds, generator)
    return np.asarray(swell * np.diff(noise, prepend=noise[:1]), np.float32)


def _times(seconds: float) -> NDArray[np.float64]:
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


MAKERS: dict[str, Maker] = {
    "white noise": white_noise,
    "pink noise": pink_noise,
    "brown noise": brown_noise,
    "mains hum": hum,
    "chords": chords,
    "melody": melody,
    "typing": typing,
    "clicks": clicks,
    "door knocks": knocks,
    "telephone": telephone,
    "paper": paper,
}
