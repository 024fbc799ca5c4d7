from helpers.grading.exercise import Exercise, edit

_DIAMOND = {
    "loss": ["product", "squared"],
    "squared": ["product"],
    "product": ["a", "b"],
    "a": [],
    "b": [],
}

_LADDER = {
    "a": [],
    "b": ["a"],
    "unused": ["b"],
    "c": ["b", "a"],
    "d": ["a", "c"],
    "loss": ["b", "d"],
}


def _one_order(parents: dict[str, list[str]], last: str) -> list[str]:
    """One right answer: each name after all names that use it."""
    order: list[str] = []

    def visit(name: str) -> None:
        if name not in order:
            for parent in parents[name]:
                visit(parent)
            order.append(name)

    visit(last)
    return order[::-1]


def _canonical_order(result: list, parents: dict[str, list[str]], last: str) -> list:
    """The one order that is compared, for every right order."""
    wanted = _one_order(parents, last)
    if type(result) is not list or sorted(result) != sorted(wanted):
        return result
    place = {name: number for number, name in enumerate(result)}
    ordered = all(place[p] > place[name] for name in result for p in parents[name])
    return wanted if ordered else result


exercise = Exercise(
    "backward_order(parents, last)",
    title="in which order to walk back",
    prompt="""
        `parents["loss"]` lists the names that `loss` was made of. Write
        `backward_order(parents, last)`: a list of all names that `last` depends on, with
        `last` first, such that **each name stands after all names that were made of it**.
        Only then are all parts of its slope there when its turn comes. Each name stands
        once. If several orders are right, any will do. For
        `{"loss": ["a", "b"], "b": ["a"], "a": []}` the answer is `["loss", "b", "a"]`: `a`
        must wait for `b`, because `b` was made of it.
    """,
    shapes="parents: name to list of names. last: name. Returns a list of names.",
    cases=[lambda: (_DIAMOND, "loss"), lambda: (_LADDER, "loss")],
    canonical=_canonical_order,
    hints=(
        "Think of the opposite order first: each name after all its parents.",
        "Visit the parents of a name, each in the same way, then append the name.",
        "A name that is in the list is not visited again. At the end reverse the list.",
        "def visit(name): if name not in order: for … visit(parent); order.append(name)",
    ),
)


@exercise.answer(
    why="A name is appended when all its parents are in; reversed, all users come first."
)
def backward_order(parents, last):
    order = []

    def visit(name):
        if name not in order:
            for parent in parents[name]:
                visit(parent)
            order.append(name)

    visit(last)
    return order[::-1]


@exercise.right
def _(parents, last):
    reached, waiting = {last}, [last]
    while waiting:
        for parent in parents[waiting.pop()]:
            if parent not in reached:
                reached.add(parent)
                waiting.append(parent)
    users = {name: 0 for name in reached}
    for name in reached:
        for parent in parents[name]:
            users[parent] += 1
    order, ready = [], [last]
    while ready:
        name = ready.pop()
        order.append(name)
        for parent in parents[name]:
            users[parent] -= 1
            if users[parent] == 0:
                ready.append(parent)
    return order


@exercise.right
def _(parents, last):
    order = [last]
    for name in order:
        for parent in parents[name]:
            if parent in order:
                order.remove(parent)
            order.append(parent)
    return order


@exercise.mistake(
    "a name is taken as soon as one user is done; it must wait for all of them. Append after "
    "the parents, and reverse the list"
)
def _(parents, last):
    order = []

    def visit(name):
        if name not in order:
            order.append(name)
            for parent in parents[name]:
                visit(parent)

    visit(last)
    return order


@exercise.mistake("ordered by the shortest way from the loss; the longest one counts")
def _(parents, last):
    order = [last]
    for name in order:
        for parent in parents[name]:
            if parent not in order:
                order.append(parent)
    return order


exercise.mistake("this is the order of the forward pass; reverse it", edit("order[::-1]", "order"))


@exercise.mistake("a name with two users stands in the list twice")
def _(parents, last):
    order = [last]
    for name in order:
        order.extend(parents[name])
    return order


exercise.rejected("a list was asked for", lambda parents, last: tuple(parents))


@exercise.rejected("this is None, which is what a function without `return` gives")
def _(parents, last):
    order = [last]
    order = order.extend(parents[last])
