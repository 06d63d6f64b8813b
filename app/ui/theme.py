"""Colours and fonts of the chat: fonts of the system, as nothing may be loaded from elsewhere."""

from __future__ import annotations

from typing import Any

SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
STRONG = {
    "button_primary_background_fill": "*primary_700",
    "button_primary_background_fill_hover": "*primary_800",
    "button_primary_text_color": "white",
}
"""White on them has the contrast of WCAG AA, in light and in dark."""
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def theme() -> Any:
    """The theme, in Gradio's terms."""
    import gradio as gr

    base = gr.themes.Base(
        primary_hue="teal",
        secondary_hue="teal",
        neutral_hue="slate",
        radius_size="md",
        font=SANS,
        font_mono=MONO,
    )
    return base.set(**{name + dark: value for name, value in STRONG.items() for dark in ("", "_dark")})
