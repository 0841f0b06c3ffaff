"""First verb: an AudioClip becomes a Description: traits that were heard, and the words for them.

Genre, emotion and "is this music?" come from the bundled classifiers, tempo and beats from core.rhythm with a prior
for the genre, key from core.harmony, loudness by ITU-R BS.1770. The words come from corpus.captions, so the bundled
models have read every word said here; they depend on nothing but the traits, so that a person may edit a trait and
get new words.
"""

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from core import features, harmony, rhythm
from core.audio import SILENCE_LUFS, loudness_lufs, read_clip, resample
from core.errors import UserError
from core.types import AudioClip, Description, Progress, Provenance, Traits, no_progress
from corpus.captions import GENRE_INSTRUMENTS, Fields, caption, hedged_caption, image_prompt, music_prompt
from pipelines import confidence

_PROVENANCE = Provenance("synthesete-ears", "", "bundled", "Apache-2.0")


@dataclass(frozen=True)
class Words:
    """The three texts of a description."""

    caption: str
    image_prompt: str
    music_prompt: str


def words(
    genre: str,
    emotion: str,
    *,
    second_emotion: str | None = None,
    tempo_bpm: float | None = None,
    key: str | None = None,
) -> Words:
    """Definite caption, picture prompt and music prompt for traits as given; the same traits give the same words."""
    heard = Fields(genre, emotion, second_emotion, tempo_bpm, key)
    instruments = GENRE_INSTRUMENTS[genre][:2]
    played = Fields(genre, emotion, second_emotion, tempo_bpm, key, instruments)
    return Words(caption(heard), image_prompt(heard), music_prompt(played))


def words_for(traits: Traits) -> Words:
    """The texts for what was heard: definite prompts, and a caption that hedges where the traits are uncertain."""
    definite = words(
        traits.genre.top,
        traits.emotion.top,
        second_emotion=confidence.second_emotion(traits.emotion),
        tempo_bpm=traits.beats.tempo_bpm,
        key=traits.key,
    )
    return replace(definite, caption=hedged_caption(confidence.heard(traits), confidence.doubts(traits)))


def describe_file(path: str | os.PathLike[str], progress: Progress = no_progress) -> Description:
    """Describe a sound file; its damage and length are told in the warnings. Raises UserError as read_clip does."""
    progress(0.0, "Reading the clip")
    clip, warnings = read_clip(path)
    return describe(clip, progress=progress, warnings=warnings)


def describe(clip: AudioClip, *, progress: Progress = no_progress, warnings: Sequence[str] = ()) -> Description:
    """Say what is heard. `warnings` from reading the clip come first in the result's.

    Raises UserError for a silent clip.
    """
    started = time.monotonic()
    progress(0.1, "Listening")
    traits = hear(clip, progress)
    if traits.loudness_lufs <= SILENCE_LUFS or not np.any(clip.samples):
        raise UserError("The clip is silent.", "Choose a clip in which something can be heard.")
    texts = words_for(traits)
    progress(1.0, "Described")
    return Description(
        traits,
        texts.caption,
        texts.image_prompt,
        texts.music_prompt,
        (*warnings, *confidence.notes(traits)),
        _provenance(time.monotonic() - started),
    )


def warm() -> None:
    """Load the classifiers, so that the first person does not wait for them."""
    rng = np.random.default_rng(0)
    pulse = np.tile(np.r_[np.ones(500), np.zeros(10_525)], 12) * rng.normal(0, 0.2, 12 * 11_025)
    describe(AudioClip(pulse[None].astype(np.float32), features.RATE_HZ, "warming up"))


def hear(clip: AudioClip, progress: Progress = no_progress) -> Traits:
    """The traits of a clip, whatever it is; those of silence mean nothing."""
    from classifiers.listener import listen

    # loudness and key need nothing else: measured beside the rest, where NumPy and onnxruntime share the cores
    with ThreadPoolExecutor(1, "synthesete-describe") as beside:
        loudness = beside.submit(loudness_lufs, clip)
        mono = resample(_one_channel(clip), features.RATE_HZ).samples[0]
        key = beside.submit(lambda: harmony.key(harmony.tonal_chroma(mono)))
        mel_db = features.log_mel(mono)
        progress(0.3, "Recognising genre and emotion")
        judgement = listen(mel_db)
        progress(0.6, "Finding the beat")
        beats = rhythm.beats(mel_db, rhythm.priors_of(judgement.genre.as_dict()))
        progress(0.9, "Finding the key")
        return Traits(
            judgement.genre,
            judgement.emotion,
            beats,
            *key.result(),
            round(loudness.result(), 1),
            judgement.music_probability,
            round(clip.seconds, 3),
            judgement.timeline,
        )


def _one_channel(clip: AudioClip) -> AudioClip:
    """The mean of the channels, or the first where they cancel out (one of them was wired the wrong way round)."""
    mono = clip.mono()
    cancelled = np.ptp(mono) < 1e-3 * np.ptp(clip.samples[0])
    return AudioClip(np.ascontiguousarray(clip.samples[:1]) if cancelled else mono[None], clip.rate, clip.name)


def _provenance(seconds: float) -> Provenance:
    return replace(_PROVENANCE, seconds_taken=round(seconds, 3))


if __name__ == "__main__":
    from pipelines.library import main

    raise SystemExit(main())
