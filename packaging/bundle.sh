#!/bin/sh
# Builds dist/: the wheel, the source archive, and on Debian a .deb that holds its own environment under /opt/treadle.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE
rm -rf dist && mkdir -p dist
.venv/bin/python -m hatchling build -d dist
wheel=$(ls dist/*.whl)
command -v dpkg-deb >/dev/null 2>&1 || { echo "no dpkg-deb here: no .deb built" >&2; exit 0; }

version=$(.venv/bin/python -c 'import treadle; print(treadle.__version__)')
tree=$(mktemp -d) && trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/DEBIAN" "$tree/opt" "$tree/usr/bin" "$tree/usr/share/applications" "$tree/usr/share/mime/packages"
# The launchers name the final place: an environment is bound to the folder it was made in.
/usr/bin/python3 -m venv --without-pip "$tree/opt/treadle"
.venv/bin/python -m pip --python "$tree/opt/treadle/bin/python" install -q --require-hashes -r packaging/requirements.lock
.venv/bin/python -m pip --python "$tree/opt/treadle/bin/python" install -q --no-deps "$wheel"
"$tree/opt/treadle/bin/python" packaging/slim.py
grep -rIl "$tree" "$tree/opt/treadle/bin" "$tree/opt/treadle/pyvenv.cfg" | xargs -r sed -i "s#$tree##g"
ln -s /opt/treadle/bin/treadle "$tree/usr/bin/treadle"
ln -s /opt/treadle/bin/treadle-designer "$tree/usr/bin/treadle-designer"
cp packaging/linux/treadle.desktop "$tree/usr/share/applications/"
cp packaging/linux/treadle.xml "$tree/usr/share/mime/packages/"
icons=$tree/usr/share/icons/hicolor/256x256/apps
mkdir -p "$icons"
QT_QPA_PLATFORM=offscreen .venv/bin/python -c 'import sys
from PySide6.QtWidgets import QApplication
from treadle_gui.style.icons import app_icon
app = QApplication([])
assert app_icon().pixmap(256, 256).save(sys.argv[1])' "$icons/treadle.png"
cat >"$tree/DEBIAN/control" <<CONTROL
Package: treadle
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: Treadle maintainers <maintainers@users.noreply.example>
Section: science
Priority: optional
Depends: python3.11, $(.venv/bin/python -c 'import sys; sys.path.insert(0, "packaging"); import system_packages as s; print(", ".join(sorted(set(s.LIBRARIES.values()))))')
Description: Desktop designer for machine-learning pipelines
 Draw a pipeline, run it on this machine, watch every node, export it to Airflow or Python.
CONTROL
dpkg-deb -Zzstd --root-owner-group --build "$tree" "dist/treadle_${version}_$(dpkg --print-architecture).deb" >/dev/null
ls -l dist
