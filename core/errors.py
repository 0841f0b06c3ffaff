"""The error tree: one error for people, one for a cancelled job; anything else is a bug.

Exception
  UserError    a sentence for the person and a hint what to do next
  Cancelled    raised out of a Progress callback; unwinds a job within one step
"""


class UserError(Exception):
    """Something a person can mend: `message` says what is wrong, `hint` what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class Cancelled(Exception):
    """The person asked to stop. Nothing half-made is kept."""
