"""Sound that arrives in pieces: on disk it is the clip to the last bit, in a browser it plays without a gap."""

import base64
import contextlib
import functools
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from core.audio import write_wav
from core.types import AudioClip
from page import player, stream
from page.history import file_url

RATE = 32000
SECONDS = 5.0
LENGTHS = (2.0, 0.4, 0.731, 0.25, 0.619)
"""Seconds of the pieces; the last one is the rest."""
BOOST = np.float32(1.5)
"""What mastering does to the finished clip here."""


def sweep(low_hz: float = 200.0, high_hz: float = 2000.0, seconds: float = SECONDS) -> AudioClip:
    """A rising tone in stereo, 0.2 high: no two stretches are alike, and a lost sample is a jump."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * (low_hz * time_s + (high_hz - low_hz) * time_s**2 / (2 * seconds))
    return AudioClip(0.2 * np.stack([np.sin(phase), np.cos(phase)]).astype(np.float32), RATE)


def pieces(clip: AudioClip) -> list[AudioClip]:
    edges = [0, *(round(RATE * s) for s in np.cumsum(LENGTHS)), clip.samples.shape[1]]
    return [AudioClip(clip.samples[:, low:high].copy(), RATE) for low, high in pairwise(edges)]


def filled(folder: Path, clip: AudioClip, *, bits: int = 32) -> stream.PieceLog:
    log = stream.PieceLog(folder, seconds=clip.seconds, bits=bits)
    for piece in pieces(clip):
        log.add(piece)
    return log


def joined(folder: Path, n: int) -> npt.NDArray[np.float32]:
    read = [soundfile.read(stream.piece_path(folder, i), dtype="float32", always_2d=True)[0] for i in range(n)]
    return np.concatenate(read).T


def test_pieces_on_disk_joined_are_the_clip_to_the_last_bit(tmp_path: Path) -> None:
    clip = sweep()
    log = filled(tmp_path, clip)
    np.testing.assert_array_equal(joined(tmp_path, log.n_pieces), clip.samples)
    assert log.update()["ends"][-1] == clip.samples.shape[1]


def test_with_sixteen_bits_a_sample_is_off_by_less_than_one_and_a_half_steps(tmp_path: Path) -> None:
    clip = AudioClip(np.float32(5) * sweep().samples, RATE)
    filled(tmp_path, clip, bits=16)
    off = np.abs(joined(tmp_path, len(LENGTHS) + 1) - clip.samples).max()
    assert 0 < off < 1.5 / 32768


def test_every_update_names_all_pieces_so_far(tmp_path: Path) -> None:
    log, other = (stream.PieceLog(tmp_path / name, seconds=SECONDS) for name in ("one", "other"))
    (tmp_path / "one").mkdir()
    assert log.update()["ends"] == []
    assert log.job != other.job
    first, *rest = pieces(sweep())
    assert log.add(first)["ends"] == [64000]
    assert log.update()["left_s"] is None  # one piece says nothing about the pace
    for piece in rest:
        update = log.add(piece)
    assert update["ends"] == [64000, 76800, 100192, 108192, 128000, 160000]
    assert update == log.update()
    assert update["left_s"] == 0
    assert len(update["peaks"]) == pytest.approx(50, abs=1)
    np.testing.assert_allclose(update["peaks"], 0.2 / np.sqrt(2), atol=0.003)  # of the mono mix
    assert log.add(AudioClip(np.zeros((2, 0), np.float32), RATE)) == update
    with pytest.raises(ValueError, match="44100 Hz after"):
        log.add(AudioClip(np.zeros((2, 9), np.float32), 44100))
    log.discard()
    assert not (tmp_path / "one").exists()


def test_the_rest_takes_as_long_as_the_pace_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = iter([100.0, 102.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(now_s))
    log = stream.PieceLog(tmp_path, seconds=8.0)
    for piece in pieces(sweep(seconds=8.0))[:2]:
        update = log.add(piece)
    assert update["pace"] == 0.2  # 0.4 s in two
    assert update["left_s"] == pytest.approx((8 - 2.4) / 0.2)


# In a browser

QUICK_S = [0.4, *[0.25] * 5]
LATE_S = [0.4, 0.1, 3.8, 0.1, 0.1, 0.1]
"""Delays before the pieces."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TAP = """
// Everything that reaches the loudspeakers, sample by sample, and every buffer that was set to start.
// currentFrame alone does not say where samples belong: Chromium renews it after a quantum only if it can take the
// graph's lock at once (UpdateWorkletGlobalScopeOnRenderingThread), so while the page connects nodes some quanta bear
// an earlier one's number, never a later one's. Hence the tap counts, and believes only a number ahead of its count.
(() => {
  const code = `registerProcessor('tap', class extends AudioWorkletProcessor {
    next = 0;
    process([input]) {
      const frame = Math.max(this.next, currentFrame);
      this.next = frame + 128;
      if (input[0]) this.port.postMessage([frame, input[0].slice()]);
      return true;
    } })`;
  const module = URL.createObjectURL(new Blob([code], {type: 'text/javascript'}));
  window.heard = []; window.starts = [];
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (when = 0, offset = 0) {
    window.starts.push([when * this.context.sampleRate, offset * this.context.sampleRate, this.buffer.length]);
    return start.call(this, when, offset);
  };
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...more) {
    if (target instanceof AudioDestinationNode && this.context instanceof AudioContext) {
      window.tapped = this.context.audioWorklet.addModule(module).then(() => {
        const tap = new AudioWorkletNode(this.context, 'tap');
        tap.port.onmessage = ({data}) => window.heard.push(data);
        window.context = this.context;
        connect.call(this, tap);
      });
    }
    return connect.call(this, target, ...more);
  };
})();
"""
GUARD = """
// A browser that lets a page make sound only after a person's click. (The real rule cannot be tested: what this test
// asks the page counts as a person's doing.)
(() => {
  let pressed = false;
  document.addEventListener('click', (event) => { pressed ||= event.isTrusted; }, true);
  const resume = AudioContext.prototype.resume;
  AudioContext.prototype.resume = function () { return pressed ? resume.call(this) : new Promise(() => {}); };
  window.AudioContext = class extends AudioContext { constructor(options) { super(options); this.suspend(); } };
})();
"""
HEARD = """() => {
  const last = window.heard.at(-1)[0] + 128, sound = new Float32Array(last);
  for (const [frame, samples] of window.heard) sound.set(samples, frame);
  const bytes = new Uint8Array(sound.buffer); let text = '';
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return btoa(text);
}"""


BUSY = """async (ms) => {
  // Nodes of no sound come and go: the graph's lock is taken thousands of times a second.
  const from = window.context.createGain(), to = window.context.createGain();
  for (const end = performance.now() + ms; performance.now() < end; await new Promise((next) => setTimeout(next, 2))) {
    for (let i = 0; i < 100; i += 1) { from.connect(to); from.disconnect(); }
  }
}"""


def made(folder: Path, delays_s: list[float]) -> Iterator[str]:
    """Pieces of a sweep after these delays, then the finished clip, a little louder."""
    clip = sweep()
    log = stream.PieceLog(folder / str(time.monotonic_ns()), seconds=SECONDS)
    log.folder.mkdir()
    yield player.stream_html(log.update())
    for piece, delay_s in zip(pieces(clip), delays_s, strict=True):
        time.sleep(delay_s)
        log.add(piece)
        yield player.stream_html(log.update())
        yield player.stream_html(log.update())  # once more: a piece plays once all the same
    wav = write_wav(AudioClip(BOOST * clip.samples, RATE), log.folder / "finished.wav", bits=32)
    yield player.player_html(replace(player.Tune(file_url(wav), SECONDS, RATE), job=log.job))


def finished(folder: Path) -> str:
    """The player of a clip of one second that is ready."""
    wav = write_wav(sweep(seconds=1.0), folder / "short.wav", bits=32)
    return player.player_html(player.Tune(file_url(wav), 1.0, RATE))


def serve(port: int, folder: Path) -> None:
    """A page with four buttons: music made faster than it plays, with a late piece, ready, and none."""
    import gradio as gr

    with gr.Blocks(analytics_enabled=False) as demo:
        music = gr.HTML("", elem_id="music")
        for name, delays_s in {"quick": QUICK_S, "late": LATE_S}.items():
            steps = functools.partial(made, folder, delays_s)
            gr.Button(name, elem_id=name).click(steps, None, music, show_progress="hidden")
        gr.Button("ready", elem_id="ready").click(functools.partial(finished, folder), None, music)
        gr.Button("none", elem_id="none").click(lambda: "", None, music)
    demo.launch(
        server_name="127.0.0.1", server_port=port, quiet=True, allowed_paths=[str(folder)], run_history=False,
        head=player.head(), css_paths=[player.STYLE_SHEET],
    )  # fmt: skip


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page of `serve` in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("stream")
    address = f"http://127.0.0.1:{port}/"
    process = subprocess.Popen(
        [sys.executable, __file__, str(port), str(folder)],
        env=os.environ | {"PYTHONPATH": str(player.STYLE_SHEET.parents[1])},
    )
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), urlopen(address, timeout=5):
                break
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def page(url: str) -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser is installed (looked for {', '.join(BROWSERS)})")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield opened_page(browser, url)
        browser.close()


def opened_page(browser: Any, url: str, script: str = TAP) -> Any:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.add_init_script(script)
    page.goto(url)
    page.wait_for_selector("#none")
    return page


def heard(page: Any) -> npt.NDArray[np.float32]:
    """All that the left loudspeaker got, from the context's first frame on."""
    return np.frombuffer(base64.b64decode(page.evaluate(HEARD)), np.float32)


def play(page: Any, name: str) -> list[list[float]]:
    """Press the button, wait until the finished clip has played for a second; the starts: frame, offset, length."""
    before = page.locator(".syn-music").get_attribute("data-job") if page.locator(".syn-music").count() else ""
    page.evaluate("window.starts.length = 0")
    page.click(f"#{name}")
    page.wait_for_selector(f".syn-music:not([data-job='{before}'])[data-feed][data-state=playing]")
    page.wait_for_selector(".syn-music[data-sound][data-state=playing]")
    page.wait_for_timeout(1200)
    starts: list[list[float]] = page.evaluate("window.starts")
    return starts


@pytest.mark.parametrize("turn", ["first", "while the first still plays"])
def test_a_stream_plays_to_the_sample_and_goes_over_into_the_finished_clip(page: Any, turn: str) -> None:
    *streamed, finished = play(page, "quick")
    clip = sweep()
    ends = np.cumsum([piece.samples.shape[1] for piece in pieces(clip)])
    frames = np.array([frame for frame, _, _ in streamed])
    origin = round(frames[0])
    due = origin + np.array([0, *ends[: len(frames) - 1]])
    np.testing.assert_allclose(frames, due, atol=1e-6)  # no gap, no overlap
    sound, want = heard(page)[origin:], clip.samples[0]
    taken_over = round(finished[0]) - origin
    assert finished[1] == pytest.approx(taken_over, abs=1e-6)  # at the same position
    assert taken_over > RATE  # by then a second had sounded
    np.testing.assert_allclose(sound[:taken_over], want[:taken_over], atol=1e-6)
    # no jump in loudness: from the stream's to the finished clip's along four seconds
    first = taken_over + round(0.03 * RATE)  # the cross-fade
    rise = np.interp(np.arange(taken_over, len(sound)), [first, first + 4 * RATE], [1, float(BOOST)])
    assert 1 < rise[-1] < float(BOOST)
    np.testing.assert_allclose(sound[taken_over:], rise * want[taken_over : len(sound)], atol=1e-3)


def test_a_late_piece_is_waited_for_without_a_click(page: Any) -> None:
    starts = play(page, "late")
    clip, fade = sweep(), round(0.005 * RATE)
    want = clip.samples[0]
    origin, there = round(starts[0][0]), round(2.4 * RATE)  # the first two pieces
    sound = heard(page)[origin:]
    np.testing.assert_allclose(sound[: there - fade], want[: there - fade], atol=1e-6)
    closing = np.linspace(1, 0, fade, endpoint=False) * want[there - fade : there]
    np.testing.assert_allclose(sound[there - fade : there], closing, atol=2e-3)
    again_frame, offset, _ = starts[2]
    again, at = round(again_frame) - origin, there - fade
    assert not sound[there:again].any()
    assert again - there > RATE // 2
    assert offset == pytest.approx(starts[1][2] - fade)  # where it had begun to close
    opening = np.linspace(0, 1, fade, endpoint=False) * want[at : at + fade]
    np.testing.assert_allclose(sound[again : again + fade], opening, atol=2e-3)
    np.testing.assert_allclose(sound[again + fade : again + 2000], want[at + fade : at + 2000], atol=1e-6)
    assert np.abs(np.diff(sound)).max() < 1.6 * np.abs(np.diff(want)).max()  # BOOST, and no jump


def test_a_page_that_may_not_play_asks_for_a_click_and_starts_then(page: Any, url: str) -> None:
    fresh = opened_page(page.context.browser, url, GUARD)
    fresh.evaluate("document.querySelector('#quick').click()")  # a script's click is no person's
    fresh.wait_for_selector(".syn-music[data-state=blocked]")
    assert fresh.locator(".syn-go").inner_text() == "Play it now"
    fresh.locator(".syn-go").click()
    fresh.wait_for_selector(".syn-music[data-state=playing]")
    fresh.close()


def test_a_loop_has_no_seam_and_leaving_stops_it(page: Any) -> None:
    page.click("#ready")
    page.wait_for_selector(".syn-music[data-seconds='1.000000'][data-state=idle]")
    page.evaluate("window.starts.length = 0")
    page.locator(".syn-loop").click()
    assert page.locator(".syn-loop").get_attribute("aria-pressed") == "true"
    page.locator(".syn-go").click()
    page.wait_for_selector(".syn-music[data-state=playing]")
    page.evaluate(BUSY, 2500)
    (frame, _, _), *more = page.evaluate("window.starts")
    assert more == []
    sound = heard(page)[round(frame) :][: 2 * RATE]
    np.testing.assert_allclose(sound, np.tile(sweep(seconds=1.0).samples[0], 2), atol=1e-6)
    page.click("#none")
    page.wait_for_selector(".syn-music", state="detached")
    page.wait_for_timeout(300)
    assert not heard(page)[-RATE // 20 :].any()


def test_it_is_played_with_the_keyboard_alone(page: Any) -> None:
    page.click("#ready")
    page.wait_for_selector(".syn-music[data-state=idle]")
    slider = page.locator(".syn-seek")
    slider.focus()
    page.keyboard.press("End")
    assert slider.get_attribute("aria-valuenow") == "1"
    page.keyboard.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "0:00 of 0:01"
    page.keyboard.press("l")
    page.keyboard.press(" ")
    page.wait_for_selector(".syn-music[data-state=playing]")
    assert page.locator(".syn-go").get_attribute("aria-label") == "Pause"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.keyboard.press(" ")
    page.wait_for_selector(".syn-music[data-state=idle]")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "syn-go"
    page.locator(".syn-volume input").focus()
    page.keyboard.press("Home")
    assert page.locator(".syn-volume input").input_value() == "0"
    page.keyboard.press("End")


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
