#!/bin/sh
# A real Airflow in .cache/airflow, away from .venv (the two do not resolve together). Used by export tests only.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK=1
lock=packaging/requirements-airflow.lock
wanted=$(sha256sum <"$lock" | cut -d' ' -f1)
[ -f .cache/airflow/.stamp ] && [ "$(cat .cache/airflow/.stamp)" = "$wanted" ] && exit 0
echo "treadle set-up: installing Airflow into .cache/airflow (once, for the export tests)" >&2
mkdir -p .cache
.venv/bin/python -m venv .cache/airflow
.cache/airflow/bin/python -m pip install -q --require-hashes -r "$lock"
echo "$wanted" >.cache/airflow/.stamp
