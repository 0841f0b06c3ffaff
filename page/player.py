"""The player of generated music, as HTML: waveform on its beat grid, piano roll, spectrum, loop, volume, downloads.

For whoever puts it in: one gr.HTML holds it, and one set of listeners serves the page.

    demo.launch(..., css_paths=[look.STYLE_SHEET, player.STYLE_SHEET], head=player.head(), head_paths=[look.SCRIPT])
    tune = player.tune_of(made, sound=files.wav, downloads=[("WAV", file_url(files.wav), files.wav.name), ...],
                          cover=cover)                          # label a MIDI that is none of ours "MIDI (estimate)"
    w.music: player.player_html(tune)                           # finished; plays when somebody presses play
    w.music: player.stream_html(log.update(), title=...)        # while it is made, see page/stream.py: plays by itself
    w.music: player.player_html(replace(tune, job=log.job))     # finished after a stream: takes over with a cross-fade

`sound` is the mastered WAV or FLAC (not MP3, whose samples start later). The click that started the job is what lets
the browser play; where it does not, a "Play it now" button asks for one more. The script, page/tape.js and
page/player.js, has the playing; it finds everything by the classes and data attributes written here:

    figure.syn-music  data-job (the same for a stream and its finished clip), data-sound (address, finished only),
                      data-feed (an Update as JSON, streams only), data-seconds, data-rate; the script adds data-state:
                      "idle", "playing", "waiting" (for the next piece), "blocked" (by the browser) or "failed"

Everything that came from a file or a person is escaped. Times in seconds; drawings are 1000 units wide.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from core.types import GeneratedClip
from corpus.captions import clock
from page.figures import downloads, escape, label_word
from page.history import file_url
from page.lanes import LONG_S, grid, peaks_of, thinned, times, waveform
from page.roll import PlayedNote, bar_beats_of, legend, notes_of, roll
from page.stream import Update

STYLE_SHEET = Path(__file__).with_name("player.css")
SCRIPTS = (Path(__file__).with_name("tape.js"), Path(__file__).with_name("player.js"))
UNNAMED = "The new music"

_GO = """<button type="button" class="syn-go" aria-label="Play"><svg viewBox="0 0 24 24"><path class="go"
d="M8 5v14l11-7z"/><path class="hold" d="M7 5h4v14H7zM13 5h4v14h-4z"/></svg><span>Play it now</span></button>"""
_LOOP = """<button type="button" class="syn-loop" aria-pressed="false" aria-label="Loop" title="Loop">
<svg viewBox="0 0 24 24"><path d="M17 2l4 4-4 4M3 11V9a3 3 0 0 1 3-3h15M7 22l-4-4 4-4M21 13v2a3 3 0 0 1-3 3H3"/></svg>
</button>"""
_NEAR = """<button type="button" class="syn-zoom" aria-pressed="false" aria-label="Look closer" title="Look closer">
<svg viewBox="0 0 24 24"><path d="M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.3 15.3L21 21M7.5 10.5h6
M10.5 7.5v6"/></svg></button>"""
_VOLUME = """<label class="syn-volume" title="Volume"><svg viewBox="0 0 24 24"><path d="M4 9v6h4l5 4V5L8 9zM16.5 8.5
a5 5 0 0 1 0 7M19 6a8.5 8.5 0 0 1 0 12"/></svg><input type="range" min="0" max="100" value="100" aria-label="Volume">
</label>"""


@dataclass(frozen=True)
class Tune:
    """What the player shows and plays of one finished clip; `peaks` are magnitudes in equal stretches.

    `downloads` are (label, address, name on disk); bars of `bar_beats` begin with the first beat, 0: nobody knows.
    """

    sound_url: str
    seconds: float
    rate_hz: int
    peaks: tuple[float, ...] = ()
    beat_times_s: tuple[float, ...] = ()
    bar_beats: int = 4
    notes: tuple[PlayedNote, ...] = ()
    notes_are_estimate: bool = False
    title: str = UNNAMED
    facts: str = ""
    match_sentence: str = ""
    cover_url: str = ""
    downloads: tuple[tuple[str, str, str], ...] = ()
    job: str = ""


def tune_of(
    made: GeneratedClip,
    *,
    sound: Path,
    downloads: Sequence[tuple[str, str, str]] = (),
    title: str = "",
    cover: Path | None = None,
    job: str = "",
) -> Tune:
    """The tune of a generated clip whose WAV or FLAC lies at `sound`, called after its genre and emotion by default.

    Bars are those of its MIDI file; beats that were only heard are in none. A MIDI file that cannot be read shows no
    roll.
    """
    request = made.request
    notes, bar_beats = _sheet(made)
    kind = ", ".join(label_word(label) for label in (request.genre, request.emotion) if label).capitalize()
    facts = [f"{request.tempo_bpm:.0f} bpm" if request.tempo_bpm else "", request.key or "", clock(made.clip.seconds)]
    return Tune(
        file_url(sound), made.clip.seconds, made.clip.rate, peaks_of(made.clip), made.beat_times_s, bar_beats,
        notes, made.midi_is_estimate, title or kind or UNNAMED, " · ".join(filter(None, facts)),
        made.match.sentence if made.match else "", file_url(cover) if cover else "", tuple(downloads), job,
    )  # fmt: skip


def _sheet(made: GeneratedClip) -> tuple[tuple[PlayedNote, ...], int]:
    """Notes, and the beats of a bar, 0 where it is not known."""
    if made.midi is None:
        return (), 0
    try:
        return notes_of(made.midi), 0 if made.midi_is_estimate else bar_beats_of(made.midi)
    except ValueError:
        return (), 0


def head() -> str:
    """The script, for the page's head; where a page is given it twice, it runs once."""
    code = "\n".join(script.read_text() for script in SCRIPTS)
    return f"<script>(() => {{ if (window.synMusic) return; window.synMusic = true;\n{code}}})();</script>"


def player_html(tune: Tune) -> str:
    """The finished clip."""
    job = tune.job or sha256(tune.sound_url.encode()).hexdigest()[:16]
    data = f'data-job="{escape(job)}" data-sound="{escape(tune.sound_url)}" data-rate="{tune.rate_hz}"'
    lanes = waveform(tune.peaks, 1.0) + roll(tune.notes, tune.seconds)
    below = legend(tune.notes, are_estimate=tune.notes_are_estimate)
    return _figure(
        data,
        seconds=tune.seconds,
        top=_top(tune),
        stage=grid(tune.beat_times_s, tune.bar_beats, tune.seconds) + lanes,
        below=below,
        end=downloads(tune.downloads) if tune.downloads else "",
    )


def stream_html(update: Update, *, title: str = UNNAMED) -> str:
    """The clip while it is made: the waveform so far, how much there is, how long the rest takes."""
    feed = {name: value for name, value in update.items() if name != "peaks"}
    data = f'data-job="{escape(update["job"])}" data-feed="{escape(json.dumps(feed))}"'
    made_s = update["ends"][-1] / update["rate_hz"] if update["ends"] else 0.0
    part = min(1.0, made_s / update["seconds"])
    stage = f'<i class="syn-made" style="width:{100 * part:.2f}%"></i>' + waveform(thinned(update["peaks"], part), part)
    return _figure(
        data,
        seconds=update["seconds"],
        top=f'<figcaption class="syn-music-top"><div><b>{escape(title)}</b></div></figcaption>',
        stage=stage,
        below="",
        end=f'<p class="syn-making"><i role="progressbar" aria-label="Made" aria-valuemax="100" '
        f'aria-valuenow="{100 * part:.0f}"></i>{escape(_progress(update, made_s))}</p>',
    )


def _progress(update: Update, made_s: float) -> str:
    """ "12 of 30 s made, about 8 s to go"."""
    if not made_s:
        return "Making the first seconds"
    told = f"{made_s:.0f} of {update['seconds']:.0f} s made"
    left_s = update["left_s"]
    if made_s >= update["seconds"] - 0.05:
        return f"{told}, finishing"
    return told if left_s is None else f"{told}, about {max(1.0, left_s):.0f} s to go"


def _top(tune: Tune) -> str:
    cover = f'<img src="{escape(tune.cover_url)}" alt="">' if tune.cover_url else ""
    facts = f"<span>{escape(tune.facts)}</span>" if tune.facts else ""
    match = f'<p class="syn-match">{escape(tune.match_sentence)}</p>' if tune.match_sentence else ""
    return f'<figcaption class="syn-music-top">{cover}<div><b>{escape(tune.title)}</b>{facts}{match}</div></figcaption>'


def _figure(data: str, *, seconds: float, top: str, stage: str, below: str, end: str) -> str:
    whole, near = clock(seconds), _NEAR if seconds > LONG_S else ""
    return (
        f'<figure class="syn-music" {data} data-seconds="{seconds:.6f}" data-state="idle" '
        f'style="--seconds:{seconds:.2f}">{top}<div class="syn-lanes"><div class="syn-score">{stage}'
        '<i class="syn-veil"></i><i class="syn-now"></i><div class="syn-seek" '
        'role="slider" tabindex="0" aria-label="Position" aria-valuemin="0" aria-valuenow="0" '
        f'aria-valuemax="{seconds:.0f}" aria-valuetext="0:00 of {whole}"></div></div>{times(seconds)}</div>{below}'
        f'<div class="syn-desk">{_GO}<span class="syn-clock">0:00 / {whole}</span>'
        f'<canvas class="syn-spectrum" role="img" aria-label="Spectrum, low to high"></canvas>'
        f"{near}{_LOOP}{_VOLUME}</div>{end}</figure>"
    )
