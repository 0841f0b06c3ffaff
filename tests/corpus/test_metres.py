"""The composer's tables in every metre: whole bars of legal characters, enough to choose from, each genre its own."""

from dataclasses import asdict

import pytest

from corpus.arrangement import SecondVoice
from corpus.captions import GENRES
from corpus.composer import compose
from corpus.grooves import ENERGIES, FILLS, GROOVES, Groove
from corpus.instruments import words_of
from corpus.metres import METRE_CHANCES, METRE_STYLES, MetreStyle
from corpus.rhythms import CADENCES, RHYTHMS
from corpus.score import METRES
from corpus.styles import STYLES

_LANES = {"kick": "x.", "snare": "x.", "cymbal": "cor.", "toms": "hlC.", "colour": "x."}
_ALPHABETS = {
    "bass": "RL53672 8as-.".replace(" ", ""),
    "accompaniment": "bsducpwhol0123456789-.",
    "rhythms": "x-.",
    "extra": "PSH-.",
}
_COMMON_TIME_ONLY = ("loop", "run", "riff")


def in_common_time(genre: str) -> MetreStyle:
    style = STYLES[genre]
    return MetreStyle(
        GROOVES[genre], FILLS[genre], style.bass, style.accompaniment, style.extra, RHYTHMS[style.melody], CADENCES[16]
    )


ALL = [("4/4", genre, in_common_time(genre)) for genre in GENRES] + [
    (metre, genre, style) for metre, styles in METRE_STYLES.items() for genre, style in styles.items()
]


def fits(groove: Groove, n_steps: int) -> bool:
    lanes = {name: lane for name, lane in asdict(groove).items() if lane}
    return all(len(lane) == n_steps and set(lane) <= set(_LANES[name]) for name, lane in lanes.items())


def is_way(text: str) -> bool:
    return text == "none" or hasattr(SecondVoice, f"_{text}")


@pytest.mark.parametrize(("metre", "genre", "style"), ALL, ids=lambda value: value if isinstance(value, str) else "")
def test_every_pattern_is_a_whole_bar_of_its_language(metre: str, genre: str, style: MetreStyle) -> None:
    n_steps = METRES[metre].steps_per_bar
    fewest = 4 if metre == "4/4" else 3
    assert len(style.fills) >= fewest
    assert all(fits(groove, n_steps) for groove in style.fills)
    for energy in ENERGIES:
        assert len(style.grooves[energy]) >= 3
        assert all(fits(groove, n_steps) for groove in style.grooves[energy])
        for name, alphabet in _ALPHABETS.items():
            cell = getattr(style, name)[energy]
            assert len(cell) >= fewest - (name == "extra"), (name, energy)
            patterns = [text for text in cell if name != "extra" or not is_way(text)]
            assert all(len(text) == n_steps and set(text) <= set(alphabet) for text in patterns), (name, energy)
    assert all(len(text) == n_steps and set(text) <= set("x-.") and "x" in text for text in style.cadences)


def test_ways_that_count_sixteen_steps_stay_in_common_time() -> None:
    for styles in METRE_STYLES.values():
        for style in styles.values():
            assert not set(_COMMON_TIME_ONLY) & {way for ways in style.extra.values() for way in ways}


@pytest.mark.parametrize("metre", METRES)
def test_genres_are_played_differently(metre: str) -> None:
    styles = [style for name, _, style in ALL if name == metre]
    for name in ("fills", "grooves", "bass", "accompaniment", "rhythms"):
        tables = [repr(getattr(style, name)) for style in styles]
        if name == "rhythms" and metre == "4/4":
            assert len(set(tables)) >= len(tables) - 1  # Country and pop sing alike.
        else:
            assert len(set(tables)) == len(tables), name


def test_chances_leave_room_for_common_time_and_name_metres_that_are_written() -> None:
    assert set(METRE_CHANCES) == set(GENRES)
    for genre, chances in METRE_CHANCES.items():
        assert 0 <= sum(chances.values()) < 0.5
        assert all(genre in METRE_STYLES[metre] for metre, chance in chances.items() if chance)
    assert not any(any(METRE_CHANCES[genre].values()) for genre in ("disco", "hiphop", "reggae"))


def test_every_instrument_has_a_word() -> None:
    for style in STYLES.values():
        assert all(words_of((program,)) for programs in style.programs.values() for program in programs)


@pytest.mark.parametrize("metre", METRE_STYLES)
def test_every_genre_composes_in_every_metre(metre: str) -> None:
    for genre in GENRES:
        assert compose(3, genre=genre, metre=metre).max() < 128
