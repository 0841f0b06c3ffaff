"""Music by rules: a seed, a genre and an emotion -> tokens of the score grid.

A piece is a row of four-bar phrases. Sections (A, and a contrasting B or C) own their chords, groove, bass line,
accompaniment and motifs, and come back; the second phrase of a section answers the first, so its motifs return after
four bars. Genre decides how it is played (corpus.styles, corpus.harmony), emotion decides mode, tempo, energy, register,
dynamics and articulation. All chance comes from one random.Random(seed).

`python -m corpus.composer --out DIR` writes an example of each genre as WAV and MIDI.
"""

import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus import score
from corpus.arrangement import BassPlayer, Harmony, SecondVoice, chord_row, drum_row, harmony, sung_row
from corpus.captions import EMOTIONS, GENRES, Fields
from corpus.harmony import BRIDGES, PROGRESSIONS, Bar, Chord, read_progression
from corpus.instruments import words_of
from corpus.melody import CADENCES, PLANS, RHYTHMS, Motif, Sung, Voice, draw_motif
from corpus.planning import Plan, plan_piece, raised
from corpus.score import HOLD, REST, Header
from corpus.styles import (
    STYLES,
    WALTZ_ACCOMPANIMENT,
    WALTZ_BASS,
    WALTZ_FILL,
    WALTZ_GROOVES,
    By,
    Groove,
)  # fmt: skip

DEFAULT_STEPS = 256
BARS_PER_PHRASE = 4
_BUSY_FEET = ("pop", "rock", "hiphop", "blues")
"""Genres whose drummer adds a kick of his own in every second bar."""


def compose(
    seed: int,
    *,
    genre: str | None = None,
    emotion: str | None = None,
    tempo_bpm: float | None = None,
    key: str | None = None,
    instruments: tuple[str, ...] = (),
    seconds: float | None = None,
    steps: int | None = None,
    ending: bool = True,
) -> npt.NDArray[np.uint8]:
    """Tokens (8, N_HEADER_FRAMES + n). None is drawn from the seed; what is given is honoured exactly.

    Length: `steps`, else enough for `seconds`, else DEFAULT_STEPS. With `ending` the piece closes on its tonic chord
    where there is room for one; without it breaks off (a passage of something longer). Tempo is rounded to a whole
    number within 50..190 bpm. Raises ValueError on a genre, emotion, key or instrument that is not in the vocabulary.
    """
    rng = random.Random(seed)
    plan = plan_piece(rng, genre=genre, emotion=emotion, tempo_bpm=tempo_bpm, key=key, instruments=instruments)
    if steps is None:
        steps = DEFAULT_STEPS if seconds is None else score.steps_for(seconds, plan.header.tempo_bpm)
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
    return Fields(header.genre, header.emotion, None, float(header.tempo_bpm), header.key, words_of(sounding))


def write_corpus(n: int, seed: int, *, steps: int = DEFAULT_STEPS) -> tuple[npt.NDArray[np.uint8], list[Fields]]:
    """n passages for training: tokens (n, 8, N_HEADER_FRAMES + steps) and their labels.

    Genres and emotions are uniform. A sixth have a tempo from the whole range, a quarter ask for instruments, so that a
    model meets every header cell. Passages start at the beginning of a piece and do not close.
    """
    from corpus.captions import INSTRUMENTS

    tokens = np.empty((n, score.N_STREAMS, score.N_HEADER_FRAMES + steps), np.uint8)
    for index in range(n):
        rng = random.Random(f"{seed}/{index}")
        tokens[index] = compose(
            rng.getrandbits(32),
            genre=rng.choice(GENRES),
            emotion=rng.choice(EMOTIONS),
            tempo_bpm=rng.randint(score.MIN_TEMPO_BPM, score.MAX_TEMPO_BPM) if rng.random() < 1 / 6 else None,
            instruments=tuple(rng.sample(sorted(INSTRUMENTS), rng.randint(1, 3))) if rng.random() < 0.25 else (),
            steps=steps,
            ending=False,
        )
    return tokens, [labels_of(piece) for piece in tokens]


@dataclass(frozen=True)
class Section:
    """What a section owns. `melody` has one word a phrase, one letter a bar (corpus.melody.PLANS)."""

    contrast: bool
    energy: str
    bars: tuple[Bar, ...]
    groove: Groove
    bass: str
    accompaniment: str
    extra: str
    melody: tuple[str, ...]
    motifs: dict[str, Motif]
    voice: Voice
    cadence: str
    drums: bool = True

    @property
    def n_phrases(self) -> int:
        return len(self.melody)


class _Writer:
    """One piece in the making: a grid of whole bars that is cut to length at the end."""

    def __init__(self, plan: Plan, rng: random.Random, n_steps: int, *, ending: bool) -> None:
        self.plan, self.rng, self.n_steps = plan, rng, n_steps
        self.header = plan.header
        self.style = STYLES[plan.header.genre]
        self.bar = plan.header.steps_per_bar
        self.n_bars = -(-n_steps // self.bar)
        self.grid = np.zeros((score.N_STREAMS, self.n_bars * self.bar), np.int64)
        self.last_bar = self._last_bar() if ending else None
        self.bass = BassPlayer(score.MODES[plan.header.mode], walking=plan.header.genre in ("jazz", "blues"))
        self.last_pitch: int | None = None

    def _last_bar(self) -> int | None:
        """The bar that holds the final chord: as late as leaves it half a bar and 1.2 s to ring."""
        needed = max(self.bar // 2, round(1.2 / score.seconds_of(1, self.header.tempo_bpm)))
        bar = (self.n_steps - needed) // self.bar
        return bar if bar >= 2 else None

    def write(self) -> npt.NDArray[np.int64]:
        """Compose the sections, lay them out phrase by phrase, close."""
        phrases = self._form()
        self.second = SecondVoice(phrases[-1][0].voice, self.rng)
        for phrase_index, (section, turn, role) in enumerate(phrases):
            for bar_in_phrase in range(BARS_PER_PHRASE):
                bar_index = phrase_index * BARS_PER_PHRASE + bar_in_phrase
                if bar_index < self.n_bars and (self.last_bar is None or bar_index < self.last_bar):
                    new = bar_in_phrase == 0 and turn == 0
                    closes = turn == section.n_phrases - 1 and bar_in_phrase == BARS_PER_PHRASE - 1
                    self._write_bar(section, turn, bar_in_phrase, bar_index, role, new, closes)
        if self.last_bar is not None:
            self._close(phrases[min(len(phrases) - 1, self.last_bar // BARS_PER_PHRASE)][0])
        return self.grid[:, : self.n_steps]

    # ---- form ----------------------------------------------------------------------------------------------------

    def _form(self) -> list[tuple[Section, int, str]]:
        """(section, which of its phrases, "intro" or "main") for every phrase of the piece."""
        n_phrases = -(-self.n_bars // BARS_PER_PHRASE)
        first = self._section(contrast=False)
        second = self._section(contrast=True)
        phrases: list[tuple[Section, int, str]] = []
        if n_phrases >= 4 and self.rng.random() < 0.4:
            phrases.append((first, 0, "intro"))
        cycle = {"jazz": "AABA", "blues": "ABA", "classical": "AABA"}.get(self.header.genre, "ABAB")
        while len(phrases) < n_phrases:
            for letter in cycle:
                section = first if letter == "A" else second
                phrases += [(section, turn, "main") for turn in range(section.n_phrases)]
            # What follows in a long piece is new in its middle, and comes home.
            second, cycle = self._section(contrast=True), "BA" if self.rng.random() < 0.5 else "BAA"
        return phrases[:n_phrases]

    def _section(self, *, contrast: bool) -> Section:
        rng, plan, style = self.rng, self.plan, self.style
        energy = raised(plan.energy, 1 if contrast and rng.random() < 0.7 else 0)
        bars = self._bars(contrast)
        family = style.melody if self.header.metre == 4 else "waltz"
        words = rng.choice(PLANS[style.melody])
        density = raised(plan.density, rng.choice((0, 0, 1)) if contrast else 0)
        rhythms = rng.sample(RHYTHMS[family][density], 3)
        voice = Voice(self.header.mode, pentatonic=plan.pentatonic, centre=plan.centre + (3 if contrast else 0))
        return Section(
            contrast=contrast,
            energy=energy,
            bars=bars,
            groove=self._groove(energy),
            bass=rng.choice(WALTZ_BASS) if self.header.metre == 3 else self._pick(style.bass, energy),
            accompaniment=rng.choice(WALTZ_ACCOMPANIMENT) if self.header.metre == 3 else self._accompaniment(energy),
            extra=self._extra(energy),
            melody=tuple(words[min(i, len(words) - 1)] for i in range(len(bars) // 4)) if len(bars) > 4 else words[:2],
            motifs={
                name: draw_motif(rhythm, rng, graces=style.graces) for name, rhythm in zip("abc", rhythms, strict=True)
            },
            voice=voice,
            cadence=rng.choice(CADENCES[self.bar]),
            drums=plan.drums,
        )

    def _bars(self, contrast: bool) -> tuple[Bar, ...]:
        table = PROGRESSIONS[self.header.genre][self.header.mode]
        if contrast and self.header.mode == "major":
            table = table + BRIDGES.get(self.header.genre, ())
        return read_progression(self.rng.choice(table))

    def _pick(self, table: By, energy: str) -> str:
        return self.rng.choice(table[energy])

    def _accompaniment(self, energy: str) -> str:
        pattern = self._pick(self.style.accompaniment, energy)
        return pattern

    def _groove(self, energy: str) -> Groove:
        if self.header.metre == 3:
            return WALTZ_GROOVES[self.header.genre]
        return self.rng.choice(self.style.grooves[energy])

    def _extra(self, energy: str) -> str:
        """The second voice's way of playing; a part that was asked for is never left out."""
        if self.plan.solo:
            return "none"
        options = self.style.extra[energy]
        if self.header.metre == 3:
            options = ("counter", "harmony", "P-----------")
        if self.plan.extra_wanted:
            options = tuple(way for way in options if way not in ("none", "response", "riff")) or ("counter", "harmony")
        return self.rng.choice(options)

    # ---- bars ----------------------------------------------------------------------------------------------------

    def _chords(self, section: Section, turn: int, bar_in_phrase: int, bar_index: int) -> Harmony:
        """The harmony of a bar; the one before the final chord leads to it."""
        position = turn * BARS_PER_PHRASE + bar_in_phrase
        bars = section.bars
        bar, following = bars[position % len(bars)], bars[(position + 1) % len(bars)][0]
        if self.last_bar is not None and bar_index == self.last_bar - 1:
            bar, following = (self._leading(),), self._tonic()
        return harmony(bar, following, self.bar)

    def _leading(self) -> Chord:
        """The chord that leads home: a dominant, or the flat seventh degree where the mode has no leading tone."""
        genre, mode = self.header.genre, self.header.mode
        if genre in ("blues", "jazz", "classical", "country") or mode in ("major", "harmonic minor", "lydian"):
            return Chord(7, "power" if genre == "metal" else "dominant 7" if genre != "reggae" else "major")
        if mode == "phrygian":
            return Chord(1, "power" if genre == "metal" else "major")
        return Chord(10, "power" if genre == "metal" else "major")

    def _tonic(self) -> Chord:
        minor = self.header.mode in score.MINOR_MODES
        if self.header.genre == "metal":
            return Chord(0, "power")
        if self.header.genre == "jazz":
            return Chord(0, "minor 7" if minor else "dominant 9" if self.header.mode == "mixolydian" else "major 7")
        if self.header.mode == "blues":
            return Chord(0, "dominant 7")
        return Chord(0, "minor" if minor else "major")

    def _write_bar(
        self, section: Section, turn: int, bar_in_phrase: int, bar_index: int, role: str, new: bool, closes: bool
    ) -> None:
        sounding = self._chords(section, turn, bar_in_phrase, bar_index)
        here = slice(bar_index * self.bar, (bar_index + 1) * self.bar)
        melody = [] if role == "intro" else self._melody(section, turn, bar_in_phrase, bar_index, sounding)
        rows = self.grid[:, here]
        rows[score.POSITION] = np.arange(self.bar) + self.bar * bar_in_phrase + score.CONTRAST * section.contrast
        rows[score.CHORD] = [score.chord_token(chord.root, chord.quality) for chord in sounding.chords]
        rows[score.DRUMS] = self._drums(section, bar_in_phrase, bar_index, role, new, closes)
        if role != "intro" or bar_in_phrase >= 2 or section.energy == "hard":
            rows[score.BASS] = self.bass.play(self._bass_pattern(section), sounding)
        rows[score.ACCOMPANIMENT] = chord_row(self._comping(section), sounding)
        if role != "intro" or section.extra.startswith("P"):
            rows[score.EXTRA] = self.second.play(section.extra, sounding, melody, bar_index)
        rows[score.MELODY] = sung_row(melody, self.bar)
        rows[score.DYNAMICS] = self._dynamics(section, bar_in_phrase, role, closes)

    def _bass_pattern(self, section: Section) -> str:
        """A walking bass never repeats a bar by rote."""
        if self.header.genre == "jazz" and self.header.metre == 4:
            return self._pick(self.style.bass, section.energy)
        return section.bass

    def _comping(self, section: Section) -> str:
        """Jazz comping answers freely; elsewhere the pattern is part of the section."""
        if self.header.genre == "jazz" and self.header.metre == 4:
            return self._pick(self.style.accompaniment, section.energy)
        return section.accompaniment

    def _melody(self, section: Section, turn: int, bar_in_phrase: int, bar_index: int, sounding: Harmony) -> list[Sung]:
        mark = section.melody[turn % len(section.melody)][bar_in_phrase]
        if self.last_bar is not None and bar_index == self.last_bar - 1:
            mark = "o"
        if mark == ".":
            return []
        if mark in "ox":
            chord = sounding.chords[0]
            notes = section.voice.cadence(section.cadence, chord, self.last_pitch, closed=mark == "x")
        else:
            lift = 1 if mark.isupper() else 0
            chords = sounding.chords
            if self.header.genre == "blues" and turn == 1:
                # The second line of a blues is the first one again, over other chords.
                chords = self._chords(section, 0, bar_in_phrase, bar_index).chords
            notes = section.voice.set(section.motifs[mark.lower()], chords, lift)
        self.last_pitch = notes[-1].pitch if notes else self.last_pitch
        return notes

    def _drums(
        self, section: Section, bar_in_phrase: int, bar_index: int, role: str, new: bool, closes: bool
    ) -> npt.NDArray[np.int64]:
        if not section.drums:
            return np.zeros(self.bar, np.int64)
        groove = self._groove(section.energy) if self.header.genre == "jazz" else section.groove
        row = np.array(drum_row(groove, self.bar), np.int64)
        if bar_in_phrase % 2 and section.energy != "soft" and self.header.genre in _BUSY_FEET and self.bar == 16:
            row[self.rng.choice((10, 14, 14, 15))] |= 1
        if role == "intro":
            row = row & 12 if bar_in_phrase < 3 else row
        if closes or (bar_in_phrase == 3 and section.energy != "soft" and self.rng.random() < 0.35):
            fill = WALTZ_FILL if self.bar == 12 else self.rng.choice(self.style.fills)
            if self.header.genre != "classical" or section.energy == "hard":
                row = np.array(drum_row(fill, self.bar), np.int64)
        if new and role == "main" and bar_index and section.energy != "soft" and self.header.genre != "classical":
            row[0] = (row[0] & ~12 & ~48) | 48
        return row

    def _dynamics(self, section: Section, bar_in_phrase: int, role: str, closes: bool) -> npt.NDArray[np.int64]:
        level = self.plan.level + (1 if section.contrast else 0) - (1 if role == "intro" else 0)
        row = np.full(self.bar, level, np.int64)
        if self.header.genre == "classical" and bar_in_phrase in (1, 2):
            row += 1
        if closes:
            row[-4:] += 1
        return np.clip(row, 0, 7) + 8 * self.plan.articulation

    def _close(self, section: Section) -> None:
        """The final chord: everyone holds, the drums strike once."""
        assert self.last_bar is not None
        start = self.last_bar * self.bar
        tail = self.grid[:, start:]
        n, tonic = tail.shape[1], self._tonic()
        tail[score.POSITION] = (np.arange(n) + self.bar * (self.last_bar % BARS_PER_PHRASE)) % 64
        tail[score.CHORD] = score.chord_token(tonic.root, tonic.quality)
        quiet = section.energy == "soft"
        action = "power" if self.header.accompaniment in (29, 30) else "roll" if quiet else "wide"
        tail[score.ACCOMPANIMENT] = HOLD
        tail[score.ACCOMPANIMENT, 0] = score.FIRST_ACTION + score.ACTIONS.index(action)
        tail[score.BASS] = HOLD
        tail[score.BASS, 0] = score.FIRST_PITCH - score.BASS_LOWEST
        home = section.voice.cadence("x" + "-" * (n - 1), tonic, self.last_pitch, closed=True)
        tail[score.MELODY] = sung_row(home, n)
        tail[score.DYNAMICS] = np.clip(self.plan.level, 0, 7) + 8 * min(2, self.plan.articulation & 2)
        tail[score.EXTRA] = REST
        if section.extra != "none":
            tail[score.EXTRA] = HOLD
            tail[score.EXTRA, 0] = score.PAD
        if section.drums:
            hit = drum_row(Groove("x", toms="l" if self.header.genre == "classical" else "" if quiet else "C"), 1)[0]
            tail[score.DRUMS] = 0
            tail[score.DRUMS, 0] = (
                (hit | (12 if quiet else 0)) if drum_row(section.groove, self.bar) != (0,) * self.bar else 0
            )


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
