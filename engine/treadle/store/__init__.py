"""What is kept: project folder, journal, artifacts, codecs, logs, index."""
