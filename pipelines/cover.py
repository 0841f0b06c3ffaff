"""A cover for music that has no picture: a scene drawn by rules for its genre, emotion and tempo."""

from io import BytesIO

from core.types import GeneratedClip
from corpus.captions import scene_for
from corpus.painter import SceneSpec, paint

SIZE_PX = 256


def cover_png(made: GeneratedClip) -> bytes:
    """A PNG file; the same clip gets the same picture. What its request leaves open is taken from what was heard."""
    from PIL import Image

    request, traits = made.request, made.match.traits if made.match else None
    genre = request.genre or (traits.genre.top if traits else "pop")
    emotion = request.emotion or (traits.emotion.top if traits else "calmness")
    tempo_bpm = request.tempo_bpm or (traits.beats.tempo_bpm if traits else 100.0)
    pixels = paint(SceneSpec(scene_for(genre, emotion), emotion, genre, tempo_bpm), request.seed, size_px=SIZE_PX)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
