"""Asked and got, as HTML: what a request asked for beside what our own ears hear in the music, each with a mark.

The ears can be wrong as well. Where a caption would hedge (see pipelines/confidence.py) they are not taken at their
word: the mark is a question, not a verdict.
"""

from core.types import Answer, Match
from page.figures import escape
from pipelines.confidence import EMOTION_SURE, GENRE_SURE, KEY_SURE, TEMPO_SURE

SURE_FROM = {"tempo": TEMPO_SURE, "key": KEY_SURE, "genre": GENRE_SURE, "emotion": EMOTION_SURE}
"""Confidence from which an answer of the ears counts; whatever else they hear always does."""
MARKS = {
    "met": ("✓", "as asked"),
    "missed": ("✗", "not as asked"),
    "doubt": ("?", "the ears are not sure"),
    "free": ("·", "not asked"),
}
SILENT = "Our ears hear nothing in it that they could judge."


def mark(answer: Answer) -> str:
    """ "met", "missed", "doubt" (heard otherwise, but not surely) or "free" (not asked)."""
    if answer.met is None:
        return "free"
    if answer.met:
        return "met"
    return "missed" if answer.confidence >= SURE_FROM.get(answer.what, 0.0) else "doubt"


def table(match: Match | None, *, said: str = "") -> str:
    """The answers as a small table with a mark each; `said` is a sentence below, such as which of several was kept."""
    below = f'<p class="syn-hint">{escape(said)}</p>' if said else ""
    if match is None:
        return f'<section class="syn-answers"><p class="syn-hint">{SILENT}</p>{below}</section>'
    rows = "".join(_row(answer) for answer in match.answers)
    head = "<tr><th></th><th></th><th>asked</th><th>got</th><th>sure</th></tr>"
    return (
        '<section class="syn-answers"><h4>Asked and got</h4>'
        f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>{below}</section>"
    )


def _row(answer: Answer) -> str:
    kind = mark(answer)
    sign, meaning = MARKS[kind]
    sure = f"{100 * answer.confidence:.0f} %" if answer.confidence > 0 else ""
    return (
        f'<tr data-mark="{kind}"><td title="{meaning}"><i role="img" aria-label="{meaning}">{sign}</i></td>'
        f'<th scope="row">{escape(answer.what)}</th><td>{escape(answer.asked) if answer.asked else "–"}</td>'
        f"<td>{escape(answer.got)}</td><td>{sure}</td></tr>"
    )


def told(match: Match | None) -> str:
    """How many of the things asked for were met, in a few words; empty where nothing was asked or heard."""
    asked = [answer for answer in match.answers if answer.met is not None] if match else []
    return f"{sum(bool(answer.met) for answer in asked)} of {len(asked)} as asked" if asked else ""


def as_json(match: Match | None) -> dict[str, object] | None:
    """The match as plain JSON values."""
    if match is None:
        return None
    answers = [
        {"what": a.what, "asked": a.asked, "got": a.got, "confidence": round(a.confidence, 4), "met": a.met}
        for a in match.answers
    ]
    return {"answers": answers, "sentence": match.sentence, "score": round(match.score, 4)}
