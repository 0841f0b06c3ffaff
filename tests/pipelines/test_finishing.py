"""Titles."""

import pytest

from core.types import MusicRequest
from pipelines.finishing import title


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (
            MusicRequest("x", tempo_bpm=96.2, genre="jazz", emotion="calmness", key="A minor"),
            "Calm jazz in A minor, 96 bpm",
        ),
        (MusicRequest("x", genre="hiphop", emotion="joyful_activation"), "Joyful hip hop"),
        (MusicRequest("x", emotion="sadness", key="Bb major"), "Sad music in Bb major"),
        (MusicRequest("x", genre="metal", tempo_bpm=180.0), "Metal, 180 bpm"),
        (MusicRequest("a walk by the sea", tempo_bpm=70.0), ""),
    ],
)
def test_titles_are_plain(request_: MusicRequest, words: str) -> None:
    assert title(request_) == words
