"""Pictures of sound as HTML: bars of confidence, a player with waveform, beats and mel spectrogram, small facts.

Everything that came from a file or a person is escaped here. The drawings carry no colours of their own: they are
shapes painted with the accent through CSS, so they follow the emotion and the dark mode. Times in seconds; the player
draws 1000 units wide whatever the clip's length.
"""

import base64
import html
import io
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.types import AudioClip, Description, Provenance, Scores
from corpus.captions import clock, genre_word

WIDTH = 1000
HALF = 50
N_PEAKS = 250
MAX_COLUMNS = 900
_MAX_TICKS = 400
_DYNAMIC_RANGE_DB = 62.0


def escape(text: object) -> str:
    return html.escape(str(text))


def label_word(label: str) -> str:
    """ "joyful_activation" -> "joyful activation", "hiphop" -> "hip hop"."""
    return genre_word(label).replace("_", " ")


def bars(title: str, scores: Scores, *, kind: str = "") -> str:
    """Every label with its probability, most probable first.

    With a `kind`, "genre" or "emotion", each is a button that turns the player's strip to it.
    """
    rows = []
    for rank, (label, p) in enumerate(scores.ranked()):
        word = escape(label_word(label))
        if kind:
            pressed = "false" if rank else "true"
            word = (
                f'<button type="button" data-speaks="{escape(kind)}" data-label="{escape(label)}" '
                f'aria-pressed="{pressed}" title="Show which seconds speak for {word}">{word}</button>'
            )
        rows.append(
            f'<li style="--p:{p:.4f}"><span class="syn-word">{word}</span>'
            f'<span class="syn-bar"><i></i></span><span class="syn-num">{100 * p:.0f} %</span></li>'
        )
    return f'<section class="syn-bars"><h4>{escape(title)}</h4><ol>{"".join(rows)}</ol></section>'


def words(caption: str, warnings: Sequence[str] = (), moments: Sequence[str] = ()) -> str:
    """The caption, large, with what stands out along the clip and calm notes below it."""
    found = f'<p class="syn-moments">{escape(" ".join(moments))}</p>' if moments else ""
    notes = f'<p class="syn-note">{escape(" ".join(warnings))}</p>' if warnings else ""
    return f'<div class="syn-words"><p class="syn-caption">{escape(caption)}</p>{found}{notes}</div>'


def facts(description: Description, tempo_bpm: float | None = None) -> str:
    """Tempo with its other candidate as a button, key, loudness, length.

    `tempo_bpm` is the candidate in use, by default the first; the button offers the other one.
    """
    traits = description.traits
    first, second = traits.beats.tempo_bpm, traits.beats.alternative_bpm
    now, other = (second, first) if tempo_bpm is not None and is_second(description, tempo_bpm) else (first, second)
    swap = (
        f'<button type="button" data-swap title="Take the other tempo that fits">or {other:.0f}?</button>'
        if round(other) != round(now)
        else ""
    )
    tempo_sure = f"<small>{100 * traits.beats.confidence:.0f} % sure</small>" if now == first else ""
    key_sure = f"<small>{100 * traits.key_confidence:.0f} % sure</small>"
    rows = (
        ("tempo", f"{now:.0f} bpm {tempo_sure} {swap}"),
        ("key", f"{escape(traits.key)} {key_sure}"),
        ("loudness", f"{traits.loudness_lufs:.0f} LUFS".replace("-", "−")),
        ("length", clock(traits.seconds)),
    )
    return (
        f'<dl class="syn-facts">{"".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows)}</dl>'
    )


def is_second(description: Description, tempo_bpm: float) -> bool:
    """Whether this tempo is the second candidate rather than the first."""
    beats = description.traits.beats
    return abs(tempo_bpm - beats.alternative_bpm) < abs(tempo_bpm - beats.tempo_bpm)


def provenance(source: Provenance, details: str = "") -> str:
    """Which model made a result, in how long, under which licence."""
    parts = [f"<b>{escape(source.model)}</b>", f"{escape(source.tier)} tier"]
    parts += [f"with {escape(', '.join(source.adapters))}"] if source.adapters else []
    parts += [escape(details)] if details else []
    parts += [f"{source.seconds_taken:.1f} s on {escape(source.device)}", escape(source.licence)]
    return f'<p class="syn-source">{" · ".join(parts)}</p>'


def downloads(files: Sequence[tuple[str, str, str]], *, also: str = "") -> str:
    """Links that save files: (label, address, name on disk). `also` is HTML beside them."""
    links = [
        f'<a href="{escape(source)}" download="{escape(name)}" title="Save {escape(name)}">{escape(label)}</a>'
        for label, source, name in files
    ]
    return f'<p class="syn-downloads"><span>Save as</span>{"".join(links)}{also}</p>'


def player(
    clip: AudioClip,
    *,
    source: str,
    name: str,
    beats_s: Sequence[float] = (),
    with_spectrogram: bool = False,
    strips: str = "",
    below: str = "",
) -> str:
    """A player for the sound at address `source`: waveform with beat ticks, playhead, optionally a spectrogram.

    `strips` is HTML between waveform and spectrogram, `below` HTML under both; see page.along.
    """
    shape = waveform_path(clip)
    ticks = beat_path(beats_s, clip.seconds)
    mel = spectrogram_png(clip) if with_spectrogram else None
    mel_div = (
        f'<div class="syn-mel" role="img" aria-label="Mel spectrogram of {escape(name)}" '
        f"style=\"--mel:url('data:image/png;base64,{base64.b64encode(mel).decode()}')\"></div>"
        if mel
        else ""
    )
    return (
        f'<figure class="syn-player" data-seconds="{clip.seconds:.3f}" data-beats="{len(beats_s)}">'
        f'<audio preload="metadata" src="{escape(source)}" aria-label="{escape(name)}"></audio>'
        '<button type="button" class="syn-play" aria-label="Play"><svg viewBox="0 0 24 24"><path class="go" '
        'd="M8 5v14l11-7z"/><path class="hold" d="M7 5h4v14H7zM13 5h4v14h-4z"/></svg></button>'
        '<div class="syn-stage"><div class="syn-slider" role="slider" tabindex="0" aria-label="Position" '
        f'aria-valuemin="0" aria-valuemax="{clip.seconds:.0f}" aria-valuenow="0">'
        f'<svg class="syn-wave" viewBox="0 0 {WIDTH} {2 * HALF}" preserveAspectRatio="none">'
        f'<path class="syn-beats" d="{ticks}"/><path class="syn-all" d="{shape}"/>'
        f'<path class="syn-played" d="{shape}"/>'
        f'</svg></div>{strips}{mel_div}<i class="syn-head"></i></div>'
        f'<figcaption><span>{escape(name)}</span><span class="syn-time">0:00 / {clock(clip.seconds)}</span>'
        f"</figcaption>{below}</figure>"
    )


def waveform_path(clip: AudioClip) -> str:
    """The outline of the waveform as rounded strokes in a 1000 x 100 box, its loudest part filling the height."""
    from core.audio import peaks

    extent = np.abs(peaks(clip, N_PEAKS)).max(axis=1)
    top = float(extent.max()) or 1.0
    heights = np.maximum(0.8, (HALF - 6) * np.sqrt(extent / top))
    centres = (np.arange(N_PEAKS) + 0.5) * WIDTH / N_PEAKS
    return "".join(f"M{x:.0f} {HALF - h:.1f}V{HALF + h:.1f}" for x, h in zip(centres, heights, strict=True))


def beat_path(times_s: Sequence[float], seconds: float) -> str:
    """Ticks at the foot of the waveform; where there are too many to tell apart, every second (fourth ..) beat."""
    step = max(1, math.ceil(len(times_s) / _MAX_TICKS))
    return "".join(f"M{WIDTH * t / seconds:.1f} {2 * HALF}v-9" for t in times_s[::step] if 0 <= t <= seconds)


def spectrogram_png(clip: AudioClip) -> bytes:
    """A mel spectrogram as a PNG of one transparent ink: alpha is the level, so the page chooses the colours.

    64 bands, low at the foot, at most 900 columns, 62 dB from nothing to full ink.
    """
    from PIL import Image

    levels = mel_levels(clip)
    ink = np.zeros((*levels.shape, 2), np.uint8)
    ink[..., 1] = np.round(255 * levels)
    out = io.BytesIO()
    Image.fromarray(ink[::-1], "LA").save(
        out, "PNG", compress_level=4
    )  # as small as level 9 within 2 %, ten times faster
    return out.getvalue()


def mel_levels(clip: AudioClip) -> npt.NDArray[np.float32]:
    """Mel levels in 0..1 (0: 62 dB or more under the loudest), shape (64, at most 900)."""
    from core.audio import resample
    from core.features import RATE_HZ, log_mel

    mel_db = log_mel(resample(AudioClip(clip.mono()[None], clip.rate), RATE_HZ).samples[0])
    if not np.any(np.abs(clip.samples) > 1e-5):  # of silence every cell is as loud as the loudest
        mel_db = np.full_like(mel_db, -_DYNAMIC_RANGE_DB)
    starts = np.linspace(0, mel_db.shape[1], min(MAX_COLUMNS, mel_db.shape[1]), endpoint=False).astype(int)
    columns = np.maximum.reduceat(mel_db, starts, axis=1)
    bands = columns.reshape(64, -1, columns.shape[1]).mean(axis=1)
    return (bands / _DYNAMIC_RANGE_DB + 1).clip(0, 1).astype(np.float32)


def stages(stage: str, *, fraction: float = 0.0, what: str = "", seconds: float = 0.0, state: str = "busy") -> str:
    """The three stages with the present one marked, a meter, and what is going on.

    `stage` is "hear", "see", "play" or "done"; `state` is "idle", "busy", "done" or "stopped".
    """
    order = ("hear", "see", "play", "done")
    at = order.index(stage)
    names = (("hear", "Hear"), ("see", "See"), ("play", "Play"))
    now = stage if state == "busy" else ""
    mark = {key: "was" if order.index(key) < at else "now" if key == now else "" for key in order}
    steps = "".join(f'<li class="{mark[key]}">{name}</li>' for key, name in names)
    elapsed = f"{seconds:.0f} s" if state == "busy" and seconds >= 1 else ""
    return (
        f'<div class="syn-strip" data-state="{state}" role="status"><ol>{steps}</ol>'
        f'<div class="syn-meter"><i style="width:{100 * fraction:.0f}%"></i></div>'
        f"<p><span>{escape(what)}</span><span>{elapsed}</span></p></div>"
    )
