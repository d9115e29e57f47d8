"""The panes around the canvas: palette, inspector, problems, logs, charts, data, history."""
