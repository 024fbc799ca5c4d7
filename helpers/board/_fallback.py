"""A server where one can run, and where none can, something that says so and does no harm.

A notebook that is read to its end everywhere uses this: in an environment without visdom,
or where no process may be started.
"""

from __future__ import annotations

from collections.abc import Callable

from helpers.board import _validation
from helpers.board._assets import AssetsMissingError
from helpers.board._server import TALLEST, Server, ServerError, start

NOWHERE = "http://127.0.0.1:9"  # the port of the service "discard", which nobody runs


def try_start(name: str | None = None) -> Server | NoServer:
    """Return what `start` returns; without the page where its files are missing.

    Where no server can run, return something with a server's methods that says why. Raises
    ValueError for an odd name.
    """
    try:
        return start(name, page=False)
    except (AssetsMissingError, ServerError, ImportError, OSError) as error:
        return NoServer(str(error))


class NoServer:
    """Stands where no server runs. What is sent to it goes nowhere, and it says so.

    Attributes:
        reason: One sentence.
        url: An address at which nobody answers, for a board.
    """

    is_running = False
    port = 9
    base = ""
    url = NOWHERE

    def __init__(self, reason: str) -> None:
        """Note why there is none."""
        self.reason = _validation.text(reason, "a reason")

    def __repr__(self) -> str:
        """Why there is none, and what that means for the cells below."""
        return (
            f"No visdom server runs here. {self.reason}\nThe cells run all the same, and send "
            "nothing. The text, and the stored outputs, say what you would see."
        )

    def client(self, environment: str = "main", *, events: bool = False) -> NoClient:
        """Return a client whose calls do nothing. Raises what `Server.client` raises."""
        _validation.environment(environment)
        _validation.flag(events, "events")
        return NoClient()

    def show(self, height: int = 600, environment: str = "main") -> None:
        """Say that there is nothing to show. Raises what `Server.show` raises."""
        _validation.integer(height, "height", 1, TALLEST)
        _validation.environment(environment)
        print(self)

    def restart(self) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""


class NoClient:
    """Takes every call of a client, does nothing, and returns None."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        """A method that does nothing."""
        if name.startswith("_"):  # asked for by Python and by notebooks, not by the reader
            raise AttributeError(name)
        return lambda *arguments, **options: None

    def read(self, win: str) -> str:
        """Say that nothing can be read."""
        return f"pane {_validation.short(win)}: not here, as no visdom server runs"

    def get_env_list(self) -> list[str]:
        """No environments."""
        return []
