#!/bin/sh
# The main job on the example project: the desktop app, or the same pipeline headless where there is no display.
# The example is copied to build/flights once, so that what you change there is kept.
set -eu
cd "$(dirname "$0")/.."
project=build/flights
[ -f "$project/flights.treadle.yaml" ] ||
  .venv/bin/python -c "import sys; from pathlib import Path; from treadle_resources import copy_example
copy_example('flights', Path(sys.argv[1]))" "$project"

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || [ "$(uname -s)" != Linux ]; then
  exec .venv/bin/treadle gui "$project/flights.treadle.yaml"
fi
echo "No display here: running the example headless." >&2
exec .venv/bin/treadle run "$project/flights.treadle.yaml"
