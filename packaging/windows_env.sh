#!/bin/sh
# A Python for Windows that runs under Wine, in .cache/windows: what the tests of the engine's host there run in.
# The interpreter is CPython's own build, as Panda3D's wheel carries it along; its library is this Python's.
set -eu
cd "$(dirname "$0")/.."
export PIP_DISABLE_PIP_VERSION_CHECK=1
lock=packaging/requirements-windows.txt
here=.cache/windows
wanted=$(cat "$lock" "$0" | sha256sum | cut -d' ' -f1)
[ -f $here/.stamp ] && [ "$(cat $here/.stamp)" = "$wanted" ] && exit 0
missing=
command -v wine >/dev/null || missing="wine wine64"
command -v x86_64-w64-mingw32-gcc >/dev/null || missing="$missing gcc-mingw-w64-x86-64-posix"
if [ -n "$missing" ]; then
    echo "treadle set-up: installing $missing (for the tests of the engine on Windows)" >&2
    [ "$(id -u)" = 0 ] || { echo "as root: apt-get install -y --no-install-recommends $missing" >&2; exit 1; }
    apt-get install -qq -y --no-install-recommends $missing >/dev/null
fi
rm -rf $here
mkdir -p $here/wheels $here/DLLs $here/Lib
.venv/bin/python -m pip -q download --no-deps --require-hashes --only-binary=:all: --platform win_amd64 \
    --python-version 3.11 --implementation cp -d $here/wheels -r "$lock"
.venv/bin/python packaging/windows_python.py $here
x86_64-w64-mingw32-gcc -municode -o $here/python.exe packaging/windows_python.c
rm -r $here/wheels
# Its standard streams must be pipes: it can't open a Unix device.
echo | WINEPREFIX=$PWD/$here/prefix WINEDEBUG=-all wine $here/python.exe -c "import asyncio, ctypes, yaml; print('ready')" 2>&1 | grep -q ready
echo "$wanted" >$here/.stamp
