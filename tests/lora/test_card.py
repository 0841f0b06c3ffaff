"""The card's figures mean what they say: places on the way to a style, and a restored base."""

import numpy as np
import pytest
from PIL import Image

from corpus.captions import EMOTIONS, SCENES
from corpus.manners import STYLES, stylise
from corpus.painter import SceneSpec, paint
from lora import card
from lora.card import Figures
from lora.check import AdapterInfo


def painted(first_seed: int, style: str | None = None) -> np.ndarray:
    """One picture a scene, in [0, 1]."""
    rows = []
    for i, scene in enumerate(SCENES):
        pixels = paint(SceneSpec(scene, EMOTIONS[i % 9], "pop", 110.0), first_seed + i, size_px=96)
        rows.append(stylise(pixels, style, first_seed + i) if style else pixels)
    return np.stack(rows) / 255


@pytest.mark.parametrize("style", STYLES)
def test_unseen_pictures_find_their_place(style):
    plain, styled = painted(0), painted(0, style)
    assert card.place(plain, plain, styled) == pytest.approx(0, abs=1e-9)
    assert card.place(styled, plain, styled) == pytest.approx(1, abs=1e-9)
    assert card.place(painted(500), plain, styled) < 0.3
    assert card.place(painted(500, style), plain, styled) > 0.7
    halfway = card.place((plain + styled) / 2, plain, styled)
    assert 0 < halfway < 1.2


def test_the_card_says_what_was_measured(tmp_path):
    path = tmp_path / "pytorch_lora_weights.safetensors"
    path.write_bytes(b"x" * 5000)
    info = AdapterInfo("wash", path, "painter", "Apache-2.0", 8, 8.0, ("wash",), "Wet paint.")
    text = card.card(info, Figures((0, 11.1, 22.2), (0.01, 0.4, 0.9), True), "Trained 5 minutes.", "9 prompts.")
    assert "| 1 | 22.2 | 0.90 |" in text
    assert "license: apache-2.0" in text
    assert "Trained 5 minutes." in text
    assert "exactly: yes" in text
    assert "exactly: NO" in card.card(info, Figures((0, 1, 2), (0, 0, 0), False), "", "")


def test_the_sheet_has_a_row_for_each_weight():
    pictures = np.zeros((len(card.WEIGHTS) * 4, 8, 8, 3))
    pictures[4:8] = 1.0
    made = np.asarray(card.sheet(pictures))
    assert made.shape == (24, 32, 3)
    assert made[8:16].min() == 255
    assert isinstance(card.sheet(pictures), Image.Image)
