"""A notebook of a learner's own, whose cells show widgets and nothing else, or little."""

from pathlib import Path

import nbformat
from nbformat import v4

from tools.saved_widgets import GONE

CELLS = {
    """\
import ipywidgets
from IPython.display import display
from tqdm.notebook import tqdm

ipywidgets.IntSlider(description="mine")""": GONE,
    "ipywidgets.HBox([ipywidgets.IntSlider(description=f'{i}') for i in range(9)])": GONE,
    """\
@ipywidgets.interact(x=3)
def double(x):
    print(2 * x)""": GONE,
    """\
inside = ipywidgets.Output()
display(inside)
with inside:
    print("printed inside")""": GONE,
    """\
for _ in tqdm(range(3), desc="batches"):
    pass
print("done")""": "done",
    "for _ in tqdm(range(3), leave=False):\n    pass": "",
    "ipywidgets.HTML('<b>words</b>')": GONE,
    "print('HBox(children=(IntSlider(value=0),))')": "HBox(children=(IntSlider(value=0),))",
}
NEXT_DAY = list(CELLS.values())


def write(path: Path) -> None:
    """Write the notebook."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [v4.new_code_cell(source) for source in CELLS]
    nbformat.write(v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
