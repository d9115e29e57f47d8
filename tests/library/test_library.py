"""Each built-in component on real, small data."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import qtawesome

from treadle.catalog.catalog import Catalog, load_catalog
from treadle.library import data, evaluate, flow, prepare, report, train


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(None)


@pytest.fixture(scope="module")
def iris() -> pd.DataFrame:
    return data.sample_data("iris")


@pytest.fixture(scope="module")
def cancer() -> prepare.TrainTest:
    return prepare.train_test_split(data.sample_data("breast_cancer"), 0.3, stratify="target")


@pytest.fixture(scope="module")
def model(cancer: prepare.TrainTest) -> object:
    return train.logistic_regression(cancer.train, "target")


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": ["Ada", "Grace", None, "Radia", "Ada"],
            "age": [36.0, 85.0, np.nan, 72.0, 36.0],
            "born": pd.to_datetime(["1815-12-10", "1906-12-09", "1918-08-26", "1951-12-18", "1815-12-10"]),
        }
    )


def drawn(figure: object) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


class TestTheLibraryAsAWhole:
    def test_everything_is_documented(self, catalog: Catalog) -> None:
        for component in catalog.components.values():
            assert component.summary.endswith(".") or ":" in component.summary, component.uses
            undescribed = [each.name for each in (*component.inputs, *component.parameters) if not each.help]
            assert undescribed == [], component.uses

    def test_icons_exist(self, catalog: Catalog) -> None:
        fonts = Path(qtawesome.__file__).parent / "fonts"
        known = json.loads(next(fonts.glob("materialdesignicons6-*.json")).read_text())
        assert [each.uses for each in catalog.components.values() if each.icon not in known] == []

    def test_categories_are_the_seven(self, catalog: Catalog) -> None:
        categories = {each.category for each in catalog.components.values()}
        assert categories == {"Data", "Prepare", "Train", "Evaluate", "Report", "Flow", "Code"}

    def test_what_is_random_has_a_seed(self, catalog: Catalog) -> None:
        for component in catalog.components.values():
            if "random_state" in catalog.slice(component.uses).text.partition(f"def {component.source.function}(")[2]:
                assert component.parameter("seed") is not None, component.uses

    def test_every_slice_stands_alone_without_treadle(self, catalog: Catalog) -> None:
        texts = [(each.source.function, catalog.slice(uses).text) for uses, each in catalog.components.items()]
        code = (
            "import json, sys\nsys.modules['treadle'] = None\n"
            "for function, text in json.load(sys.stdin):\n"
            "    names = {'__name__': function}\n    exec(compile(text, function, 'exec'), names)\n"
            "    assert callable(names[function])\n"
        )
        done = subprocess.run([sys.executable, "-I", "-c", code], input=json.dumps(texts), text=True, timeout=60)
        assert done.returncode == 0


class TestData:
    def test_csv_there_and_back(self, iris: pd.DataFrame, tmp_path: Path) -> None:
        data.write_csv(iris, tmp_path / "new" / "iris.csv", separator=";")
        back = data.read_csv(tmp_path / "new" / "iris.csv", separator=";", rows=10)
        pd.testing.assert_frame_equal(back, iris.head(10))

    def test_csv_with_dates(self, people: pd.DataFrame, tmp_path: Path) -> None:
        data.write_csv(people, tmp_path / "people.csv")
        assert data.read_csv(tmp_path / "people.csv", dates=["born"])["born"].dt.year.tolist()[0] == 1815

    def test_parquet_there_and_back(self, people: pd.DataFrame, tmp_path: Path) -> None:
        data.write_parquet(people, tmp_path / "people.parquet")
        assert data.read_parquet(tmp_path / "people.parquet", columns=["age"]).columns.tolist() == ["age"]
        assert len(data.read_parquet(tmp_path / "people.parquet")) == 5

    @pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "diabetes", "digits"])
    def test_sample_data_ends_with_its_target(self, name: str) -> None:
        assert data.sample_data(name).columns[-1] == "target"

    def test_sql_over_two_tables(self, iris: pd.DataFrame) -> None:
        names = pd.DataFrame({"target": ["setosa"], "latin": ["Iris setosa"]})
        found = data.sql_query(
            iris, names, "SELECT latin, count(*) AS n FROM data JOIN other USING (target) GROUP BY 1"
        )
        assert found.to_dict("records") == [{"latin": "Iris setosa", "n": 50}]


class TestPrepare:
    def test_select_columns(self, people: pd.DataFrame) -> None:
        assert prepare.select_columns(people, ["age"]).columns.tolist() == ["age"]
        assert prepare.select_columns(people, ["age"], mode="drop").columns.tolist() == ["name", "born"]

    def test_an_unknown_column_is_named_with_those_there_are(self, people: pd.DataFrame) -> None:
        with pytest.raises(KeyError, match="no column wrong; there are: name, age, born"):
            prepare.select_columns(people, ["wrong"])

    def test_rename_columns(self, people: pd.DataFrame) -> None:
        assert prepare.rename_columns(people, {"age": "years"}).columns.tolist() == ["name", "years", "born"]
        with pytest.raises(ValueError, match="same name"):
            prepare.rename_columns(people, {"age": "name"})

    def test_drop_missing(self, people: pd.DataFrame) -> None:
        assert len(prepare.drop_missing(people)) == 4
        assert len(prepare.drop_missing(people, ["born"])) == 5

    @pytest.mark.parametrize(
        ("strategy", "value", "age", "name"),
        [
            ("median", "", 54.0, "Ada"),
            ("mean", "", 57.25, "Ada"),
            ("most_frequent", "", 36.0, "Ada"),
            ("forward", "", 85.0, "Grace"),
            ("value", "0", 0.0, "0"),
        ],
    )
    def test_fill_missing(self, people: pd.DataFrame, strategy: str, value: str, age: float, name: str) -> None:
        filled = prepare.fill_missing(people, strategy=strategy, value=value)
        assert (filled["age"][2], filled["name"][2]) == (age, name)
        assert people["age"].isna().sum() == 1

    def test_filter_rows_takes_unknown_as_no(self, people: pd.DataFrame) -> None:
        assert prepare.filter_rows(people, "age > 40 AND name <> 'Radia'")["name"].tolist() == ["Grace"]

    def test_filter_rows_whatever_their_labels(self, people: pd.DataFrame) -> None:
        assert prepare.filter_rows(people.iloc[3:], "age > 40")["name"].tolist() == ["Radia"]

    def test_sample_rows_is_the_same_for_the_same_seed(self, iris: pd.DataFrame) -> None:
        first, second = prepare.sample_rows(iris, rows=10, seed=3), prepare.sample_rows(iris, rows=10, seed=3)
        pd.testing.assert_frame_equal(first, second)
        assert len(prepare.sample_rows(iris, fraction=0.2)) == 30
        assert len(prepare.sample_rows(iris, rows=1000)) == 150

    def test_sort(self, people: pd.DataFrame) -> None:
        assert prepare.sort(people, ["age"], descending=True)["name"][0] == "Grace"

    def test_derive_column(self, people: pd.DataFrame) -> None:
        derived = prepare.derive_column(people, "decade", "floor(age / 10)")
        assert derived["decade"].tolist()[:2] == [3, 8]
        assert "decade" not in people

    def test_encode_categories(self, people: pd.DataFrame) -> None:
        ones = prepare.encode_categories(people[["name", "age"]])
        assert ones.columns.tolist() == ["age", "name_Ada", "name_Grace", "name_Radia"]
        assert ones["name_Ada"].tolist() == [1, 0, 0, 0, 1]
        assert prepare.encode_categories(people, ["name"], "ordinal")["name"].tolist() == [0, 1, -1, 2, 0]
        assert "name_(other)" in prepare.encode_categories(people, ["name"], most=2).columns

    @pytest.mark.parametrize(("method", "spread"), [("standard", 1.0), ("min_max", None), ("robust", None)])
    def test_scale(self, iris: pd.DataFrame, method: str, spread: float | None) -> None:
        scaled = prepare.scale(iris, method=method)
        assert scaled["target"].equals(iris["target"])
        column = scaled["sepal_length"]
        if method == "min_max":
            assert (column.min(), column.max()) == (0.0, 1.0)
        else:
            assert abs(column.mean() if method == "standard" else column.median()) < 1e-9
        assert spread is None or abs(column.std(ddof=0) - spread) < 1e-9

    def test_train_test_split_keeps_shares(self, iris: pd.DataFrame) -> None:
        split = prepare.train_test_split(iris, 0.2, stratify="target")
        assert split.test["target"].value_counts().tolist() == [10, 10, 10]
        assert len(split.train) == 120

    def test_train_test_split_unshuffled_takes_the_last_rows(self, iris: pd.DataFrame) -> None:
        assert set(prepare.train_test_split(iris, 0.2, shuffle=False).test["target"]) == {"virginica"}

    def test_join(self, people: pd.DataFrame) -> None:
        fields = pd.DataFrame({"name": ["Ada", "Alan"], "field": ["engines", "machines"]})
        assert prepare.join(people, fields, ["name"])["field"].tolist() == ["engines", "engines"]
        assert len(prepare.join(people, fields, ["name"], "outer")) == 6

    def test_concatenate(self, people: pd.DataFrame) -> None:
        joined = prepare.concatenate([people, people.head(1)], source="from")
        assert joined["from"].tolist() == [1, 1, 1, 1, 1, 2]

    def test_group_aggregate(self, iris: pd.DataFrame) -> None:
        groups = prepare.group_aggregate(iris, ["target"], ["petal_length"], "max")
        assert groups.to_dict("list") == {
            "target": ["setosa", "versicolor", "virginica"],
            "rows": [50, 50, 50],
            "petal_length_max": [1.9, 5.1, 6.9],
        }

    def test_datetime_features(self, people: pd.DataFrame) -> None:
        parts = prepare.datetime_features(people, "born", ["year", "weekday"])
        assert parts.columns.tolist() == ["name", "age", "born_year", "born_weekday"]
        assert parts["born_year"][1] == 1906

    def test_remove_duplicates(self, people: pd.DataFrame) -> None:
        assert len(prepare.remove_duplicates(people)) == 4
        assert prepare.remove_duplicates(people, ["name"], "last").index.size == 4


CLASSIFIERS = ["logistic_regression", "random_forest", "gradient_boosting", "k_nearest", "decision_tree"]
QUICK = {"gradient_boosting": {"rounds": 20, "leaves": 8}, "random_forest": {"trees": 30}}
REGRESSORS = ["linear_regression", "random_forest", "gradient_boosting", "k_nearest", "decision_tree"]


class TestTrain:
    @pytest.mark.parametrize("name", CLASSIFIERS)
    def test_classifiers_learn(self, cancer: prepare.TrainTest, name: str) -> None:
        model = getattr(train, name)(cancer.train, "target", **QUICK.get(name, {}))
        assert evaluate.classification_metrics(model, cancer.test)["accuracy"] > 0.88
        assert model.target_ == "target"
        assert "target" not in model.feature_names_in_

    @pytest.mark.parametrize("name", REGRESSORS)
    def test_regressors_learn(self, name: str) -> None:
        split = prepare.train_test_split(data.sample_data("diabetes"), 0.3, seed=1)
        model = getattr(train, name)(split.train, "target", **QUICK.get(name, {}))
        assert evaluate.regression_metrics(model, split.test)["r2"] > 0.05

    @pytest.mark.parametrize("name", CLASSIFIERS)
    def test_texts_gaps_and_new_values_are_taken_as_they_are(self, name: str, tmp_path: Path) -> None:
        rows = pd.DataFrame(
            {
                "colour": ["red", "blue", None, "red", "blue", "red"] * 10,
                "size": [1.0, 2.0, np.nan, 1.5, 2.5, 1.0] * 10,
                "ok": [True, False] * 30,
                "day": pd.date_range("2020-01-01", periods=60),
                "kind": ["a", "b", "b", "a", "b", "a"] * 10,
            }
        )
        model = getattr(train, name)(rows, "kind", **QUICK.get(name, {}))
        assert model.feature_names_in_.tolist() == ["colour", "size", "ok"]
        joblib.dump(model, tmp_path / "model")
        new = rows.head(3).assign(colour=["green", "red", None])
        assert set(evaluate.predict(joblib.load(tmp_path / "model"), new)["prediction"]) <= {"a", "b"}

    def test_the_task_follows_the_target(self) -> None:
        assert train.learned_task(pd.Series(["a", "b"]), "auto") == "classification"
        assert train.learned_task(pd.Series([True, False]), "auto") == "classification"
        assert train.learned_task(pd.Series([0, 1, 2]), "auto") == "classification"
        assert train.learned_task(pd.Series([0.5, 1.0]), "auto") == "regression"
        assert train.learned_task(pd.Series(range(100)), "auto") == "regression"
        assert train.learned_task(pd.Series([0, 1]), "regression") == "regression"

    def test_linear_regression_can_be_smoothed(self) -> None:
        table = data.sample_data("diabetes")
        weights = [np.abs(train.linear_regression(table, "target", smoothing=s)[-1].coef_).sum() for s in (0, 1000)]
        assert weights[1] < weights[0]

    def test_rare_classes_can_count_the_same(self, cancer: prepare.TrainTest) -> None:
        for name in ("logistic_regression", "random_forest", "gradient_boosting"):
            model = getattr(train, name)(cancer.train, "target", balanced=True, **QUICK.get(name, {}))
            assert model[-1].class_weight == "balanced"

    def test_k_means_finds_groups(self, iris: pd.DataFrame) -> None:
        model = train.k_means(iris.drop(columns="target"), clusters=3)
        groups = evaluate.predict(model, iris, column="group").groupby("target")["group"].agg(lambda g: g.mode()[0])
        assert groups.nunique() >= 2

    def test_nothing_to_learn_from_is_said(self, people: pd.DataFrame) -> None:
        with pytest.raises(ValueError, match="nothing to learn from"):
            train.decision_tree(people[["age"]], "age")


class TestEvaluate:
    def test_predict_adds_probabilities(self, model: object, cancer: prepare.TrainTest) -> None:
        table = evaluate.predict(model, cancer.test, probabilities=True)
        shares = table[["prediction_benign", "prediction_malignant"]].sum(axis=1)
        assert np.allclose(shares, 1)

    def test_predict_names_what_is_missing(self, model: object, people: pd.DataFrame) -> None:
        with pytest.raises(KeyError, match="the model needs the columns mean_radius"):
            evaluate.predict(model, people)

    def test_classification_metrics_of_two_and_of_three_classes(
        self, model: object, cancer: prepare.TrainTest, iris: pd.DataFrame
    ) -> None:
        two = evaluate.classification_metrics(model, cancer.test)
        assert set(two) >= {"accuracy", "precision", "recall", "f1", "roc_auc", "average_precision"}
        three = evaluate.classification_metrics(train.decision_tree(iris, "target"), iris)
        assert three["f1"] > 0.9
        assert "roc_auc" not in three

    def test_charts_are_drawn(self, model: object, cancer: prepare.TrainTest) -> None:
        for figure in (
            evaluate.confusion_matrix(model, cancer.test),
            evaluate.confusion_matrix(model, cancer.test, shares=True),
            evaluate.roc_curve(model, cancer.test),
        ):
            assert drawn(figure).startswith(b"\x89PNG")

    def test_roc_curve_of_three_classes_is_refused(self, iris: pd.DataFrame) -> None:
        with pytest.raises(ValueError, match="two classes"):
            evaluate.roc_curve(train.decision_tree(iris, "target"), iris)

    def test_feature_importance_puts_what_matters_first(self) -> None:
        rows = pd.DataFrame({"signal": range(200), "noise": [7, 3] * 100, "y": [x >= 100 for x in range(200)]})
        found = evaluate.feature_importance(train.decision_tree(rows, "y"), rows)
        assert found.table["feature"][0] == "signal"
        assert drawn(found.chart)

    def test_cross_validate(self, model: object, cancer: prepare.TrainTest) -> None:
        found = evaluate.cross_validate(model, cancer.train, folds=3)
        assert found.metrics["score_mean"] > 0.9
        assert len(found.folds) == 3

    def test_compare_metrics(self) -> None:
        found = evaluate.compare_metrics([{"f1": 0.5, "auc": 0.6}, {"f1": 0.7}], names=["old"], order_by="f1")
        assert found.table["model"].tolist() == ["model 2", "old"]
        assert drawn(found.chart)

    def test_a_model_that_does_not_say_its_target_needs_one(self, iris: pd.DataFrame) -> None:
        model = train.decision_tree(iris, "target")
        del model.target_
        with pytest.raises(ValueError, match="set `target`"):
            evaluate.classification_metrics(model, iris)
        assert evaluate.classification_metrics(model, iris, target="target")["accuracy"] > 0.9


class TestReport:
    def test_charts_are_drawn(self, iris: pd.DataFrame, people: pd.DataFrame) -> None:
        figures = [
            report.bar_chart(iris, "target"),
            report.bar_chart(iris, "target", "petal_width", "max", title="Widths"),
            report.histogram(iris, "petal_width"),
            report.histogram(iris, "petal_width", by="target"),
            report.scatter_plot(iris, "petal_width", "petal_length", rows=50),
            report.scatter_plot(iris, "petal_width", "petal_length", colour="target"),
            report.line_chart(people, "born", ["age"]),
            report.line_chart(iris, "petal_width", ["petal_length", "sepal_length"]),
        ]
        assert all(drawn(figure).startswith(b"\x89PNG") for figure in figures)

    def test_bars_are_the_longest_ones(self, iris: pd.DataFrame) -> None:
        axes = report.bar_chart(iris, "target", "petal_width", most=1).axes[0]
        assert [label.get_text() for label in axes.get_xticklabels()] == ["virginica"]

    def test_describe(self, people: pd.DataFrame) -> None:
        table = report.describe(people).set_index("column")
        assert table.loc["age", ["missing", "values", "mean"]].tolist() == [1, 3, 57.25]
        assert np.isnan(table.loc["name", "mean"])

    def test_html_report_shows_everything_and_escapes(self, people: pd.DataFrame, iris: pd.DataFrame) -> None:
        picture = drawn(report.histogram(iris, "petal_width"))
        table = people.assign(name="<script>")
        page = report.html_report([table], [picture], [{"f1": 0.5}], title="<b>")
        assert "&lt;script&gt;" in page
        assert "<script>" not in page
        assert "<b>" not in page
        assert "data:image/png;base64," in page
        assert "0.5" in page

    def test_html_report_of_nothing(self) -> None:
        assert "<h1>Report</h1>" in report.html_report()


class TestFlow:
    def test_if_takes_one_way(self) -> None:
        assert flow.branch("x", True) == ("x", None)
        assert flow.branch("x", False) == (None, "x")

    @pytest.mark.parametrize(
        ("value", "taken"), [("red", "first"), ("blue", "third"), ("green", "otherwise"), ("", "otherwise")]
    )
    def test_a_switch_takes_the_way_of_its_value(self, value: str, taken: str) -> None:
        ways = flow.switch("x", value, first="red", third="blue")
        assert {name: way for name, way in ways._asdict().items() if way is not None} == {taken: "x"}

    def test_a_gate_is_open_or_shut(self) -> None:
        assert flow.only_if("x", True) == ("x",)
        assert flow.only_if("x", False) == (None,)

    def test_a_merge_gives_the_first_that_came(self, catalog: Catalog) -> None:
        assert flow.merge(["second", "third"]) == ("second",)
        merge = catalog.get("flow.merge")
        assert merge is not None
        assert merge.trigger == "none_failed_min_one_success"

    def test_ways_are_outputs_that_may_stay_away(self, catalog: Catalog) -> None:
        ways = {uses: [port.optional for port in catalog.components[f"flow.{uses}"].outputs] for uses in
                ("branch", "switch", "only_if", "merge")}  # fmt: skip
        assert ways == {"branch": [True] * 2, "switch": [True] * 5, "only_if": [True], "merge": [False]}
