"""Where an attempt runs: a fresh process behind a small protocol."""
