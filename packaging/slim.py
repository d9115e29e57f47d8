"""Takes out of the environment what no user of Treadle ever loads, and prints what is left.

Three things go: the packages' own test suites, the parts of PySide6-Essentials behind Qt Quick, Qt Designer, Qt's help
and databases, which Treadle does not use, and what pyarrow ships for those who compile against it. That keeps an
installation under 800 MB, byte code included.
"""

import shutil
import sysconfig
from pathlib import Path

TESTED = (
    "matplotlib", "networkx", "numpy", "pandas", "pyarrow", "scipy", "sklearn", "joblib", "mpl_toolkits",
    "qtpy", "skops",
)  # fmt: skip
QT_UNUSED = (
    "Qt/qml", "Qt/metatypes", "Qt/translations", "Qt/lib/libQt6Quick*", "Qt/lib/libQt6Qml*", "Qt/lib/libQt6Designer*",
    "Qt/lib/libQt6WaylandCompositor*", "Qt/lib/libQt6Labs*", "QtQuick*.so", "QtQml*.so", "QtDesigner*.so",
    "Qt/libexec", "QtHelp.abi3.so", "Qt/lib/libQt6Help*", "QtSql.abi3.so", "Qt/lib/libQt6Sql*", "Qt/plugins/sqldrivers",
    "Qt/lib/libQt6Lottie*", "Qt/lib/libQt6EglFS*", "Qt/plugins/egldeviceintegrations", "Qt/plugins/designer",
    "Qt/plugins/qmltooling", "Qt/plugins/qmllint", "Qt/plugins/qmlls", "Qt/plugins/qmlls*",
    "designer", "linguist", "lrelease", "lupdate", "qmlls", "qmllint", "qmlformat", "qmlcachegen", "qmlimportscanner",
    "qmltyperegistrar", "qml", "balsam", "balsamui", "assistant", "svgtoqml", "include", "typesystems", "glue",
)  # fmt: skip
ARROW_FOR_COMPILERS = ("include", "src", "libarrow_python*.so", "libarrow_python*.so.*.*.*")


def main() -> None:
    packages = Path(sysconfig.get_path("purelib"))
    for package in TESTED:
        for tests in (*sorted((packages / package).rglob("tests")), packages / package / "test"):
            shutil.rmtree(tests, ignore_errors=True)
    for package, patterns in (("PySide6", QT_UNUSED), ("pyarrow", ARROW_FOR_COMPILERS)):
        for path in (path for pattern in patterns for path in (packages / package).glob(pattern)):
            _remove(path)
    print(f"{size_mb(packages):.0f} MB installed, byte code included")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def size_mb(folder: Path) -> float:
    """What the files below `folder` hold, in MB of 10^6 bytes."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink()) / 1e6


if __name__ == "__main__":
    main()
