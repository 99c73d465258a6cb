"""Questions on the command line: a flag answers one beforehand, and where nobody can be asked the default does."""

from collections.abc import Callable
from dataclasses import dataclass

import typer

from doetank_bot.complaint import Complaint, Exit

Check = Callable[[str], str]
"""Returns the value as it is meant, or raises Unfit with what is wrong and what to do."""


class Unfit(Exception):
    """An answer that cannot be used; the text says why, and what to write."""


@dataclass(frozen=True, slots=True)
class Question:
    """`flag` answers it beforehand; `why` is one line above the question."""

    flag: str
    text: str
    why: str
    check: Check


class Asker:
    """Asks at the terminal; where `is_asking` is false, nothing waits for a person."""

    def __init__(self, *, is_asking: bool, says_yes: bool) -> None:
        """Take how to ask. `says_yes` answers every `may`."""
        self.is_asking = is_asking
        self._says_yes = says_yes

    def ask(self, question: Question, given: str | None, default: str | None) -> str:
        """Return the answer: what was given, else what is typed, else the default.

        Raises Complaint for a flag that is wrong, and for an answer that is missing where nobody can be asked.
        """
        if given is not None or not self.is_asking:
            return self._unasked(question, default if given is None else given)
        typer.echo(f"\n{question.why}")
        while True:
            try:
                return question.check(typer.prompt(question.text, default=default).strip())
            except Unfit as wrong:
                typer.echo(f"That {wrong}")

    def text(self, text: str, default: str) -> str:
        """Return what is typed, or the default; the default where nobody can be asked."""
        return str(typer.prompt(text, default=default)) if self.is_asking else default

    def secret(self, text: str) -> str:
        """Return what is typed, unseen; empty when only Enter is."""
        return str(typer.prompt(text, default="", hide_input=True, show_default=False))

    def may(self, text: str, otherwise: str) -> bool:
        """Return whether something that is there already may change; no, unless somebody says so.

        Raises Complaint with the line `otherwise` where nobody can be asked.
        """
        if self._says_yes:
            return True
        if not self.is_asking:
            raise Complaint(Exit.CONFIG, otherwise)
        return typer.confirm(text, default=False)

    def wants(self, text: str) -> bool:
        """Return whether something extra is wanted; no where nobody can be asked."""
        return self.is_asking and typer.confirm(text, default=False)

    def _unasked(self, question: Question, value: str | None) -> str:
        if value is None:
            raise Complaint(Exit.CONFIG, f"{question.flag} is missing, and nobody can be asked here. Add it")
        try:
            return question.check(value)
        except Unfit as wrong:
            raise Complaint(Exit.CONFIG, f"{question.flag}: {wrong}") from None
