"""What a music request asks for, in one place for every engine: its fields first, then what its prompt says."""

from core.types import MusicRequest
from corpus.captions import Fields
from corpus.prompts import read_prompt


def wishes(request: MusicRequest) -> Fields:
    """The request's fields, and where they are left open the words of its prompt; None where neither says anything.

    The mode "unconditional" wishes for nothing.
    """
    if request.mode == "unconditional":
        return Fields()
    said = read_prompt(request.prompt)
    return Fields(
        genre=request.genre or said.genre,
        emotion=request.emotion or said.emotion,
        second_emotion=None if request.emotion else said.second_emotion,
        tempo_bpm=request.tempo_bpm or said.tempo_bpm,
        key=request.key or said.key,
        instruments=request.instruments or said.instruments,
        metre=said.metre,
    )


def asked_tempo_bpm(wishes: Fields) -> int | None:
    """A whole number in 30..240, or None where nothing is asked."""
    return round(min(240.0, max(30.0, wishes.tempo_bpm))) if wishes.tempo_bpm else None


def left_out(request: MusicRequest, played: Fields) -> list[str]:
    """What of the wishes the band had no part for, in sentences."""
    missing = [word for word in wishes(request).instruments if word not in played.instruments]
    return [f"No part was left for {', '.join(missing)}: the band has four players."] if missing else []
