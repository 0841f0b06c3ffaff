"""The end of an uploaded clip as the beginning of a score: its tempo, key and harmony, for the model to go on from."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from core.types import AudioClip, MusicRequest
from corpus import score
from corpus.score import Header
from pipelines.engines.score_rules import Cells
from pipelines.engines.windows import N_REMEMBERED

MOST_PHRASES = N_REMEMBERED
"""As many as a window remembers."""


@dataclass(frozen=True)
class Prompt:
    """`music` int (n_streams, steps) ends where the clip ends; it begins a whole number of phrases and a rest before.

    `tempo_bpm` as it was heard; `seconds` from the first step to the end of the clip, within half a step of the last
    step's end, so that the beat goes on unbroken.
    """

    header: Header
    music: npt.NDArray[np.int64]
    tempo_bpm: float
    seconds: float

    def cells(self, wanted: Cells) -> Cells:
        """What the header of a continuation must hold: the tempo, key, metre and swing that were heard.

        Genre, emotion and instruments as wanted, else as heard.
        """
        heard = self.header.pack()
        kept = [(score.CHORD, 0), (score.CHORD, 1), (score.ACCOMPANIMENT, 1), (score.BASS, 1)]
        kept += [(score.POSITION, 1), (score.DRUMS, 1)]
        cells: Cells = {at: torch.tensor([int(heard[at])]) for at in kept}
        for at in ((score.POSITION, 0), (score.DYNAMICS, 0)):
            cells[at] = wanted.get(at, torch.tensor([int(heard[at])]))
        return {at: ids for at, ids in wanted.items() if at not in cells} | cells


def listen(source: AudioClip, request: MusicRequest) -> Prompt:
    """The last `request.prompt_s` seconds of the clip as a score."""
    from pipelines.engines.transcription import transcribe

    n = min(source.samples.shape[1], round(request.prompt_s * source.rate))
    heard = transcribe(source.samples[:, source.samples.shape[1] - n :], source.rate)
    header = Header.unpack(heard.tokens)
    music = heard.tokens[:, score.N_HEADER_FRAMES :].astype(np.int64)
    n_phrases = music.shape[1] // header.steps_per_phrase
    music = music[:, max(0, n_phrases - MOST_PHRASES) * header.steps_per_phrase :]
    seconds = score.seconds_of(music.shape[1], heard.tempo_bpm, header.steps_per_beat) + n / source.rate - heard.end_s
    return Prompt(header, music, heard.tempo_bpm, seconds)
