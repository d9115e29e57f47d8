"""How an exported script runs a program: its inputs written as files, what it wrote read back.

This module's functions are copied into the script, so each imports what it needs inside.
"""

from typing import Any

__all__ = ["run_program"]


def run_program(
    command: list[Any],
    folder: Any,
    cwd: Any,
    inputs: dict[str, tuple[Any, str]],
    outputs: dict[str, tuple[str, str]],
    variables: dict[str, Any],
) -> dict[str, Any]:
    """The program's outputs by port. A pair in `command` is a port's path; `inputs` are values with their forms,
    `outputs` types with theirs. Raises CalledProcessError where it fails."""
    import json
    import os
    import subprocess
    from pathlib import Path

    where = Path(folder).absolute()
    paths = {("in", port): _write_input(value, form, where / "inputs", port) for port, (value, form) in inputs.items()}
    for port, (_, form) in outputs.items():
        paths["out", port] = where / "outputs" / (f"{port}.{form}" if form else port)
        paths["out", port].parent.mkdir(parents=True, exist_ok=True)
        paths["out", port].unlink(missing_ok=True)
    given = {**{port: path for (_, port), path in paths.items()}, **variables}
    said = {key: value if isinstance(value, str) else json.dumps(value, default=str) for key, value in given.items()}
    said.update({port: str(path) for (_, port), path in paths.items()})
    words = [paths[word] if isinstance(word, tuple) else word for word in command]
    texts = [str(word) if isinstance(word, str | Path) else json.dumps(word) for word in words]
    own = {**os.environ, "PYTHONUNBUFFERED": "1", **_unheard(where), **said}
    subprocess.run(texts, cwd=cwd, env=own, check=True)
    return {port: _read_output(paths["out", port], kind, form) for port, (kind, form) in outputs.items()}


def _unheard(folder: Any) -> dict[str, str]:
    """By what a program that imports `treadle.report` runs where there is no Treadle: its functions say nothing."""
    import importlib.util
    import os

    if importlib.util.find_spec("treadle") is not None:
        return {}
    package = folder / "reports" / "treadle"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text("")
    names = ("artifact", "checkpoint", "last_checkpoint", "log", "metric", "progress")
    (package / "report.py").write_text("".join(f"def {name}(*said, **more): pass\n" for name in names))
    return {"PYTHONPATH": os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(package.parent)]))}


def _write_input(value: Any, form: str, folder: Any, port: str) -> Any:
    import json
    from pathlib import Path

    if isinstance(value, Path):
        return value.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    is_table = hasattr(value, "to_csv")
    path = folder / f"{port}.{form or ('csv' if is_table else 'txt' if isinstance(value, str) else 'json')}"
    if is_table and path.suffix == ".parquet":
        value.to_parquet(path)
    elif is_table and path.suffix == ".jsonl":
        value.to_json(path, orient="records", lines=True, date_format="iso")
    elif is_table:
        value.to_csv(path, sep="\t" if path.suffix == ".tsv" else ",", index=False)
    else:
        path.write_text(value if isinstance(value, str) else json.dumps(value) + "\n", encoding="utf-8")
    return path


def _read_output(path: Any, kind: str, form: str) -> Any:
    import json

    if not path.exists():
        raise FileNotFoundError(f"the program did not write {path}")
    if kind == "File":
        return path
    if kind == "Table":
        import pandas

        if form == "parquet":
            return pandas.read_parquet(path)
        if form == "jsonl":
            return pandas.read_json(path, lines=True)
        return pandas.read_csv(path, sep="\t" if form == "tsv" else ",")
    text = path.read_text(encoding="utf-8")
    if kind in ("Json", "Metrics"):
        return json.loads(text)
    if kind in ("int", "float"):
        return int(text) if kind == "int" else float(text)
    if kind == "bool":
        return text.strip().lower() in ("true", "yes", "1")
    return text.removesuffix("\n") if kind == "str" else text
