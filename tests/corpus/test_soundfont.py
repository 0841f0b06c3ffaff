"""The soundfont as it is read: every General MIDI preset and kit has zones, within the samples, in range."""

import numpy as np
import pytest

from corpus.score import KITS
from corpus.soundfont import DRUM_BANK, Soundfont, general_midi


@pytest.mark.parametrize("program", range(128))
def test_every_program_plays_every_key(program: int) -> None:
    zones = general_midi().zones(0, program)
    for key in range(28, 92):
        assert all(zone.distance(key) <= 24 for zone in general_midi().playing(0, program, key, 80)), key
    for zone in zones:
        assert 0 <= zone.first < zone.last <= len(general_midi().samples)
        assert zone.loop is None or 0 <= zone.loop[0] < zone.loop[1] <= zone.last - zone.first
        assert -1 <= zone.pan <= 1
        assert 0 < zone.gain <= 1
        assert zone.release_s < 110


@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
def test_every_kit_has_its_nine_voices(kit) -> None:
    zones = general_midi().zones(DRUM_BANK, kit.program)
    for key in (kit.kick, kit.snare, kit.closed, kit.open, kit.ride, kit.high_tom, kit.low_tom, kit.crash, kit.colour):
        assert any(zone.distance(key) == 0 for zone in zones), key


def test_an_overriding_root_key_is_believed() -> None:
    """The double bass says so in its zones; its samples' own pitch is three semitones off."""
    (zone,) = (zone for zone in general_midi().zones(0, 32) if zone.distance(38) == 0)
    assert zone.root == pytest.approx(57 + 0.01, abs=0.5)


def test_a_missing_preset_is_played_by_the_first_one() -> None:
    assert general_midi().zones(DRUM_BANK, 99) == general_midi().zones(DRUM_BANK, 0)


@pytest.mark.parametrize("other", [b"", b"RIFF\0\0\0\0WAVEfmt ", b"RIFF\0\0\0\0sfbk"])
def test_other_files_are_refused(other: bytes) -> None:
    with pytest.raises(ValueError, match="SoundFont"):
        Soundfont(other)


def test_samples_are_sound() -> None:
    assert np.abs(general_midi().samples[:100_000]).max() > 1000
