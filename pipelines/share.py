"""A picture and its music as one film to hand on: an MP4 that moves with the beat, a spectrum along its foot.

H.264 and AAC, 4:2:0, its index first, so that every browser and phone plays it while it loads. The encoder is libx264
where PyAV's FFmpeg brings it (its wheels do), else OpenH264, else MPEG-4 part 2. What a frame shows is in
`pipelines.share_frames`; here sound and frames are strung together, in step.
"""

import os
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from core.audio import resample
from core.features import RATE_HZ, log_mel
from core.rhythm import beats
from core.tags import write_film_settings
from core.types import AudioClip, Progress, no_progress
from pipelines.share_frames import FPS, film

ENCODERS: dict[str, dict[str, str]] = {
    "libx264": {"preset": "superfast", "crf": "21", "profile": "high"},
    "libopenh264": {"b": "3000000"},
    "mpeg4": {"qscale": "4"},
}
"""The first that FFmpeg has writes the pictures."""
_SOUND_RATES_HZ = (32_000, 44_100, 48_000)
_SOUND_BITS = 192_000


def share(
    pixels: npt.NDArray[np.uint8],
    clip: AudioClip,
    path: Path,
    *,
    beat_times_s: Sequence[float] = (),
    title: str = "",
    comment: str = "",
    settings: str = "",
    progress: Progress = no_progress,
) -> Path:
    """Write the film of a picture (height, width, 3) to a clip; as long as the clip within half a frame.

    It moves on every beat; without `beat_times_s` they are heard in the clip. `settings` (core.files.film_settings)
    travel inside it. `progress` is called once a frame and may raise; then, as after any error, there is no file.
    """
    progress(0.0, "Finding the beat")
    frames = film(pixels, clip, beat_times_s or _heard_beats_s(clip))
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.writing")
    try:
        with av.open(str(scratch), "w", format="mp4", options={"movflags": "+faststart"}) as out:
            out.metadata.update({"title": title or clip.name, "artist": "Synthesete", "comment": comment})
            _write(out, frames, _playable(clip), progress)
        if settings:
            write_film_settings(scratch, settings)
        progress(1.0, "Filmed")
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)
    return path


def encoder() -> str:
    """Which of ENCODERS this machine's FFmpeg has."""
    return next(name for name in ENCODERS if name in av.codecs_available)


def _heard_beats_s(clip: AudioClip) -> tuple[float, ...]:
    mono = resample(AudioClip(clip.mono()[None], clip.rate), RATE_HZ).samples[0]
    return beats(log_mel(mono)).times_s


def _playable(clip: AudioClip) -> AudioClip:
    """One or two channels at a rate that every player knows."""
    one = clip if len(clip.samples) <= 2 else AudioClip(clip.mono()[None], clip.rate, clip.name)
    return one if clip.rate in _SOUND_RATES_HZ else resample(one, 44_100)


def _write(out: Any, frames: Any, clip: AudioClip, progress: Progress) -> None:
    """Frame by frame with the sound that belongs to it, so that little waits in memory to be interleaved."""
    name = encoder()
    picture = out.add_stream(name, rate=FPS, options=ENCODERS[name])
    picture.width, picture.height, picture.pix_fmt = frames.width_px, frames.height_px, "yuv420p"
    sound = out.add_stream("aac", rate=clip.rate, layout="mono" if len(clip.samples) == 1 else "stereo")
    sound.bit_rate = _SOUND_BITS
    for index, (shown, heard) in enumerate(zip(frames, _sounds(clip, frames.n), strict=True)):
        frame = av.VideoFrame.from_ndarray(shown, format="rgb24")
        frame.pts, frame.time_base = index, Fraction(1, FPS)
        out.mux(picture.encode(frame))
        out.mux(sound.encode(heard))
        progress((index + 1) / (frames.n + 1), f"Filming, second {index // FPS + 1} of {-(-frames.n // FPS)}")
    out.mux(picture.encode(None))
    out.mux(sound.encode(None))


def _sounds(clip: AudioClip, n_frames: int) -> Iterator[av.AudioFrame]:
    """The clip in as many pieces as there are frames; the last takes what is left."""
    cuts = [min(clip.samples.shape[1], index * clip.rate // FPS) for index in range(n_frames)] + [clip.samples.shape[1]]
    layout = "mono" if len(clip.samples) == 1 else "stereo"
    for start, end in pairwise(cuts):
        samples = np.ascontiguousarray(clip.samples[:, start:end])
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = clip.rate, start, Fraction(1, clip.rate)
        yield frame
