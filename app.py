"""Synesthete: the page and its endpoints. `python app.py`, then open http://127.0.0.1:7860.

Importing this module builds nothing and loads neither Gradio nor any model.
"""

import argparse
import logging
import os
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gradio as gr

MAX_WAITING = 64
MAX_UPLOAD = "500mb"


def build() -> "gr.Blocks":
    """The page with its handlers and the named endpoints, not yet served."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    import gradio as gr

    from page import endpoints, layout, wiring

    with gr.Blocks(title="Synesthete", analytics_enabled=False, delete_cache=(3600, 86400)) as demo:
        wiring.wire(layout.draw(), demo)
        endpoints.register()
    return demo.queue(max_size=MAX_WAITING, api_open=False)


def serve(demo: "gr.Blocks", *, host: str, port: int | None, share: bool = False, block: bool = True) -> Any:
    """Serve the page; returns what Gradio's launch returns. Loads no model."""
    from page import layout, look, player
    from page.outputs import outputs_folder

    return demo.launch(
        server_name=host,
        server_port=port,
        share=share,
        prevent_thread_lock=not block,
        show_error=True,
        max_file_size=MAX_UPLOAD,
        allowed_paths=[str(outputs_folder()), str(layout.EXAMPLES)],
        run_history=False,
        footer_links=["api", "settings"],
        theme=look.theme(),
        css_paths=[look.STYLE_SHEET, player.STYLE_SHEET],
        head=player.head(),
        head_paths=[look.SCRIPT],
        favicon_path=look.ICON,
    )


def main(argv: list[str] | None = None) -> None:
    """Run the server until it is interrupted; models load in the background once the page is up."""
    parser = argparse.ArgumentParser(description="Hear a clip, see it, play it back.")
    parser.add_argument("--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"))
    parser.add_argument("--port", type=int, help="default: GRADIO_SERVER_PORT, else the first free one from 7860")
    parser.add_argument("--share", action="store_true", help="also make a public link (through gradio.live)")
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

    from core.runtime import share_cores
    from page.readiness import READINESS

    share_cores()

    up = threading.Event()
    READINESS.start(up)  # it waits: what loads now would only delay the page
    demo = build()
    try:
        serve(demo, host=options.host, port=options.port, share=options.share, block=False)
    except OSError as error:
        parser.exit(1, f"The page could not be served: {str(error).splitlines()[0]}\n")
    up.set()
    demo.block_thread()


if __name__ == "__main__":
    main()
