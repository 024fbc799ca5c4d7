"""Predictions of chapter 01."""

from helpers.grading.prediction import Choice, prediction

PREDICTIONS = (
    prediction(
        "capital_t",
        "What is torch.Tensor(3), with a capital T?",
        Choice("a tensor that holds the number 3", "That is torch.tensor(3), small t."),
        Choice(
            "a tensor with three elements of no particular value",
            "With a capital T the numbers are sizes, and nobody fills the memory.",
            right=True,
        ),
        Choice("an error", "It is old, but it still works: that is what is dangerous."),
    ),
    prediction(
        "bytes_overflow",
        "A uint8 holds 0 to 255. What is torch.tensor([200], dtype=torch.uint8) + 100?",
        Choice("300", "300 does not fit into uint8, and adding a number keeps the dtype."),
        Choice("255", "PyTorch does not stop at the limit; it wraps around."),
        Choice("44", "300 - 256 = 44: it wraps around, without a warning.", right=True),
    ),
    prediction(
        "transposed_strides",
        "table has shape (3, 4) and strides (4, 1). What are the strides of table.t()?",
        Choice("(3, 1)", "Those of a contiguous 4x3 table. But t() moves no data."),
        Choice("(1, 4)", "t() exchanges the strides and moves no data.", right=True),
        Choice("(4, 1)", "With the same strides it would still be the same table."),
    ),
    prediction(
        "view_of_transposed",
        "table has shape (3, 4). What does table.t().view(12) do?",
        Choice(
            "gives 0, 4, 8, 1, 5, … as a view",
            "No single stride can step through the storage in that order.",
        ),
        Choice(
            "raises an error",
            "view never copies, and without a copy this order is impossible.",
            right=True,
        ),
        Choice("copies the numbers", "reshape would. view never copies."),
    ),
    prediction(
        "expanded_bytes",
        "row holds 4 float32 numbers, 16 bytes. How large is the storage of row.expand(1000, 4)?",
        Choice("16 bytes", "Stride 0 reads the same row again and again.", right=True),
        Choice("16,000 bytes", "That would be row.repeat(1000, 1), which copies."),
    ),
    prediction(
        "write_through",
        "sliced = table[1:2] and picked = table[[1]] hold the same numbers. "
        "Writing into which of them changes table?",
        Choice("both", "An index that is a list makes a copy."),
        Choice("sliced only", "A slice is a view, a list of indices a copy.", right=True),
        Choice("picked only", "It is the other way round."),
        Choice("none", "A slice in Python's lists is a copy; a tensor's is a view."),
    ),
    prediction(
        "gathered",
        "table is [[10, 11], [20, 21]]. What is table.gather(1, torch.tensor([[1], [0]]))?",
        Choice("[[11], [20]]", "One column number for each row.", right=True),
        Choice("[[20], [11]]", "That takes rows; dim 1 means that the columns move."),
        Choice("[[20, 21], [10, 11]]", "That is table[[1, 0]], which takes whole rows."),
    ),
    prediction(
        "equal_decimals",
        "In float64, is torch.equal(a + b, c) True for a = 0.1, b = 0.2, c = 0.3?",
        Choice("True", "None of the three has an exact binary form."),
        Choice("False", "The sum is off in the last binary digit.", right=True),
    ),
    prediction(
        "summed_shape",
        "cube has shape (2, 3, 4). What is the shape of cube.sum(dim=1)?",
        Choice("(2, 4)", "The dimension that is named disappears.", right=True),
        Choice("(3,)", "That would sum over dimensions 0 and 2."),
        Choice("(2, 3)", "That is sum(dim=2). Counting begins at 0."),
    ),
    prediction(
        "stacked_shape",
        "Three tensors have shape (2, 5). What shape has torch.stack of them, with dim=1?",
        Choice("(6, 5)", "That is cat along dim 0."),
        Choice("(2, 15)", "That is cat along dim 1."),
        Choice("(3, 2, 5)", "That is stack with dim=0."),
        Choice("(2, 3, 5)", "The new dimension stands at place 1.", right=True),
    ),
    prediction(
        "column_plus_row",
        "What shape has a tensor of shape (3, 1) plus a tensor of shape (4,)?",
        Choice("error", "From the right: 1 meets 4 and stretches, 3 meets nothing."),
        Choice("(3, 4)", "The column is stretched 4 times, the row 3 times.", right=True),
        Choice("(4, 3)", "Shapes are aligned at the right: 4 stays last."),
    ),
    prediction(
        "batched_product",
        "What shape has a (10, 3, 4) tensor @ a (4, 5) tensor?",
        Choice("(10, 3, 5)", "The matrix is used for each of the 10.", right=True),
        Choice("(3, 5)", "The batch of 10 does not disappear."),
        Choice("error", "@ broadcasts over what stands before the last two."),
    ),
    prediction(
        "shared_array",
        "tensor = torch.from_numpy(array); then array[0] = 99. What is tensor[0]?",
        Choice("what it was", "torch.tensor(array) would copy; from_numpy does not."),
        Choice("99", "Both look at the same memory.", right=True),
    ),
    prediction(
        "raw_distances",
        "Proline is measured in hundreds, hue around 1. Which column decides the "
        "Euclidean distance between two wines, if nothing is standardised?",
        Choice("all of them alike", "Each adds the square of its own difference."),
        Choice("hue", "Its differences are tenths; their squares are hundredths."),
        Choice("proline", "Its differences are the largest by far.", right=True),
    ),
)
