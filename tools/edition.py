"""The learner's edition of a chapter: the reference notebook before anything has been run."""

import copy

from nbformat import NotebookNode

NOT_FOR_LEARNERS = ("jupyter",)  # says what a viewer collapses; nothing is there to collapse


def learner(notebook: NotebookNode) -> NotebookNode:
    """The notebook without stored outputs; every cell, id and source is as in the reference.

    What a prediction reveals is then shown by nothing but running its cell, in any viewer.
    """
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        for key in NOT_FOR_LEARNERS:
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return made
