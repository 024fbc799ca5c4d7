"""A progress bar that leaves nothing behind: on stderr, or a widget in a notebook."""

import os


class Progress:
    """A tqdm bar over the steps of a run; none where `shown` is false or TQDM_DISABLE is set.

    `total`: steps in the run, None where the loader has no length. `done`: steps before it.
    """

    def __init__(self, shown: bool, total: int | None, done: int = 0) -> None:
        self._bar = None
        # tqdm's own switch is read once, at its import, and does not reach its widget.
        if shown and os.environ.get("TQDM_DISABLE", "0") in ("", "0"):
            from tqdm.auto import tqdm

            self._bar = tqdm(total=total, initial=done, unit="step", leave=False, disable=False)

    def advance(self, steps: int, epoch: int, loss: float) -> None:
        """Move on by some steps, and show the epoch and the last loss."""
        if self._bar is not None:
            self._bar.set_description(f"epoch {epoch}", refresh=False)
            self._bar.set_postfix(loss=f"{loss:.3g}", refresh=False)
            self._bar.update(steps)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
