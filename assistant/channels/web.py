"""The page as part of the service."""

import gradio as gr
from fastapi import FastAPI

from assistant.channels.web_page import build_page, head, theme
from assistant.service import Assistant


def mount_page(app: FastAPI, assistant: Assistant) -> None:
    """Put the page at ``/``, behind everything that the application has an address of its own for."""
    gr.mount_gradio_app(
        app, build_page(assistant), path="/", theme=theme(), head=head(), show_error=False, ssr_mode=False,
        footer_links=[], run_history=False, max_file_size=0, enable_monitoring=False,
    )
