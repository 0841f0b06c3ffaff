"""What our own ears would have painted for a clip: the words for a picture that has no caption but its music.

The same words as a description's picture prompt (`pipelines.describe`, which is a floor above and measures more).
"""

from pathlib import Path

from core import features, rhythm
from core.audio import read_clip, resample
from core.types import AudioClip
from corpus.captions import Fields, image_prompt


def picture_words(path: Path) -> str:
    """The canonical picture prompt for a sound file. Raises UserError as `read_clip` does."""
    from classifiers.listener import listen

    clip, _ = read_clip(path)
    mono = AudioClip(clip.mono()[None], clip.rate, clip.name)
    mel_db = features.log_mel(resample(mono, features.RATE_HZ).samples[0])
    judgement = listen(mel_db)
    beats = rhythm.beats(mel_db, rhythm.priors_of(judgement.genre.as_dict()))
    return image_prompt(Fields(judgement.genre.top, judgement.emotion.top, tempo_bpm=beats.tempo_bpm))
