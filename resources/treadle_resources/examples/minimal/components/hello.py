"""A component is a typed function: tables are ports, the rest are parameters. Edit it: the canvas follows."""

from typing import Annotated, Literal

import pandas as pd

from treadle import Column, component


@component(category="Mine", icon="hand-wave-outline")
def greet(
    people: pd.DataFrame,
    name: Annotated[str, Column("people")] = "name",
    greeting: Literal["Hello", "Good morning", "Welcome"] = "Hello",
) -> pd.DataFrame:
    """Greet everybody in a table.

    Args:
        people: One row for each person.
        name: The column with their names.
        greeting: How to greet them.
    """
    greeted = people.assign(greeting=greeting + ", " + people[name] + "!")
    for line in greeted["greeting"]:
        print(line)
    return greeted
