"""Pipeline files, `*.treadle.yaml`: text ↔ Pipeline. What was not changed keeps its bytes and its comments."""

from treadle.spec.file_format.places import Places
from treadle.spec.file_format.reading import Reading, read
from treadle.spec.file_format.writing import write

__all__ = ["Places", "Reading", "read", "write"]
