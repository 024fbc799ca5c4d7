"""Predictions of chapter 03."""

from helpers.grading.prediction import Choice, prediction

PREDICTIONS = (
    prediction(
        "plain_tensor",
        "A module has the attributes nn.Parameter(…), a plain tensor with "
        "requires_grad=True, and a buffer. Which of them does parameters() give?",
        Choice("the nn.Parameter only", "Only its type registers it as learned.", right=True),
        Choice(
            "the nn.Parameter and the plain tensor",
            "requires_grad is not enough: the module looks at the type.",
        ),
        Choice("all three", "A buffer is kept with the module, but not learned."),
    ),
    prediction(
        "children_or_modules",
        "tree holds a Linear and a Sequential of ReLU and Linear. How many modules do "
        "children() and modules() give?",
        Choice("2 and 4", "modules() also begins with the tree itself."),
        Choice("2 and 5", "Two below; five with the tree and all depths.", right=True),
        Choice("3 and 3", "children() does not look into the Sequential."),
    ),
    prediction(
        "plain_list",
        "self.steps = [nn.Linear(4, 4) for _ in range(3)]. How many tensors does "
        "parameters() give?",
        Choice("6", "That would be right for an nn.ModuleList: three weights, three biases."),
        Choice("3", "A linear layer has two tensors; but none of them is found."),
        Choice("0", "A module does not look into a plain list.", right=True),
    ),
    prediction(
        "linear_numbers",
        "How many learned numbers has nn.Linear(64, 10)?",
        Choice("640", "The ten biases are missing."),
        Choice("650", "A weight for each pair, a bias for each output.", right=True),
        Choice("704", "A bias belongs to an output, not to an input."),
    ),
    prediction(
        "flat_area",
        "The kernel `edges` sums to 0. What does it make of an area of equal pixels?",
        Choice("black", "8 times the pixel minus its 8 equal neighbours: 0.", right=True),
        Choice("the same grey", "That needs a sum of 1, as in blur and sharpen."),
        Choice("white", "Only a pixel much brighter than its neighbours becomes white."),
    ),
    prediction(
        "convolved_size",
        "28 pixels, kernel 5, stride 2, padding 2. How many come out?",
        Choice("13", "(28 + 4 - 5) // 2 is 13; the first position is missing."),
        Choice("14", "(28 + 4 - 5) // 2 + 1 = 13 + 1.", right=True),
        Choice("12", "That is without the padding."),
    ),
    prediction(
        "transposed_size",
        "7 pixels, transposed convolution with kernel 4, stride 2, padding 1. How many come out?",
        Choice("14", "(7 - 1) * 2 - 2 + 4: it doubles the size exactly.", right=True),
        Choice("16", "The padding takes a pixel away at each side."),
        Choice("3", "That is what a convolution would leave."),
    ),
    prediction(
        "pooled_size",
        "What does nn.MaxPool2d(2) make of 5 by 5 pixels?",
        Choice("2 by 2", "The last row and column fill no window.", right=True),
        Choice("3 by 3", "That is with ceil_mode=True."),
        Choice("4 by 4", "The window moves by its own size, not by 1."),
    ),
    prediction(
        "mirrored_border",
        "The row 1 2 3 is padded by two on each side, by reflection. What stands left of the 1?",
        Choice("1 1", "That is replication."),
        Choice("2 1", "The border pixel itself is the mirror; it is not repeated."),
        Choice("3 2", "Mirrored at the 1: first 2, then 3, from right to left.", right=True),
    ),
    prediction(
        "ten_sigmoids",
        "Ten sigmoids in a row, each at its most sensitive place. How much of the "
        "gradient is left?",
        Choice("all of it", "Each multiplies by 0.25 at best."),
        Choice("about a tenth", "0.25 is taken ten times, not once."),
        Choice("about a millionth", "0.25 to the power of 10.", right=True),
    ),
    prediction(
        "norm_weight",
        "The weight of a batch norm is 4, its bias 1. The input has mean 5 and "
        "deviation 3. What are mean and deviation of the output?",
        Choice("mean 1, deviation 4", "The input's own are removed first.", right=True),
        Choice("mean 21, deviation 12", "That would be without normalising."),
        Choice("mean 0, deviation 1", "That is before weight and bias."),
    ),
    prediction(
        "dropout_mean",
        "Dropout with p = 0.2 is applied to 100,000 ones. What is the mean?",
        Choice("0.8", "It would be, if the survivors stayed 1."),
        Choice("1.0", "The survivors are divided by 0.8.", right=True),
        Choice("0.2", "p is the share that is dropped."),
    ),
    prediction(
        "functional_dropout",
        "forward calls F.dropout(x, 0.5), nothing else. The module is in eval(). Are there zeros?",
        Choice("no", "The function knows nothing of the module's mode."),
        Choice("yes", "Its argument training is True by default.", right=True),
    ),
    prediction(
        "no_grad_or_eval",
        "A Dropout in train() is called inside torch.no_grad(). Are there zeros?",
        Choice("no", "no_grad stops the graph, and nothing else."),
        Choice("yes", "Only eval() switches dropout off.", right=True),
    ),
    prediction(
        "padding_gradient",
        "Word 0 is padding_idx and occurs once in the batch. What is its gradient?",
        Choice("ones, like that of other words", "padding_idx keeps its row out."),
        Choice("zeros", "So its row stays what it is: zero.", right=True),
        Choice("None", "The gradient is one tensor for the whole table."),
    ),
    prediction(
        "recurrent_shape",
        "A bidirectional LSTM of 2 layers with hidden size 4 reads (2, 5, 3), batch "
        "first. What shape has the output?",
        Choice("(2, 5, 4)", "Both directions stand side by side."),
        Choice("(2, 5, 8)", "4 forward, 4 backward, of the last layer.", right=True),
        Choice("(2, 5, 16)", "Of the layers only the last is returned."),
    ),
    prediction(
        "gate_numbers",
        "A plain RNN has 36 parameters. How many have GRU and LSTM of the same sizes?",
        Choice("36 and 36", "Each gate has weights of its own."),
        Choice("72 and 108", "The candidate needs weights too."),
        Choice("108 and 144", "Two gates and a candidate; three and one.", right=True),
    ),
    prediction(
        "padded_state",
        "A sequence of 2 steps was filled up with zeros to 4. Is the LSTM's last state "
        "that of the sequence alone?",
        Choice("yes, zeros change nothing", "The gates move the state at each step."),
        Choice("no, unless it is packed", "Packing leaves the filling out.", right=True),
    ),
    prediction(
        "equal_keys",
        "All five keys are equal. What does attention return?",
        Choice("the first value", "Softmax has no preference among equals."),
        Choice("the mean of the values", "Equal similarities, weight 1/5 each.", right=True),
        Choice("zeros", "The weights sum to 1, whatever the similarities."),
    ),
    prediction(
        "softmax_changes",
        "Which changes the result of a softmax: adding 100 to all scores, or multiplying "
        "all by 10?",
        Choice("both", "The factor exp(100) cancels in the fraction."),
        Choice("only adding", "It is the other way round."),
        Choice("only multiplying", "Differences decide, and they grow.", right=True),
    ),
    prediction(
        "even_scores",
        "Ten classes, all scores equal. What is the cross entropy?",
        Choice("0", "That is for certainty about the true class."),
        Choice("about 2.3", "-log(1/10), the logarithm of 10.", right=True),
        Choice("0.1", "That is the probability; the loss is -log of it."),
    ),
    prediction(
        "sure_and_wrong",
        "The score is 200, the truth 0. What does BCELoss of the sigmoid give?",
        Choice("200", "BCEWithLogitsLoss does. The sigmoid rounds to exactly 1."),
        Choice("infinity", "log(0) would be; but BCELoss cuts it off."),
        Choice("100, with gradient 0", "Cut off, and nothing is learned.", right=True),
    ),
    prediction(
        "constant_start",
        "All parameters of a network start at 0.5. What happens to its three hidden units?",
        Choice("they learn different things", "Nothing tells them apart."),
        Choice("they stay equal for ever", "Equal values, equal gradients.", right=True),
        Choice("their gradients are 0", "They are not 0, but they are equal."),
    ),
    prediction(
        "hook_returns",
        "A forward hook returns output * 0. What does the next layer get?",
        Choice("the output as it was", "That is so when the hook returns None."),
        Choice("zeros", "What a forward hook returns replaces the output.", right=True),
        Choice("an error", "It is allowed, and sometimes useful."),
    ),
    prediction(
        "way_round",
        "The gradient at the input, through 20 layers as PyTorch makes them:",
        Choice("about equal with and without shortcut", "Each layer shrinks it."),
        Choice(
            "below 0.001 without, above 1000 with shortcut",
            "The shortcut passes it on, and each layer adds to it.",
            right=True,
        ),
        Choice("above 1000 without, below 0.001 with", "It is the other way round."),
    ),
    prediction(
        "where_parameters_are",
        "Which stage has the most parameters?",
        Choice("the first, on the largest images", "A kernel does not grow with them."),
        Choice("the last, with the most channels", "in times out times 9.", right=True),
        Choice("all alike", "Twice the channels are four times the weights."),
    ),
    prediction(
        "moved_digits",
        "Both networks read nearly all digits in the middle. The digits move by 4 of 16 "
        "columns. Who still reads over 80 % of them?",
        Choice("both", "The weights of the full network belong to places."),
        Choice("neither", "A convolution does the same at every place."),
        Choice("the convolutional one", "Its maximum forgets the place.", right=True),
    ),
)
