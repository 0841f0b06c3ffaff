"""The page's handlers without Gradio: widgets are names and nothing else."""

from dataclasses import fields
from typing import Any

import pytest

from page import layout
from page.handlers import Handlers


class Widget:
    """Stands for a widget: handlers only name them."""


@pytest.fixture(scope="module")
def handlers() -> Handlers:
    widgets: dict[str, Any] = {field.name: Widget() for field in fields(layout.Widgets)}
    return Handlers(layout.Widgets(**widgets | {"weights": {"chalk": Widget(), "neon": Widget()}}))
