"""Visdom's own client, which neither waits for ever nor takes an error for an answer."""

from __future__ import annotations

import json
import logging

import requests
import visdom

from helpers.board.reading import Pane

SECONDS = (2.0, 20.0)  # to connect, and to wait for an answer


class Client(visdom.Visdom):
    """All calls of `visdom.Visdom`, on one server; raises ConnectionError if it is gone."""

    def __init__(self, port: int, base: str, environment: str, *, events: bool = False) -> None:
        """Connect to 127.0.0.1; with `events`, also listen for what happens in the page."""
        logging.getLogger("visdom").setLevel(logging.ERROR)
        super().__init__(
            "http://127.0.0.1",
            port=port,
            base_url=base,
            env=environment,
            use_incoming_socket=events,
            raise_exceptions=True,
        )

    def read(self, win: str) -> Pane:
        """Return a pane as the server has it; its repr says in words what it shows."""
        known = self.win_exists(win)
        return Pane(win, json.loads(self.get_window_data(win)) if known else None)

    @property
    def session(self) -> requests.Session:
        """One connection for all calls; a proxy in the environment is not for loopback."""
        if self._session is None:
            self._session = requests.Session()
            self._session.trust_env = False
        return self._session

    def _handle_post(self, url: str, data: str | None = None) -> str:
        answer = self.session.post(url, data=data or "{}", timeout=SECONDS)
        answer.raise_for_status()
        return answer.text
