"""Rendering: exact length, finite, level, in stereo, and the right pitch and tempo in what is heard."""

import io
import threading

import numpy as np
import pretty_midi
import pyloudnorm
import pytest

import corpus.render
from corpus.captions import GENRES
from corpus.composer import compose
from corpus.performance import Note, Piece, Track, to_notes
from corpus.render import PEAK, TARGET_LUFS, midi_bytes, render
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


def test_a_pitch_that_would_hang_the_synthesizer_is_refused() -> None:
    with pytest.raises(ValueError, match="91"):
        render(_tone(100))


def test_the_callback_can_stop_the_work() -> None:
    def stop(fraction: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render(_tone(60), on_track=stop)


def test_a_fresh_synthesizer_sounds_like_a_used_one() -> None:
    """At some rates it reads past the end of looped samples and clicks differently each time; at ours it must not."""
    programs = (48, 56, 65)
    notes = tuple(Note(0.31 * i, 0.31 * i + 1 + 0.037 * (i % 13), 50 + i % 30, 60 + i % 5) for i in range(60))
    piece = Piece(Header(tempo_bpm=97), tuple(Track("melody", p, False, notes) for p in programs), 20.0)
    sounds = []
    for _ in range(4):
        corpus.render._synthesizer.cache_clear()
        sounds.append(render(piece, rate=corpus.render.MIX_RATE_HZ))
    assert all(np.array_equal(sound, sounds[0]) for sound in sounds)


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
    assert (song.time_signature_changes[0].numerator, song.time_signature_changes[0].denominator) == (
        piece.header.metre,
        4,
    )
    assert {i.name: (i.program, i.is_drum) for i in song.instruments} == {
        track.name: (track.program, track.is_drum) for track in piece.tracks
    }
    for instrument in song.instruments:
        track = next(track for track in piece.tracks if track.name == instrument.name)
        assert {(n.pitch, round(n.start, 1)) for n in instrument.notes} <= {
            (n.pitch, round(n.start_s + d, 1)) for n in track.notes for d in (-0.01, 0, 0.01)
        }
        assert len(instrument.notes) >= 0.97 * len(track.notes)
