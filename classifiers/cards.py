"""The model cards that training writes beside the weights, in the Hub's format.

A card is made from config.json alone, so `python -m classifiers.cards` writes the same card again at any time.
"""

import json
from typing import Any

from core.models import WEIGHTS

_HEAD = """---
license: apache-2.0
library_name: keras
tags: [music, audio-classification, {tag}]
---

# {title}

{what}

Part of Synesthete. A Keras 3 model file without custom code (it loads in safe mode with the torch, tensorflow or jax
backend); `config.json` beside it holds the labels, the view, the feature parameters and the calibration.
`classifiers.listener` serves it: overlapping windows, averaged.

## Input and output

Log-mel spectrogram (22,050 Hz, n_fft 2048, hop 512, 128 Slaney bands, dB below the loudest cell), {view}.
Output: {output}

## Training

{training}

`python -m classifiers.train {name} --minutes {minutes:g} --seed {seed}` ({backend} backend, one CPU thread).

## Figures

{figures}

## Licence and data

The weights are Apache-2.0. {data}

## Limits

{limits}
"""

_VIEWS = {
    "thin": "one frame in 3.87 (11 a second), floor at -40 dB, scaled to [0, 1]",
    "fine": "every frame, about the mean of the 30 s around in units of their deviation, scaled to [0, 1]",
    "smooth": "means over four frames (10.8 a second), floor at -80 dB, scaled to [0, 1]",
}

_TEXTS: dict[str, dict[str, str]] = {
    "genre": {
        "tag": "genre",
        "title": "Genre CNN",
        "what": "Which of GTZAN's ten genres a clip sounds like.",
        "output": "ten probabilities, calibrated by the temperature in `config.json`.",
        "training": (
            "Eight members of some 141,000 trained weights, averaged (geometric mean): each joins a CNN of four "
            "convolutions with a perceptron on statistics of timbre, rhythm and harmony "
            "(`classifiers.descriptors`). Six look at the thin view, three of them at each band relative to its "
            "own mean and deviation; two look at the fine view, of which the data has only the first 3 s of a "
            "track. The fault-filtered and artist-filtered split of Kereliuk et al. 2015: 442 tracks to train "
            "on, 197 to choose each member's best snapshot and the temperature, 290 to test. Random crops, "
            "random equaliser, shifts of a band or two, SpecAugment, mixup. The figures are of the stored "
            "views."
        ),
        "data": "GTZAN (Tzanetakis and Cook 2002) states no licence for its audio; none of it is here.",
        "limits": (
            "Ten genres of Western popular and art music up to about 2000; anything else is forced "
            "into them. Rock and blues are the hardest: four in five and three in five are taken for "
            "something else. Synthesised General MIDI music was not learned from. Figures on random splits "
            "of GTZAN, often above 0.9, are leaks and not comparable."
        ),
    },
    "emotion": {
        "tag": "emotion",
        "title": "Emotion CNN",
        "what": "How a clip would make listeners feel, in the nine emotions of the Geneva Emotional Music Scale.",
        "output": (
            "for each emotion the share of listeners who would choose it (up to three each); the app "
            "shows them normalised to a distribution."
        ),
        "training": (
            "Two parts, averaged 4 : 1. Twelve perceptrons (32 hidden units) read some 640 statistics of "
            "timbre, rhythm and harmony that fixed layers compute from the view (`classifiers.descriptors`); "
            "a CNN of three convolutions reads the view itself. All 320 one-minute excerpts of Emotify, in "
            "windows of a minute, 30, 10 and 6 s; cross entropy against the shares of listeners, excerpts with "
            "few listeners weighing less; mixup, dropout. The figures (`cv`) come from five further networks, "
            "each trained by the same recipe without the fifth of the tracks it was tested on, with the "
            "same budget and no choice of snapshot; a track is judged in the 10 s windows that serve it. "
            "`out_of_fold.json` holds those 320 answers. The statistics were chosen on the same five "
            "folds (some fifty comparisons, most within 0.01), so a little of the figure is optimism."
        ),
        "data": "Emotify (Aljanaki, Wiering and Veltkamp 2016); none of its audio is here.",
        "limits": (
            "Listeners themselves disagree: the ceiling of the mean correlation is about 0.80, of amazement "
            "0.54. 320 excerpts of classical, electronic, pop and rock music; other styles are extrapolation. "
            "Folds are by track: tracks of one album may stand on both sides."
        ),
    },
    "music_or_not": {
        "tag": "music-detection",
        "title": "Music-or-not CNN",
        "what": "Whether a clip is music at all, rather than speech, noise or birdsong.",
        "output": "one probability.",
        "training": (
            "Two small CNNs, averaged, on real music and speech (36 + 37 clips of 30 s), both plain and "
            "through rooms, telephones, hiss and other speeds (`classifiers.disguises`), crowds of those "
            "speakers, drum loops, solos and written pieces (`classifiers.bare_music`), Emotify and GTZAN's "
            "training part as further music, and 160 synthesised noises (`classifiers.noises`). The figures "
            "come from five further networks, each tested on the fifth of the real clips, and of what was made "
            "of them, that it had not seen. `python -m evaluation.rejection` measures the shipped network on "
            "kinds of noise and of music that it has not learned from."
        ),
        "data": (
            "Music/speech clips of G. Tzanetakis, Emotify, GTZAN (none of their audio is here); Groove MIDI "
            "(Gillick et al. 2019), CC BY 4.0."
        ),
        "limits": (
            "Singing without accompaniment, rap over sparse beats and speech over music are ambiguous"
            " by nature. Drums and solos were rendered from a soundfont. Real environmental sound was not in the"
            " training data."
        ),
    },
}


def card(name: str, config: dict[str, Any]) -> str:
    """README.md for the classifier `name`, from its config."""
    return _HEAD.format(
        name=name,
        view="; ".join(_VIEWS[view] for view in config["views"]),
        figures=_table(config["figures"]),
        **_TEXTS[name],
        **config["training"],
    )


def _table(figures: dict[str, Any]) -> str:
    """A row a figure; a figure that is a mapping becomes a row a label."""
    rows = ["| figure | value |", "|---|---|"]
    for name, value in figures.items():
        many = value.items() if isinstance(value, dict) else [("", value)]
        rows += [f"| {' '.join(filter(None, (name.replace('_', ' '), label)))} | {v} |" for label, v in many]
    return "\n".join(rows)


def main() -> None:
    """Write every card again from its config.json."""
    for name in _TEXTS:
        folder = WEIGHTS / name
        (folder / "README.md").write_text(card(name, json.loads((folder / "config.json").read_text())))


if __name__ == "__main__":
    main()
