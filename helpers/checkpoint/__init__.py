"""Files that hold the state of a run: written whole or not at all, read without running code."""

from helpers.checkpoint._files import (
    MARK,
    CheckpointError,
    load,
    random_state,
    restore_random_state,
    save,
)

__all__ = ["MARK", "CheckpointError", "load", "random_state", "restore_random_state", "save"]
