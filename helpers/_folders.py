"""Where the course keeps what belongs to the learner, and what can be brought again."""

import os
from pathlib import Path

NAME = "pytorch-course"


def user_folder() -> Path:
    """Return $COURSE_HOME, else the course's folder in the user's data folder."""
    chosen = os.environ.get("COURSE_HOME")
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return platformdirs.user_data_path(NAME, appauthor=False)


def cache_folder() -> Path:
    """Return the course's folder in the user's cache: nothing there is the only copy."""
    import platformdirs

    return platformdirs.user_cache_path(NAME, appauthor=False)
