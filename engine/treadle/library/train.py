"""Models learned from a table.

Each is one scikit-learn Pipeline: columns prepared as the model needs them, then the model. It knows the names of its
features (`feature_names_in_`) and of what it predicts (`target_`), and takes the table as it is, texts included.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pandas as pd
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from treadle import Between, Column, Model, component

FEW_VALUES = 20


def is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def feature_names(data: pd.DataFrame, target: str | None, features: list[str]) -> list[str]:
    """The columns to learn from; dates are left out, since no model here takes them."""
    missing = [name for name in [*features, *([target] if target else [])] if name not in data.columns]
    if missing:
        raise KeyError(f"no column {', '.join(missing)}; there are: {', '.join(map(str, data.columns))}")
    names = [name for name in features or data.columns if name != target]
    dates = [name for name in names if pd.api.types.is_datetime64_any_dtype(data[name])]
    if dates:
        print(f"left out, being dates: {', '.join(dates)} (Datetime features makes numbers of them)")
    return [name for name in names if name not in dates]


def learned_task(column: pd.Series, task: str) -> str:
    """Classification for texts, yes and no, and few whole numbers; regression for other numbers."""
    if task != "auto":
        return task
    whole = is_number(column) and bool((column.dropna() % 1 == 0).all())
    few = whole and column.nunique() <= FEW_VALUES
    return "classification" if few or not is_number(column) else "regression"


def prepared(data: pd.DataFrame, one_hot: bool) -> ColumnTransformer:
    """Numbers filled and, for models that measure distances, scaled; texts as columns of 0 and 1 or as numbers."""
    numbers = [name for name in data.columns if is_number(data[name])]
    texts = [name for name in data.columns if name not in numbers]
    fill = SimpleImputer(strategy="median", keep_empty_features=True)
    if one_hot:
        encode = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=100)
        steps = [("numbers", make_pipeline(fill, StandardScaler()), numbers), ("texts", encode, texts)]
    else:
        order = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-1)
        steps = [("numbers", fill, numbers), ("texts", order, texts)]
    return ColumnTransformer([step for step in steps if step[2]], verbose_feature_names_out=False)


def class_weights(classifies: bool, balanced: bool) -> dict[str, str]:
    """The argument that a classifier takes and a regressor does not."""
    return {"class_weight": "balanced"} if classifies and balanced else {}


def fitted(train: pd.DataFrame, target: str, features: list[str], estimator: Any, *, one_hot: bool) -> Pipeline:
    """The pipeline, learned from the rows whose target is known."""
    names = feature_names(train, target, features)
    known = train[train[target].notna()]
    if known.empty or not names:
        raise ValueError(f"nothing to learn from: {len(known)} rows know {target}, {len(names)} columns are features")
    pipeline = Pipeline([("prepare", prepared(known[names], one_hot)), ("model", estimator)])
    pipeline.fit(known[names], known[target])
    pipeline.target_ = target
    print(f"{type(estimator).__name__} learned {target} from {len(known):,} rows and {len(names)} columns")
    return pipeline


@component(category="Train", icon="chart-bell-curve-cumulative", tags=("classification", "linear", "logit"))
def logistic_regression(
    train: pd.DataFrame,
    target: Annotated[str, Column("train")],
    features: Annotated[list[str], Column("train")] = [],  # noqa: B006
    strength: Annotated[float, Between(0.0001, 10000)] = 1.0,
    balanced: bool = False,
    iterations: Annotated[int, Between(10, 100000)] = 500,
) -> Model:
    """Classify with a linear model.

    Args:
        train: The rows to learn from.
        target: The column to predict.
        features: Learn from these columns; none takes all others.
        strength: How closely to follow the data: less is smoother (C in scikit-learn).
        balanced: Let each class count the same, however rare.
        iterations: Stop after so many steps.
    """
    weights = "balanced" if balanced else None
    estimator = LogisticRegression(C=strength, class_weight=weights, max_iter=iterations)
    return fitted(train, target, features, estimator, one_hot=True)


@component(category="Train", icon="chart-line-variant", tags=("regression", "ridge", "least squares"))
def linear_regression(
    train: pd.DataFrame,
    target: Annotated[str, Column("train")],
    features: Annotated[list[str], Column("train")] = [],  # noqa: B006
    smoothing: Annotated[float, Between(0, 1000000)] = 0.0,
) -> Model:
    """Predict a number with a linear model.

    Args:
        train: The rows to learn from.
        target: The column to predict.
        features: Learn from these columns; none takes all others.
        smoothing: Keep the weights small (ridge regression); 0 is ordinary least squares.
    """
    estimator = Ridge(alpha=smoothing) if smoothing else LinearRegression()
    return fitted(train, target, features, estimator, one_hot=True)


@component(category="Train", icon="forest", tags=("classification", "regression", "ensemble", "bagging"))
def random_forest(
    train: pd.DataFrame,
    target: Annotated[str, Column("train")],
    features: Annotated[list[str], Column("train")] = [],  # noqa: B006
    task: Literal["auto", "classification", "regression"] = "auto",
    trees: Annotated[int, Between(1, 5000)] = 100,
    depth: Annotated[int | None, Between(1, 100)] = None,
    leaf_rows: Annotated[int, Between(1, 100000)] = 1,
    balanced: bool = False,
    processes: Annotated[int, Between(1, 256)] = 1,
    seed: int = 0,
) -> Model:
    """Predict with many decision trees that vote.

    Args:
        train: The rows to learn from.
        target: The column to predict.
        features: Learn from these columns; none takes all others.
        task: What to predict; `auto` decides by the target: texts and few whole numbers are classes.
        trees: How many trees.
        depth: At most so many questions a tree; empty sets no limit.
        leaf_rows: At least so many rows an answer; more is smoother and smaller.
        balanced: Let each class count the same, however rare.
        processes: CPU cores to use.
        seed: The same seed gives the same model.
    """
    classifies = learned_task(train[target], task) == "classification"
    forest = RandomForestClassifier if classifies else RandomForestRegressor
    estimator = forest(
        n_estimators=trees,
        max_depth=depth,
        min_samples_leaf=leaf_rows,
        n_jobs=processes,
        random_state=seed,
        **class_weights(classifies, balanced),
    )
    return fitted(train, target, features, estimator, one_hot=False)


@component(category="Train", icon="rocket-launch-outline", tags=("classification", "regression", "boosting", "GBM"))
def gradient_boosting(
    train: pd.DataFrame,
    target: Annotated[str, Column("train")],
    features: Annotated[list[str], Column("train")] = [],  # noqa: B006
    task: Literal["auto", "classification", "regression"] = "auto",
    rounds: Annotated[int, Between(1, 10000)] = 100,
    rate: Annotated[float, Between(0.001, 1)] = 0.1,
    leaves: Annotated[int, Between(2, 1000)] = 31,
    balanced: bool = False,
    seed: int = 0,
) -> Model:
    """Predict with decision trees, each of which corrects those before. Quick on large tables.

    Args:
        train: The rows to learn from.
        target: The column to predict.
        features: Learn from these columns; none takes all others.
        task: What to predict; `auto` decides by the target: texts and few whole numbers are classes.
        rounds: How many trees.
        rate: How much each tree may correct; less needs more rounds.
        leaves: At most so many answers a tree.
        balanced: Let each class count the same, however rare.
        seed: The same seed gives the same model.
    """
    classifies = learned_task(train[target], task) == "classification"
    boosting = HistGradientBoostingClassifier if classifies else HistGradientBoostingRegressor
    weights = class_weights(classifies, balanced)
    estimator = boosting(max_iter=rounds, learning_rate=rate, max_leaf_nodes=leaves, random_state=seed, **weights)
    return fitted(train, target, features, estimator, one_hot=False)


@component(category="Train", icon="scatter-plot-outline", title="K nearest neighbours", tags=("KNN", "distance"))
def k_nearest(
    train: pd.DataFrame,
    target: Annotated[str, Column("train")],
    features: Annotated[list[str], Column("train")] = [],  # noqa: B006
    task: Literal["auto", "classification", "regression"] = "auto",
    neighbours: Annotated[int, Between(1, 1000)] = 5,
    weights: Literal["uniform", "distance"] = "uniform",
) -> Model:
    """Predict from the most similar rows.

    Args:
        train: The rows to learn from.
        target: The column to predict.
        features: Learn from these columns; none takes all others.
        task: What to predict; `auto` decides by the target: texts and few whole numbers are classes.
        neighbours: How many rows to ask.
        weights: Whether each counts the same, or the nearer more.
    """
    nearest = KNeighborsClassifier if learned_task(train[target], task) == "classification" else KNeighborsRegressor
    return fitted(train, target, features, nearest(n_neighbors=neighbours, weights=weights), one_hot=True)


@component(category="Train", icon="file-tree-outline", tags=("classification", "regression", "CART", "explainable"))
def decision_tree(
    train: pd.DataFrame,
    target: Annotated[str, Column("train")],
    features: Annotated[list[str], Column("train")] = [],  # noqa: B006
    task: Literal["auto", "classification", "regression"] = "auto",
    depth: Annotated[int | None, Between(1, 100)] = 5,
    leaf_rows: Annotated[int, Between(1, 100000)] = 5,
    seed: int = 0,
) -> Model:
    """Predict by a tree of questions that a person can follow.

    Args:
        train: The rows to learn from.
        target: The column to predict.
        features: Learn from these columns; none takes all others.
        task: What to predict; `auto` decides by the target: texts and few whole numbers are classes.
        depth: At most so many questions; empty sets no limit.
        leaf_rows: At least so many rows an answer.
        seed: The same seed gives the same model.
    """
    tree = DecisionTreeClassifier if learned_task(train[target], task) == "classification" else DecisionTreeRegressor
    estimator = tree(max_depth=depth, min_samples_leaf=leaf_rows, random_state=seed)
    return fitted(train, target, features, estimator, one_hot=False)


@component(category="Train", icon="chart-bubble", title="K-means", tags=("clustering", "segments", "unsupervised"))
def k_means(
    train: pd.DataFrame,
    clusters: Annotated[int, Between(2, 1000)] = 3,
    features: Annotated[list[str], Column("train")] = [],  # noqa: B006
    seed: int = 0,
) -> Model:
    """Find groups of similar rows. Predict gives each row the number of its group.

    Args:
        train: The rows to learn from.
        clusters: How many groups.
        features: Learn from these columns; none takes all.
        seed: The same seed gives the same groups.
    """
    names = feature_names(train, None, features)
    estimator = KMeans(n_clusters=clusters, n_init=10, random_state=seed)
    pipeline = Pipeline([("prepare", prepared(train[names], one_hot=True)), ("model", estimator)]).fit(train[names])
    print(f"{clusters} groups in {len(train):,} rows, inertia {estimator.inertia_:,.1f}")
    return pipeline
