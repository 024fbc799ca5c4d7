"""Stop at the next good moment: the first Ctrl-C asks, the second insists."""

import signal
import threading
from types import FrameType, TracebackType


class Interrupt:
    """While this is entered, SIGINT (Ctrl-C, Jupyter's square) only sets `requested`.

    A second one raises KeyboardInterrupt at once. On leaving, the handler from before is back.
    Outside the main thread, where no handler can be set, and where SIGINT is ignored, nothing
    changes.
    """

    def __init__(self) -> None:
        self.requested = False
        self._previous: object = None
        self._is_set = False

    def __enter__(self) -> "Interrupt":
        self._previous = signal.getsignal(signal.SIGINT)
        ours = threading.current_thread() is threading.main_thread()
        # None: a handler that Python did not set, and could not put back.
        if ours and self._previous not in (None, signal.SIG_IGN):
            signal.signal(signal.SIGINT, self._note)
            self._is_set = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._is_set:
            signal.signal(signal.SIGINT, self._previous)
            self._is_set = False

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
