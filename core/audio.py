"""Sound in and out of files, and the few measurements that need nothing learned.

PyAV (FFmpeg's libraries) decodes; libsndfile has a second try at what PyAV refuses. Files are not trusted: only
self-contained audio containers are opened (no playlists, which could name other files or addresses), damaged packets
are left out, and both the sound kept and the time spent on one file are bounded.

Conventions: samples are float32 of shape (channels, n) with one or two channels in [-1, 1]; rates in Hz.
"""

import contextlib
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import numpy.typing as npt
import soxr

from core import loudness
from core.errors import UserError
from core.types import AudioClip

Block = npt.NDArray[np.float32]

MAX_SECONDS = 600.0
MIN_SECONDS = 1.0
MIN_RATE_HZ = 4000
MAX_RATE_HZ = 96_000  # faster files are read at this rate: ten minutes at 384 kHz would fill the memory
SILENCE_LUFS = loudness.SILENCE_LUFS

_SLACK_SECONDS = 0.05  # "one second" through a lossy codec may come back a little shorter
_DEADLINE_SECONDS = 60.0
_MAX_BARREN_PACKETS = 20_000  # packets in a row that hold no sound: a film, or a reader that goes in circles
_BROKEN_LEVEL = 1e6  # a sample this far over full scale is damage, not loudness
_PCM = {"u8": (128, 128), "s16": (0, 1 << 15), "s32": (0, 1 << 31)}  # zero and full scale of whole-number formats
_CONTAINERS = (
    "wav,w64,mp3,flac,ogg,mov,mp4,m4a,3gp,matroska,webm,aac,aiff,au,caf,asf,ape,wv,mpc,mpc8,tta,amr,avi,flv,mpeg,"
    "mpegts,dsf,iff,ac3,eac3,dts,oma,voc,tak,loas,sox,ircam,nistsphere,rm,nut,qoa,shn,dsdiff,mp2,mlp,truehd,gsm"
)
_SECOND_TRY = (b"fLaC", b"RIFF", b"FORM", b"caff")  # not MP3: there libsndfile adds nothing and talks to stderr
_READABLE = "Choose a WAV, MP3, FLAC, OGG, M4A, AIFF or WebM file."
_MEND = "Save or download it again, or choose another file."


class Reading(NamedTuple):
    """A clip and what had to be mended or left out to read it, each a sentence."""

    clip: AudioClip
    warnings: tuple[str, ...]


def read_clip(path: str | os.PathLike[str], *, max_seconds: float = MAX_SECONDS) -> Reading:
    """Decode a sound file: the file's own rate (at most 96 kHz), more than two channels mixed down to two.

    Raises UserError for everything that is not at least one second of sound: missing, a folder, empty, another kind of
    file, a film without sound, too short, nothing but NaN.
    """
    file = _checked(path)
    label = _label(file)
    sink, warnings = _Sink(max_seconds), list[str]()
    trouble = _decode_with_av(file, sink)
    if not sink.finish():
        sink = _Sink(max_seconds)
        _decode_with_libsndfile(file, sink)
    if not sink.finish():
        raise trouble or UserError(f"{label} is damaged: nothing in it can be played.", _MEND)
    if sink.damaged:
        warnings.append("Parts of the file are damaged and were left out.")
    if sink.full:
        warnings.append(f"The clip is longer than {max_seconds / 60:g} minutes: only its beginning was used.")
    samples = _clean(sink.samples(), label, warnings)
    seconds = samples.shape[1] / sink.rate
    if seconds < MIN_SECONDS - _SLACK_SECONDS:
        raise UserError(f"{label} is only {seconds:.2g} s long.", "Use a clip of at least one second.")
    return Reading(AudioClip(samples, sink.rate, file.stem), tuple(warnings))


def resample(clip: AudioClip, rate_hz: int) -> AudioClip:
    """The clip at another rate (soxr, high quality); the clip itself where the rate is right already."""
    if clip.rate == rate_hz:
        return clip
    samples = soxr.resample(clip.samples.T, clip.rate, rate_hz).T
    return AudioClip(np.ascontiguousarray(np.clip(samples, -1, 1), dtype=np.float32), rate_hz, clip.name)


def loudness_lufs(clip: AudioClip) -> float:
    """Integrated loudness by ITU-R BS.1770-4, at least -70 LUFS (its gate: silence)."""
    return loudness.integrated(clip.samples, clip.rate)


def peaks(clip: AudioClip, n: int) -> npt.NDArray[np.float32]:
    """Smallest and largest sample of the mono mix in each of `n` equal stretches, shape (n, 2): a waveform picture."""
    mono = clip.mono()
    starts = np.arange(n) * len(mono) // n
    # reduceat takes one sample where a stretch is empty, which is right for clips shorter than n
    return np.stack([np.minimum.reduceat(mono, starts), np.maximum.reduceat(mono, starts)], axis=1)


def write_wav(clip: AudioClip, path: str | os.PathLike[str], *, bits: int = 24) -> Path:
    """Write a WAV file of 16 or 24 bits (PCM) or 32 (float); it appears complete or not at all. Returns its path."""
    return _write(clip, Path(path), "WAV", {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}[bits])


def write_flac(clip: AudioClip, path: str | os.PathLike[str]) -> Path:
    """Write a FLAC file of 24 bits; it appears complete or not at all. Returns its path."""
    return _write(clip, Path(path), "FLAC", "PCM_24")


def _write(clip: AudioClip, target: Path, form: str, subtype: str) -> Path:
    import soundfile

    scratch = target.with_name(f".{target.name}.{os.getpid()}.writing")
    try:
        soundfile.write(scratch, clip.samples.T, clip.rate, subtype=subtype, format=form)
        os.replace(scratch, target)
    finally:
        scratch.unlink(missing_ok=True)
    return target


class _Sink:
    """Collects sound until `max_seconds`, at the first block's rate and channel count (at most two)."""

    def __init__(self, max_seconds: float) -> None:
        self.rate = 0
        self.n = 0
        self.full = False
        self.damaged = False
        self._max_seconds = max_seconds
        self._channels = 0
        self._room = np.empty((0, 0), np.float32)
        self._stream: soxr.ResampleStream | None = None
        self._stream_rate = 0

    def add(self, block: Block, rate_hz: int, names: tuple[str, ...] = ()) -> None:
        """Append `block` (channels, n); `names` are the channels' positions such as "FL" where they are known."""
        if not self.rate:
            if rate_hz < MIN_RATE_HZ:
                raise UserError(f"The file has only {rate_hz} samples a second.", "Use a rate of 8000 Hz or more.")
            self.rate, self._channels = min(rate_hz, MAX_RATE_HZ), min(2, block.shape[0])
        block = self._with_channels(fold(block, names))
        self._keep(block if rate_hz == self.rate else self._at_own_rate(block, rate_hz))

    def finish(self) -> int:
        """Take what a change of rate holds back; returns how many samples a channel there are."""
        if self._stream is not None and not self.full:
            self._keep(self._stream.resample_chunk(np.zeros((0, self._channels), np.float32), last=True).T)
        self._stream = None
        return self.n

    def samples(self) -> Block:
        """All that was collected, shape (channels, n)."""
        flat = self._room.reshape(-1)
        for channel in range(1, self._channels):  # moved up to the one before: a copy would hold ten minutes twice
            flat[channel * self.n : (channel + 1) * self.n] = self._room[channel, : self.n]
        return flat[: self._channels * self.n].reshape(self._channels, self.n)

    def _keep(self, block: Block) -> None:
        if not self._room.size:
            # the system gives memory for what is written only, and takes back a large piece better than many small
            self._room = np.empty((self._channels, int(self._max_seconds * self.rate)), np.float32)
        kept = block[:, : self._room.shape[1] - self.n]
        self.full = self.full or block.shape[1] > kept.shape[1]
        self._room[:, self.n : self.n + kept.shape[1]] = kept
        self.n += kept.shape[1]

    def _with_channels(self, block: Block) -> Block:
        if block.shape[0] == self._channels:
            return block
        mean = block.mean(axis=0, keepdims=True, dtype=np.float32)
        return np.repeat(mean, self._channels, axis=0)

    def _at_own_rate(self, block: Block, rate_hz: int) -> Block:
        # files exist whose rate changes on the way; the new stretch is brought to the first rate
        if self._stream is None or self._stream_rate != rate_hz:
            self._stream = soxr.ResampleStream(rate_hz, self.rate, self._channels, dtype="float32")
            self._stream_rate = rate_hz
        return self._stream.resample_chunk(np.ascontiguousarray(block.T)).T


def fold(block: Block, names: tuple[str, ...] = ()) -> Block:
    """At most two channels out of any number: (channels, n) -> (1 or 2, n).

    Named positions go to their side, centres to both at -3 dB, the subwoofer is left out; unnamed channels alternate.
    """
    channels = block.shape[0]
    if channels <= 2:
        return block
    known = len(names) == channels and {"FL", "FR"} <= set(names)
    gains = np.array([_side_gains(names[i]) if known else (1 - i % 2, i % 2) for i in range(channels)], np.float32)
    gains /= np.maximum(1.0, gains.sum(axis=0))
    return gains.T @ block


def _side_gains(name: str) -> tuple[float, float]:
    if name.startswith("LFE"):
        return 0.0, 0.0
    gain = 1.0 if name in ("FL", "FR") else math.sqrt(0.5)
    return (gain, 0.0) if name.endswith("L") else (0.0, gain) if name.endswith("R") else (gain, gain)


def _checked(path: str | os.PathLike[str]) -> Path:
    """The path of a file that is there, readable and not empty."""
    file = Path(path)
    label = _label(file)
    try:
        if file.is_dir():
            raise UserError(f"{label} is a folder, not a clip.", "Choose one sound file.")
        size = file.stat().st_size
        with file.open("rb"):
            pass
    except PermissionError as error:
        raise UserError(f"{label} may not be read.", "Change its permissions or copy it elsewhere.") from error
    except (OSError, ValueError) as error:
        raise UserError(f"There is no file {label}.", "Check the name, or choose the file again.") from error
    if not size:
        raise UserError(f"{label} is empty.", _MEND)
    return file.resolve()


def _label(file: Path) -> str:
    """The file's name fit for a sentence: printable and short."""
    name = "".join(c if c.isprintable() else "?" for c in file.name)
    return f"“{name if len(name) <= 60 else name[:40] + '…' + name[-19:]}”"


def _decode_with_av(file: Path, sink: _Sink) -> UserError | None:
    """Fill `sink`; returns why nothing could be read, or None."""
    options = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"}
    try:
        container = av.open(str(file), options=options, timeout=_DEADLINE_SECONDS, metadata_errors="replace")
    except (av.FFmpegError, ValueError, OSError):
        return UserError(f"{_label(file)} is not a sound file that can be read.", _READABLE)
    with container:
        stream = next(iter(container.streams.audio), None)
        if stream is None:
            return UserError(f"{_label(file)} has no sound in it.", "Choose a file with music in it.")
        if stream.codec_context is None:  # the container is known, what is in it is not
            return UserError(f"{_label(file)} is coded in a way that cannot be read.", _READABLE)
        try:
            for frame in _frames(container, stream, sink):
                sink.add(_block(frame), frame.sample_rate, _positions(frame))
                if sink.full:
                    break
        except (av.FFmpegError, ValueError, OSError):
            sink.damaged = True
    return None


def _frames(
    container: "av.container.InputContainer", stream: "av.AudioStream", sink: _Sink
) -> Iterator["av.AudioFrame"]:
    """Decoded frames; packets that cannot be decoded are left out and noted in `sink.damaged`."""
    ends, barren = time.monotonic() + _DEADLINE_SECONDS, 0
    stream.codec_context.thread_count = 1
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            sink.damaged = True
            frames = []
        yield from (frame for frame in frames if frame.samples)
        barren = 0 if frames else barren + 1
        if barren > _MAX_BARREN_PACKETS or time.monotonic() > ends:
            sink.damaged = True
            return


def _positions(frame: "av.AudioFrame") -> tuple[str, ...]:
    # only asked where it matters: a minute of stereo is some five thousand frames
    return tuple(channel.name for channel in frame.layout.channels) if frame.layout.nb_channels > 2 else ()


def _block(frame: "av.AudioFrame") -> Block:
    """The frame as float32 (channels, n), full scale at 1."""
    raw: npt.NDArray = frame.to_ndarray()
    if not frame.format.is_planar:
        raw = raw.reshape(-1, frame.layout.nb_channels).T
    if raw.dtype == np.float32:
        return raw
    offset, scale = _PCM.get(frame.format.packed.name, (0, 1))
    with np.errstate(over="ignore", invalid="ignore"):
        return (raw.astype(np.float32) - np.float32(offset)) / np.float32(scale)


def _decode_with_libsndfile(file: Path, sink: _Sink) -> None:
    """Fill `sink` with what libsndfile can read; it forgives FLAC files that FFmpeg does not."""
    import soundfile

    with file.open("rb") as head:
        if head.read(4) not in _SECOND_TRY:
            return
    ends = time.monotonic() + _DEADLINE_SECONDS
    with contextlib.suppress(soundfile.LibsndfileError, RuntimeError, ValueError, OSError):  # noqa: SIM117
        with soundfile.SoundFile(file) as sound:
            while not sink.full and time.monotonic() < ends:
                block = sound.read(1 << 16, dtype="float32", always_2d=True)
                if not len(block):
                    break
                sink.add(block.T, sound.samplerate)


def _clean(samples: Block, label: str, warnings: list[str]) -> Block:
    """Finite samples in [-1, 1]: broken ones become zero, a signal over full scale is turned down as a whole."""
    with np.errstate(invalid="ignore"):
        peak = float(max(samples.max(), -samples.min()))  # not a number as soon as one sample is
        if not peak < _BROKEN_LEVEL:
            broken = ~(np.abs(samples) < _BROKEN_LEVEL)
            if broken.all():
                raise UserError(f"{label} holds no sound: every sample is broken (not a number).", _MEND)
            samples = np.where(broken, np.float32(0), samples)
            peak = float(np.abs(samples).max())
            warnings.append("Some samples were broken (not a number) and were made silent.")
    if peak > 1:
        samples = np.clip(samples / np.float32(peak), -1, 1)
    return np.ascontiguousarray(samples, dtype=np.float32)
