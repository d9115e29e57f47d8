"""How good a model is, on rows that it has not seen."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from sklearn import inspection, metrics, model_selection
from sklearn.base import clone

from treadle import Between, Column, Metrics, Model, component

# Told apart by the colour-blind too (Okabe and Ito).
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"]


class CrossValidation(NamedTuple):
    metrics: Metrics
    folds: pd.DataFrame


class Comparison(NamedTuple):
    table: pd.DataFrame
    chart: Figure


class Importance(NamedTuple):
    table: pd.DataFrame
    chart: Figure


def features_of(model: Model, data: pd.DataFrame) -> pd.DataFrame:
    """The columns that the model learned from."""
    names = list(getattr(model, "feature_names_in_", data.columns))
    missing = [name for name in names if name not in data.columns]
    if missing:
        raise KeyError(f"the model needs the columns {', '.join(missing)}")
    return data[names]


def known_rows(model: Model, data: pd.DataFrame, target: str | None) -> tuple[pd.DataFrame, pd.Series]:
    """Features and truth of the rows whose target is known."""
    name = target or getattr(model, "target_", None)
    if name is None:
        raise ValueError("the model does not say what it predicts: set `target`")
    if name not in data.columns:
        raise KeyError(f"no column {name}; there are: {', '.join(map(str, data.columns))}")
    known = data[data[name].notna()]
    return features_of(model, known), known[name]


def two_classes(model: Model) -> list:
    classes = list(getattr(model, "classes_", []))
    if len(classes) != 2 or not hasattr(model, "predict_proba"):
        raise ValueError(f"this needs a model of two classes that gives probabilities; it has {len(classes)}")
    return classes


def new_figure(width: float = 6.4, height: float = 4.8) -> Figure:
    return Figure(figsize=(width, height), layout="constrained")


@component(category="Evaluate", icon="crystal-ball", tags=("score", "apply", "inference"))
def predict(model: Model, data: pd.DataFrame, column: str = "prediction", probabilities: bool = False) -> pd.DataFrame:
    """Add a model's predictions to a table.

    Args:
        model: The model.
        data: The rows to predict.
        column: The name of the new column.
        probabilities: Add a column with the probability of each class too.
    """
    features = features_of(model, data)
    result = data.assign(**{column: model.predict(features)})
    if probabilities and hasattr(model, "predict_proba"):
        shares = model.predict_proba(features)
        names = {f"{column}_{label}": shares[:, position] for position, label in enumerate(model.classes_)}
        result = result.assign(**names)
    print(f"predicted {len(result):,} rows")
    return result


@component(category="Evaluate", icon="check-decagram-outline", tags=("accuracy", "precision", "recall", "F1", "AUC"))
def classification_metrics(
    model: Model, test: pd.DataFrame, target: Annotated[str | None, Column("test")] = None
) -> Metrics:
    """Measure a classifier: accuracy, precision, recall, F1 and, for two classes, ROC AUC and average precision.

    Precision, recall and F1 are of the second class where there are two, else the mean over classes.

    Args:
        model: The classifier.
        test: Rows it has not seen.
        target: The true class; empty takes the one the model learned.
    """
    features, truth = known_rows(model, test, target)
    guess = model.predict(features)
    classes = list(model.classes_)
    binary = len(classes) == 2
    options = {"average": "binary", "pos_label": classes[1]} if binary else {"average": "macro"}
    found = {
        "accuracy": metrics.accuracy_score(truth, guess),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, guess),
        "precision": metrics.precision_score(truth, guess, zero_division=0, **options),
        "recall": metrics.recall_score(truth, guess, zero_division=0, **options),
        "f1": metrics.f1_score(truth, guess, zero_division=0, **options),
    }
    if binary and hasattr(model, "predict_proba"):
        score = model.predict_proba(features)[:, 1]
        found["roc_auc"] = metrics.roc_auc_score(truth == classes[1], score)
        found["average_precision"] = metrics.average_precision_score(truth == classes[1], score)
    result = {name: float(value) for name, value in found.items()}
    print(f"{len(truth):,} rows: " + ", ".join(f"{name} {value:.3f}" for name, value in result.items()))
    return result


@component(category="Evaluate", icon="ruler", tags=("RMSE", "MAE", "R2", "error"))
def regression_metrics(
    model: Model, test: pd.DataFrame, target: Annotated[str | None, Column("test")] = None
) -> Metrics:
    """Measure a model that predicts numbers: R², mean absolute error, root mean squared error.

    Args:
        model: The model.
        test: Rows it has not seen.
        target: The true number; empty takes the one the model learned.
    """
    features, truth = known_rows(model, test, target)
    guess = model.predict(features)
    result = {
        "r2": float(metrics.r2_score(truth, guess)),
        "mae": float(metrics.mean_absolute_error(truth, guess)),
        "rmse": float(metrics.root_mean_squared_error(truth, guess)),
        "median_error": float(metrics.median_absolute_error(truth, guess)),
    }
    print(f"{len(truth):,} rows: " + ", ".join(f"{name} {value:.4g}" for name, value in result.items()))
    return result


@component(category="Evaluate", icon="grid", tags=("classification", "errors", "heat map"))
def confusion_matrix(
    model: Model,
    test: pd.DataFrame,
    target: Annotated[str | None, Column("test")] = None,
    shares: bool = False,
) -> Figure:
    """Draw how often each class was taken for which.

    Args:
        model: The classifier.
        test: Rows it has not seen.
        target: The true class; empty takes the one the model learned.
        shares: Show shares of each true class instead of counts.
    """
    features, truth = known_rows(model, test, target)
    figure = new_figure()
    metrics.ConfusionMatrixDisplay.from_predictions(
        truth,
        model.predict(features),
        normalize="true" if shares else None,
        values_format=".2f" if shares else ",",
        cmap="Blues",
        ax=figure.subplots(),
    )
    return figure


@component(category="Evaluate", icon="chart-areaspline", title="ROC curve", tags=("AUC", "threshold", "classification"))
def roc_curve(model: Model, test: pd.DataFrame, target: Annotated[str | None, Column("test")] = None) -> Figure:
    """Draw what each threshold of a two-class model finds against what it gets wrong.

    Args:
        model: The classifier; it gives probabilities.
        test: Rows it has not seen.
        target: The true class; empty takes the one the model learned.
    """
    features, truth = known_rows(model, test, target)
    positive = two_classes(model)[1]
    figure = new_figure()
    metrics.RocCurveDisplay.from_predictions(
        truth == positive, model.predict_proba(features)[:, 1], ax=figure.subplots(), plot_chance_level=True
    )
    return figure


@component(category="Evaluate", icon="podium", tags=("explain", "permutation", "features"))
def feature_importance(
    model: Model,
    test: pd.DataFrame,
    target: Annotated[str | None, Column("test")] = None,
    repeats: Annotated[int, Between(1, 100)] = 5,
    rows: Annotated[int, Between(10, 10000000)] = 5000,
    seed: int = 0,
) -> Importance:
    """Measure how much worse a model gets when one column is shuffled.

    Args:
        model: The model.
        test: Rows it has not seen.
        target: The truth; empty takes the column the model learned.
        repeats: Shuffle each column so many times.
        rows: Use at most so many rows, drawn at random.
        seed: The same seed gives the same result.
    """
    sample = test.sample(n=min(rows, len(test)), random_state=seed)
    features, truth = known_rows(model, sample, target)
    found = inspection.permutation_importance(model, features, truth, n_repeats=repeats, random_state=seed)
    table = pd.DataFrame(
        {"feature": list(features.columns), "importance": found.importances_mean, "deviation": found.importances_std}
    ).sort_values("importance", ascending=False, ignore_index=True)
    top = table.head(20).iloc[::-1]
    figure = new_figure(height=1 + 0.3 * len(top))
    axes = figure.subplots()
    axes.barh(top["feature"], top["importance"], xerr=top["deviation"], color="#568BD8")
    axes.set_xlabel("loss of score when shuffled")
    print(f"most important: {', '.join(table['feature'].head(3))}")
    return Importance(table, figure)


@component(category="Evaluate", icon="rotate-3d-variant", tags=("k-fold", "validation"))
def cross_validate(
    model: Model,
    data: pd.DataFrame,
    target: Annotated[str | None, Column("data")] = None,
    folds: Annotated[int, Between(2, 100)] = 5,
    scoring: str = "",
    seed: int = 0,
) -> CrossValidation:
    """Learn and test anew on several parts of a table, to see how steady the result is.

    Args:
        model: A model like it is learned each time; it stays as it is.
        data: All rows.
        target: The truth; empty takes the column the model learned.
        folds: How many parts.
        scoring: What to measure, in scikit-learn's words (`f1_macro`); empty is accuracy or R².
        seed: The same seed makes the same parts.
    """
    features, truth = known_rows(model, data, target)
    kind = model_selection.StratifiedKFold if hasattr(model, "classes_") else model_selection.KFold
    parts = kind(n_splits=folds, shuffle=True, random_state=seed)
    found = model_selection.cross_validate(clone(model), features, truth, cv=parts, scoring=scoring or None)
    table = pd.DataFrame(
        {"fold": np.arange(1, folds + 1), "score": found["test_score"], "fit_seconds": found["fit_time"]}
    )
    mean, deviation = float(table["score"].mean()), float(table["score"].std())
    print(f"score {mean:.4f} ± {deviation:.4f} over {folds} folds")
    return CrossValidation({"score_mean": mean, "score_std": deviation}, table)


@component(category="Evaluate", icon="scale-balance", tags=("models", "leaderboard", "chart"))
def compare_metrics(metrics: list[Metrics], names: list[str] = [], order_by: str = "") -> Comparison:  # noqa: B006
    """Put the metrics of several models side by side, as a table and as a chart.

    Args:
        metrics: One set of metrics for each model.
        names: What the models are called, in the same order; none numbers them.
        order_by: Put the model with the largest value of this metric first; empty keeps the order.
    """
    labels = [names[position] if position < len(names) else f"model {position + 1}" for position in range(len(metrics))]
    table = pd.DataFrame(metrics, index=pd.Index(labels, name="model"))
    if order_by:
        table = table.sort_values(order_by, ascending=False)
    figure = new_figure(width=max(6.4, 1.1 * len(table.columns)))
    axes = figure.subplots()
    table.T.plot.bar(ax=axes, width=0.8, color=COLOURS[: len(table)] if len(table) <= len(COLOURS) else None)
    axes.set_xticklabels([str(name).replace("_", " ") for name in table.columns], rotation=30, ha="right")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(y=0.15)
    for bars in axes.containers:
        axes.bar_label(bars, fmt="%.2f", fontsize=7, padding=2)
    axes.legend(loc="best", frameon=False)
    print(table.round(4).to_string())
    return Comparison(table.reset_index(), figure)
