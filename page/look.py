"""The look: Gradio theme, style sheet, and the accent colour that follows the emotion that was heard.

Everything is drawn with CSS variables: `--syn-accent`, `--syn-second` and `--syn-on` (text on the accent) are set by
`accent_style(emotion)` in a <style> element, once for the light and once for the dark page. Fonts are those that come
with Gradio, so nothing is fetched from outside.
"""

from pathlib import Path

import gradio as gr

ACCENTS: dict[str, tuple[str, str, str]] = {
    "amazement": ("#6d3fc4", "#b197ff", "#d99a1c"),
    "solemnity": ("#2b4b8c", "#93aef0", "#b08d3a"),
    "tenderness": ("#b3406a", "#f7a1bb", "#e0a07c"),
    "nostalgia": ("#95560f", "#e8b163", "#8a6a4f"),
    "calmness": ("#0b7570", "#66d6ca", "#7cc79b"),
    "power": ("#b3222c", "#ff8576", "#ef8b22"),
    "joyful_activation": ("#1769b0", "#ffd65c", "#f0a90c"),
    "tension": ("#4c7407", "#b9e53a", "#4a5a3a"),
    "sadness": ("#46608a", "#a2b9dc", "#8b95a5"),
}
"""Emotion -> accent on the light page, accent on the dark page, second colour. Each accent has a contrast of at least
4.5 to 1 with the text on it: white on the light page, near-black on the dark one."""

RESTING = ("#5d3a8e", "#bda2f2", "#df7c5a")
"""The same three colours before anything was heard."""

STYLE_SHEET = Path(__file__).with_name("look.css")
SCRIPT = Path(__file__).with_name("player.html")
ICON = Path(__file__).with_name("icon.png")


def accent_style(emotion: str | None) -> str:
    """A <style> element that turns the page to the emotion's colours; None or an unknown word: the resting colours."""
    light, dark, second = ACCENTS.get(emotion or "", RESTING)
    return (
        f"<style>:root{{--syn-accent:{light};--syn-second:{second};--syn-on:#fff}}"
        f".dark{{--syn-accent:{dark};--syn-second:{second};--syn-on:#15111e}}</style>"
    )


def theme() -> gr.themes.Base:
    """Warm paper by day, deep plum by night; a round face for what is said, a plain one for what is set.

    Of the fonts that Gradio brings, several files hold only a few glyphs (no Latin letters); these are whole.
    """
    plum = gr.themes.Color(
        "#faf8f5", "#f4f0ea", "#e7e0d7", "#d3cabf", "#a79eaa", "#7a7284", "#5e566a", "#3d3649", "#262131", "#1b1726",
        "#120f1a", name="plum",
    )  # fmt: skip
    look = gr.themes.Base(
        primary_hue=plum,
        secondary_hue=plum,
        neutral_hue=plum,
        radius_size=gr.themes.sizes.radius_lg,
        font=(
            gr.themes.LocalFont("Source Sans Pro", weights=(400, 700)),
            gr.themes.LocalFont("Quicksand", weights=(400, 700)),
            "ui-sans-serif",
            "system-ui",
            "sans-serif",
        ),
        font_mono=(gr.themes.LocalFont("IBM Plex Mono", weights=(400, 700)), "ui-monospace", "monospace"),
    )
    return look.set(**_surfaces(), **_controls())


def _surfaces() -> dict[str, str]:
    return {
        "body_background_fill": "*neutral_100",
        "body_background_fill_dark": "*neutral_950",
        "body_text_color": "*neutral_800",
        "body_text_color_dark": "#ece7f2",
        "body_text_color_subdued": "*neutral_600",
        "body_text_color_subdued_dark": "#a9a1b8",
        "background_fill_primary": "#fffdfa",
        "background_fill_primary_dark": "*neutral_900",
        "background_fill_secondary": "*neutral_50",
        "background_fill_secondary_dark": "*neutral_950",
        "border_color_primary": "*neutral_200",
        "border_color_primary_dark": "#332c41",
        "block_background_fill": "#fffdfa",
        "block_background_fill_dark": "*neutral_900",
        "block_border_color": "*neutral_200",
        "block_border_color_dark": "#332c41",
        "block_border_width": "1px",
        "block_border_width_dark": "1px",
        "block_shadow": "none",
        "block_label_background_fill": "transparent",
        "block_label_background_fill_dark": "transparent",
        "block_label_border_width": "0px",
        "block_label_border_width_dark": "0px",
        "block_label_text_color": "*body_text_color_subdued",
        "block_label_text_color_dark": "*body_text_color_subdued",
        "block_title_text_color": "*body_text_color_subdued",
        "block_title_text_color_dark": "*body_text_color_subdued",
        "block_title_text_weight": "600",
        "block_title_text_size": "*text_sm",
        "block_info_text_color": "*body_text_color_subdued",
        "block_info_text_color_dark": "*body_text_color_subdued",
        "panel_background_fill": "transparent",
        "panel_background_fill_dark": "transparent",
        "panel_border_width": "0px",
    }


def _controls() -> dict[str, str]:
    accent, on = "var(--syn-accent)", "var(--syn-on)"
    both = {
        "button_primary_background_fill": accent,
        "button_primary_background_fill_hover": "color-mix(in oklab, var(--syn-accent) 86%, black)",
        "button_primary_border_color": "transparent",
        "button_primary_text_color": on,
        "button_primary_text_color_hover": on,
        "button_secondary_background_fill": "transparent",
        "button_secondary_background_fill_hover": "color-mix(in oklab, var(--syn-accent) 10%, transparent)",
        "button_secondary_border_color": "color-mix(in oklab, var(--syn-accent) 38%, transparent)",
        "button_secondary_text_color": accent,
        "button_secondary_text_color_hover": accent,
        "slider_color": accent,
        "loader_color": accent,
        "color_accent_soft": "color-mix(in oklab, var(--syn-accent) 12%, transparent)",
        "input_border_color_focus": accent,
        "checkbox_background_color_selected": accent,
        "checkbox_border_color_selected": accent,
        "checkbox_border_color_focus": accent,
        "link_text_color": accent,
        "link_text_color_hover": accent,
        "link_text_color_visited": accent,
        "stat_background_fill": accent,
    }
    light_and_dark = both | {f"{name}_dark": value for name, value in both.items()}
    return light_and_dark | {
        "color_accent": accent,
        "button_large_radius": "999px",
        "button_medium_radius": "999px",
        "button_small_radius": "999px",
        "input_background_fill": "*neutral_50",
        "input_background_fill_dark": "*neutral_950",
        "input_border_color": "*neutral_200",
        "input_border_color_dark": "#332c41",
        "input_border_width": "1px",
        "input_border_width_dark": "1px",
        "input_shadow": "none",
        "input_shadow_focus": "0 0 0 3px color-mix(in oklab, var(--syn-accent) 18%, transparent)",
        "input_shadow_focus_dark": "0 0 0 3px color-mix(in oklab, var(--syn-accent) 26%, transparent)",
    }
