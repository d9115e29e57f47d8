"""What went wrong with the engine, as a sentence for a person that says what can be done."""

from __future__ import annotations

from treadle.host.api import EngineFailed, EngineLost, NotTrusted, RunBusy, RunRefused, UnknownRun

__all__ = ["sentence"]


def sentence(error: Exception) -> str:
    """What went wrong and what can be done, for a person."""
    match error:
        case NotTrusted():
            return "This project is not trusted yet, so nothing of it may run. Trust its folder to run it."
        case RunRefused():
            return f"The pipeline can't run: {error}"
        case UnknownRun():
            return f"That run is no longer there: {error}"
        case RunBusy():
            return f"That run is being worked on already: {error}"
        case EngineLost():
            return f"The engine can't be reached: {error}. What it had done is kept; press Run to start it again."
        case EngineFailed():
            return f"The engine met an error: {error}"
        case OSError():
            return f"The engine can't be reached: {error.strerror or error}"
        case KeyError():
            return f"Nothing is kept under {error}: the artifact may have been cleaned away."
        case _:
            return f"{type(error).__name__}: {error}"
