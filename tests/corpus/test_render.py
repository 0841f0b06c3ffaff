"""Rendering: exact length, finite, level, in stereo, and the right pitch and tempo in what is heard."""

import io
import threading

import numpy as np
import pretty_midi
import pyloudnorm
import pytest

from corpus.captions import GENRES
from corpus.composer import compose
from corpus.performance import Note, Piece, Track, to_notes
from corpus.playback import PEAK
from corpus.render import TARGET_LUFS, midi_bytes, render
from corpus.score import Header

RATE_HZ = 32000


def _tone(pitch: int, seconds: float = 2.0, program: int = 73) -> Piece:
    return Piece(Header(), (Track("melody", program, False, (Note(0.0, seconds, pitch, 90),)),), seconds)


@pytest.mark.parametrize("genre", GENRES)
def test_every_genre_is_level_and_whole(genre: str) -> None:
    piece = to_notes(compose(3, genre=genre, seconds=6.0))
    sound = render(piece, rate=RATE_HZ, seconds=6.0)
    assert sound.shape == (2, 6 * RATE_HZ)
    assert sound.dtype == np.float32
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= PEAK
    loudness = pyloudnorm.Meter(RATE_HZ).integrated_loudness(sound.T.astype(float))
    assert loudness == pytest.approx(TARGET_LUFS, abs=1.0)
    assert np.abs(sound[0] - sound[1]).max() > 0.01
    assert abs(sound.mean()) < 1e-3


@pytest.mark.parametrize("seconds", [1.0, 1.2345, 5.4321])
@pytest.mark.parametrize("rate", [22050, 32000, 44100])
def test_the_length_is_exact(seconds: float, rate: int) -> None:
    assert render(_tone(69), rate=rate, seconds=seconds).shape == (2, round(seconds * rate))


def test_concert_a_sounds_at_440_hz() -> None:
    sound = render(_tone(69), rate=RATE_HZ, mono=True)
    assert sound.shape[0] == 1
    spectrum = np.abs(np.fft.rfft(sound[0, 8000:40000] * np.hanning(32000)))
    harmonic = np.argmax(spectrum[300:600]) + 300  # one bin is one hertz
    assert harmonic == pytest.approx(440, abs=4)


def test_it_opens_without_a_click_and_closes_softly() -> None:
    piece = to_notes(compose(5, genre="metal", emotion="power", seconds=30.0))
    sound = render(piece, seconds=4.0)
    assert np.abs(sound[:, 0]).max() < 1e-3
    assert np.abs(sound[:, -320:]).max() < 0.02
    assert np.sqrt(np.square(sound[:, -32000:-20000]).mean()) > 0.03  # still playing until the fade


def test_silence_stays_silent() -> None:
    assert not render(Piece(Header(), (), 2.0)).any()


def test_the_callback_can_stop_the_work() -> None:
    def stop(fraction: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render(_tone(60), on_track=stop)


def test_two_threads_render_what_one_does() -> None:
    pieces = [to_notes(compose(seed, seconds=4.0)) for seed in range(4)]
    alone = [render(piece) for piece in pieces]
    together: dict[int, np.ndarray] = {}

    def work(index: int) -> None:
        together[index] = render(pieces[index])

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(together[index], alone[index]) for index in range(4))


def test_the_midi_file_holds_the_same_music() -> None:
    piece = to_notes(compose(8, genre="jazz", tempo_bpm=97, key="Eb minor", seconds=12.0))
    song = pretty_midi.PrettyMIDI(io.BytesIO(midi_bytes(piece)))
    assert song.get_tempo_changes()[1] == pytest.approx([97], abs=0.01)
    assert song.key_signature_changes[0].key_number == pretty_midi.key_name_to_key_number("Eb Minor")
    metre = song.time_signature_changes[0]
    assert f"{metre.numerator}/{metre.denominator}" == piece.header.metre
    assert {i.name: (i.program, i.is_drum) for i in song.instruments} == {
        track.name: (track.program, track.is_drum) for track in piece.tracks
    }
    for instrument in song.instruments:
        track = next(track for track in piece.tracks if track.name == instrument.name)
        assert {(n.pitch, round(n.start, 1)) for n in instrument.notes} <= {
            (n.pitch, round(n.start_s + d, 1)) for n in track.notes for d in (-0.01, 0, 0.01)
        }
        assert len(instrument.notes) >= 0.97 * len(track.notes)


@pytest.mark.parametrize(("metre", "quarters_per_beat"), [("4/4", 1), ("3/4", 1), ("6/8", 1.5), ("5/4", 1)])
def test_a_midi_file_counts_quarters_whatever_the_beat(metre: str, quarters_per_beat: float) -> None:
    piece = to_notes(compose(4, metre=metre, tempo_bpm=60, seconds=8.0), exact=True)
    song = pretty_midi.PrettyMIDI(io.BytesIO(midi_bytes(piece)))
    assert song.get_tempo_changes()[1] == pytest.approx([60 * quarters_per_beat], abs=0.01)
    signature = song.time_signature_changes[0]
    assert f"{signature.numerator}/{signature.denominator}" == metre
    last_s = max(note.start_s for track in piece.tracks for note in track.notes)
    assert max(note.start for i in song.instruments for note in i.notes) == pytest.approx(last_s, abs=0.01)


def test_unmastered_sound_keeps_its_headroom_and_mastering_changes_nothing_else() -> None:
    piece = to_notes(compose(5, genre="pop", seconds=5.0))
    plain, levelled = render(piece, mastered=False), render(piece)
    assert np.corrcoef(plain[0], levelled[0])[0, 1] > 0.99
    assert pyloudnorm.Meter(RATE_HZ).integrated_loudness(plain.T.astype(float)) < TARGET_LUFS
