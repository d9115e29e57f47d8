"""Times as the timetable writes them: 517 is 5:17, 2400 is midnight."""

import pandas as pd

MINUTES_A_DAY = 24 * 60


def minute_of_day(times: pd.Series) -> pd.Series:
    """Minutes since midnight."""
    return (times // 100 * 60 + times % 100) % MINUTES_A_DAY
