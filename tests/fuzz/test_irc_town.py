"""Whatever IRC clients and people on terminals do: what each of them was told is how it is, and nothing stays."""

from __future__ import annotations

import os

from twisted.trial.unittest import SynchronousTestCase

from tests.fuzz.irc_town import Town
from tests.fuzz.irc_words import PEOPLE, Typist

SEEDS = range(*map(int, os.environ.get("FUZZ_SEEDS", "0:60").split(":")))
"""One town for each; others than those can be tried by hand."""
STEPS = 120
PLACES = 6

Step = tuple[int, str, str, frozenset[str]]
"""Where; what comes, or that it goes, or "" if it speaks; the line or the name; capabilities."""


class AnyTown(SynchronousTestCase):
    """Several clients with any capabilities, and any lines."""

    def test_any_lines(self) -> None:
        """Nothing is raised; each line is one of IRC; everybody's view is right; in the end nothing is left."""
        for seed in SEEDS:
            steps = steps_of(Typist(seed))
            problem = problem_of(steps)
            if problem is not None:
                steps = shortest(steps, type(problem))
                self.fail("\n".join([f"seed {seed}:", *map(str, steps), repr(problem_of(steps))]))


def steps_of(typist: Typist) -> list[Step]:
    """What happens in one town."""
    dice = typist.dice
    steps: list[Step] = [(place, "irc", PEOPLE[place], typist.caps()) for place in range(PLACES - 2)]
    for _ in range(STEPS):
        place, what, nobody = dice.randrange(PLACES), dice.randrange(40), frozenset[str]()
        if what == 0:
            steps.append((place, "hang up", "", nobody))
        elif what < 5:
            steps.append((place, dice.choice(("irc", "irc", "terminal")), dice.choice(PEOPLE), typist.caps()))
        elif what < 10:
            steps += [(place, "", line, nobody) for line in typist.several()]
        else:
            steps.append((place, "", typist.irc(), nobody))
            steps.append((PLACES, "", typist.plain(), nobody))
    return [(PLACES, "terminal", "eve", frozenset()), *steps]


def problem_of(steps: list[Step]) -> Exception | None:
    """What goes wrong, if anything does."""
    town = Town()
    try:
        for step in steps:
            act(town, *step)
            town.settle()
        town.empty()
    except Exception as problem:  # noqa: BLE001 - it is what is looked for.
        return problem
    return None


def act(town: Town, place: int, what: str, text: str, caps: frozenset[str]) -> None:
    """One step."""
    town.network.now += 0.25
    if what == "irc":
        town.irc(place, text, caps)
    elif what == "terminal":
        town.terminal(place, text)
    elif place in town.people:
        one = town.people[place]
        if what == "hang up":
            one.hang_up()
        else:
            one.send(text)


def shortest(steps: list[Step], problem: type[Exception]) -> list[Step]:
    """The steps without those that such a problem does not need."""
    size = len(steps) // 2
    while size:
        for start in range(len(steps) - size, -1, -size):
            fewer = steps[:start] + steps[start + size :]
            if isinstance(problem_of(fewer), problem):
                steps = fewer
        size //= 2
    return steps
