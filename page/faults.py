"""What a person is told when something goes wrong: one sentence, never a traceback.

UserError is for people and is passed on with its hint. Everything else is a bug: it is logged with its traceback and
the person reads one calm sentence. Gradio renders an error's message as HTML, so what a person typed is escaped.
"""

import functools
import html
import inspect
import logging
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import gradio as gr

from core.errors import Cancelled, UserError

P = ParamSpec("P")
R = TypeVar("R")

LOG = logging.getLogger("synthesete.page")
UNEXPECTED = "Something went wrong here, and it has been noted in the log. Please try again."
STOPPED = "Stopped."


def told(error: BaseException) -> gr.Error:
    """The error as the page and the Python client show it; anything unexpected is logged with its traceback."""
    if isinstance(error, gr.Error):
        return error
    if isinstance(error, UserError):
        return gr.Error(html.escape(str(error), quote=False), title="That did not work", print_exception=False)
    if isinstance(error, Cancelled):
        return gr.Error(STOPPED, title="Stopped", print_exception=False)
    LOG.error("unexpected error", exc_info=error)
    return gr.Error(UNEXPECTED, title="Unexpected", print_exception=False)


def calm(handler: Callable[P, R]) -> Callable[P, R]:
    """The handler (a function or a generator function, async or not) with its errors put into a sentence."""
    if inspect.isasyncgenfunction(handler):

        @functools.wraps(handler)
        async def async_steps(*args: P.args, **kwargs: P.kwargs) -> Any:
            try:
                async for value in handler(*args, **kwargs):
                    yield value
            except Exception as error:
                raise told(error) from None

        return async_steps
    if inspect.iscoroutinefunction(handler):

        @functools.wraps(handler)
        async def async_once(*args: P.args, **kwargs: P.kwargs) -> Any:
            try:
                return await handler(*args, **kwargs)
            except Exception as error:
                raise told(error) from None

        return async_once  # type: ignore[return-value]
    if inspect.isgeneratorfunction(handler):

        @functools.wraps(handler)
        def steps(*args: P.args, **kwargs: P.kwargs) -> Any:
            try:
                yield from handler(*args, **kwargs)
            except Exception as error:
                raise told(error) from None

        return steps

    @functools.wraps(handler)
    def once(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return handler(*args, **kwargs)
        except Exception as error:
            raise told(error) from None

    return once
