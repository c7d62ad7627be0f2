"""Who answers setup's questions: a person at the keyboard, or a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import typer

from kiosk.setup.places import Say
from kiosk.setup.questions import Language, Question, WrongAnswer, found_in


class Answering(Protocol):
    """Gives answers, and hears what is done."""

    say: Say

    def answer(self, question: Question, now: Any) -> Any:
        """The setting's value; `now` is what it is at present, None nothing. Raises `WrongAnswer`."""
        ...

    def agrees(self, words: str) -> bool:
        """Yes or no."""
        ...

    def brought(self) -> Mapping[str, Any]:
        """Settings beyond the questions."""
        ...


class Person:
    """At the keyboard: asked again until the answer can be taken; an empty line keeps what is there."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self.say: Say = typer.echo

    def answer(self, question: Question, now: Any) -> Any:
        """Ask until it can be taken."""
        usual = str(now) if now is not None else question.usual
        while True:
            typed = typer.prompt(question.words(self.language), default=usual, show_default=bool(usual))
            try:
                return question.value(str(typed))
            except WrongAnswer as error:
                self.say(str(error))

    def agrees(self, words: str) -> bool:
        """y or n, y when nothing is typed."""
        return typer.confirm(words, default=True)

    def brought(self) -> Mapping[str, Any]:
        """A person only answers."""
        return {}


class AnswersFile:
    """Settings as in machine.toml. What it does not say is asked of nobody: the usual value, or `WrongAnswer`."""

    def __init__(self, tree: Mapping[str, Any], say: Say) -> None:
        self.tree = tree
        self.say = say

    def answer(self, question: Question, now: Any) -> Any:
        """From the file, else what is there, else the usual value."""
        given = found_in(self.tree, question.key)
        if given is None:
            given = now if now is not None else ""
        return question.value(str(given))

    def agrees(self, words: str) -> bool:
        """Whoever wrote the file has agreed."""
        self.say(words + " yes")
        return True

    def brought(self) -> Mapping[str, Any]:
        """The whole file."""
        return self.tree
