from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "best_epoch(losses, patience)",
    title="when to stop",
    prompt="""
        Write `best_epoch(losses, patience)`. The validation losses come in one after the
        other. Training stops after the first epoch that makes `patience` epochs in a row
        without a new lowest loss (an equal one is not new), or when the losses end. Return
        two whole numbers, counted from 1: the epoch of the lowest loss **until then**, and
        the epoch after which training stopped.
    """,
    shapes="losses: a list of floats. patience: int. Returns a tuple of two ints.",
    cases=[
        lambda: ([0.9, 0.7, 0.8, 0.6, 0.7, 0.7, 0.65, 0.5, 0.9], 2),
        lambda: ([0.9, 0.8, 0.7], 2),
        lambda: ([0.5, 0.6, 0.55, 0.58, 0.57, 0.3, 0.4, 0.45, 0.2], 2),
        lambda: ([0.5, 0.5, 0.5, 0.6, 0.7, 0.1], 2),
        lambda: ([0.3, 0.4, 0.2], 1),
        lambda: ([0.5], 3),
    ],
    hints=(
        "Keep the best epoch so far, and look at one loss after the other.",
        "How many epochs have passed without a new best one? epoch - best.",
        "if loss < losses[best - 1]: best = epoch, elif epoch - best >= patience: stop",
    ),
)


@exercise.answer(why="epoch - best is the number of epochs since the lowest loss.")
def best_epoch(losses, patience):
    best = 1
    for epoch, loss in enumerate(losses, start=1):
        if loss < losses[best - 1]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best, epoch


@exercise.right
def _(losses, patience):
    lowest, best, waited = float("inf"), 0, 0
    for epoch in range(1, len(losses) + 1):
        waited += 1
        if losses[epoch - 1] < lowest:
            lowest, best, waited = losses[epoch - 1], epoch, 0
        if waited == patience:
            return best, epoch
    return best, len(losses)


@exercise.right
def _(losses, patience):
    for end in range(1, len(losses) + 1):
        best = losses.index(min(losses[:end])) + 1
        if end - best == patience:
            return best, end
    return best, end


exercise.mistake(
    "this looks at all losses; training stops before it has seen the last ones",
    lambda losses, patience: (losses.index(min(losses)) + 1, len(losses)),
)


@exercise.mistake("the best epoch is one that came before training stopped")
def _(losses, patience):
    for end in range(1, len(losses) + 1):
        best = losses.index(min(losses[:end])) + 1
        if end - best == patience:
            break
    return losses.index(min(losses)) + 1, end


@exercise.mistake("after a new lowest loss the counting begins again at 0")
def _(losses, patience):
    lowest, best, waited = float("inf"), 0, 0
    for epoch, loss in enumerate(losses, start=1):
        if loss < lowest:
            lowest, best = loss, epoch
        else:
            waited += 1
        if waited == patience:
            break
    return best, epoch


@exercise.mistake("epochs are counted from 1")
def _(losses, patience):
    for end in range(1, len(losses) + 1):
        best = losses.index(min(losses[:end]))
        if end - 1 - best == patience:
            break
    return best, end - 1


@exercise.mistake("this waits one epoch too long: stop when patience epochs brought nothing")
def _(losses, patience):
    for end in range(1, len(losses) + 1):
        best = losses.index(min(losses[:end])) + 1
        if end - best > patience:
            break
    return best, end


@exercise.mistake("compare with the lowest loss so far, not with the epoch before")
def _(losses, patience):
    best, waited = 1, 0
    for epoch in range(2, len(losses) + 1):
        worse = losses[epoch - 1] >= losses[epoch - 2]
        waited = waited + 1 if worse else 0
        if not worse and losses[epoch - 1] < losses[best - 1]:
            best = epoch
        if waited == patience:
            return best, epoch
    return best, len(losses)


exercise.mistake("an equal loss is no new lowest one: <, not <=", edit("< losses", "<= losses"))
exercise.mistake(
    "the two are exchanged: first the best epoch, then the last one",
    edit("best, epoch", "epoch, best"),
)


@exercise.rejected("Error")
def _(losses, patience):
    best = 1
    for epoch in range(2, len(losses) + 1):
        if losses[epoch - 1] < losses[best - 1]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best, epoch
