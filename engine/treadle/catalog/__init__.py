"""Which components exist: read from source, never imported."""
