"""How an exported DAG keeps its artifacts: one file each, passed between tasks as a path.

This module's functions are copied into the DAG, so each is self-contained: what it needs it imports inside.

| value                        | file                        |
| ---------------------------- | --------------------------- |
| pandas, polars, pyarrow table | `.parquet`                 |
| numpy array                  | `.npy`                      |
| matplotlib figure, PNG bytes | `.png`                      |
| text                         | `.txt`                      |
| a path                       | the path itself             |
| what JSON can say            | `.json`                     |
| anything else (a model)      | `.joblib`                   |
"""

from typing import Any

__all__ = ["read_artifact", "write_artifact"]


def write_artifact(value: Any, folder: Any, port: str) -> str:
    """Writes `value` below `folder` under the port's name and returns its path."""
    import json
    from pathlib import Path

    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    kind = type(value).__module__.split(".")[0]
    if isinstance(value, Path):
        return str(value.absolute())
    if isinstance(value, bytes):
        path = target / f"{port}.png"
        path.write_bytes(value)
    elif isinstance(value, str):
        path = target / f"{port}.txt"
        path.write_text(value, encoding="utf-8")
    elif kind == "pandas" and hasattr(value, "to_parquet"):
        path = target / f"{port}.parquet"
        value.to_parquet(path)
    elif kind == "polars":
        path = target / f"{port}.parquet"
        value.write_parquet(path)
    elif kind == "pyarrow":
        import pyarrow.parquet

        path = target / f"{port}.parquet"
        pyarrow.parquet.write_table(value, path)
    elif kind == "numpy" and hasattr(value, "ndim") and value.ndim:
        import numpy

        path = target / f"{port}.npy"
        numpy.save(path, value, allow_pickle=False)
    elif hasattr(value, "savefig"):
        path = target / f"{port}.png"
        value.savefig(path)
    else:
        try:
            text = json.dumps(value, default=lambda number: number.item())
        except (TypeError, ValueError, AttributeError):
            import joblib

            path = target / f"{port}.joblib"
            joblib.dump(value, path)
        else:
            path = target / f"{port}.json"
            path.write_text(text, encoding="utf-8")
    return str(path)


def read_artifact(path: Any, kind: str = "") -> Any:
    """Reads what `write_artifact` wrote; `kind` is how a table is wanted: pandas, polars or pyarrow."""
    import json
    from pathlib import Path

    if isinstance(path, list | tuple):
        return [read_artifact(item, kind) for item in path]
    source = Path(path)
    if source.suffix == ".parquet" and kind == "polars":
        import polars

        return polars.read_parquet(source)
    if source.suffix == ".parquet" and kind == "pyarrow":
        import pyarrow.parquet

        return pyarrow.parquet.read_table(source)
    if source.suffix == ".parquet":
        import pandas

        return pandas.read_parquet(source)
    if source.suffix == ".npy":
        import numpy

        return numpy.load(source, allow_pickle=False)
    if source.suffix == ".png":
        return source.read_bytes()
    if source.suffix == ".txt":
        return source.read_text(encoding="utf-8")
    if source.suffix == ".json":
        return json.loads(source.read_text(encoding="utf-8"))
    if source.suffix == ".joblib":
        import joblib

        return joblib.load(source)
    return source
