"""A server without its page, and what stands where none can run."""

import pytest

from helpers import board as course_board
from helpers.board import Board, NoServer, try_start
from helpers.board import _assets as assets
from helpers.board import _server as server


def test_without_the_page_its_place_says_what_to_run(client, capsys) -> None:
    running = try_start()
    running.show()
    assert assets.INSTALL in capsys.readouterr().out


def test_start_still_wants_the_page(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    monkeypatch.setattr(assets, "locations", lambda: (tmp_path / "none",))
    monkeypatch.setattr(server, "_started", {})
    with pytest.raises(course_board.AssetsMissingError, match="install"):
        course_board.start()


def test_where_no_server_can_run_calls_do_nothing(tmp_path, monkeypatch) -> None:
    """The folder's place is taken by a file: nothing can be written."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(server, "_started", {})
    absent = try_start("any")
    assert isinstance(absent, NoServer) and not absent.is_running
    assert "No visdom server runs here" in repr(absent)
    client = absent.client()
    assert client.line([1.0], [1], win="a") is None
    assert "not here" in client.read("a")
    absent.show()
    absent.stop()


def test_a_board_without_a_server_warns_once_and_ends() -> None:
    board = Board(NoServer("for this test"))
    board.scalar("loss", 1.0, 0)
    with pytest.warns(RuntimeWarning) as warned:
        assert board.close(limit=0.5) is False
    assert len([each for each in warned if each.category is RuntimeWarning]) == 1
