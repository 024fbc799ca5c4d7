"""What stops a training run that has gone wrong."""

from helpers.train.history import History


class NonFiniteLossError(ArithmeticError):
    """The loss, or a parameter, became nan or infinite: nothing is learnt from there on.

    `epoch`, `batch` and `step` say where, all counted from 1; `history` holds what was recorded
    before it. The model keeps the spoilt weights; a checkpoint keeps the last good ones.
    """

    def __init__(self, message: str, epoch: int, batch: int, step: int, history: History) -> None:
        super().__init__(message)
        self.epoch = epoch
        self.batch = batch
        self.step = step
        self.history = history
