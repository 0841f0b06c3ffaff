"""From words alone: does a sentence lead to the header that a musician would expect? Figures for `SENTENCES`.

Twice: through the verb, which looks words up before the model writes (`corpus.prompts`), and with nothing forced, where
the model alone has read them. A share counts the sentences that say something about the thing. An instrument counts
where it plays (through the verb) or has a part in the header (left free).
"""

from collections.abc import Sequence
from dataclasses import asdict

import torch

from core.runtime import cpu_generator
from core.types import MusicRequest
from corpus import score
from corpus.instruments import words_of
from corpus.score import Header
from evaluation.music_prompts import Wish
from evaluation.music_scores import share
from pipelines import compose
from pipelines.engines import musicgen
from pipelines.engines.score_rules import steer_header
from pipelines.engines.steering import Row, Sampling, Steering
from pipelines.engines.streams import generate_frames, read_text

WHATS = ("genre", "emotion", "tempo", "key", "metre", "instruments")
CLIP_S = 8.0
MIN_P = 0.05


def heeded(wishes: Sequence[Wish], headers: Sequence[Header], players: Sequence[tuple[str, ...]]) -> dict[str, float]:
    """Share of the sentences whose header has what they ask for, of those that ask for it; one of WHATS each."""
    found: dict[str, list[bool]] = {what: [] for what in WHATS}
    for wish, header, playing in zip(wishes, headers, players, strict=True):
        for what, right in answers(wish, header, playing).items():
            found[what].append(right)
    return {what: share(rights) for what, rights in found.items()}


def answers(wish: Wish, header: Header, playing: tuple[str, ...]) -> dict[str, bool]:
    """Of what the sentence says, whether the header has it."""
    judged = {what: asked == asdict(header)[what] for what, asked in _named(wish).items() if asked}
    if wish.tempo_bpm:
        # half a beat a minute is lost where a tempo is rounded
        judged["tempo"] = wish.tempo_bpm[0] - 0.5 <= header.tempo_bpm <= wish.tempo_bpm[1] + 0.5
    if wish.key:
        judged["key"] = wish.key == header.key
    if wish.instruments:
        judged["instruments"] = set(wish.instruments) <= set(playing)
    return judged


def _named(wish: Wish) -> dict[str, str | None]:
    return {"genre": wish.genre, "emotion": wish.emotion, "metre": wish.metre}


def through_the_verb(wishes: Sequence[Wish]) -> dict[str, float]:
    """A short clip of each sentence, and nothing but the sentence."""
    headers, players = list[Header](), list[tuple[str, ...]]()
    for seed, wish in enumerate(wishes):
        made = compose.compose(MusicRequest(wish.text, seconds=CLIP_S, seed=seed))
        stated = made.details["header"]
        assert isinstance(stated, dict)
        headers.append(Header(**stated))
        players.append(made.request.instruments)
    return heeded(wishes, headers, players)


def left_free(loaded: musicgen.Loaded, wishes: Sequence[Wish]) -> dict[str, float]:
    """The header that the model writes after reading each sentence, nothing forced."""
    headers = [free_header(loaded, wish.text, seed) for seed, wish in enumerate(wishes)]
    players = [words_of((h.melody, h.accompaniment, h.extra, h.bass)) for h in headers]
    return heeded(wishes, headers, players)


def free_header(loaded: musicgen.Loaded, text: str, seed: int) -> Header:
    """One header, each cell any that means something."""
    row = Row(cpu_generator(seed), steer_header({}))
    steering = Steering(tuple(range(score.N_STREAMS)), Sampling(min_p=MIN_P), [row])
    conditions = read_text(loaded.network, musicgen.tokenised(loaded, text)[0])
    nothing = torch.zeros(1, score.N_STREAMS, 0, dtype=torch.long)
    frames = generate_frames(
        loaded.network, conditions, prefix=nothing, n_frames=score.N_HEADER_FRAMES, steering=steering
    )
    return Header.unpack(frames[0].numpy())
