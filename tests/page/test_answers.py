"""Asked and got: a mark for each answer, doubts of the ears shown as doubts, and nothing taken for markup."""

from core.types import Answer, Beats, Match, Scores, Traits
from page.answers import SILENT, as_json, mark, table, told

TRAITS = Traits(Scores(("jazz",), (1.0,)), Scores(("power",), (1.0,)), Beats(97, 0.9, 48), "A minor", 0.8, -14, 1, 10)
MATCH = Match(
    (
        Answer("tempo", "96 bpm", "97 bpm", 0.9, True),
        Answer("key", "C major", "A minor", 0.9, False),
        Answer("genre", "<b>jazz</b>", "blues", 0.2, False),
        Answer("emotion", "", "power", 0.5, None),
    ),
    0.5,
    TRAITS,
)


def test_each_answer_gets_the_mark_it_deserves() -> None:
    assert [mark(answer) for answer in MATCH.answers] == ["met", "missed", "doubt", "free"]


def test_the_table_shows_what_was_asked_and_got_and_escapes() -> None:
    shown = table(MATCH, said="Kept <2> of 3.")
    assert shown.count("<tr data-mark") == 4
    assert "&lt;b&gt;jazz" in shown
    assert "<b>jazz" not in shown
    assert "90 %" in shown
    assert "Kept &lt;2&gt; of 3." in shown


def test_what_cannot_be_judged_is_said() -> None:
    assert SILENT in table(None)
    assert told(None) == ""
    assert as_json(None) is None


def test_how_much_was_met_in_words_and_in_json() -> None:
    assert told(MATCH) == "1 of 3 as asked"
    answer = as_json(MATCH)
    assert answer is not None
    assert answer["sentence"] == MATCH.sentence
    assert answer["answers"][1] == {  # type: ignore[index]
        "what": "key", "asked": "C major", "got": "A minor", "confidence": 0.9, "met": False,
    }  # fmt: skip
