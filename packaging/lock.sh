#!/bin/sh
# Writes the hash-locked requirement files anew from pyproject.toml. Needs uv.
# The files name no registry, so that any index serves them.
set -eu
cd "$(dirname "$0")/.."
uv lock --quiet
export_lock() {
  out=$1
  shift
  uv export --frozen --no-emit-project --format requirements-txt --no-header --no-annotate --quiet -o "$out" "$@"
}
export_lock packaging/requirements.lock --no-default-groups --group build
export_lock packaging/requirements-dev.lock --group dev
uv pip compile --quiet --generate-hashes --no-header --no-annotate --python-version 3.11 --universal \
  -o packaging/requirements-airflow.lock packaging/requirements-airflow.in
