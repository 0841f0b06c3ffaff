"""The example clips of the page, written by the composer: `python -m corpus.examples` fills the folder `examples/`.

Named genre-emotion-tempo, Ogg Vorbis, with their words as tags. The choices below were made by looking at the scores.
"""

from dataclasses import dataclass
from pathlib import Path

from core.models import ROOT
from corpus.captions import caption
from corpus.composer import compose, labels_of
from corpus.performance import to_notes
from corpus.render import render

FOLDER = ROOT / "examples"
RATE_HZ, SECONDS = 32000, 24.0
_QUALITY = 0.68
"""libsndfile's compression level for Vorbis: 0 the best sound, 1 the smallest file."""
_HEADROOM = 0.9
"""A lossy codec overshoots the peaks that it is given."""


@dataclass(frozen=True)
class Example:
    """What to ask of the composer."""

    genre: str
    emotion: str
    tempo_bpm: int
    key: str
    seed: int
    instruments: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.genre}-{self.emotion.split('_')[0]}-{self.tempo_bpm}bpm"


EXAMPLES = (
    Example("jazz", "nostalgia", 96, "Eb major", 31, ("saxophone", "piano", "double bass")),
    Example("classical", "tenderness", 76, "A major", 18, ("violin", "harp", "strings")),
    Example("rock", "power", 138, "E minor", 19),
    Example("disco", "joyful_activation", 120, "A minor", 13, ("strings", "electric piano", "bass guitar")),
    Example("reggae", "joyful_activation", 78, "G major", 10, ("trombone", "electric guitar", "organ")),
    Example("hiphop", "nostalgia", 88, "F minor", 31, ("electric piano", "vibraphone", "synth bass")),
    Example("metal", "tension", 160, "D minor", 13),
    Example("country", "joyful_activation", 124, "D major", 15, ("fiddle", "acoustic guitar", "banjo")),
)


def write(example: Example, folder: Path = FOLDER) -> Path:
    """Compose, render and write one clip; its path."""
    import soundfile

    tokens = compose(
        example.seed,
        genre=example.genre,
        emotion=example.emotion,
        tempo_bpm=example.tempo_bpm,
        key=example.key,
        instruments=example.instruments,
        seconds=SECONDS,
    )
    path = folder / f"{example.name}.ogg"
    folder.mkdir(parents=True, exist_ok=True)
    sound = render(to_notes(tokens), rate=RATE_HZ, seconds=SECONDS) * _HEADROOM
    with soundfile.SoundFile(path, "w", RATE_HZ, 2, format="OGG", subtype="VORBIS", compression_level=_QUALITY) as clip:
        clip.title = caption(labels_of(tokens))
        clip.genre = example.genre
        clip.artist = "Synesthete's composer"
        clip.license = "Apache-2.0"
        # In pieces: libsndfile's Vorbis encoder overflows its stack on one long block.
        for start in range(0, sound.shape[1], RATE_HZ):
            clip.write(sound[:, start : start + RATE_HZ].T)
    return path


def main() -> None:
    """Write them all."""
    for example in EXAMPLES:
        path = write(example)
        print(f"{path.name}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
