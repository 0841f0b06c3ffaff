"""What a person is told: their own mistakes in a sentence, ours in one calm one, and never markup of their own."""

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator, Iterator

import gradio as gr
import pytest

from core.errors import Cancelled, UserError
from page.faults import STOPPED, UNEXPECTED, calm


def test_a_user_error_keeps_its_sentence_and_hint_but_no_markup() -> None:
    @calm
    def handler() -> None:
        raise UserError("There is no <img src=x onerror=alert(1)>.", "Choose another.")

    with pytest.raises(gr.Error) as caught:
        handler()
    assert caught.value.message == "There is no &lt;img src=x onerror=alert(1)&gt;. Choose another."


def test_a_bug_is_logged_with_its_traceback_and_told_calmly(caplog: pytest.LogCaptureFixture) -> None:
    @calm
    def handler() -> None:
        raise ZeroDivisionError("inner secret")

    with caplog.at_level(logging.ERROR), pytest.raises(gr.Error) as caught:
        handler()
    assert caught.value.message == UNEXPECTED
    assert "inner secret" in caplog.text
    assert "Traceback" in caplog.text


def test_a_generator_yields_until_it_fails() -> None:
    @calm
    def handler() -> Iterator[int]:
        yield 1
        raise Cancelled

    steps = handler()
    assert next(steps) == 1
    with pytest.raises(gr.Error) as caught:
        next(steps)
    assert caught.value.message == STOPPED


def test_an_error_that_gradio_knows_is_left_alone() -> None:
    error = gr.Error("as it is")

    @calm
    def handler() -> None:
        raise error

    with pytest.raises(gr.Error) as caught:
        handler()
    assert caught.value is error


def test_coroutines_and_async_generators_are_calm_as_well() -> None:
    @calm
    async def once() -> None:
        raise UserError("No.")

    @calm
    async def steps() -> AsyncIterator[int]:
        yield 1
        raise UserError("No more.")

    async def first_two() -> None:
        pieces = steps()
        assert await anext(pieces) == 1
        await anext(pieces)

    assert inspect.iscoroutinefunction(once)
    assert inspect.isasyncgenfunction(steps)
    for run, says in ((once, "No."), (first_two, "No more.")):
        with pytest.raises(gr.Error) as caught:
            asyncio.run(run())
        assert caught.value.message == says
