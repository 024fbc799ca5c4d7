"""Predictions of chapter 04."""

from helpers.grading.prediction import Choice, prediction

PREDICTIONS = (
    prediction(
        "order_of_lines",
        "Someone writes loss.backward(), optimizer.zero_grad(), optimizer.step(), in this "
        "order. What do 50 steps of this do?",
        Choice("the model learns as usual", "step() needs the gradients, and they are gone."),
        Choice("nothing: no parameter moves", "zero_grad() throws them away first.", right=True),
        Choice("an error is raised", "step() passes over parameters without a gradient."),
    ),
    prediction(
        "three_loops",
        "All three loops go 3 times through the same 1,200 digits, with the same rate. Which "
        "one has the lowest loss then?",
        Choice("the full batch: its direction is exact", "It has made three steps in all."),
        Choice("one sample: it has made 3,600 steps", "Rough steps, but many.", right=True),
        Choice("all alike: they saw the same digits", "Count the steps, not the digits."),
    ),
    prediction(
        "kept_graph",
        "total = total + loss is written in each of 10 training steps; backward() was called "
        "in each. How many graph nodes hang on total, against one step?",
        Choice("as many: backward() has freed the graph", "It frees saved tensors, not nodes."),
        Choice("none", "total requires a gradient, so it has a graph."),
        Choice("several times as many", "Every step's graph is kept.", right=True),
    ),
    prediction(
        "too_large_rate",
        "In the steep direction the curvature is 20: the gradient is 20 · y. SGD with rate "
        "0.11 starts at y = 1. What does y do?",
        Choice("it falls to 0, more quickly than with 0.04", "It jumps over 0 each time."),
        Choice("it jumps from side to side and grows", "times 1 - 2.2 each step.", right=True),
        Choice("it jumps from side to side and shrinks", "For that the rate must be below 0.1."),
    ),
    prediction(
        "optimizer_memory",
        "How many numbers does Adam keep for each parameter, beside the gradient?",
        Choice("none", "That is plain SGD."),
        Choice("one", "That is momentum, or RMSprop."),
        Choice("two", "The mean of the gradients and that of their squares.", right=True),
    ),
    prediction(
        "group_default",
        "SGD([{'params': a, 'lr': 0.5}, {'params': b}], lr=0.1): which rate does b get?",
        Choice("0.5, as the group before", "Groups do not look at each other."),
        Choice("0.1", "What a group does not say comes from the defaults.", right=True),
        Choice("an error: b has no rate", "It would be one without the default lr=0.1."),
    ),
    prediction(
        "decay_without_gradient",
        "A weight of 1 gets a gradient of 0. One step, lr=0.1, weight_decay=0.1. Where is it "
        "after SGD, AdamW, Adam?",
        Choice("0.99, 0.99 and 0.99", "Adam divides this pull of 0.1 by 0.1: a step of lr."),
        Choice("1, 1 and 1", "The decay pulls without a gradient, too."),
        Choice("0.99, 0.99 and 0.9", "Adam makes a full step of it.", right=True),
    ),
    prediction(
        "plateau",
        "ReduceLROnPlateau with factor=0.5, patience=2 sees the losses 1.0, 0.9, 0.9, 0.9, "
        "0.9. After which of them does it halve the rate?",
        Choice("the third", "Patience 2 bears two epochs without progress."),
        Choice("the fourth", "Two epochs without progress are still borne."),
        Choice("the fifth", "The third epoch without progress is one too many.", right=True),
    ),
    prediction(
        "overfitted",
        "200 digits, every fourth with a wrong label, 80 epochs. What does the validation loss "
        "do, measured on 300 other digits with right labels?",
        Choice("it falls all the time, as the training loss does", "Not with what it learns."),
        Choice("it falls, then rises", "First it learns digits, then the labels.", right=True),
        Choice("it rises from the beginning", "The first epochs do teach it to read."),
    ),
    prediction(
        "more_data",
        "1,200 digits, every fourth label wrong, 20 epochs: 480 steps. The run with 200 digits "
        "had 320. Compare its training loss at the end with that of 200 digits:",
        Choice("lower: it has made more steps", "But not six times as many, for 300 labels."),
        Choice("higher", "300 wrong labels take longer to learn by heart than 50.", right=True),
        Choice("equal", "In the end, yes: after 80 epochs it knows these by heart, too."),
    ),
    prediction(
        "kept_reference",
        "best = model.state_dict(), then a training step, then model.load_state_dict(best). "
        "Which weights has the model?",
        Choice("those before the step", "best holds the same tensors, not copies."),
        Choice("those after the step", "The step has changed the tensors in best.", right=True),
        Choice("new random ones", "Nothing was drawn."),
    ),
    prediction(
        "clip_direction",
        "A gradient (3, 4) is clipped, by clip_grad_norm_ with 1, and by clip_grad_value_ with "
        "1. What comes out?",
        Choice("(0.6, 0.8) and (1, 1)", "The second points elsewhere.", right=True),
        Choice("(0.6, 0.8) and (0.75, 1)", "That would be one factor, by the largest number."),
        Choice("(0.6, 0.8) both times", "clip_grad_value_ looks at each number alone."),
    ),
    prediction(
        "certain_and_smooth",
        "The scores are 100 for the right class and 0 for nine others. label_smoothing=0.1. "
        "What is the loss?",
        Choice("0: the answer is right and certain", "It is 0 without smoothing."),
        Choice("0.1", "The score of 100 weighs more."),
        Choice("9", "0.01 times 100, for each of nine classes.", right=True),
    ),
    prediction(
        "accumulate_sum",
        "Four batches of 16, each with the mean loss and backward(), no zero_grad between. The "
        "gradient against that of one batch of 64:",
        Choice("equal", "It would be, had each loss been divided by 4."),
        Choice("4 times as large", "Four means are added.", right=True),
        Choice("a quarter of it", "Adding makes it larger."),
    ),
    prediction(
        "lazy_accuracy",
        "Is it a 7? A model answers no, whatever it is shown. Its accuracy on the 1,797 digits:",
        Choice("about 10 %", "It is right whenever there is no 7."),
        Choice("about 50 %", "Two answers are possible, but not equally frequent."),
        Choice("about 90 %", "Nine digits of ten are no 7.", right=True),
    ),
    prediction(
        "extra_draw",
        "Same seed, but after it somebody inserts a line that draws one random number. Is the "
        "training run the same?",
        Choice("yes: the seed is the same", "The seed sets where the sequence begins."),
        Choice("no: all draws after it are others", "Each draw takes the next.", right=True),
        Choice("only its first step differs", "The start weights are drawn, too."),
    ),
    prediction(
        "bottleneck",
        "One step with 512 digits: prepare takes the mean off each image, then forward and "
        "backward through 64-64-10, then SGD. What takes longest?",
        Choice("preparing", "512 times a few small operations.", right=True),
        Choice("forward", "Two products of matrices for the whole batch."),
        Choice("backward", "About twice the work of forward, in few operations."),
    ),
    prediction(
        "same_numbers",
        "Our fit and train.fit train the same model from the same seeds. How far do the "
        "weights agree at the end?",
        Choice("to about three digits", "The same operations in the same order are exact."),
        Choice("to the last bit", "They do the same; nothing is left to chance.", right=True),
        Choice("not at all: they draw other batches", "The loader has a seed of its own."),
    ),
    prediction(
        "silent_layer",
        "The last layer is replaced after the optimiser was made. 20 steps later, what has the "
        "new layer learned?",
        Choice("nothing: it is as it was made", "The optimiser has the old one.", right=True),
        Choice("as much as the others", "The optimiser got its list before."),
        Choice("an error is raised at step()", "It steps what it has, without complaint."),
    ),
)
