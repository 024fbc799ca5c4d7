"""Where the course keeps what belongs to the learner."""

from __future__ import annotations

import os
from pathlib import Path


def user_folder() -> Path:
    """Return $COURSE_HOME, else the course's folder in the user's data folder."""
    chosen = os.environ.get("COURSE_HOME")
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("pytorch-course", appauthor=False))
