"""The functions that filters may call, each with the SQL that says the same."""

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Function:
    """A function: types of its arguments (several signatures), type of its value, and its SQL given that of its arguments."""

    name: str
    returns: str
    takes: tuple[tuple[str, ...], ...]
    sql: Callable[..., str]

    def draw(self, dice: random.Random) -> tuple[str, ...]:
        return dice.choice(self.takes)


FUNCTIONS: list[Function] = []
