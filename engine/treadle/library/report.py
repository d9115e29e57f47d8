"""Tables and charts for people."""

from __future__ import annotations

import base64
from html import escape
from typing import Annotated, Literal

import pandas as pd
from matplotlib.figure import Figure

from treadle import Between, Column, Html, Image, Metrics, component

BLUE = "#568BD8"
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b2430}"
    "table{border-collapse:collapse;margin:1rem 0}th,td{padding:.3rem .7rem;border-bottom:1px solid #d5dae2;"
    "text-align:right}th{text-align:left}img{max-width:100%}"
)


def new_chart(title: str, x: str, y: str) -> Figure:
    """A figure with one empty chart, `figure.axes[0]`."""
    figure = Figure(figsize=(7.2, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def check_columns(data: pd.DataFrame, *names: str | None) -> None:
    """Raises KeyError, naming what is missing and what there is."""
    missing = [name for name in names if name is not None and name not in data.columns]
    if missing:
        raise KeyError(f"no column {', '.join(missing)}; there are: {', '.join(map(str, data.columns))}")


@component(category="Report", icon="chart-bar", tags=("chart", "plot", "count"))
def bar_chart(
    data: pd.DataFrame,
    x: Annotated[str, Column("data")],
    y: Annotated[str | None, Column("data")] = None,
    function: Literal["mean", "sum", "median", "min", "max"] = "mean",
    most: Annotated[int, Between(1, 100)] = 20,
    title: str = "",
) -> Figure:
    """Draw a bar for each value of a column: how often it is there, or what another column comes to.

    Args:
        data: The table.
        x: The column whose values become bars.
        y: The column of numbers to aggregate; empty counts rows.
        function: How to aggregate it.
        most: At most so many bars, the longest ones.
        title: Above the chart.
    """
    check_columns(data, x, y)
    groups = data.groupby(x, observed=True)
    bars = (groups.size() if y is None else groups[y].agg(function)).sort_values(ascending=False).head(most)
    figure = new_chart(title, x, "rows" if y is None else f"{function} of {y}")
    axes = figure.axes[0]
    axes.bar([str(label) for label in bars.index], bars.to_numpy(), color=BLUE)
    axes.tick_params(axis="x", rotation=30 if len(bars) > 6 else 0)
    return figure


@component(category="Report", icon="chart-histogram", tags=("chart", "plot", "distribution"))
def histogram(
    data: pd.DataFrame,
    column: Annotated[str, Column("data")],
    by: Annotated[str | None, Column("data")] = None,
    bins: Annotated[int, Between(2, 1000)] = 40,
    title: str = "",
) -> Figure:
    """Draw how the numbers of a column are spread.

    Args:
        data: The table.
        column: The numbers.
        by: One histogram for each value of this column, over one another.
        bins: How many bars.
        title: Above the chart.
    """
    check_columns(data, column, by)
    figure = new_chart(title, column, "rows")
    axes = figure.axes[0]
    if by is None:
        axes.hist(data[column].dropna(), bins=bins, color=BLUE)
        return figure
    edges = (float(data[column].min()), float(data[column].max()))
    for label, group in data.groupby(by, observed=True):
        axes.hist(group[column].dropna(), bins=bins, range=edges, alpha=0.55, label=str(label))
    axes.legend(title=by, frameon=False)
    return figure


@component(category="Report", icon="chart-scatter-plot", tags=("chart", "plot", "correlation"))
def scatter_plot(
    data: pd.DataFrame,
    x: Annotated[str, Column("data")],
    y: Annotated[str, Column("data")],
    colour: Annotated[str | None, Column("data")] = None,
    rows: Annotated[int, Between(1, 1000000)] = 5000,
    title: str = "",
    seed: int = 0,
) -> Figure:
    """Draw a point for each row.

    Args:
        data: The table.
        x: To the right.
        y: Upwards.
        colour: A colour for each value of this column.
        rows: At most so many points, drawn at random.
        title: Above the chart.
        seed: The same seed draws the same points.
    """
    check_columns(data, x, y, colour)
    points = data.sample(n=min(rows, len(data)), random_state=seed)
    figure = new_chart(title, x, y)
    axes = figure.axes[0]
    groups = [("", points)] if colour is None else points.groupby(colour, observed=True)
    for label, group in groups:
        axes.scatter(group[x], group[y], s=12, alpha=0.6, label=str(label))
    if colour is not None:
        axes.legend(title=colour, frameon=False)
    return figure


@component(category="Report", icon="chart-line", tags=("chart", "plot", "time series"))
def line_chart(
    data: pd.DataFrame,
    x: Annotated[str, Column("data")],
    y: Annotated[list[str], Column("data")],
    title: str = "",
) -> Figure:
    """Draw one line for each column, along another.

    Args:
        data: The table; it is ordered by `x` first.
        x: To the right: a number or a date.
        y: The columns of numbers.
        title: Above the chart.
    """
    check_columns(data, x, *y)
    ordered = data.sort_values(x)
    figure = new_chart(title, x, y[0] if len(y) == 1 else "")
    axes = figure.axes[0]
    for name in y:
        axes.plot(ordered[x], ordered[name], label=name, linewidth=1.5)
    if len(y) > 1:
        axes.legend(frameon=False)
    return figure


@component(category="Report", icon="table-eye", tags=("summary", "statistics", "profile"))
def describe(data: pd.DataFrame) -> pd.DataFrame:
    """One row for each column: its type, what is missing, how many values, and for numbers their spread.

    Args:
        data: The table.
    """
    table = pd.DataFrame(
        {
            "column": [str(name) for name in data.columns],
            "type": [str(kind) for kind in data.dtypes],
            "missing": data.isna().sum().to_numpy(),
            "values": [data[name].nunique() for name in data.columns],
        }
    )
    numbers = data.select_dtypes("number").astype("float64")
    for statistic in ("mean", "std", "min", "median", "max"):
        table[statistic] = table["column"].map(getattr(numbers, statistic)())
    print(f"{len(data):,} rows, {len(data.columns)} columns, {int(table['missing'].sum()):,} values missing")
    return table


@component(category="Report", icon="file-document-outline", title="HTML report", tags=("page", "document", "share"))
def html_report(
    tables: list[pd.DataFrame] | None = None,
    figures: list[Image] | None = None,
    metrics: list[Metrics] | None = None,
    title: str = "Report",
    rows: Annotated[int, Between(1, 10000)] = 50,
) -> Html:
    """One page with metrics, charts and tables, that needs nothing else.

    Args:
        tables: Tables to show.
        figures: Charts and pictures to show.
        metrics: Metrics to show, one column each.
        title: The heading.
        rows: At most so many rows of each table.
    """
    parts = [f"<h1>{escape(title)}</h1>"]
    if metrics:
        parts.append(pd.DataFrame(metrics).T.to_html(float_format="{:.4g}".format, header=len(metrics) > 1))
    pictures = [base64.b64encode(picture).decode("ascii") for picture in figures or []]
    parts += [f'<img alt="" src="data:image/png;base64,{picture}">' for picture in pictures]
    parts += [table.head(rows).to_html(index=False) for table in tables or []]
    body = "\n".join(parts)
    return f'<!doctype html>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n<style>{STYLE}</style>\n{body}\n'
