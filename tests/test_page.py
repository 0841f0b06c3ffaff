"""The page as a person uses it, in headless Chromium: drop in a clip, read, see, hear, change, stop, bring back."""

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import Browser, Page, expect, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WAIT_MS = 400_000
expect.set_options(timeout=60_000)  # a machine that others keep busy is slow, not wrong
DONE = ".syn-strip[data-state=done] li.was:nth-child(3)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser is installed (looked for {', '.join(BROWSERS)})")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
        running = playwright.chromium.launch(executable_path=path, args=arguments)
        yield running
        running.close()


@pytest.fixture(scope="module")
def page(browser: Browser, server: Any, tune: Path) -> Iterator[Page]:
    """The page after one whole journey; it notes what went wrong or went outside."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(60_000)
    opened.troubles = []  # type: ignore[attr-defined]
    note = opened.troubles.append  # type: ignore[attr-defined]
    opened.on("pageerror", lambda error: note(str(error)))
    opened.on("response", lambda answer: note(answer.url) if answer.status >= 400 else None)
    opened.on("request", lambda request: note(request.url) if goes_outside(request.url) else None)
    opened.goto(server.url)
    expect(opened.locator("h1")).to_have_text("Synesthete")
    upload(opened, tune)
    opened.wait_for_selector(DONE, timeout=WAIT_MS)
    yield opened
    opened.close()


@pytest.fixture
def long_tune(tune: Path, tmp_path: Path) -> Path:
    """The tune three times: 18 s, several windows of the classifiers."""
    samples, rate = soundfile.read(tune)
    soundfile.write(tmp_path / "long.wav", np.tile(samples, 3), rate)
    return tmp_path / "long.wav"


def goes_outside(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"))


def upload(page: Page, clip: Path) -> None:
    page.locator(".syn-clip input[type=file]").set_input_files(clip)


def box(page: Page, label: str) -> str:
    return page.get_by_label(label, exact=True).first.input_value()


def test_a_dropped_clip_is_read_seen_and_heard(page: Page, tmp_path: Path) -> None:
    caption = page.locator("#heard .syn-caption").inner_text()
    assert caption == box(page, "Caption")
    assert page.locator("#facts dt").all_inner_texts() == ["tempo", "key", "loudness", "length"]
    assert page.locator(".syn-bars li").count() == 19
    assert int(page.locator("#clip-player figure").get_attribute("data-beats") or 0) > 3
    assert page.evaluate("document.querySelector('#picture img').naturalWidth") >= 128
    expect(page.locator("#picture .syn-source")).to_contain_text("tier")
    for player in ("#clip-player", "#music"):
        page.locator(f"{player} .syn-play").click()
        page.wait_for_function(f"document.querySelector('{player} audio').currentTime > 0.3")
    assert page.evaluate("document.querySelector('#music audio').duration") == pytest.approx(10, abs=0.1)
    assert page.evaluate("document.querySelector('#clip-player audio').paused")
    assert page.locator(".syn-card").count() == 1
    shot = tmp_path / "page.png"
    page.screenshot(path=shot, full_page=True)
    with Image.open(shot) as picture:
        assert len(picture.convert("RGB").getcolors(2**24) or []) > 1000
    assert page.troubles == []  # type: ignore[attr-defined]


def test_downloads_have_good_names_and_a_dropped_picture_brings_its_settings_back(page: Page, tmp_path: Path) -> None:
    names = {}
    for kind in page.locator(".syn-downloads a").all():
        with page.expect_download() as saving:
            kind.click()
        names[kind.inner_text()] = saving.value.suggested_filename
        saving.value.save_as(tmp_path / saving.value.suggested_filename)
    assert {"PNG", "WAV", "MP3"} <= set(names)
    assert all(name[:8].isdigit() and "bpm_s" in name for name in names.values())
    prompt = box(page, "Picture prompt")
    page.get_by_label("Picture prompt", exact=True).first.fill("something else")
    page.get_by_text("Bring back the settings").click()
    page.locator("#dropped input[type=file]").set_input_files(tmp_path / names["PNG"])
    expect(page.get_by_label("Picture prompt", exact=True).first).to_have_value(prompt)


def test_a_corrected_emotion_changes_the_words_and_the_accent(page: Page) -> None:
    accent = "getComputedStyle(document.documentElement).getPropertyValue('--syn-accent')"
    page.get_by_label("Emotion", exact=True).first.click()
    page.get_by_role("option", name="power", exact=True).click()
    expect(page.get_by_label("Caption", exact=True).first).to_have_value(re.compile("powerful"))
    assert "powerful" in box(page, "Music prompt")
    assert page.evaluate(accent).strip() == "#b3222c"


def test_the_other_tempo_is_one_click_away(page: Page) -> None:
    first = float(box(page, "Tempo (bpm)"))
    page.locator("#facts button").click()
    page.wait_for_function(
        "(first) => Number(document.querySelector('input[aria-label=\"Tempo (bpm)\"]').value) !== first", arg=first
    )
    assert f"{float(box(page, 'Tempo (bpm)')):.0f} bpm" in box(page, "Caption")


def test_painting_again_can_be_stopped_and_a_card_brings_the_first_back(page: Page) -> None:
    before = page.locator("#picture img").get_attribute("src")
    page.get_by_text("Painting settings").click()
    # long enough to be caught: a hundred steps at the usual size take only seconds
    page.get_by_label("Steps", exact=True).first.fill("100")
    page.get_by_label("Size (px)", exact=True).first.fill("512")
    page.locator("#paint").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#strip")).to_contain_text("Stopped")
    page.get_by_label("Steps", exact=True).first.fill("2")
    page.get_by_label("Size (px)", exact=True).first.fill("256")
    page.locator("#paint").click()
    expect(page.locator(".syn-card")).to_have_count(2, timeout=WAIT_MS)
    expect(page.locator("#picture img")).not_to_have_attribute("src", before or "")
    page.locator(".syn-card button").last.click()
    expect(page.locator("#picture img")).to_have_attribute("src", before or "")


def test_a_label_turns_the_strip_and_a_plot_seeks(browser: Browser, server: Any, long_tune: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_default_timeout(60_000)
    page.goto(server.url)
    page.wait_for_selector("#strip .syn-strip")
    page.get_by_label("Go all the way").uncheck()
    upload(page, long_tune)
    layer = page.locator("#clip-player .syn-speaks[data-kind=genre] .syn-layer:visible")
    expect(layer).to_have_count(1)
    top = page.locator("[data-speaks=genre][aria-pressed=true]")
    expect(layer).to_contain_text(f"sound like {top.inner_text()}")
    other = page.locator("[data-speaks=genre][aria-pressed=false]").last
    other.click()
    expect(top).to_have_count(1)
    expect(layer).to_contain_text(f"sound like {top.inner_text()}")
    assert layer.get_attribute("data-label") == top.get_attribute("data-label")
    plot = page.locator("#clip-player .syn-plot").first
    wave = page.locator("#clip-player .syn-wave")
    sizes = [box and (box["x"], box["width"]) for box in (plot.bounding_box(), wave.bounding_box())]
    assert sizes[0] == pytest.approx(sizes[1], abs=1)
    plot.click(position={"x": sizes[0][1] / 2, "y": 20} if sizes[0] else None)
    assert page.evaluate("document.querySelector('#clip-player audio').currentTime") == pytest.approx(9, abs=0.3)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_a_file_that_is_not_sound_gets_one_calm_sentence(browser: Browser, server: Any, tmp_path: Path) -> None:
    page = browser.new_page()
    page.set_default_timeout(60_000)
    page.goto(server.url)
    (tmp_path / "letter.mp3").write_text("Dear friend, this is not music. " * 30)
    upload(page, tmp_path / "letter.mp3")
    toast = page.locator(".toast-body")
    expect(toast).to_contain_text("letter.mp3")
    assert "Traceback" not in page.content()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_hidden()
    page.close()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_it_fits_a_phone_by_day_and_by_night(browser: Browser, server: Any, mode: Any) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=mode)
    page.goto(server.url)
    page.wait_for_selector("#strip .syn-strip")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        background = picture.convert("L").getpixel((3, 300))
    assert isinstance(background, int)
    assert background < 60 if mode == "dark" else background > 200
    page.close()
