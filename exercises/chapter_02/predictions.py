"""Predictions of chapter 02."""

from helpers.grading.prediction import Choice, prediction

PREDICTIONS = (
    prediction(
        "slope_of_square",
        "At x = 3 the ratios go towards 6. Towards which number do they go at x = -4?",
        Choice("8, twice the distance from 0", "Left of 0 the curve falls: a minus is due."),
        Choice("-8", "The slope is 2x, and the curve falls to the left of 0.", right=True),
        Choice("6, as at x = 3", "The curve is not equally steep everywhere."),
        Choice("16", "That is the value at -4, not how fast it rises."),
    ),
    prediction(
        "which_get_a_grad",
        "weight requires a gradient, data_point does not, prediction = weight * data_point. "
        "After prediction.backward(), which of the three holds a gradient?",
        Choice("all three", "data_point does not require one."),
        Choice("weight only", "It is a leaf, and it requires one.", right=True),
        Choice(
            "weight and prediction",
            "prediction is in the middle: its slope is used and dropped.",
        ),
        Choice("prediction only", "backward() starts there; it fills the leaves."),
    ),
    prediction(
        "constant_in_the_graph",
        "In the picture x requires no gradient, and the box of w * x saved x. What does "
        "that box hold if x requires a gradient as well?",
        Choice(
            "the same: a way to w, and x saved",
            "Then x would get no slope, and it requires one.",
        ),
        Choice(
            "ways to w and to x, and x saved",
            "The slope with respect to x is w; so w is needed too.",
        ),
        Choice(
            "ways to w and to x, and both saved",
            "Each factor is the slope with respect to the other.",
            right=True,
        ),
    ),
    prediction(
        "used_twice",
        "y = x * x + 3 * x at x = 2. What is x.grad after y.backward()?",
        Choice("5, from 2 and 3", "x * x uses x twice: both uses count."),
        Choice("7, from 2, 2 and 3", "All paths from y to x are added.", right=True),
        Choice("12, from 2 times 2 times 3", "Along a path one multiplies; paths add."),
    ),
    prediction(
        "vector_backward",
        "x has three elements and y = x**2. What does y.backward() do?",
        Choice("fills x.grad with 2 * x", "That would be y.sum().backward()."),
        Choice("makes a 3x3 table of slopes", "Autograd never makes that table."),
        Choice(
            "raises an error",
            "It cannot know how much each of the three outputs counts.",
            right=True,
        ),
    ),
    prediction(
        "stretched_bias",
        "bias has shape (3,) and is added to 4 rows; the result is summed. What is bias.grad?",
        Choice("[1, 1, 1]", "That is the part of one row; there are four."),
        Choice("[4, 4, 4]", "Each place was used in four rows.", right=True),
        Choice("a 4x3 table of ones", "A gradient has the shape of its tensor."),
    ),
    prediction(
        "two_backwards",
        "At x = 3 the slope of x * x is 6. Calculate x * x and call backward(), three "
        "times over. What is x.grad each time?",
        Choice("6, 6, 6", "backward() does not empty .grad; it adds to it."),
        Choice("6, 12, 18", "Each backward() adds 6.", right=True),
        Choice("6, then an error", "Each round has a fresh graph, so there is none."),
    ),
    prediction(
        "second_backward",
        "y.backward() is called twice on the same y. For which y does the second call fail?",
        Choice("for both, x + 3 and x * x", "A sum saves nothing, so it misses nothing."),
        Choice("for x * x only", "Its saved factors were freed.", right=True),
        Choice("for neither", "Saved numbers are freed by the first call."),
    ),
    prediction(
        "grad_is_left_alone",
        "After torch.autograd.grad(y, x), what is x.grad?",
        Choice("the slope", "It is returned, and put nowhere."),
        Choice("None", "torch.autograd.grad only returns.", right=True),
        Choice("zero", "Nothing was written to .grad, not even a zero."),
    ),
    prediction(
        "no_grad_result",
        "Four layers whose weights require a gradient. Under torch.no_grad(), what does "
        "the result look like?",
        Choice(
            "the same values, requires_grad False",
            "Nothing that is calculated inside is remembered.",
            right=True,
        ),
        Choice(
            "the same values, requires_grad True",
            "The weights require one; the result does not, because nothing was recorded.",
        ),
        Choice("an error", "Calculating without recording is always allowed."),
    ),
    prediction(
        "list_of_losses",
        "A validation without no_grad() keeps each loss in a list. After 10 rounds, how "
        "much memory of saved tensors is held, compared with 1 round?",
        Choice("the same: old graphs are freed", "The list holds the old losses."),
        Choice("10 times as much", "Each loss holds its whole graph.", right=True),
        Choice("10 numbers more", "A loss is a number with a graph behind it."),
    ),
    prediction(
        "data_gradient",
        "root = x.sqrt() saved its result. root.data.mul_(10) changes it. What does "
        "backward() give for x, where 0.25 is right?",
        Choice("0.25", "The saved result is the one that was changed."),
        Choice("an error", "detach() would lead to one; .data hides the change."),
        Choice(
            "0.025, without a word",
            "1 / (2 * 20): the rule uses the changed result.",
            right=True,
        ),
    ),
    prediction(
        "in_place_after",
        "y = function(x), then y.mul_(2). For which function does backward() fail?",
        Choice("exp", "Its slope is its result, and that was changed.", right=True),
        Choice("sin", "Its slope is the cosine of its input, which is untouched."),
        Choice("x + 1", "A sum saves nothing."),
        Choice("all three", "Only a change of a saved tensor is a mistake."),
    ),
    prediction(
        "halved_on_the_way",
        "middle = x * x at x = 1, and (middle * 10).sum().backward(). One hook on middle "
        "only looks, the next returns gradient / 2. What is x.grad?",
        Choice("20, as without hooks", "What a hook returns replaces the gradient."),
        Choice("10", "10 arrives, 5 goes on, times 2x = 2.", right=True),
        Choice("None: the first hook returns nothing", "Nothing returned: nothing changed."),
    ),
    prediction(
        "second_derivative",
        "y = x**3 at x = 2. What is the slope of the slope?",
        Choice("6", "The second derivative is 6x, not 6."),
        Choice("12", "Slope 3x², slope of that 6x; at 2 it is 12.", right=True),
        Choice("8", "That is the value."),
    ),
    prediction(
        "rounded_slope",
        "What is the gradient of x.round().sum()?",
        Choice("all ones", "That is the straight-through trick, not the derivative."),
        Choice(
            "all zeros",
            "A small change of x does not change the rounded number.",
            right=True,
        ),
        Choice("an error: round has no derivative", "It has one nearly everywhere: 0."),
    ),
    prediction(
        "smaller_step",
        "You make the step of the central difference smaller, from 0.1 down to 10⁻¹². "
        "What happens to the error of the slope?",
        Choice("it falls all the way", "Two nearly equal numbers are subtracted at last."),
        Choice(
            "it falls and then rises",
            "First the chord, then rounding: there is a best step.",
            right=True,
        ),
        Choice("it rises all the way", "A long step measures a chord, not the slope."),
    ),
    prediction(
        "where_nan",
        "y = torch.where(x > 0, x.sqrt(), 0.0) at x = 0. What is the gradient there?",
        Choice("0", "That is what you want. But 0 times infinity is not 0."),
        Choice("infinity", "where multiplies it by 0 on the way back."),
        Choice("nan", "0 from where, times the infinite slope of sqrt.", right=True),
    ),
    prediction(
        "jacobian_shape",
        "two takes 3 numbers and gives 2. What shape has jacrev(two)(x)?",
        Choice("(2, 3)", "A row for each output, a column for each input.", right=True),
        Choice("(3, 2)", "Outputs come first."),
        Choice("(3,)", "That is the gradient of a single output."),
    ),
    prediction(
        "mean_of_gradients",
        "178 wines have a gradient each, for 4 weights. What is the mean of them?",
        Choice("the gradient of the mean loss", "A slope of a sum is a sum.", right=True),
        Choice("something else: squares do not add up", "The losses are added, after all."),
        Choice("a single number", "The mean over the wines leaves 4 numbers."),
    ),
    prediction(
        "more_or_less",
        "At strength 1 the slope of the error on new wines is negative. What does it advise?",
        Choice("less ridge", "A negative slope: with less strength the error rises."),
        Choice("more ridge", "With more strength the error falls.", right=True),
        Choice("strength 1 is best", "At the lowest place the slope is 0."),
    ),
    prediction(
        "larger_rate",
        "With a rate of 0.3 the walk reaches the formula's weights. What does it do with 0.8?",
        Choice("it arrives sooner", "A step can be too long: it lands beyond the lowest place."),
        Choice("it arrives at another place", "There is only one lowest place here."),
        Choice(
            "it runs away from the lowest place",
            "Each step lands further off on the other side.",
            right=True,
        ),
    ),
)
