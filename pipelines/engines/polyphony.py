"""Every note of a clip by basic-pitch's network, where that package is installed; only its ONNX file is used.

R. M. Bittner et al., "A lightweight instrument-agnostic model for polyphonic note transcription and multipitch
estimation", ICASSP 2022 (Apache-2.0). The package pins an old tensorflow, so it is never imported: `pip install
--no-deps basic-pitch` is enough.

Windows of 43,844 samples at 22,050 Hz -> onset and note probabilities (172, 88), frames of 256 samples, keys of a piano
from A0. Neighbouring windows share 30 frames, of which each gives up half.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.features import RATE_HZ
from core.types import AudioClip
from corpus.performance import Note, Piece, Track, to_notes
from corpus.render import midi_bytes
from pipelines.engines.transcription import Transcription, mono_of, transcribe

Floats = npt.NDArray[np.float32]

_FILE = Path("saved_models", "icassp_2022", "nmp.onnx")
_WINDOW, _FRAME, _FRAMES, _SHARED, _LOWEST_KEY = 43_844, 256, 172, 30, 21
_STRUCK, _SOUNDING = 0.5, 0.3
"""Probabilities from which a note begins, and below which it is over; the package's own."""
_PATIENCE, _SHORTEST = 11, 5
"""Frames that a note may fade away before it is over, and the fewest it lasts."""
_PIANO = 0
_OUTPUTS = ["StatefulPartitionedCall:2", "StatefulPartitionedCall:1"]
"""Onsets and notes."""


def model_file() -> Path | None:
    """The network's file, None where the package is not installed. Does not import the package."""
    spec = find_spec("basic_pitch")
    folders = spec.submodule_search_locations if spec else None
    return next((Path(folder, _FILE) for folder in folders or () if Path(folder, _FILE).is_file()), None)


def transcribe_to_midi(clip: AudioClip) -> bytes | None:
    """All notes of a clip as a Standard MIDI File of one piano, beside the drums of our own transcription.

    Tempo, metre and key are our own transcription's. None where basic-pitch is not installed.
    """
    file = model_file()
    if file is None:
        return None
    heard = transcribe(clip.samples, clip.rate)
    notes = notes_of(*probabilities(file, mono_of(clip.samples, clip.rate)))
    return midi_bytes(beside_the_drums(notes, heard))


def beside_the_drums(notes: list[Note], heard: Transcription) -> Piece:
    """The notes, in seconds from the beginning of the clip, on the grid of a transcription, with its drums."""
    played = to_notes(heard.tokens)
    stretch = heard.tempo_bpm / played.tempo_bpm

    def at(time_s: float) -> float:
        return max(0.0, (time_s - heard.offset_s) * stretch)

    moved = (Note(at(note.start_s), at(note.end_s), note.pitch, note.velocity) for note in notes)
    piano = tuple(note for note in moved if note.end_s > note.start_s)
    drums = tuple(track for track in played.tracks if track.is_drum)
    tracks = (*drums, *([Track("piano", _PIANO, False, piano)] if piano else []))
    return Piece(played.header, tracks, played.seconds)


def probabilities(file: Path, mono: Floats) -> tuple[Floats, Floats]:
    """Onset and note probabilities (frames, 88) of samples (n,) at 22,050 Hz."""
    hop = _WINDOW - _SHARED * _FRAME
    lead = _SHARED // 2 * _FRAME
    n_windows = max(1, -(-(len(mono) + lead) // hop))
    padded = np.pad(mono.astype(np.float32), (lead, n_windows * hop + _WINDOW - lead - len(mono)))
    session, kept = _session(file), slice(_SHARED // 2, _FRAMES - _SHARED // 2)
    rows = []
    for index in range(n_windows):
        window = padded[index * hop : index * hop + _WINDOW][None, :, None]
        rows.append([one[0, kept] for one in session.run(_OUTPUTS, {session.get_inputs()[0].name: window})])
    onsets, notes = (np.concatenate(row)[: len(mono) // _FRAME + 1] for row in zip(*rows, strict=True))
    return onsets, notes


@cache
def _session(file: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def notes_of(onsets: Floats, sounding: Floats) -> list[Note]:
    """The notes in probabilities (frames, 88), in order of start: from a peak of the onsets to where it fades away."""
    before, after = np.pad(onsets, ((1, 0), (0, 0)))[:-1], np.pad(onsets, ((0, 1), (0, 0)))[1:]
    begins = (onsets >= _STRUCK) & (onsets > before) & (onsets >= after)
    found = [_held(int(frame), int(key), begins, sounding) for frame, key in np.argwhere(begins)]
    return sorted((note for note in found if note), key=lambda note: (note.start_s, note.pitch))


def _held(first: int, key: int, begins: npt.NDArray[np.bool_], sounding: Floats) -> Note | None:
    """The note that begins at a frame, None where it is too short to be one."""
    again = np.flatnonzero(begins[first + 1 :, key])
    until = first + 1 + int(again[0]) if len(again) else len(sounding)
    silent, last = 0, first
    for frame in range(first, until):
        silent = 0 if sounding[frame, key] >= _SOUNDING else silent + 1
        last = frame if silent == 0 else last
        if silent >= _PATIENCE:
            break
    if last - first < _SHORTEST:
        return None
    velocity = int(np.clip(round(127 * float(sounding[first : last + 1, key].mean())), 20, 120))
    frame_s = _FRAME / RATE_HZ
    return Note(first * frame_s, (last + 1) * frame_s, _LOWEST_KEY + key, velocity)
