#!/bin/sh
# Installs the peers into environments of their own (once), then prints every table.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK=1

peer() {
  name=$1
  shift
  [ -f ".bench/$name/.ready" ] && return
  echo "installing $name for the benchmark" >&2
  .venv/bin/python -m venv ".bench/$name"
  .venv/bin/python -m pip --python ".bench/$name/bin/python" install -q "$@" && touch ".bench/$name/.ready"
}
wanted=${PEERS:-dask luigi prefect dagster metaflow kfp}
for name in $wanted; do
  case $name in
    dask) peer dask 'dask[distributed]==2026.8.0' ;;
    luigi) peer luigi luigi==3.8.1 setuptools ;;
    prefect) peer prefect prefect==3.8.8 'fastapi==0.139.2' ;;
    dagster) peer dagster dagster==1.13.29 ;;
    metaflow) peer metaflow metaflow==2.19.39 setuptools ;;
    kfp) peer kfp kfp==2.17.0 setuptools ;;
  esac
done
cd benchmarks
../.venv/bin/python no_op_nodes.py
../.venv/bin/python hand_off.py
../.venv/bin/python start_up.py
../.venv/bin/python bench_core.py
../.venv/bin/python event_rate.py
../.venv/bin/python map_items.py
../.venv/bin/python node_cost.py fan2000 reuse
../.venv/bin/python bench_spec.py
