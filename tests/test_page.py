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
def fresh(browser: Browser, server: Any) -> Iterator[Page]:
    """The page as it opens, ready for words."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(60_000)
    opened.goto(server.url)
    expect(opened.locator("#outlook")).to_contain_text("About")
    yield opened
    opened.close()


def open_settings(page: Page, name: str) -> None:
    """Unfold an accordion and let its boxes settle.

    Gradio builds them only now, and gives them what waited for them (that a number is empty) a frame later, over
    anything that was written in between; nobody but a test is as fast as that.
    """
    boxes = page.get_by_label("Guidance", exact=True).locator("visible=true")  # both accordions have one
    n_before = boxes.count()
    page.get_by_text(name).click()
    expect(boxes).to_have_count(n_before + 1)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def choose_engine(page: Page, name: str) -> None:
    open_settings(page, "Playing settings")
    choose(page, "Engine", name)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).first.click()
    page.get_by_role("option", name=option, exact=True).click()


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


def state(page: Page) -> str:
    """What the player of the new music is doing."""
    return page.locator("#music .syn-music").get_attribute("data-state") or ""


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
    page.locator("#clip-player .syn-play").click()
    page.wait_for_function("document.querySelector('#clip-player audio').currentTime > 0.3")
    if state(page) != "playing":  # it played by itself while it was made; on a fast machine that is over
        page.locator("#music .syn-go").click()
    expect(page.locator("#music .syn-music")).to_have_attribute("data-state", "playing")
    assert float(page.locator("#music .syn-music").get_attribute("data-seconds") or 0) == pytest.approx(10, abs=0.001)
    assert page.locator("#music .syn-answers tr[data-mark]").count() >= 4
    expect(page.locator("#music .syn-answers")).to_contain_text("bpm")
    assert page.locator(".syn-card").count() == 1
    shot = tmp_path / "page.png"
    page.screenshot(path=shot, full_page=True)
    with Image.open(shot) as picture:
        assert len(picture.convert("RGB").getcolors(2**24) or []) > 1000
    assert page.troubles == []  # type: ignore[attr-defined]


def test_downloads_have_good_names_and_dropped_files_bring_their_settings_back(page: Page, tmp_path: Path) -> None:
    names = {}
    for kind in page.locator(".syn-downloads a").all():
        with page.expect_download() as saving:
            kind.click()
        names[kind.inner_text()] = saving.value.suggested_filename
        saving.value.save_as(tmp_path / saving.value.suggested_filename)
    assert {"PNG", "WAV, 24 bit", "FLAC", "MP3, 320 kbit/s"} <= set(names)
    assert all(name[:8].isdigit() and "bpm_s" in name for name in names.values())
    prompt = box(page, "Picture prompt")
    page.get_by_label("Picture prompt", exact=True).first.fill("something else")
    page.get_by_text("Bring back the settings").click()
    page.locator("#dropped input[type=file]").set_input_files(tmp_path / names["PNG"])
    expect(page.get_by_label("Picture prompt", exact=True).first).to_have_value(prompt)
    page.locator("#music-prompt textarea").fill("something else")
    page.locator("#dropped").get_by_role("button", name=re.compile("clear|remove", re.IGNORECASE)).first.click()
    page.locator("#dropped input[type=file]").set_input_files(tmp_path / names["FLAC"])
    expect(page.locator("#music-prompt textarea")).not_to_have_value("something else")
    open_settings(page, "Playing settings")
    assert names["FLAC"].endswith(f"_s{page.locator('#play-seed input').input_value()}.flac")


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
    open_settings(page, "Painting settings")
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


def test_variations_stand_side_by_side_and_the_chosen_one_stays_chosen(fresh: Page) -> None:
    choose_engine(fresh, "Composer")
    expect(fresh.locator("#ways")).to_contain_text("Composer cannot")
    fresh.locator("#music-prompt textarea").fill("calm jazz at 96 bpm in A minor")
    fresh.get_by_label("number input for Seconds", exact=True).fill("3")
    fresh.get_by_label("number input for Variations", exact=True).fill("2")
    fresh.keyboard.press("Tab")
    expect(fresh.locator("#outlook")).to_contain_text("2 clips")
    fresh.locator("#play").click()
    takes = fresh.locator("#music .syn-take")
    expect(takes).to_have_count(2, timeout=WAIT_MS)
    expect(fresh.locator("#music .syn-answers")).to_contain_text("96 bpm")
    sounds = fresh.locator("#music .syn-music")
    first = sounds.get_attribute("data-sound")
    takes.nth(1).locator("button[data-take]").click()
    expect(sounds).not_to_have_attribute("data-sound", first or "")
    second = sounds.get_attribute("data-sound")
    expect(takes.nth(1)).to_have_attribute("data-chosen", "true")
    fresh.get_by_label("number input for Variations", exact=True).fill("1")
    fresh.locator("#play").click()
    expect(takes).to_have_count(0)
    expect(fresh.locator(".syn-card")).to_have_count(2, timeout=WAIT_MS)
    fresh.locator(".syn-card button").last.click()
    expect(sounds).to_have_attribute("data-sound", second or "")
    expect(takes.nth(1)).to_have_attribute("data-chosen", "true")


def test_four_are_painted_at_once_one_is_picked_and_its_settings_paint_anew(fresh: Page) -> None:
    fresh.locator("#image-prompt textarea").fill("a misty pine forest, calm mood, aqua and mint")
    open_settings(fresh, "Painting settings")
    fresh.get_by_label("Steps", exact=True).first.fill("3")
    fresh.get_by_label("Size (px)", exact=True).first.fill("128")
    choose(fresh, "Pictures at once", "4")
    # every address that the one picture has while it is painted
    fresh.evaluate("""() => {
      window.seen = new Set();
      const look = () => {
        const img = document.querySelector('#picture img');
        if (img) { window.seen.add(img.src.slice(0, 16)); window.painted ??= img; }
      };
      new MutationObserver(look).observe(
        document.querySelector('#picture'), {subtree: true, childList: true, attributes: true}
      );
    }""")
    fresh.locator("#paint").click()
    views = fresh.locator("#picture .syn-views button")
    expect(views).to_have_count(4, timeout=WAIT_MS)
    assert fresh.evaluate("window.painted === document.querySelector('#picture img')")  # so nothing flickered
    assert "data:image/webp;" in fresh.evaluate("[...window.seen]")
    hung, seed = fresh.locator("#picture .syn-picture img"), fresh.locator("#paint-seed input")
    first, drawn = hung.get_attribute("src"), int(seed.input_value())
    views.nth(2).focus()
    fresh.keyboard.press("Enter")
    expect(views.nth(2)).to_have_attribute("aria-pressed", "true")
    expect(views.nth(2)).to_be_focused()
    expect(hung).not_to_have_attribute("src", first or "")
    expect(seed).to_have_value(str(drawn + 2))
    choose(fresh, "Pictures at once", "1")
    fresh.get_by_label("Steps", exact=True).first.fill("1")
    fresh.locator("#picture").get_by_role("button", name="Reuse with a new seed").click()
    expect(seed).not_to_have_value(str(drawn + 2))
    expect(fresh.get_by_label("Steps", exact=True).first).to_have_value("3")
    expect(fresh.get_by_label("Keep this seed").first).to_be_checked()
    again = seed.input_value()
    fresh.locator("#paint").click()
    expect(fresh.locator(".syn-card")).to_have_count(2, timeout=WAIT_MS)
    expect(fresh.locator("#picture .syn-source")).to_contain_text(f"seed {again}, 3 steps")
    expect(views).to_have_count(0)
    fresh.locator(".syn-card button").last.click()
    expect(views.nth(2)).to_have_attribute("aria-pressed", "true")


def test_music_plays_while_it_is_made_and_again_after_a_stop(fresh: Page) -> None:
    fresh.locator("#music-prompt textarea").fill("calm jazz at 96 bpm in A minor")
    fresh.get_by_label("number input for Seconds", exact=True).fill("120")
    fresh.keyboard.press("Tab")
    sounds = fresh.locator("#music .syn-music")
    for _ in range(2):
        fresh.locator("#play").click()
        fresh.wait_for_selector("#music .syn-music[data-feed][data-state=playing]", timeout=WAIT_MS)
        fresh.get_by_role("button", name="Stop", exact=True).click()
        expect(fresh.locator("#strip")).to_contain_text("Stopped")
        expect(sounds).to_have_count(0)
    fresh.get_by_label("number input for Seconds", exact=True).fill("4")
    fresh.keyboard.press("Tab")
    fresh.locator("#play").click()
    expect(fresh.locator("#music .syn-answers")).to_be_visible(timeout=WAIT_MS)
    assert float(sounds.get_attribute("data-seconds") or 0) == pytest.approx(4)
    expect(fresh.locator(".syn-card")).to_have_count(1)


def test_a_continuation_is_offered_alone_and_joined(fresh: Page) -> None:
    fresh.get_by_label("Go all the way").uncheck()
    way = fresh.get_by_label("Go on from the clip")
    expect(fresh.locator("#prompt-s")).to_be_hidden()
    way.check()
    expect(fresh.locator("#prompt-s")).to_be_visible()
    fresh.locator(".syn-examples button").first.click()
    fresh.wait_for_selector("#clip-player figure", timeout=WAIT_MS)
    clip_s = float(fresh.locator("#clip-player figure").get_attribute("data-seconds") or 0)
    fresh.get_by_label("number input for Seconds", exact=True).fill("4")
    fresh.keyboard.press("Tab")
    fresh.locator("#play").click()
    joined = fresh.locator("#music .syn-player")
    expect(joined).to_be_visible(timeout=WAIT_MS)
    assert float(joined.get_attribute("data-seconds") or 0) == pytest.approx(clip_s + 4, abs=0.01)
    expect(fresh.locator("#music .syn-downloads")).to_contain_text("Joined with your clip")


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
