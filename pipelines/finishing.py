"""What happens to music after its engine: mastering, a title, and our own ears' opinion."""

from dataclasses import replace

import numpy as np

from core.mastering import master
from core.types import AudioClip, GeneratedClip, MusicRequest, Progress
from corpus.captions import EMOTION_WORDS, genre_word


def finished(made: GeneratedClip, asked: MusicRequest, progress: Progress) -> GeneratedClip:
    """The clip mastered, named in details["title"], and matched with what was asked."""
    from pipelines.match import hear_back

    progress(0.0, "mastering")
    made = mastered(made)
    progress(0.5, "listening to it")
    details = made.details | {"title": title(made.request)}
    return replace(made, match=hear_back(made.clip, asked), details=details)


def mastered(made: GeneratedClip) -> GeneratedClip:
    """Clip and lead-in are one sound: both get the gain and the limiter that the clip needs."""
    if made.lead_in is None:
        return replace(made, clip=master(made.clip))
    n, rate = made.lead_in.samples.shape[1], made.clip.rate
    whole = np.concatenate([made.lead_in.samples, made.clip.samples], axis=1)
    sound = master(AudioClip(whole, rate), lead_in_s=n / rate).samples
    lead_in, clip = (replace(old, samples=new.copy()) for old, new in zip(
        (made.lead_in, made.clip), np.split(sound, [n], axis=1), strict=True
    ))  # fmt: skip
    return replace(made, clip=clip, lead_in=lead_in)


def title(request: MusicRequest) -> str:
    """A plain title of the fields, such as "Calm jazz in A minor, 96 bpm"; empty where neither genre nor emotion is
    known."""
    if not (request.genre or request.emotion):
        return ""
    mood = EMOTION_WORDS[request.emotion][0] if request.emotion else ""
    kind = f"{mood} {genre_word(request.genre) if request.genre else 'music'}".strip()
    key = f" in {request.key}" if request.key else ""
    tempo = f", {request.tempo_bpm:.0f} bpm" if request.tempo_bpm else ""
    return kind[0].upper() + kind[1:] + key + tempo
