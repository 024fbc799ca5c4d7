"""What a pane shows in words, a server without its page, and what stands where none can run."""

import torch


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
