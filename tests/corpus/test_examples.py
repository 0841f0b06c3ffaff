"""The page's example clips: all there, small, playable, and what the composer writes today for one of them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from corpus.examples import EXAMPLES, FOLDER, SECONDS, Example, write


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_every_example_is_in_the_folder_and_plays(example: Example) -> None:
    path = FOLDER / f"{example.name}.ogg"
    assert path.stat().st_size < 400_000
    sound, rate = soundfile.read(path)
    assert sound.shape == (round(SECONDS * rate), 2)
    assert 0.3 < np.abs(sound).max() <= 1.0


def test_the_folder_holds_nothing_else() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {example.name for example in EXAMPLES}


def test_an_example_is_written_with_its_words(tmp_path: Path) -> None:
    path = write(EXAMPLES[0], tmp_path / "new")
    with soundfile.SoundFile(path) as clip:
        assert "jazz" in clip.title
        assert clip.frames == round(SECONDS * clip.samplerate)
