"""What a score may contain, step by step: wanted header cells, valid ids, tunes in the scale, the frame of its form.

The form is drawn as the composer draws it, and the position in the phrase, what the phrase is (theme, variation,
contrast) and the bars left until the final chord are forced: a piece has sections, and closes where its time is up.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch

from corpus import score
from corpus.captions import EMOTIONS, GENRES, KEYS, Fields
from corpus.form import draw_form
from corpus.instruments import cast_parts
from corpus.score import BARS_PER_PHRASE, Header
from pipelines.engines.steering import Allowed
from pipelines.engines.wishes import asked_tempo_bpm

IN_SCALE = (score.MELODY, score.EXTRA)
_ROLE_STREAMS = {
    "melody": score.MELODY,
    "accompaniment": score.ACCOMPANIMENT,
    "extra": score.EXTRA,
    "bass": score.BASS,
}

Cells = dict[tuple[int, int], torch.Tensor]
"""Allowed ids of header cells, by (stream, frame)."""


@dataclass(frozen=True)
class Frame:
    """The steps of a piece, the bar of its final chord (None: it breaks off), and where its own music begins.

    A continuation begins after `first_step` steps of the music that it goes on from. `form` has the kind of every
    phrase (`score.SECTIONS`): a window is too short to tell how long a section has been going on.
    """

    header: Header
    n_steps: int
    final_bar: int | None
    form: tuple[str, ...]
    first_step: int = 0

    @staticmethod
    def drawn(
        header: Header, n_steps: int, final_bar: int | None, rng: random.Random, *, first_step: int = 0
    ) -> "Frame":
        """With a form as the composer would draw it."""
        n_bars = -(-n_steps // header.steps_per_bar) if final_bar is None else final_bar + 1
        n_phrases, begun = -(-n_bars // BARS_PER_PHRASE), -(-first_step // header.steps_per_phrase)
        form = draw_form(header.genre, rng, n_phrases, ends=final_bar is not None, begun=begun)
        return Frame(header, n_steps, final_bar, tuple(form), first_step)

    def kind(self, phrase: int) -> str:
        """Which of `score.SECTIONS` a phrase is; what rings on after the form belongs to its last."""
        return self.form[min(phrase, len(self.form) - 1)]

    def position(self, step: int) -> int:
        """The POSITION id that stands at `step`."""
        phrase, within = divmod(step, self.header.steps_per_phrase)
        if step % 2:
            return within // 2
        left = None if self.final_bar is None else max(0, self.final_bar - step // self.header.steps_per_bar)
        return score.section_token(self.kind(phrase), left)


def wanted_cells(wishes: Fields) -> Cells:
    """The header cells that are settled by what is asked for."""
    cells: Cells = {}

    def fix(stream: int, frame: int, *ids: int) -> None:
        cells[stream, frame] = torch.tensor(ids)

    if wishes.genre:
        fix(score.POSITION, 0, GENRES.index(wishes.genre))
    if wishes.emotion:
        fix(score.DYNAMICS, 0, EMOTIONS.index(wishes.emotion))
    if (asked := asked_tempo_bpm(wishes)) is not None:
        tempo_bpm = min(max(asked, score.MIN_TEMPO_BPM), score.MAX_TEMPO_BPM)
        stated = Header(tempo_bpm=tempo_bpm).pack()
        fix(score.POSITION, 1, int(stated[score.POSITION, 1]))
        fix(score.DRUMS, 1, int(stated[score.DRUMS, 1]))
    if wishes.key:
        tonic, minor = KEYS.index(wishes.key) % 12, wishes.key.endswith("minor")
        fix(score.CHORD, 1, tonic)
        fix(score.CHORD, 0, *(score.MODE_NAMES.index(mode) for mode in _modes(wishes.genre, minor=minor)))
    if wishes.metre:
        fix(score.ACCOMPANIMENT, 1, score.METRE_NAMES.index(wishes.metre))
    elif asked is not None:
        fix(score.ACCOMPANIMENT, 1, *(i for i, name in enumerate(score.METRE_NAMES) if name in score.QUARTER_METRES))
    for role, program in cast_parts(wishes.instruments).items():
        fix(_ROLE_STREAMS[role], 0, program)
    return cells


def _modes(genre: str | None, *, minor: bool) -> tuple[str, ...]:
    """Who states a key means plain major or minor, which the ear also finds again, and not one of their relatives.

    The blues is in minor or in its own mode.
    """
    if minor:
        return ("minor",) if genre == "blues" else ("minor", "harmonic minor")
    return ("blues",) if genre == "blues" else ("major",) if genre else ("major", "blues")


def steer_header(wanted: Cells) -> Allowed:
    """Wanted cells in the header, valid ids everywhere."""

    def ids_at(frame: int) -> Callable[[int], torch.Tensor]:
        return lambda stream: wanted.get((stream, frame), _valid(stream, frame))

    header = [_mask(ids_at(frame)) for frame in range(score.N_HEADER_FRAMES)]
    return lambda frame: header[frame] if frame < score.N_HEADER_FRAMES else _valid_music()


def steer_music(frame: Frame, *, begins_at: int, after: int, in_scale: bool = True) -> Allowed:
    """Valid ids, tunes within the scale, and a position that counts on, for a window whose new music is step `after`.

    Frame `begins_at` of the window holds that step. The composer's tunes do not leave the scale of their mode; a small
    model left to itself (`in_scale` false, for measuring) sometimes slips.
    """
    scales = {s: torch.from_numpy(score.in_scale_tokens(s, frame.header.mode)) for s in IN_SCALE} if in_scale else {}
    common = _mask(lambda stream: scales.get(stream, _valid(stream, None)))

    @cache
    def standing(position: int) -> torch.Tensor:
        mask = common.clone()
        mask[score.POSITION] = False
        mask[score.POSITION, position] = True
        return mask

    return lambda at: standing(frame.position(max(0, after + at - begins_at)))


@cache
def _valid(stream: int, header_frame: int | None) -> torch.Tensor:
    return torch.from_numpy(score.valid_tokens(stream, header_frame))


@cache
def _valid_music() -> torch.Tensor:
    return _mask(lambda stream: _valid(stream, None))


def _mask(ids_of: Callable[[int], torch.Tensor]) -> torch.Tensor:
    """bool (n_streams, V): true at the ids that each stream may choose."""
    mask = torch.zeros(score.N_STREAMS, score.VOCABULARY, dtype=torch.bool)
    for stream in range(score.N_STREAMS):
        mask[stream, ids_of(stream)] = True
    return mask
