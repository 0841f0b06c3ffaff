"""A cover for any clip, drawn alike each time."""

from io import BytesIO

import numpy as np
from PIL import Image

from core.types import AudioClip, GeneratedClip, MusicRequest, Provenance
from pipelines.cover import SIZE_PX, cover_png

CLIP = AudioClip(np.zeros((1, 8000), np.float32), 8000)
ORIGIN = Provenance("m", "", "rules", "Apache-2.0")


def drawn(request: MusicRequest) -> np.ndarray:
    with Image.open(BytesIO(cover_png(GeneratedClip(CLIP, request, ORIGIN)))) as image:
        return np.asarray(image, dtype=float)


def test_the_same_music_gets_the_same_picture_and_other_music_another() -> None:
    jazz = MusicRequest("", genre="jazz", emotion="calmness", tempo_bpm=96.0, seed=3)
    pixels = drawn(jazz)
    assert pixels.shape == (SIZE_PX, SIZE_PX, 3)
    assert pixels.std() > 10
    assert np.array_equal(drawn(jazz), pixels)
    metal = drawn(MusicRequest("", genre="metal", emotion="power", tempo_bpm=180.0, seed=3))
    assert np.abs(metal - pixels).mean() > 10


def test_music_of_which_nothing_is_known_gets_one_too() -> None:
    assert drawn(MusicRequest("")).std() > 10
