"""The course on another computer: a real `ssh -L`, and what comes through it."""

import re
import urllib.parse
from collections.abc import Iterator

import pytest

from tests.end_to_end import ssh
from tests.end_to_end.required import IN_CI, go_without
from tests.end_to_end.server import running
from tests.end_to_end.visitor import Visitor

NO_SSH = "No SSH server was found; install openssh to run the tests through a tunnel."


@pytest.fixture(scope="module")
def learner(tmp_path_factory) -> Iterator[Visitor]:
    """Someone at the near end of a tunnel, with the token that the far end printed."""
    if not ssh.PROGRAMS:
        go_without(NO_SSH, required=IN_CI)
    home = tmp_path_factory.mktemp("home")
    settings = {"program": "jupyter_server", "COURSE_HOME": str(home / "course")}
    with running(home, "--port=0", **settings) as (address, token):
        far = urllib.parse.urlsplit(address).port
        with ssh.tunnel(tmp_path_factory.mktemp("ssh"), far) as near:
            assert near != far
            visitor = Visitor(f"http://127.0.0.1:{near}", "/")
            visitor.headers["Authorization"] = f"token {token}"
            yield visitor


def test_without_the_token_the_tunnel_leads_nowhere(learner: Visitor) -> None:
    """Whoever reaches the near end, as another user of that computer can, gets nothing."""
    assert Visitor(learner.origin, "/").ask("/api/contents")[0] == 403
    assert learner.ask("/api/contents")[0] == 200


def test_a_cell_runs_at_the_far_end(learner: Visitor) -> None:
    """Its code goes over the tunnel's websocket, and what it prints comes back."""
    run = learner.start_kernel()
    (printed,) = run("from helpers import data; print(len(data.digits()[0]))")
    assert printed["text"] == "1797\n"


def test_visdom_is_shown_through_the_same_tunnel(learner: Visitor) -> None:
    """Its frame names no port, so the one tunnel is enough."""
    run = learner.start_kernel()
    (shown,) = run("from helpers import board; board.start().show()")
    frame = re.search(r'<iframe src="([^"]+)"', shown["data"]["text/html"])[1]
    assert frame.startswith("/")
    status, _, page = learner.ask(frame)
    assert status == 200 and "ACTIVE_ENV = 'main'" in page
