"""Music by rules: a seed, a genre and an emotion -> tokens of the score grid.

Genre decides how it is played (corpus.styles, corpus.grooves, corpus.harmony), emotion decides mode, tempo, energy,
register, dynamics and articulation (corpus.planning); corpus.form lays out sections whose motifs return, and here the
bars are written. All chance comes from one random.Random(seed).

`python -m corpus.composer --out DIR` writes an example of each genre as WAV and MIDI.
"""

import random

import numpy as np
import numpy.typing as npt

from corpus import score
from corpus.arrangement import BassPlayer, Harmony, SecondVoice, chord_row, drum_row, harmony, sung_row
from corpus.captions import EMOTIONS, GENRES, INSTRUMENTS, Fields
from corpus.form import Phrase, Section, lay_out, leading_chord, patterns_of, playable, tonic_chord
from corpus.grooves import Groove
from corpus.instruments import words_of
from corpus.melody import Sung
from corpus.planning import Plan, plan_piece
from corpus.score import BARS_PER_PHRASE, HOLD, REST, Header

DEFAULT_STEPS = 256
SHORTEST_STEPS, LONGEST_STEPS = 32, 1280
"""Of a piece written for training: two bars, and twenty phrases of four."""
_BUSY_FEET = ("pop", "rock", "hiphop", "blues")
"""Genres whose drummer adds a kick of his own in every second bar."""


def compose(
    seed: int,
    *,
    genre: str | None = None,
    emotion: str | None = None,
    tempo_bpm: float | None = None,
    key: str | None = None,
    metre: str | None = None,
    instruments: tuple[str, ...] = (),
    seconds: float | None = None,
    steps: int | None = None,
    ending: bool = True,
) -> npt.NDArray[np.uint8]:
    """Tokens (8, N_HEADER_FRAMES + n). None is drawn from the seed; what is given is honoured exactly.

    Length: `steps`, else enough for `seconds`, else DEFAULT_STEPS. With `ending` the piece closes on its tonic chord
    where there is room for one; without it breaks off (a passage of something longer). Tempo is rounded to a whole
    number within 50..190 bpm. Raises ValueError on a name that is not in the vocabulary.
    """
    rng = random.Random(seed)
    plan = plan_piece(
        rng, genre=genre, emotion=emotion, tempo_bpm=tempo_bpm, key=key, metre=metre, instruments=instruments
    )
    header = plan.header
    if steps is None:
        steps = DEFAULT_STEPS
        if seconds is not None:
            steps = score.steps_for(seconds, header.tempo_bpm, header.steps_per_beat)
    grid = _Writer(plan, rng, steps, ending=ending).write()
    return np.concatenate([plan.header.pack(), grid], axis=1).astype(np.uint8)


def labels_of(tokens: score.Tokens) -> Fields:
    """What a piece is, for captions: genre, emotion, tempo, key, and every instrument that plays, melody first."""
    header = Header.unpack(tokens)
    music = np.asarray(tokens)[:, score.N_HEADER_FRAMES :]
    parts = (
        (score.MELODY, header.melody),
        (score.ACCOMPANIMENT, header.accompaniment),
        (score.EXTRA, header.extra),
        (score.BASS, header.bass),
    )
    sounding = tuple(program for stream, program in parts if (music[stream] > HOLD).any())
    return Fields(
        genre=header.genre,
        emotion=header.emotion,
        tempo_bpm=float(header.tempo_bpm),
        key=header.key,
        instruments=words_of(sounding),
        metre=None if header.metre == "4/4" else header.metre,
    )


def write_corpus(n: int, seed: int, *, steps: int | None = None) -> tuple[list[npt.NDArray[np.uint8]], list[Fields]]:
    """n pieces for training: tokens, each (8, N_HEADER_FRAMES + its steps), and their labels.

    Genres and emotions are uniform. A sixth have a tempo from the whole range, a quarter ask for instruments, so that a
    model meets every header cell. With `steps` they are passages of that length that do not close; without, four in
    five are whole pieces of SHORTEST_STEPS to LONGEST_STEPS, as often short as long.
    """
    pieces = [corpus_piece(seed, index, steps=steps) for index in range(n)]
    return pieces, [labels_of(piece) for piece in pieces]


def corpus_piece(seed: int, index: int, *, steps: int | None = None) -> npt.NDArray[np.uint8]:
    """Piece `index` of the corpus of `seed`, see `write_corpus`."""
    rng = random.Random(f"{seed}/{index}")
    length = round(SHORTEST_STEPS * (LONGEST_STEPS / SHORTEST_STEPS) ** rng.random())
    return compose(
        rng.getrandbits(32),
        genre=rng.choice(GENRES),
        emotion=rng.choice(EMOTIONS),
        tempo_bpm=rng.randint(score.MIN_TEMPO_BPM, score.MAX_TEMPO_BPM) if rng.random() < 1 / 6 else None,
        instruments=tuple(rng.sample(sorted(INSTRUMENTS), rng.randint(1, 3))) if rng.random() < 0.25 else (),
        steps=steps or length,
        ending=steps is None and rng.random() < 0.8,
    )


class _Writer:
    """One piece in the making: a grid of whole bars that is cut to length at the end."""

    def __init__(self, plan: Plan, rng: random.Random, n_steps: int, *, ending: bool) -> None:
        self.plan, self.rng, self.n_steps, self.header = plan, rng, n_steps, plan.header
        self.may = patterns_of(plan.header)
        self.bar = plan.header.steps_per_bar
        self.improvised = plan.header.genre == "jazz" and plan.header.metre == "4/4"
        self.n_bars = -(-n_steps // self.bar)
        self.grid = np.zeros((score.N_STREAMS, self.n_bars * self.bar), np.int64)
        final = score.final_bar(n_steps, plan.header) if ending else None
        self.last_bar = self.n_bars if final is None else final
        self.bass = BassPlayer(score.MODES[plan.header.mode], walking=plan.header.genre in ("jazz", "blues"))
        self.last_pitch: int | None = None

    def write(self) -> npt.NDArray[np.int64]:
        """The whole grid, (8, n_steps)."""
        ends = self.last_bar < self.n_bars
        n_bars = self.last_bar + 1 if ends else self.n_bars
        phrases = lay_out(self.plan, self.rng, -(-n_bars // BARS_PER_PHRASE), ends=ends)
        self.second = SecondVoice(phrases[-1].section.voice, self.rng)
        for bar_index in range(self.last_bar):
            phrase_index, bar_in_phrase = divmod(bar_index, BARS_PER_PHRASE)
            self._write_bar(phrases[phrase_index], bar_in_phrase, bar_index)
        if ends:
            last = phrases[self.last_bar // BARS_PER_PHRASE]
            self._close(last.section, last.kind)
        return self.grid[:, : self.n_steps]

    def _write_bar(self, phrase: Phrase, bar_in_phrase: int, bar_index: int) -> None:
        section, rows = phrase.section, self.grid[:, bar_index * self.bar : (bar_index + 1) * self.bar]
        sounding = self._harmony(phrase, bar_in_phrase, bar_index)
        melody = [] if phrase.intro else self._melody(phrase, bar_in_phrase, bar_index, sounding)
        rows[score.POSITION] = self._position(phrase.kind, bar_in_phrase, bar_index)
        rows[score.CHORD] = [score.chord_token(chord.root, chord.quality) for chord in sounding.chords]
        if not self.plan.solo:
            rows[score.DRUMS] = self._drums(phrase, bar_in_phrase, bar_index)
        if not phrase.intro or bar_in_phrase >= 2 or section.energy == "hard":
            rows[score.BASS] = self.bass.play(self._freely(section.bass, self.may.bass[section.energy]), sounding)
        comping = self._freely(section.accompaniment, playable(self.may.accompaniment[section.energy], self.header))
        rows[score.ACCOMPANIMENT] = chord_row(comping, sounding)
        if (phrase.turn >= section.extra_from and not phrase.intro) or (phrase.intro and section.extra[0] == "P"):
            rows[score.EXTRA] = self.second.play(section.extra, sounding, melody, bar_index)
        rows[score.MELODY] = sung_row(melody, self.bar)
        rows[score.DYNAMICS] = self._dynamics(phrase, bar_in_phrase)

    def _freely(self, pattern: str, options: tuple[str, ...]) -> str:
        """A jazz player never repeats a bar by rote; elsewhere the pattern is part of the section."""
        return self.rng.choice(options) if self.improvised else pattern

    def _harmony(self, phrase: Phrase, bar_in_phrase: int, bar_index: int) -> Harmony:
        """The harmony of a bar; the one before the final chord leads to it."""
        bars, position = phrase.section.bars, phrase.turn * BARS_PER_PHRASE + bar_in_phrase
        if phrase.kind == "ending":
            position = len(bars) - 1 - (self.last_bar - bar_index)  # the last chord of the progression is the final one
        bar, following = bars[position % len(bars)], bars[(position + 1) % len(bars)][0]
        if bar_index == self.last_bar - 1 and self.last_bar < self.n_bars:
            bar, following = (leading_chord(self.header),), tonic_chord(self.header)
        return harmony(bar, following, self.header.metre)

    def _melody(self, phrase: Phrase, bar_in_phrase: int, bar_index: int, sounding: Harmony) -> list[Sung]:
        section, chords = phrase.section, sounding.chords
        mark = section.melody[phrase.turn][bar_in_phrase]
        if bar_index == self.last_bar - 1 and self.last_bar < self.n_bars:
            mark = "o"
        if mark == ".":
            return []
        if mark in "ox":
            notes = section.voice.cadence(section.cadence, chords[0], self.last_pitch, closed=mark == "x")
        else:
            if self.header.genre == "blues" and phrase.turn == 1:
                # The second line of a blues is the first one again, over other chords.
                chords = harmony(section.bars[bar_in_phrase], sounding.following, self.header.metre).chords
            notes = section.voice.set(section.motifs[mark.lower()], chords, 1 if mark.isupper() else 0)
        self.last_pitch = notes[-1].pitch if notes else self.last_pitch
        return notes

    def _drums(self, phrase: Phrase, bar_in_phrase: int, bar_index: int) -> npt.NDArray[np.int64]:
        section, genre = phrase.section, self.header.genre
        loud = section.energy != "soft"
        groove = self.rng.choice(self.may.grooves[section.energy]) if self.improvised else section.groove
        row = np.array(drum_row(groove, self.bar))
        if bar_in_phrase % 2 and loud and genre in _BUSY_FEET and self.header.metre == "4/4":
            row[self.rng.choice((10, 14, 14, 15))] |= 1
        if phrase.intro:
            row = row & 12 if bar_in_phrase < 3 else row
        fills = bar_in_phrase == 3 and (phrase.closes or (loud and self.rng.random() < 0.35))
        if fills and (genre != "classical" or section.energy == "hard"):
            row = np.array(drum_row(self.rng.choice(self.may.fills), self.bar))
        if bar_index and bar_in_phrase == 0 and phrase.opens and loud and not phrase.intro and genre != "classical":
            row[0] = (row[0] & ~60) | 48  # a crash, in place of cymbal and tom
        return row

    def _dynamics(self, phrase: Phrase, bar_in_phrase: int) -> npt.NDArray[np.int64]:
        row = np.full(self.bar, self.plan.level + phrase.section.contrast - phrase.intro)
        if self.header.genre == "classical" and bar_in_phrase in (1, 2):
            row += 1
        if phrase.closes and bar_in_phrase == 3:
            row[-4:] += 1
        return np.asarray(np.clip(row, 0, 7) + 8 * self.plan.articulation, np.int64)

    def _position(self, kind: str, bar_in_phrase: int, bar_index: int) -> npt.NDArray[np.int64]:
        """The POSITION tokens of a bar."""
        left = self.last_bar - bar_index if self.last_bar < self.n_bars else None
        return score.position_row(kind, bar_in_phrase * self.bar, self.bar, left)

    def _close(self, section: Section, kind: str) -> None:
        """The final chord: everyone holds, the drums strike once."""
        tail = self.grid[:, self.last_bar * self.bar :]
        n, tonic, quiet = tail.shape[1], tonic_chord(self.header), section.energy == "soft"
        action = "power" if self.header.accompaniment in (29, 30) else "roll" if quiet else "wide"
        home = section.voice.cadence("x" + "-" * (n - 1), tonic, self.last_pitch, closed=True)
        for bar in range(self.last_bar, self.n_bars):
            here = self.grid[score.POSITION, bar * self.bar : (bar + 1) * self.bar]
            here[:] = self._position(kind, bar % BARS_PER_PHRASE, self.last_bar)
        tail[score.CHORD] = score.chord_token(tonic.root, tonic.quality)
        tail[score.DYNAMICS] = self.plan.level + 8 * (self.plan.articulation & 2)
        tail[score.MELODY] = sung_row(home, n)
        for stream, token in (
            (score.ACCOMPANIMENT, score.FIRST_ACTION + score.ACTIONS.index(action)),
            (score.BASS, score.FIRST_PITCH - score.BASS_LOWEST),
            (score.EXTRA, REST if section.extra == "none" else score.PAD),
        ):
            tail[stream] = HOLD if token else REST
            tail[stream, 0] = token
        if not self.plan.solo and any(drum_row(section.groove, self.bar)):
            struck = Groove("x", cymbal="r") if quiet else Groove("x", toms="C")
            struck = Groove(toms="l") if quiet and self.header.kit == "orchestra" else struck
            tail[score.DRUMS, 0] = drum_row(struck, 1)[0]


def main() -> None:
    """Write one example of each genre."""
    import argparse
    from pathlib import Path

    import soundfile

    from corpus.performance import to_notes
    from corpus.render import midi_bytes, render

    parser = argparse.ArgumentParser(description="Write one example a genre as WAV and MIDI.")
    parser.add_argument("--out", type=Path, required=True, help="directory to write to")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=30.0)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for genre in GENRES:
        tokens = compose(arguments.seed, genre=genre, seconds=arguments.seconds)
        piece, fields = to_notes(tokens), labels_of(tokens)
        name = f"{genre}-{fields.emotion}-{piece.header.tempo_bpm}bpm"
        soundfile.write(arguments.out / f"{name}.wav", render(piece, seconds=arguments.seconds).T, 32000)
        (arguments.out / f"{name}.mid").write_bytes(midi_bytes(piece))
        print(f"{name}: {fields.key}, {', '.join(fields.instruments)}")


if __name__ == "__main__":
    main()
