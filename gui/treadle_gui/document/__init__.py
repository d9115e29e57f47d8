"""An open pipeline: an immutable value, its history, selection, problems, and its file on disk."""
