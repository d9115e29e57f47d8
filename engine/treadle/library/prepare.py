"""From a raw table to one that a model can learn from."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import duckdb
import pandas as pd
from sklearn import model_selection, preprocessing

from treadle import Between, Code, Column, component


class TrainTest(NamedTuple):
    train: pd.DataFrame
    test: pd.DataFrame


def check_columns(data: pd.DataFrame, names: list[str]) -> None:
    """Raises KeyError, naming what is missing and what there is."""
    missing = [name for name in names if name not in data.columns]
    if missing:
        raise KeyError(f"no column {', '.join(missing)}; there are: {', '.join(map(str, data.columns))}")


def compute(data: pd.DataFrame, expression: str) -> pd.Series:
    """An SQL expression's value for each row."""
    with duckdb.connect() as connection:
        connection.register("data", data)
        # The expression is this component's own setting: running it is what it is for.
        values = connection.sql(f"SELECT ({expression}) AS result FROM data").df()["result"]  # noqa: S608
    values.index = data.index
    return values


def numeric_columns(data: pd.DataFrame) -> list[str]:
    return [str(name) for name in data.select_dtypes("number").columns]


def text_columns(data: pd.DataFrame) -> list[str]:
    return [str(name) for name in data.select_dtypes(["object", "string", "category"]).columns]


@component(category="Prepare", icon="table-column", tags=("keep", "drop", "subset"))
def select_columns(
    data: pd.DataFrame,
    columns: Annotated[list[str], Column("data")],
    mode: Literal["keep", "drop"] = "keep",
) -> pd.DataFrame:
    """Keep some columns, or drop them.

    Args:
        data: The table.
        columns: Their names.
        mode: Keep only these, or all but these.
    """
    check_columns(data, columns)
    result = data[columns] if mode == "keep" else data.drop(columns=columns)
    print(f"{len(result.columns)} of {len(data.columns)} columns stay")
    return result


@component(category="Prepare", icon="form-textbox", tags=("columns", "names"))
def rename_columns(data: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Give columns other names.

    Args:
        data: The table.
        names: New names by old ones.
    """
    check_columns(data, list(names))
    result = data.rename(columns=names)
    if not result.columns.is_unique:
        raise ValueError("two columns would have the same name")
    return result


@component(category="Prepare", icon="table-row-remove", tags=("missing", "null", "NaN", "clean"))
def drop_missing(
    data: pd.DataFrame,
    columns: Annotated[list[str], Column("data")] = [],  # noqa: B006
    how: Literal["any", "all"] = "any",
) -> pd.DataFrame:
    """Remove rows in which values are missing.

    Args:
        data: The table.
        columns: Look only at these; none looks at all.
        how: Remove a row if any of them is missing, or only if all are.
    """
    check_columns(data, columns)
    result = data.dropna(subset=columns or None, how=how).reset_index(drop=True)
    print(f"removed {len(data) - len(result):,} of {len(data):,} rows")
    return result


@component(category="Prepare", icon="format-color-fill", tags=("missing", "null", "NaN", "impute"))
def fill_missing(
    data: pd.DataFrame,
    columns: Annotated[list[str], Column("data")] = [],  # noqa: B006
    strategy: Literal["median", "mean", "most_frequent", "forward", "value"] = "median",
    value: str = "",
) -> pd.DataFrame:
    """Put something in place of missing values.

    Median and mean apply to numbers; other columns get their most frequent value.

    Args:
        data: The table.
        columns: Fill only these; none fills all.
        strategy: What to put there; `forward` repeats the value before.
        value: The value for the strategy `value`.
    """
    check_columns(data, columns)
    result = data.copy()
    filled = 0
    for name in columns or list(data.columns):
        before = int(result[name].isna().sum())
        if before:
            result[name] = fill_column(result[name], strategy, value)
            filled += before - int(result[name].isna().sum())
    print(f"filled {filled:,} values")
    return result


def fill_column(column: pd.Series, strategy: str, value: str) -> pd.Series:
    if strategy == "forward":
        return column.ffill()
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if strategy == "value":
        return column.fillna(float(value) if numeric else value)
    if numeric and strategy in {"median", "mean"}:
        return column.fillna(getattr(column.astype("float64"), strategy)())
    frequent = column.mode()
    return column if frequent.empty else column.fillna(frequent.iloc[0])


@component(category="Prepare", icon="filter-outline", tags=("where", "condition", "subset"))
def filter_rows(data: pd.DataFrame, condition: Annotated[str, Code("sql")]) -> pd.DataFrame:
    """Keep the rows for which a condition holds.

    Args:
        data: The table.
        condition: An SQL condition over its columns, as `age >= 18 AND country = 'CH'`.
    """
    keep = compute(data, condition).fillna(False).astype(bool)
    result = data[keep].reset_index(drop=True)
    print(f"kept {len(result):,} of {len(data):,} rows")
    return result


@component(category="Prepare", icon="dice-multiple-outline", tags=("subset", "random"))
def sample_rows(
    data: pd.DataFrame,
    rows: Annotated[int | None, Between(1, None)] = None,
    fraction: Annotated[float, Between(0, 1)] = 0.1,
    seed: int = 0,
) -> pd.DataFrame:
    """Draw rows at random, without repeats.

    Args:
        data: The table.
        rows: How many; empty draws a fraction.
        fraction: Which share of the rows, if `rows` is empty.
        seed: The same seed draws the same rows.
    """
    count = min(rows, len(data)) if rows is not None else round(len(data) * fraction)
    result = data.sample(n=count, random_state=seed).reset_index(drop=True)
    print(f"drew {len(result):,} of {len(data):,} rows")
    return result


@component(category="Prepare", icon="sort", tags=("order", "arrange"))
def sort(data: pd.DataFrame, by: Annotated[list[str], Column("data")], descending: bool = False) -> pd.DataFrame:
    """Order the rows.

    Args:
        data: The table.
        by: By these columns, the first counting most.
        descending: Largest first.
    """
    check_columns(data, by)
    return data.sort_values(by, ascending=not descending, kind="stable").reset_index(drop=True)


@component(category="Prepare", icon="function-variant", tags=("compute", "formula", "feature"))
def derive_column(data: pd.DataFrame, name: str, expression: Annotated[str, Code("sql")]) -> pd.DataFrame:
    """Add a column computed from the others.

    Args:
        data: The table.
        name: The new column; one of that name is replaced.
        expression: An SQL expression, as `price * amount` or `CASE WHEN age < 18 THEN 'child' ELSE 'adult' END`.
    """
    return data.assign(**{name: compute(data, expression)})


@component(category="Prepare", icon="code-array", tags=("one-hot", "ordinal", "dummy", "categorical"))
def encode_categories(
    data: pd.DataFrame,
    columns: Annotated[list[str], Column("data")] = [],  # noqa: B006
    method: Literal["one_hot", "ordinal"] = "one_hot",
    most: Annotated[int, Between(2, 1000)] = 50,
) -> pd.DataFrame:
    """Turn texts into numbers.

    The training components do this by themselves; use it to see the numbers or for a model of your own.

    Args:
        data: The table.
        columns: Only these; none takes all columns of text.
        method: A column of 0 and 1 for each value, or one column of whole numbers.
        most: At most so many values a column; the rarest become one.
    """
    check_columns(data, columns)
    result = data.copy()
    for name in columns or text_columns(data):
        frequent = result[name].value_counts().index[:most]
        values = result[name].where(result[name].isin(frequent) | result[name].isna(), "(other)").astype("object")
        if method == "ordinal":
            result[name] = pd.factorize(values, sort=True)[0]
        else:
            ones = pd.get_dummies(values, prefix=name, dtype="int8")
            result = pd.concat([result.drop(columns=name), ones], axis=1)
    print(f"{len(data.columns)} columns became {len(result.columns)}")
    return result


@component(category="Prepare", icon="arrow-expand-vertical", tags=("normalize", "standardize"))
def scale(
    data: pd.DataFrame,
    columns: Annotated[list[str], Column("data")] = [],  # noqa: B006
    method: Literal["standard", "min_max", "robust"] = "standard",
) -> pd.DataFrame:
    """Bring columns of numbers to one scale.

    Args:
        data: The table.
        columns: Only these; none takes all columns of numbers.
        method: Mean 0 and deviation 1, range 0 to 1, or median 0 and quartile distance 1.
    """
    check_columns(data, columns)
    scalers = {
        "standard": preprocessing.StandardScaler,
        "min_max": preprocessing.MinMaxScaler,
        "robust": preprocessing.RobustScaler,
    }
    names = columns or numeric_columns(data)
    scaled = scalers[method]().fit_transform(data[names].astype("float64"))
    return data.assign(**{name: scaled[:, position] for position, name in enumerate(names)})


@component(category="Prepare", icon="call-split", tags=("holdout", "partition", "validation"))
def train_test_split(
    data: pd.DataFrame,
    test_size: Annotated[float, Between(0.01, 0.99)] = 0.2,
    stratify: Annotated[str | None, Column("data")] = None,
    shuffle: bool = True,
    seed: int = 0,
) -> TrainTest:
    """Split the rows into a training and a test table.

    Args:
        data: The table.
        test_size: The share of rows that become the test table.
        stratify: Keep the shares of this column's values the same in both.
        shuffle: Mix the rows first; without it the test table is the last rows.
        seed: The same seed gives the same split.
    """
    check_columns(data, [stratify] if stratify else [])
    train, test = model_selection.train_test_split(
        data,
        test_size=test_size,
        shuffle=shuffle,
        random_state=seed if shuffle else None,
        stratify=data[stratify] if stratify and shuffle else None,
    )
    print(f"{len(train):,} rows to train, {len(test):,} to test")
    return TrainTest(train.reset_index(drop=True), test.reset_index(drop=True))


@component(category="Prepare", icon="table-merge-cells", title="Join", tags=("merge", "lookup", "vlookup"))
def join(
    left: pd.DataFrame,
    right: pd.DataFrame,
    on: Annotated[list[str], Column("left")],
    how: Literal["inner", "left", "right", "outer"] = "inner",
) -> pd.DataFrame:
    """Put two tables side by side where their keys agree.

    Args:
        left: A table.
        right: Another one.
        on: The columns, in both, whose values must agree.
        how: Which rows without a partner stay: none, those of the left, of the right, or all.
    """
    check_columns(left, on)
    check_columns(right, on)
    result = left.merge(right, how=how, on=on, suffixes=("", "_right"))
    print(f"{len(left):,} rows and {len(right):,} rows gave {len(result):,}")
    return result


@component(category="Prepare", icon="table-multiple", tags=("append", "union", "stack"))
def concatenate(tables: list[pd.DataFrame], source: str = "") -> pd.DataFrame:
    """Put tables under one another.

    Args:
        tables: The tables, in order; a column that one lacks is empty there.
        source: A new column with the number (from 1) of the table a row comes from; empty adds none.
    """
    parts = [part.assign(**{source: number}) if source else part for number, part in enumerate(tables, start=1)]
    result = pd.concat(parts, ignore_index=True)
    print(f"{len(tables)} tables, {len(result):,} rows")
    return result


@component(category="Prepare", icon="sigma", tags=("group by", "sum", "mean", "pivot"))
def group_aggregate(
    data: pd.DataFrame,
    by: Annotated[list[str], Column("data")],
    columns: Annotated[list[str], Column("data")] = [],  # noqa: B006
    function: Literal["mean", "sum", "median", "min", "max", "std", "count", "nunique"] = "mean",
) -> pd.DataFrame:
    """One row for each group, with an aggregate of each column and the group's size.

    Args:
        data: The table.
        by: The columns that make a group.
        columns: What to aggregate; none takes all columns of numbers.
        function: The aggregate.
    """
    check_columns(data, [*by, *columns])
    values = columns or [name for name in numeric_columns(data) if name not in by]
    groups = data.groupby(by, observed=True, dropna=False)
    result = groups[values].agg(function).add_suffix(f"_{function}")
    result.insert(0, "rows", groups.size())
    print(f"{len(result):,} groups")
    return result.reset_index()


@component(category="Prepare", icon="calendar-clock-outline", tags=("date", "time", "weekday", "feature"))
def datetime_features(
    data: pd.DataFrame,
    column: Annotated[str, Column("data")],
    parts: list[Literal["year", "month", "day", "weekday", "hour", "minute", "dayofyear", "quarter"]] = [  # noqa: B006
        "year",
        "month",
        "weekday",
        "hour",
    ],
    drop: bool = True,
) -> pd.DataFrame:
    """Add the parts of a date as columns of numbers.

    Args:
        data: The table.
        column: The date; text is read as one.
        parts: Which parts; a weekday counts from Monday = 0.
        drop: Remove the date itself, which models can't use.
    """
    check_columns(data, [column])
    moments = pd.to_datetime(data[column])
    properties = {"weekday": "day_of_week", "dayofyear": "day_of_year"}
    added = {f"{column}_{part}": getattr(moments.dt, properties.get(part, part)) for part in parts}
    result = data.assign(**added)
    return result.drop(columns=column) if drop else result


@component(category="Prepare", icon="content-duplicate", tags=("unique", "distinct", "clean"))
def remove_duplicates(
    data: pd.DataFrame,
    columns: Annotated[list[str], Column("data")] = [],  # noqa: B006
    keep: Literal["first", "last"] = "first",
) -> pd.DataFrame:
    """Keep one of the rows that are alike.

    Args:
        data: The table.
        columns: Rows are alike if these agree; none means all.
        keep: Which of them stays.
    """
    check_columns(data, columns)
    result = data.drop_duplicates(subset=columns or None, keep=keep).reset_index(drop=True)
    print(f"removed {len(data) - len(result):,} of {len(data):,} rows")
    return result
