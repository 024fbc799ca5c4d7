"""What a pane shows in words, a server without its page, and what stands where none can run."""

import pytest
import torch

from helpers import board as course_board
from helpers.board import Board, NoServer, try_start
from helpers.board import _assets as assets
from helpers.board import _server as server


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A client of a server that runs without the files of its page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setattr(assets, "locations", lambda: (tmp_path_factory.mktemp("none"),))
        patch.setattr(server, "_started", {})
        running = try_start()
        assert running.is_running and not running.has_page
        yield running.client("words")
        running.stop()


def test_curves_are_said_with_their_ends_and_gaps(client) -> None:
    client.line([1.0, float("nan"), 0.25], [0, 1, 2], win="a", name="train", opts={"title": "T"})
    client.line([2.0], [7], win="a", name="validation", update="append")
    assert repr(client.read("a")).splitlines() == [
        "pane 'a', title 'T':",
        "  lines 'train': 2 points, (0, 1) to (2, 0.25), 1 gaps",
        "  lines 'validation': 1 point, (7, 2)",
    ]


def test_each_kind_of_pane_has_its_words(client) -> None:
    client.bar(torch.tensor([3, 4]), win="bar", opts={"rownames": ["x", "y"]})
    client.heatmap(torch.zeros(2, 3), win="heatmap")
    client.pie(torch.tensor([1.0, 2.0]), win="pie", opts={"legend": ["x", "y"]})
    client.boxplot(torch.rand(5, 2), win="box")
    client.images(torch.rand(3, 1, 4, 6), nrow=2, padding=1, win="image")
    client.text("<b>hello</b>", win="text")
    client.svg(svgstr='<svg width="1"><g/></svg>', win="svg")
    said = {name: repr(client.read(name)) for name in ("bar", "heatmap", "pie", "box", "svg")}
    assert "2 bars: x 3, y 4" in said["bar"]
    assert "2 rows, 3 columns" in said["heatmap"]
    assert "pie: x 1, y 2" in said["pie"]
    assert said["box"].count("5 values") == 2
    assert "SVG" in said["svg"]
    assert "png image: 12 rows, 16 columns" in repr(client.read("image"))
    assert "text '<b>hello</b>'" in repr(client.read("text"))


def test_a_pane_that_is_not_there_is_said_to_be_missing(client) -> None:
    assert client.read("nobody").window is None
    assert "there is none" in repr(client.read("nobody"))


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
