"""How fast the bundled MusicGen is through the verb, beside transformers' own `generate` with the same weights.

Both make the same number of tokens for the same words in the same process, turn about, after a warm-up; figures are
medians. Through the verb a clip is also mastered and heard by our ears. Processor time counts what an
idle machine would take, as one thread does the work; time by the clock is that of the machine as it is.
"""

import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from core.errors import Cancelled
from core.models import LOADED
from core.runtime import compute
from core.types import AudioClip, GeneratedClip, MusicRequest
from corpus import score
from pipelines import compose
from pipelines.engines import musicgen

CLIP_S = 10.0
LENGTHS_S = (1.0, 2.5, 7.77, 30.0, 61.3, 120.0)


@dataclass(frozen=True)
class Speed:
    """Medians over `n` clips of CLIP_S, warm: seconds by the clock and of the processor."""

    n: int
    threads: int
    wall_s: float
    cpu_s: float
    first_sound_wall_s: float
    first_sound_cpu_s: float
    plain_wall_s: float
    plain_cpu_s: float
    lengths_s: tuple[float, ...]
    lengths_exact: bool

    @property
    def realtime(self) -> float:
        """How many times faster than playing, of the processor."""
        return CLIP_S / self.cpu_s

    @property
    def against_plain(self) -> float:
        """How many times faster than `generate`, of the processor."""
        return self.plain_cpu_s / self.cpu_s


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock and of the processor."""

    wall_s: float
    cpu_s: float


def speed(asked: Sequence[MusicRequest], lengths_s: tuple[float, ...] = LENGTHS_S) -> Speed:
    """The figures; the machine's threads are left as they are."""
    import torch

    requests = [replace(request, seconds=CLIP_S) for request in asked]
    loaded = loaded_musicgen()
    plain(loaded, requests[0], compose.compose(requests[0]))
    ours, theirs, firsts = list[Spent](), list[Spent](), list[Spent]()
    for request in requests:
        with _timed(ours):
            made = compose.compose(request)
        with _timed(theirs):
            plain(loaded, request, made)
        with _timed(firsts):
            until_first_sound(request)
    return Speed(
        n=len(requests),
        threads=torch.get_num_threads(),
        wall_s=_median(s.wall_s for s in ours),
        cpu_s=_median(s.cpu_s for s in ours),
        first_sound_wall_s=_median(s.wall_s for s in firsts),
        first_sound_cpu_s=_median(s.cpu_s for s in firsts),
        plain_wall_s=_median(s.wall_s for s in theirs),
        plain_cpu_s=_median(s.cpu_s for s in theirs),
        lengths_s=lengths_s,
        lengths_exact=all(is_exact(replace(requests[0], seconds=seconds)) for seconds in lengths_s),
    )


def loaded_musicgen() -> musicgen.Loaded:
    """The engine's model, loaded by the verb."""
    compose.warm()
    key = next(name for name in LOADED.names() if name.startswith("musicgen:"))
    loaded: musicgen.Loaded = LOADED.get(key, lambda: musicgen.load(compute()))
    return loaded


def plain(loaded: musicgen.Loaded, request: MusicRequest, made: GeneratedClip) -> None:
    """As many tokens as `made` has, by `generate`, played by the codec."""
    header = made.details["header"]
    assert isinstance(header, dict)
    per_beat = score.METRES[header["metre"]].steps_per_beat
    n_frames = score.N_HEADER_FRAMES + score.steps_for(CLIP_S, made.request.tempo_bpm or 100, per_beat)
    text = loaded.tokenizer(musicgen.words(request), return_tensors="pt")
    inputs = {"input_ids": text.input_ids, "attention_mask": text.attention_mask}
    loaded.network.generate(**inputs, do_sample=True, max_new_tokens=n_frames + score.N_STREAMS - 1)


def until_first_sound(request: MusicRequest) -> None:
    """Make a clip, and give it up once the first of its sound is there."""
    heard = list[AudioClip]()

    def progress(fraction: float, what: str) -> None:
        if heard:
            raise Cancelled

    try:
        compose.compose(request, progress=progress, on_sound=heard.append)
    except Cancelled:
        return
    if not heard:
        raise RuntimeError("no sound came before the end")


def is_exact(request: MusicRequest) -> bool:
    """Whether the clip has exactly as many samples as asked for."""
    clip = compose.compose(request).clip
    return clip.samples.shape[1] == round(request.seconds * clip.rate)


@contextmanager
def _timed(into: list[Spent]) -> Iterator[None]:
    """Append what the block takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    into.append(Spent(time.perf_counter() - wall, time.process_time() - cpu))


def _median(seconds: Iterable[float]) -> float:
    return round(statistics.median(seconds), 3)
