"""Where tables come from and where they go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import duckdb
import pandas as pd
from sklearn import datasets

from treadle import Between, Code, component


@component(category="Data", icon="file-delimited-outline", title="Read CSV", tags=("load", "open", "file", "input"))
def read_csv(
    path: Path,
    separator: str = ",",
    encoding: str = "utf-8",
    decimal: Literal[".", ","] = ".",
    dates: list[str] = [],  # noqa: B006 - never changed; a parameter's default is read as a value
    rows: Annotated[int | None, Between(1, None)] = None,
) -> pd.DataFrame:
    """Read a table from a text file, one row a line.

    Args:
        path: The file; relative to the project's folder, or an address (https://…).
        separator: What stands between two columns.
        encoding: How the text is stored.
        decimal: The decimal mark of numbers.
        dates: Columns to read as dates.
        rows: Read only so many rows; empty reads all.
    """
    table = pd.read_csv(
        path, sep=separator, encoding=encoding, decimal=decimal, parse_dates=list(dates) or False, nrows=rows
    )
    print(f"read {len(table):,} rows, {len(table.columns)} columns from {path}")
    return table


@component(category="Data", icon="file-table-outline", title="Read Parquet", tags=("load", "open", "file", "input"))
def read_parquet(path: Path, columns: list[str] = []) -> pd.DataFrame:  # noqa: B006
    """Read a table from a Parquet file or a folder of them.

    Args:
        path: The file; relative to the project's folder.
        columns: Read only these; none reads all.
    """
    table = pd.read_parquet(path, columns=list(columns) or None)
    print(f"read {len(table):,} rows, {len(table.columns)} columns from {path}")
    return table


@component(category="Data", icon="database-outline", title="Sample data", tags=("iris", "wine", "toy", "example"))
def sample_data(name: Literal["iris", "wine", "breast_cancer", "diabetes", "digits"] = "iris") -> pd.DataFrame:
    """A small real data set to try things on; it comes with scikit-learn.

    The last column, `target`, is what is usually predicted: a name for the classes, a number for `diabetes`.

    Args:
        name: Which data set.
    """
    loaders = {
        "iris": datasets.load_iris,
        "wine": datasets.load_wine,
        "breast_cancer": datasets.load_breast_cancer,
        "diabetes": datasets.load_diabetes,
        "digits": datasets.load_digits,
    }
    bunch = loaders[name](as_frame=True)
    table = bunch.frame.copy()
    table.columns = [column.replace(" (cm)", "").replace(" ", "_") for column in table.columns]
    if "target_names" in bunch:
        table["target"] = [str(bunch.target_names[code]) for code in table["target"]]
    print(f"{name}: {len(table):,} rows, {len(table.columns)} columns")
    return table


@component(category="Data", icon="database-search-outline", title="SQL query", tags=("duckdb", "select", "filter"))
def sql_query(
    data: pd.DataFrame,
    other: pd.DataFrame | None = None,
    query: Annotated[str, Code("sql")] = "SELECT * FROM data",
) -> pd.DataFrame:
    """Query one or two tables with SQL (DuckDB's dialect).

    Args:
        data: The table called `data` in the query.
        other: A second table, called `other`.
        query: The query.
    """
    with duckdb.connect() as connection:
        connection.register("data", data)
        if other is not None:
            connection.register("other", other)
        result = connection.sql(query).df()
    print(f"{len(result):,} rows, {len(result.columns)} columns")
    return result


@component(category="Data", icon="content-save-outline", title="Write CSV", tags=("save", "export", "file", "output"))
def write_csv(data: pd.DataFrame, path: Path, separator: str = ",", index: bool = False) -> None:
    """Write a table to a text file. An existing file is replaced.

    Args:
        data: The table.
        path: The file; relative to the project's folder. Missing folders are made.
        separator: What stands between two columns.
        index: Write the row labels too.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    data.to_csv(path, sep=separator, index=index)
    print(f"wrote {len(data):,} rows to {path}")


@component(
    category="Data", icon="content-save-all-outline", title="Write Parquet", tags=("save", "export", "file", "output")
)
def write_parquet(
    data: pd.DataFrame, path: Path, compression: Literal["zstd", "snappy", "gzip", "none"] = "zstd"
) -> None:
    """Write a table to a Parquet file. An existing file is replaced.

    Args:
        data: The table.
        path: The file; relative to the project's folder. Missing folders are made.
        compression: How the columns are packed.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    data.to_parquet(path, compression=None if compression == "none" else compression, index=False)
    print(f"wrote {len(data):,} rows to {path}")
