"""Whose a file is. Windows tells neither a user's number nor others' rights by stat(): there, what lies in a person's
profile is theirs by the rights of the profile, and every owner counts as the same."""

from __future__ import annotations

import os
import stat
import sys
from typing import Final

__all__ = ["is_ours_alone", "user_id"]

_OTHERS_MAY_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH

if sys.platform == "win32":

    def user_id() -> int:
        """This user, as stat() tells every owner there."""
        return 0

    def is_ours_alone(facts: os.stat_result) -> bool:
        """Whether nobody but this user could have written the file."""
        return facts.st_uid == user_id()

else:

    def user_id() -> int:
        """This user, as stat() tells an owner."""
        return os.getuid()

    def is_ours_alone(facts: os.stat_result) -> bool:
        """Whether nobody but this user could have written the file."""
        return facts.st_uid == user_id() and not facts.st_mode & _OTHERS_MAY_WRITE
