"""Write down what a clip plays: sound -> the score grid, as an honest estimate.

Tempo, genre, emotion and key are what our ears say (classifiers.listener, core.rhythm, core.harmony), bar lines and
swing come from pulse, drums, bass and tune from parts, chords from the tones of each half bar by harmonic analysis.
What cannot be told is a rest: the extra part always, and a player who is not heard. Instruments are those of the genre.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core import features, harmony, rhythm
from core.audio import resample
from core.types import AudioClip, Beats
from corpus import score
from corpus.dictation import nearest_tempo, positions
from corpus.harmonic_analysis import chord_tones, chords_of, directed, mode_of
from corpus.performance import to_notes
from corpus.planning import MOODS
from corpus.score import FIRST_ACTION, FIRST_PITCH, HOLD, REST, Header, Tokens
from corpus.styles import STYLES
from pipelines.engines import parts
from pipelines.engines.pulse import Grid, grid_of, pitch_classes
from pipelines.engines.spectra import LOWEST_PITCH, Spectra, between, spectra_of

Floats = npt.NDArray[np.floating]

_SHORTEST_S = 0.5
_CHANGE_OF_NOTE = 1.5
_SHY = 0.5
"""How much likelier than it seems a rest of the tune is taken to be: fewer notes, and fewer that nobody sang."""
_STRUCK_AGAIN = 0.0  # logit from which a held pitch was struck anew
_CHORD_LOW, _CHORD_HIGH = 50 - LOWEST_PITCH, 84 - LOWEST_PITCH
_LEVEL_DB = 5.0  # how much louder a bar is that is played a level higher


@dataclass(frozen=True)
class Transcription:
    """A clip on the grid: `tokens` (N_STREAMS, N_HEADER_FRAMES + n_steps).

    Step 0 is a bar line, `offset_s` into the clip (before its beginning only where the clip is shorter than two bars);
    the last step ends at `end_s`, within half a step of the clip's end. `tempo_bpm` is exact, the header's is rounded.
    `chords` has the name of the chord of every half bar, counted from C.
    """

    tokens: Tokens
    tempo_bpm: float
    offset_s: float
    end_s: float
    key: str
    key_confidence: float
    tempo_confidence: float
    chords: tuple[str, ...]

    @property
    def header(self) -> Header:
        return Header.unpack(self.tokens)


def transcribe(samples: npt.NDArray[np.float32], rate: int) -> Transcription:
    """Transcribe samples float32 (channels, n). Silence, and less than half a second, give rests at 100 bpm."""
    mono = mono_of(samples, rate)
    if len(mono) < _SHORTEST_S * features.RATE_HZ or not np.any(np.abs(mono) > 1e-5):
        return _silence(len(mono) / features.RATE_HZ)
    return _Ear(mono).transcription()


def mono_of(samples: npt.NDArray[np.float32], rate: int) -> npt.NDArray[np.float32]:
    """One channel at 22,050 Hz; the first where the mean cancels out."""
    samples = np.asarray(samples, np.float32)
    if samples.shape[1] == 0:
        return np.zeros(0, np.float32)
    mono = samples.mean(axis=0, keepdims=True)
    if np.ptp(mono) < 1e-3 * np.ptp(samples[0]):
        mono = samples[:1]
    return resample(AudioClip(np.ascontiguousarray(mono), rate), features.RATE_HZ).samples[0]


def _silence(seconds: float) -> Transcription:
    header = Header()
    n_steps = max(1, round(seconds / score.seconds_of(1, header.tempo_bpm)))
    music = np.zeros((score.N_STREAMS, n_steps), np.int64)
    music[score.POSITION], music[score.DYNAMICS] = positions(header, n_steps), 4
    tokens = np.concatenate([header.pack(), music], axis=1)
    end_s = score.seconds_of(n_steps, header.tempo_bpm)
    return Transcription(tokens, float(header.tempo_bpm), 0.0, end_s, header.key, 0.0, 0.0, ())


class _Ear:
    """One clip being listened to."""

    def __init__(self, mono: npt.NDArray[np.float32]) -> None:
        from classifiers.listener import listen

        self.mono = mono
        mel_db = features.log_mel(mono)
        heard = listen(mel_db)
        self.genre, self.emotion = heard.genre.top, heard.emotion.top
        self.beats: Beats = rhythm.beats(mel_db, rhythm.priors_of(heard.genre.as_dict()))
        self.spectra: Spectra = spectra_of(mono)
        self.grid: Grid = grid_of(self.spectra, self.beats)
        self.strengths = parts.tone_strengths(self.spectra, self.grid.times_s)
        self.networks = parts.networks()
        self.tones = self.networks.tones(parts.tone_features(self.strengths))
        self.header, self.key_confidence = self._header()

    def _header(self) -> tuple[Header, float]:
        chroma = harmony.chroma(self.mono)
        key, confidence = harmony.key(harmony.tonal_chroma(self.mono))
        tonic, minor = score.TONICS.index(key.split()[0]), key.endswith("minor")
        style = STYLES[self.genre]
        header = Header(
            genre=self.genre,
            emotion=self.emotion,
            tempo_bpm=nearest_tempo(self.grid.tempo_bpm),
            tonic=tonic,
            mode=mode_of(chroma, tonic, minor=minor),
            metre=self.grid.metre,
            swing=self.grid.swing,
            kit=style.kits["mid"][0],
            **{role: programs[0] for role, programs in style.programs.items()},  # type: ignore[arg-type]
        )
        return header, confidence

    def transcription(self) -> Transcription:
        music = np.zeros((score.N_STREAMS, self.grid.n_steps), np.int64)
        networks, tones = self.networks, self.tones
        music[score.POSITION] = positions(self.header, self.grid.n_steps)
        music[score.CHORD] = self._chords()
        music[score.DRUMS] = self._drums(networks.strokes)
        bass = parts.line(tones[..., parts.BASS], float(networks.rests[0]), change=_CHANGE_OF_NOTE)
        tune = parts.line(tones[..., parts.TUNE], float(networks.rests[1]) + _SHY, change=_CHANGE_OF_NOTE)
        music[score.BASS] = self._line(bass, tones, 36 + score.BASS_LOWEST, score.N_BASS_PITCHES)
        music[score.MELODY] = self._line(tune, tones, 60 + score.MELODY_LOWEST, score.N_PITCHES)
        music[score.ACCOMPANIMENT] = self._accompaniment(tones, bass, tune, music[score.CHORD])
        music[score.DYNAMICS] = self._levels()
        tokens = np.concatenate([self.header.pack(), music], axis=1)
        return Transcription(
            tokens,
            self.grid.tempo_bpm,
            self.grid.offset_s,
            float(self.grid.times_s[-1]),
            self.header.key,
            self.key_confidence,
            self.beats.confidence,
            tuple(self._chord_name(int(token)) for token in music[score.CHORD, :: self._half_bar()]),
        )

    def _half_bar(self) -> int:
        """Steps for which a chord lasts at least: half a bar, or the whole of three beats."""
        return self.grid.steps_per_bar // (2 if self.grid.metre == "4/4" else 1)

    def _chords(self) -> npt.NDArray[np.int64]:
        half, n = self._half_bar(), self.grid.n_steps
        edges_s = self.grid.times_s[np.minimum(np.arange(0, n + half, half), n)]
        tones = between(self.spectra.tones, edges_s + 0.03, power=0.5)
        middle, bass = pitch_classes(tones[:, 21:64], LOWEST_PITCH + 21), pitch_classes(tones[:, :28], LOWEST_PITCH)
        heard, line = self._heard_by_network(half)
        chroma = directed(self._from_tonic(middle)) + directed(self._from_tonic(heard))
        low = (self._from_tonic(bass) + self._from_tonic(line)) / 2
        return np.repeat(chords_of(chroma, low, self.header.mode), half)[:n]

    def _heard_by_network(self, half: int) -> tuple[Floats, Floats]:
        """The chroma of what sounds above the bass and of the bass, (half bars, 12) each, as the network has them."""
        begins = np.arange(0, self.grid.n_steps, half)
        sounding = pitch_classes(_likely(self.tones[:, 20:, parts.SOUNDING]), LOWEST_PITCH + 20)
        rest = np.full((len(self.tones), 1), self.networks.rests[0])
        odds = np.exp(np.clip(np.concatenate([self.tones[..., parts.BASS], rest], axis=1), -40, 40))
        bass = pitch_classes((odds / odds.sum(axis=1, keepdims=True))[:, :-1], LOWEST_PITCH)
        return np.add.reduceat(sounding, begins), np.add.reduceat(bass, begins)

    def _from_tonic(self, chroma: Floats) -> Floats:
        """Rows (n, 12) counted from the tonic, each summing to one."""
        shares = chroma / np.maximum(chroma.sum(axis=1, keepdims=True), 1e-9)
        return np.asarray(np.roll(shares, -self.header.tonic, axis=1))

    def _chord_name(self, token: int) -> str:
        """Such as "Bb minor 7", "" where there is none."""
        if not 1 <= token <= 12 * len(score.QUALITIES):
            return ""
        root, quality = divmod(token - 1, len(score.QUALITIES))
        return f"{score.TONICS[(root + self.header.tonic) % 12]} {score.QUALITY_NAMES[quality]}"

    def _drums(self, network: parts.Layers) -> npt.NDArray[np.int64]:
        """Strokes likelier than not."""
        kick, snare, cymbal, tom, crash = (network(parts.stroke_features(self.spectra, self.grid.times_s[:-1])) > 0).T
        toms = np.where(crash, 48, np.where(tom, 32, 0))
        return np.asarray(kick + 2 * snare + 4 * (cymbal & ~crash) + toms, np.int64)

    def _line(self, places: npt.NDArray[np.int64], tones: Floats, lowest: int, n_pitches: int) -> npt.NDArray[np.int64]:
        """The tokens of a line: struck where the pitch changes or is struck again, else held."""
        shift = self.header.tonic if self.header.tonic <= 5 else self.header.tonic - 12
        row = np.zeros(len(places), np.int64)
        for step, place in enumerate(places.tolist()):
            semitones = place + LOWEST_PITCH - lowest - shift
            if place < 0 or not 0 <= semitones < n_pitches:
                continue
            held = step > 0 and places[step - 1] == place and row[step - 1] != REST
            again = float(tones[step, place, parts.STRUCK]) > _STRUCK_AGAIN
            row[step] = HOLD if held and not again else FIRST_PITCH + semitones
        return row

    def _accompaniment(
        self, tones: Floats, bass: npt.NDArray[np.int64], tune: npt.NDArray[np.int64], chords: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        """The chord struck where its tones are, besides bass and tune, and held while they sound."""
        belong = np.roll(chord_tones()[0][chords], self.header.tonic, axis=1)
        pitches = (np.arange(tones.shape[1]) + LOWEST_PITCH) % 12
        mine = belong[:, pitches]
        mine[:, :_CHORD_LOW] = mine[:, _CHORD_HIGH:] = False
        for line in (bass, tune):
            mine[np.flatnonzero(line >= 0), line[line >= 0]] = False
        struck, sounding = (_likely(tones[..., kind]) * mine for kind in (parts.STRUCK, parts.SOUNDING))
        hits, heard = struck.sum(axis=1) > 0.8, sounding.sum(axis=1) > 0.8
        row = np.zeros(len(chords), np.int64)
        for step in range(len(row)):
            begins = hits[step] or (heard[step] and (step == 0 or chords[step] != chords[step - 1]))
            holds = step > 0 and heard[step] and row[step - 1] != REST
            row[step] = FIRST_ACTION if begins else HOLD if holds else REST
        return row

    def _levels(self) -> npt.NDArray[np.int64]:
        """The emotion's dynamics, and by bars how much louder or softer than the middle they are."""
        edges = np.append(np.arange(0, self.grid.n_steps, self.grid.steps_per_bar), self.grid.n_steps)
        samples = np.clip((self.grid.times_s[edges] * features.RATE_HZ).astype(int), 0, len(self.mono))
        sums = np.concatenate([[0.0], np.cumsum(np.square(self.mono, dtype=np.float64))])
        power = np.diff(sums[samples]) / np.maximum(np.diff(samples), 1) + 1e-10
        louder = np.round(10 * np.log10(power / np.median(power)) / _LEVEL_DB)
        levels = np.clip(MOODS[self.emotion].level + np.clip(louder, -2, 2), 0, 7).astype(np.int64)
        return np.repeat(levels, np.diff(edges))


def _likely(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logits)))


def midi_estimate(clip: AudioClip) -> bytes:
    """What a clip plays as a Standard MIDI File: an estimate, never exact. By basic-pitch where that is installed."""
    from corpus.render import midi_bytes
    from pipelines.engines.polyphony import transcribe_to_midi

    return transcribe_to_midi(clip) or midi_bytes(to_notes(transcribe(clip.samples, clip.rate).tokens))
