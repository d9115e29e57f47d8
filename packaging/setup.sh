#!/bin/sh
# Makes .venv ready: system libraries, hash-locked packages, Treadle itself. Idempotent, quick the second time.
#
#   packaging/setup.sh run     what the app and the command line need
#   packaging/setup.sh dev     the same and what tests and checks need
#
# On Debian and Ubuntu missing system packages are installed with apt when we are root or sudo asks for no password;
# else the exact command is printed and nothing is changed.
set -eu
cd "$(dirname "$0")/.."
goal=${1:-run}
unset PYTHONDONTWRITEBYTECODE # uncompiled packages make every start three times slower
export PIP_DISABLE_PIP_VERSION_CHECK=1

say() { echo "treadle set-up: $*" >&2; }

python=${PYTHON:-}
for candidate in python3.11 python3.12 python3.13 python3; do
  [ -n "$python" ] || ! command -v "$candidate" >/dev/null 2>&1 || python=$candidate
done
[ -n "$python" ] && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  say "Python 3.11 or newer is needed (set PYTHON=/path/to/python3.11)"
  exit 1
}

missing=$("$python" packaging/system_packages.py "$goal")
if [ -n "$missing" ]; then
  sudo=""
  [ "$(id -u)" = 0 ] || sudo="sudo -n"
  if command -v apt-get >/dev/null 2>&1 && { [ -z "$sudo" ] || $sudo true 2>/dev/null; }; then
    say "installing system packages: $missing"
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
  else
    say "system packages are missing. Run this, then the same command again:"
    echo "  sudo apt-get install -y --no-install-recommends $missing" >&2
    exit 1
  fi
fi

lock=packaging/requirements.lock
[ "$goal" = run ] || lock=packaging/requirements-dev.lock
wanted=$(cat "$lock" pyproject.toml packaging/slim.py | sha256sum | cut -d' ' -f1)
# What tests need includes what running needs, so either stamp satisfies `run`.
have() { [ -f ".venv/.stamp-$1" ] && [ "$(cat ".venv/.stamp-$1")" = "$2" ]; }
have "$goal" "$wanted" && exit 0
if [ "$goal" = run ]; then
  dev=$(cat packaging/requirements-dev.lock pyproject.toml packaging/slim.py | sha256sum | cut -d' ' -f1)
  have dev "$dev" && exit 0
fi

say "installing packages into .venv (a minute or two, once)"
# One that was interrupted while it was made has no pip, and is made anew.
.venv/bin/python -m pip --version >/dev/null 2>&1 || {
  "$python" -m venv --clear .venv
  .venv/bin/python -m pip uninstall -q -y setuptools # an old Python's venv has it; nothing here builds with it
}
.venv/bin/python -m pip install -q --require-hashes -r "$lock"
.venv/bin/python -m pip install -q --no-deps --no-build-isolation --editable .
.venv/bin/python packaging/slim.py
.venv/bin/python -m compileall -q engine gui resources || true
echo "$wanted" >".venv/.stamp-$goal"
