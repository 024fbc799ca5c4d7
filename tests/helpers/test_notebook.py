"""`show`: displayed in IPython, printed elsewhere, whatever the terminal can write."""

import io
import sys

from helpers._notebook import show


def test_printed_outside_a_notebook(capsys):
    show("3×4 …")
    assert capsys.readouterr().out == "3×4 …\n"


def test_a_terminal_without_the_character_gets_its_code(monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "ascii", write_through=True))
    show("3×4")
    assert written.getvalue() == b"3\\xd74\n"


def test_displayed_in_ipython(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.get_ipython", lambda: object())
    monkeypatch.setattr("IPython.display.display", shown.append)
    show("text")
    assert shown == ["text"]
