"""What this project knows about flights. Edit me: the canvas follows.

A prediction must not use what is known only after take-off. So features come from the timetable, and from the weather
at the airport in the scheduled hour, which stands for the forecast; never from actual times or from delays.
"""

from typing import Annotated

import pandas as pd
from clock import minute_of_day

from treadle import Between, component

WEATHER = ["temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"]


def busyness(flights: pd.DataFrame) -> pd.Series:
    """How many flights the timetable has at the same airport in the same hour."""
    hour = ["origin", "year", "month", "day", "hour"]
    return flights.groupby(hour)["flight"].transform("size")


@component(category="Flights", icon="airplane-check", tags=("cancelled", "diverted"))
def clean(data: pd.DataFrame) -> pd.DataFrame:
    """Keep the flights that arrived, in the order of the timetable.

    Args:
        data: All flights; a cancelled or diverted one has no arrival delay.
    """
    arrived = data[data["arr_delay"].notna()].drop_duplicates()
    print(f"{len(data) - len(arrived):,} of {len(data):,} flights never arrived where they should")
    return arrived.sort_values(["month", "day", "sched_dep_time"], kind="stable").reset_index(drop=True)


@component(category="Flights", icon="airplane-clock", tags=("late", "weather", "timetable"))
def features(
    flights: pd.DataFrame,
    weather: pd.DataFrame,
    late_after: Annotated[int, Between(0, 240)] = 15,
) -> pd.DataFrame:
    """What is known of a flight before it leaves, and in `late` whether it arrived late.

    Args:
        flights: Flights that arrived.
        weather: The weather at each airport, hour by hour.
        late_after: A flight is late if it arrives more than so many minutes after the timetable says.
    """
    key = ["origin", "year", "month", "day", "hour"]
    joined = flights.merge(weather[[*key, *WEATHER]].drop_duplicates(key), on=key, how="left")
    departure = minute_of_day(joined["sched_dep_time"])
    arrival = minute_of_day(joined["sched_arr_time"])
    table = pd.DataFrame(
        {
            "carrier": joined["carrier"],
            "origin": joined["origin"],
            "dest": joined["dest"],
            "distance": joined["distance"],
            "month": joined["month"],
            "weekday": pd.to_datetime(joined[["year", "month", "day"]]).dt.day_of_week,
            "departure": departure,
            "arrival": arrival,
            "planned_minutes": (arrival - departure) % (24 * 60),
            "busyness": busyness(joined),
            **{name: joined[name] for name in WEATHER},
            "late": joined["arr_delay"] > late_after,
        }
    )
    print(f"{len(table):,} flights, {table['late'].mean():.1%} of them late, {len(table.columns) - 1} features")
    return table
