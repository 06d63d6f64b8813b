"""The chat, mounted on the API's application."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from app.assembly import Lakewright


def mount(app: FastAPI, lakewright: Lakewright) -> None:
    """Put the chat at `/`; the routes that the application has already keep their places."""
    import gradio as gr

    from app.ui import chat, theme

    gr.mount_gradio_app(
        app,
        chat.build(lakewright),
        path="/",
        theme=theme.theme(),
        css_paths=Path(__file__).parent / "style.css",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=1,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
    )
