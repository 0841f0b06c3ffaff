"""MP3 files by LAME (PyAV), whose peaks after decoding stay under the ceiling that the clip itself kept.

Coding changes waves a little: at 320 kbit/s the true peak of a mastered clip rises by 0.1 dB as a rule and by 0.6 dB at
times. So a file is decoded and measured, and where it came out too high it is written once more, so much softer.
"""

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from core.limiter import true_peak_dbtp
from core.types import AudioClip

Floats = npt.NDArray[np.float32]

CEILING_DBTP = -1.0
_RATES_HZ = (32000, 44100, 48000)
_ROUNDS = 3


def write_mp3(clip: AudioClip, path: Path, *, bit_rate: int = 320_000) -> None:
    """Constant bit rate; rates that MPEG-1 layer 3 lacks are resampled to 44.1 kHz."""
    allowed_db = max(CEILING_DBTP, true_peak_dbtp(clip.samples))
    gain_db = 0.0
    for _ in range(_ROUNDS):
        _encode(clip.samples * np.float32(10 ** (gain_db / 20)), clip.rate, path, bit_rate)
        over_db = true_peak_dbtp(decoded(path)) - allowed_db
        if over_db <= 0:
            return
        gain_db -= over_db + 0.03


def decoded(path: Path) -> Floats:
    """The samples of a file, float32 (channels, n), over full scale where they are."""
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)


def _encode(samples: Floats, rate_hz: int, path: Path, bit_rate: int) -> None:
    rate = rate_hz if rate_hz in _RATES_HZ else 44100
    layout = "mono" if samples.shape[0] == 1 else "stereo"
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[:2]), format="fltp", layout=layout)
    frame.sample_rate = rate_hz
    with av.open(str(path), "w", format="mp3") as out:
        stream = out.add_stream("libmp3lame", rate=rate, layout=layout)
        stream.bit_rate = bit_rate
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate, frame_size=1152)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
