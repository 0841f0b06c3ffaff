"""Motifs that come home: what the tune sang four bars ago, or when the theme began, is likelier to be sung again.

A small model knows when a bar returns (its tokens are worth half as many nats as those of a new bar), but draws a wrong
note before it is through: at every step the odds of the token that would go on with the return are raised, as long as
the bar has been that of its model so far and stands on the same chords. The first other note ends it. How often bars
return is so still the model's choice; `STRENGTH` was set where they return as often as in the composer's pieces.
"""

from dataclasses import dataclass

import numpy as np
import torch

from corpus import score
from corpus.form import turns
from pipelines.engines.score_rules import Frame

STRENGTH = 3.0
"""Nats at the beginning of a bar; twice as many once it has been sung without a difference for half of it."""
_HOMECOMING = 2.0
_SAME_CHORDS = ("theme", "variation", "contrast")
_SAME_TUNE = {"theme": 2.0, "contrast": 2.0, "ending": 2.0, "variation": 1.0}
"""How much stronger a section that comes home is leant to than the bar four bars ago; a variation may differ."""


@dataclass
class Recall:
    """The habit of one piece in one window: `music` int (n_streams, done), then the frames from `begins_at` on."""

    frame: Frame
    music: torch.Tensor
    begins_at: int
    strength: float = STRENGTH

    def __post_init__(self) -> None:
        self._done = self.music.shape[1]
        self._heard = np.zeros((score.N_STREAMS, max(self.frame.n_steps, self._done) + score.N_STREAMS), np.int64)
        self._heard[:, : self._done] = self.music.numpy()

    def see(self, column: int, choice: torch.Tensor) -> None:
        """Keep what was chosen in a column, int (n_streams,)."""
        for stream, token in enumerate(choice.tolist()):
            step = self._step(column, stream)
            if self._done <= step < self._heard.shape[1]:
                self._heard[stream, step] = token

    def lean(self, column: int) -> list[tuple[int, int, float]]:
        """What would go on with a return: (stream, token, nats by which its odds rise)."""
        return [each for each in (self._chord(column), self._tune(column)) if each]

    def _chord(self, column: int) -> tuple[int, int, float] | None:
        """The chord that the section had before."""
        step = self._step(column, score.CHORD)
        if not self._done <= step < self.frame.n_steps:
            return None
        phrase, within = divmod(step, self.frame.header.steps_per_phrase)
        home = self._home(phrase) if self.frame.kind(phrase) in _SAME_CHORDS else None
        if home is None:
            return None
        model = home * self.frame.header.steps_per_phrase + within
        return score.CHORD, int(self._heard[score.CHORD, model]), self.strength * _HOMECOMING

    def _tune(self, column: int) -> tuple[int, int, float] | None:
        """What the bar that may return goes on with, as long as this one has been the same, on the same chords."""
        step = self._step(column, score.MELODY)
        model = self._model(step) if self._done <= step < self.frame.n_steps else None
        if model is None or self._heard[score.CHORD, step] != self._heard[score.CHORD, model]:
            return None
        into = step % self.frame.header.steps_per_bar
        sung, then = self._heard[score.MELODY, step - into : step], self._heard[score.MELODY, model - into : model]
        if not np.array_equal(sung, then):
            return None
        sure = self.strength * (1 + min(1.0, 2 * into / self.frame.header.steps_per_bar))
        if step - model > self.frame.header.steps_per_phrase:
            sure *= _SAME_TUNE[self.frame.kind(step // self.frame.header.steps_per_phrase)]
        return score.MELODY, int(self._heard[score.MELODY, model]), sure

    def _step(self, column: int, stream: int) -> int:
        """The step of the piece that a stream has in a column: stream k is late by k, column 0 is the start."""
        return self._done + column - 1 - stream - self.begins_at

    def _model(self, step: int) -> int | None:
        """The step of the tune that `step` may bring back: the theme's where it has come home, else four bars ago."""
        size = self.frame.header.steps_per_phrase
        phrase, within = divmod(step, size)
        home = self._home(phrase) if self.frame.kind(phrase) in _SAME_TUNE else None
        if home is not None:
            return home * size + within
        return step - size if self._turn(phrase) else None

    def _home(self, phrase: int) -> int | None:
        """The phrase of the first theme, or of the contrast in its second, in the same place; None where none is."""
        kind = "contrast" if self.frame.kind(phrase) == "contrast" else "theme"
        begins = [
            i for i in range(phrase + 1) if self.frame.kind(i) == kind and (i == 0 or self.frame.kind(i - 1) != kind)
        ]
        if (
            not begins
            or phrase - begins[0] < turns(self.frame.header.genre)
            or (kind == "contrast" and len(begins) != 2)
        ):
            return None
        return begins[0] + self._turn(phrase)

    def _turn(self, phrase: int) -> int:
        """Which phrase of its section it is, from 0."""
        begin = phrase
        while begin and self.frame.kind(begin - 1) == self.frame.kind(phrase):
            begin -= 1
        return (phrase - begin) % turns(self.frame.header.genre)
