"""What a learner is told: a value in words, a difference in words, and the report."""

import math

import numpy
import pytest
import torch

from helpers._palette import OKABE_ITO
from helpers.grading._outcome import snapshot, type_name
from helpers.grading._report import Report, State, describe, explain, index_of, with_article


def in_words(value: object) -> str:
    """How a value is described."""
    return describe(snapshot(value))


def difference(got: object, expected: object) -> str:
    """The remark about the first difference; "" where there is none to make."""
    return dict(explain(snapshot(got), snapshot(expected), 1e-4)).get("Difference", "")


class TestDescription:
    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (torch.tensor(1.5), "a 0-d float32 tensor: 1.5"),
            (torch.ones(8, 8), "an 8×8 float32 tensor"),
            (torch.ones(4, 4), "a 4×4 float32 tensor: " + str([[1.0] * 4] * 4)),
            (torch.ones(17), "a 17-element float32 tensor"),
            (torch.ones(11), "an 11-element float32 tensor: " + str([1.0] * 11)),
            (torch.ones(0, 3), "a 0×3 float32 tensor"),
            (torch.tensor([1 / 3]), "a 1-element float32 tensor: [0.3333]"),
            (numpy.array([True]), "a 1-element bool NumPy array: [True]"),
            (torch.eye(2).to_sparse(), "a 2×2 float32 tensor (sparse): [[1.0, 0.0], [0.0, 1.0]]"),
            (torch.ones(2, device="meta"), "a 2-element float32 tensor (on the device meta)"),
            ([1, (2.0, "x")], "[1, (2.0, 'x')]"),
            (
                [torch.ones(1)] * 5,
                "a list of 5 (" + "a 1-element float32 tensor: [1.0]; " * 4 + "…)",
            ),
            ({"a": 1}, "{'a': 1 (an int)}"),
            (dict.fromkeys(range(17), 0), None),
            (None, "None"),
            ("text", "'text'"),
            (True, "True (a bool)"),
            (8, "8 (an int)"),
            (1 / 3, "0.3333 (a float)"),
            (torch.float32, "torch.float32 (a dtype)"),
            (10**5000, "a number of about 5,001 digits (an int)"),
            ([10**5000], "a list of 1 (a number of about 5,001 digits (an int))"),
            (math.sin, "the function sin"),
            (lambda: 0, "the function"),
            ({1}, "a set"),
            (object(), "an object"),
        ],
        ids=type_name,
    )
    def test_in_a_few_words(self, value, words):
        found = in_words(value)
        if words is None:
            assert found.endswith("15 (an int): 0 (an int), …}")
        else:
            assert found == words

    def test_it_is_cut_where_it_is_long(self):
        for value in ("x" * 10**6, list(range(10_000)), ["y" * 5000]):
            assert len(in_words(value)) < 1000 and " … " in in_words(value)
        deep = in_words([[[[[[[torch.ones(1)]]]]]]])
        assert deep == "a list of 1 (" * 4 + "a list of 1" + ")" * 4

    @pytest.mark.parametrize(
        ("noun", "article"), [("tensor", "a"), ("int", "an"), ("8×8", "an"), ("11", "an"),
                              ("18-element", "an"), ("110", "a"), ("1×8", "a"), ("Adam", "an")]
    )  # fmt: skip
    def test_articles(self, noun, article):
        assert with_article(noun) == f"{article} {noun}"

    def test_index(self):
        assert index_of(0, (2, 3)) == [0, 0]
        assert index_of(5, (2, 3)) == [1, 2]
        assert index_of(23, (2, 3, 4)) == [1, 2, 3]


class TestDifference:
    @pytest.mark.parametrize(
        ("got", "expected", "remark"),
        [
            (None, torch.ones(1), "this is None, which is what a function without `return` gives"),
            (torch.ones(1), 1.0, "a tensor with one element was returned; `.item()` makes it"),
            (torch.ones(2), 1.0, "the type is Tensor; float was asked for"),
            (numpy.ones(1), torch.ones(1), "a NumPy array was returned; `torch.from_numpy`"),
            (math.sin, torch.ones(1), "are the brackets () missing?"),
            (torch.max(torch.ones(1), 0), torch.ones(1), "choose with .values or .indices"),
            ({1}, torch.ones(1), "a plain torch.Tensor was asked for"),
            ({1}, [1], "the type is set; list was asked for"),
            ([1.0], torch.nn.Parameter(torch.ones(1)), "the type is list; Tensor was asked for"),
            ((n for n in ()), [1], "the type is generator; list was asked for. `yield` makes"),
            (1, 1.0, "the type is int; float was asked for"),
            ("ab", "abc", "it ends after 'ab'; 'c' is missing"),
            ("abd", "abc", "the same up to 'ab', then 'd' differs"),
            ("x", "abc", "they differ from the first character on"),
            ([1], (1,), "a tuple was asked for"),
            ([1], [1, 2], "1 element instead of 2"),
            ([1, 2, 3], [1, 2], "3 elements instead of 2"),
            ([1, 3], [1, 2], "element 1: 3 instead of 2"),
            ({"a": 1}, {"b": 1}, "'a' stands where 'b' was expected"),
            ({"a": 1}, {"a": 2}, "'a': 1 instead of 2"),
            ({"a": 1}, {"a": 1, "b": 2}, "1 element instead of 2"),
            (torch.ones(1, 3), torch.ones(3), "a dimension of size 1 is the difference"),
            (torch.ones(2, 3), torch.ones(3, 2), "the dimensions are in the opposite order"),
            (torch.ones(6), torch.ones(3, 2), "in the right order, the shape is not"),
            (torch.zeros(6), torch.ones(3, 2), "shape (6,) instead of (3, 2)"),
            (torch.ones(2), torch.ones(3), "shape (2,) instead of (3,)"),
            (torch.ones(2).double(), torch.ones(2), "float64 instead of float32: the values are"),
            (torch.zeros(2).double(), torch.ones(2), "dtype float64 instead of float32"),
            (torch.ones(2) * 1j, torch.ones(2), "dtype complex64 instead of float32"),
            (numpy.array(["a"]), numpy.array([1.0]), "dtype <U1 instead of float64"),
            (torch.tensor([[1, 2], [3, 4]]), torch.tensor([[1, 3], [2, 4]]), "exchanged"),
            (torch.tensor([-1, 2]), torch.tensor([1, -2]), "every sign is the opposite one"),
            (torch.tensor([2, 3]), torch.tensor([1, 2]), "every value is 1 too large"),
            (torch.tensor([1.0, 2.0]), torch.tensor([1.5, 2.5]), "every value is 0.5 too small"),
            (torch.tensor([2.0, 6.0]), torch.tensor([1.0, 3.0]), "every value is 2 times the"),
            (torch.tensor([1.0, 0.0]), torch.tensor([1.0, 3.0]), "1 of 2 values; at index [1]: 0"),
            (torch.tensor([1.00112, 2]), torch.tensor([1.00138, 2]), "1.00112 instead of"),
            (torch.eye(2).to_sparse(), torch.eye(2), "`.to_dense()` makes it an ordinary one"),
            (torch.eye(2), torch.eye(2).to_sparse(), "a sparse tensor was asked for"),
            (torch.ones(2, device="meta"), torch.ones(2), "on the device meta, so it has a shape"),
            (torch.zeros(1).expand(10**7), torch.ones(1), "10,000,000 elements instead of 1"),
            (numpy.array([None]), numpy.array([1.0]), "its elements cannot be read"),
        ],
        ids=type_name,
    )  # fmt: skip
    def test_the_first_one_is_named(self, got, expected, remark):
        assert remark in difference(got, expected)

    @pytest.mark.parametrize(
        ("got", "expected", "remark"),
        [
            (torch.zeros(6), torch.ones(3, 2), "shape (6,) instead of (3, 2)"),
            (torch.zeros(2).double(), torch.ones(2), "dtype float64 instead of float32"),
            (torch.tensor(2.0), torch.tensor(1.0), ""),
            (2, 1, ""),
            ([1.0, 0.0], [1.0, 3.0], "1 of 2 values; at index [1]: 0.0 instead of 3.0"),
            ([math.nan, 2], [1.0, 2], "1 of 2 values; at index [0]: nan instead of 1.0"),
            ([math.inf, 3], [1.0, 2], "2 of 2 values; at index [0]: inf instead of 1.0"),
            ([False, True], [True] * 2, "1 of 2 values; at index [0]: False instead of True"),
        ],
    )  # fmt: skip
    def test_no_pattern_is_claimed_where_there_is_none(self, got, expected, remark):
        if isinstance(got, list):
            got, expected = torch.tensor(got), torch.tensor(expected)
        assert difference(got, expected) == remark

    def test_what_was_got_and_expected_come_first(self):
        labels = [label for label, _ in explain(snapshot(1), snapshot(2), 1e-4)]
        assert labels == ["Got", "Expected"]


class TestReport:
    REPORT = Report(State.WRONG, "<script>", (("Got", "<b>\nx"), ("", "a & `b`")))

    def test_html_is_escaped_and_says_the_state(self):
        page = self.REPORT._repr_html_()
        assert "<script>" not in page and "&lt;script&gt;" in page
        assert "<b>" not in page and "a &amp; <code>b</code>" in page
        assert "<strong>Wrong</strong>" in page and 'role="status"' in page
        assert OKABE_ITO["vermilion"] in page

    def test_as_text(self):
        assert str(self.REPORT) == "Wrong: <script>\n  Got: <b>\n    x\n  a & `b`"
        assert repr(self.REPORT) == str(self.REPORT)

    def test_code_is_monospaced_and_prose_is_not(self):
        for label, code in (("Got", True), ("Problem", False), ("", False), ("Note", False)):
            page = Report(State.WRONG, "x", ((label, "`text`"),))._repr_html_()
            assert ("monospace" in page) == code and ("<code>" in page) != code

    def test_every_state_has_a_colour(self):
        pages = {Report(state, "x")._repr_html_() for state in State}
        assert len(pages) == len(State)

    def test_what_no_page_takes_is_written_as_a_code(self):
        report = Report(State.WRONG, "\ud800", (("Got", "\udfff"),))
        assert report.title == "\\ud800" and report.findings == (("Got", "\\udfff"),)
        (str(report) + report._repr_html_()).encode("utf-8")

    @pytest.mark.parametrize(
        "given",
        [("Right", "x"), (State.RIGHT, None), (State.RIGHT, "x", "ab"), (State.RIGHT, "x", (1,)),
         (State.RIGHT, "x", (("a", 1),)), (State.RIGHT, "x", [("a", "b")])],
    )  # fmt: skip
    def test_odd_arguments_are_refused_with_a_sentence(self, given):
        with pytest.raises(TypeError, match="report"):
            Report(*given)
