"""Files that hold the state of a run: written whole or not at all, read without running code.

`save` and `load` are `torch.save` and `torch.load(weights_only=True)`, made safe against a
power cut, a full disk, a damaged file and a foreign one; `check_path` says before a long run
whether `save` could write. `random_state` adds what the next random numbers depend on, and
`differences` and `renamed` compare a stored state with a model.
"""

from helpers.checkpoint._files import MARK, CheckpointError, check_path, load, save
from helpers.checkpoint._models import differences, renamed
from helpers.checkpoint._random import random_state, restore_random_state

__all__ = [
    "MARK",
    "CheckpointError",
    "check_path",
    "differences",
    "load",
    "random_state",
    "renamed",
    "restore_random_state",
    "save",
]
