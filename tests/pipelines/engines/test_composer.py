"""The composer as an engine: exact length and tempo, a resolved request, MIDI, progress and cancel."""

import io

import numpy as np
import pretty_midi
import pytest

from core.errors import Cancelled
from core.runtime import Compute
from core.types import GeneratedClip, MusicRequest, no_progress
from corpus import score
from pipelines.engines import composer
from pipelines.engines.task import Task

CPU = Compute("cpu", "float32", "a test")


def _make(prompt: str = "", seconds: float = 3.0, **wishes: object) -> GeneratedClip:
    request = MusicRequest(prompt, engine="composer", seconds=seconds, **wishes)  # type: ignore[arg-type]
    return composer.generate(composer.load(CPU), Task((request,), no_progress))[0]


def _midi(clip: GeneratedClip) -> pretty_midi.PrettyMIDI:
    assert clip.midi is not None
    return pretty_midi.PrettyMIDI(io.BytesIO(clip.midi))


@pytest.mark.parametrize("seconds", [1.0, 3.337, 20.0])
def test_the_clip_is_exactly_as_long_as_asked(seconds: float) -> None:
    clip = _make(seconds=seconds).clip
    assert clip.samples.shape == (2, round(seconds * composer.RATE_HZ))
    assert clip.rate == 32000
    assert np.abs(clip.samples).max() > 0.05


def test_the_prompt_is_read() -> None:
    # Neither a trumpet nor this tempo is usual in disco: only the word can be the reason.
    request = _make("sad, slow disco ballad with trumpet, 66 bpm, in F# minor").request
    assert (request.genre, request.emotion, request.tempo_bpm, request.key) == ("disco", "sadness", 66.0, "F# minor")
    assert "trumpet" in request.instruments


def test_fields_overrule_the_prompt() -> None:
    wishes = {"genre": "metal", "emotion": "power", "tempo_bpm": 150.0, "key": "E minor", "instruments": ("choir",)}
    request = _make("calm jazz with piano, 80 bpm, C major", **wishes).request
    assert (request.genre, request.emotion, request.tempo_bpm, request.key) == ("metal", "power", 150.0, "E minor")
    assert "choir" in request.instruments
    assert "piano" not in request.instruments


def test_an_empty_prompt_gives_a_whole_piece_with_every_field_resolved() -> None:
    made = _make()
    assert None not in (made.request.genre, made.request.emotion, made.request.tempo_bpm, made.request.key)
    assert made.request.instruments
    assert made.provenance.tier == "rules"
    assert made.provenance.licence == "Apache-2.0"


@pytest.mark.parametrize("tempo_bpm", [30.0, 50.0, 96.0, 190.0, 240.0])
def test_asked_tempo_is_the_tempo_of_the_file(tempo_bpm: float) -> None:
    made = _make(tempo_bpm=tempo_bpm, genre="disco")
    assert made.request.tempo_bpm == tempo_bpm
    assert _midi(made).get_tempo_changes()[1] == pytest.approx([tempo_bpm], rel=1e-4)


def test_the_tempo_is_heard() -> None:
    import librosa

    made = _make(tempo_bpm=112.0, genre="disco", emotion="joyful_activation", seconds=15.0)
    heard_bpm = librosa.beat.beat_track(y=made.clip.mono(), sr=made.clip.rate)[0].item()
    assert heard_bpm == pytest.approx(112.0, rel=0.03)


def test_the_same_request_is_the_same_sound() -> None:
    first, again, other = _make("pop", seed=4), _make("pop", seed=4), _make("pop", seed=5)
    assert np.array_equal(first.clip.samples, again.clip.samples)
    assert first.midi == again.midi
    assert first.midi != other.midi


def test_what_cannot_be_met_is_said() -> None:
    made = _make("piano, cello, violin, flute, harp and banjo")
    notes = made.details["notes"]
    assert isinstance(notes, list)
    assert "harp" in notes[0]
    assert not _make("piano and cello").details["notes"]


def test_progress_rises_and_a_cancel_stops_the_work() -> None:
    fractions: list[float] = []

    def watch(fraction: float, what: str) -> None:
        fractions.append(fraction)
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        composer.generate(composer.load(CPU), Task((MusicRequest("pop", seconds=3.0),), watch))[0]
    assert fractions == sorted(fractions)
    assert 0 < fractions[-1] < 0.9


def test_importing_the_engine_loads_no_torch() -> None:
    import subprocess
    import sys

    program = (
        "import sys; import pipelines.engines.composer; assert not {'torch', 'librosa', 'symusic'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_tempo_without_a_metre_counts_quarters() -> None:
    for seed in range(12):
        header = composer.write(MusicRequest("classical, 60 bpm", engine="composer", seconds=3.0, seed=seed))[0].header
        assert header.metre in score.QUARTER_METRES
    assert composer.write(MusicRequest("pop, 60 bpm, 6/8", engine="composer", seconds=3.0))[0].header.metre == "6/8"
