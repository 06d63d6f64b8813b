"""The chat, mounted on the API's application."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from app.assembly import Lakewright

HERE = Path(__file__).parent
LOOK = 0.02
"""Seconds between two looks for events of pages: the framework's own thousand looks a second hold up every answer."""


def mount(app: FastAPI, lakewright: Lakewright) -> None:
    """Put the chat at `/`; the routes that the application has already keep their places."""
    import gradio as gr

    from app.ui import page, theme

    blocks = page.build(lakewright)
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        theme=theme.theme(),
        head=f"<script>{(HERE / 'page.js').read_text(encoding='utf-8')}</script>",
        css_paths=HERE / "style.css",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=1,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
    )
    blocks._queue.sleep_when_free = LOOK
    blocks._queue.progress_update_sleep_when_free = LOOK
