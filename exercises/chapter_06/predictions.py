"""Predictions of chapter 06."""

from helpers.grading.prediction import Choice, prediction

PREDICTIONS = (
    prediction(
        "after_a_stop",
        "The server of this notebook is stopped and started again. Is the pane still there?",
        Choice("yes, the server saved it", "Only a server with a name keeps what it has."),
        Choice("yes, if its page is open", "The page asks for panes; it gives none back."),
        Choice("no, it is gone", "A server without a name takes all with it.", right=True),
    ),
    prediction(
        "two_environments",
        "One client writes A to the pane note in environment first, another writes B to the "
        "pane note in environment second. What does the pane in first say?",
        Choice("A", "Names of panes count within their environment.", right=True),
        Choice("B", "That would be so within one environment."),
        Choice("A, and B below it", "A second text replaces, unless you say append=True."),
    ),
    prediction(
        "panes_without_win",
        "vis.text is called three times without win, then three times with win='loss' on an empty "
        "page. How many panes are there each time?",
        Choice("1 and 1", "Without a name visdom cannot know which pane you mean."),
        Choice("3 and 3", "A pane with this name is overwritten."),
        Choice("3 and 1", "The name decides: none is a new one, chance names it.", right=True),
    ),
    prediction(
        "columns_are_lines",
        "vis.line gets a matrix of shape (50, 3). What does it draw?",
        Choice("50 curves of 3 points", "The first dimension counts the points."),
        Choice("3 curves of 50 points", "A row is a step, a column a curve.", right=True),
        Choice("one curve of 150 points", "It does not flatten its input."),
    ),
    prediction(
        "append_new_name",
        "The pane has one curve, train. A point is appended with name='validation'. What happens?",
        Choice("an error: there is no such curve", "It is taken for the first point of a curve."),
        Choice("the point goes to train", "The name decides."),
        Choice("a second curve begins", "A new name begins a curve.", right=True),
    ),
    prediction(
        "plain_number",
        "Which of 0.5, torch.tensor(0.5), [0.5], torch.tensor([0.5]), [torch.tensor(0.5)] does "
        "vis.line take?",
        Choice("all", "It looks for dimensions, which the first two have not."),
        Choice("the last three", "All three have one dimension; one is enough.", right=True),
        Choice("all but 0.5", "torch.tensor(0.5) has no dimension either."),
    ),
    prediction(
        "labels_from_zero",
        "vis.scatter gets 178 points and their classes 0, 1 and 2. What happens?",
        Choice("three colours", "It would with the labels 1, 2 and 3."),
        Choice("class 0 is left out", "It refuses the label 0 instead of leaving something out."),
        Choice("an error", "The smallest label is 1, PyTorch's smallest class 0.", right=True),
    ),
    prediction(
        "images_in_a_row",
        "Ten images of 128 × 128 pixels, nrow=4. How many rows and columns has the picture?",
        Choice("528 rows, 396 columns", "nrow counts the images in a row, not the rows."),
        Choice("396 rows, 528 columns", "Three rows of four, 132 pixels each.", right=True),
        Choice("384 rows, 512 columns", "There are 2 pixels of white around each image."),
    ),
    prediction(
        "tag_in_a_name",
        "A file is called <b>cat</b>.png, and vis.text shows its name. What do you see?",
        Choice("<b>cat</b>.png", "That is what escape is for."),
        Choice("cat.png, cat in bold letters", "It is HTML, whoever wrote it.", right=True),
        Choice("nothing: the server refuses it", "The server looks at no text."),
    ),
    prediction(
        "after_the_restart",
        "The curve had 3 points when it was saved and copied. A fourth was appended, and the "
        "server was stopped and started. How many points are there in the curve and in the copy?",
        Choice("3 and 3", "So it is with visdom's own server; this one also saves when stopped."),
        Choice("4 and 3", "It saved as it was stopped; a copy stays as it is.", right=True),
        Choice("4 and 4", "The copy is an environment of its own."),
    ),
    prediction(
        "thinned_spike",
        "10,000 points with one spike go to a board that keeps 500 points a curve. What arrives?",
        Choice("all 10,000", "A pane could not show them."),
        Choice("at most 500, the spike among them", "Highest and lowest are kept.", right=True),
        Choice("every twentieth, the spike most likely lost", "So would a plain choice do it."),
    ),
    prediction(
        "server_goes_away",
        "A run has 300 steps; before step 100 the server is stopped, before step 200 started. What "
        "becomes of training, and of the points?",
        Choice("training stops with an error", "A board raises nothing while you train."),
        Choice("training goes on, 100 points are lost", "The board keeps what it shows."),
        Choice("training goes on, all points arrive", "A pane is sent whole.", right=True),
    ),
    prediction(
        "same_step_twice",
        "The log has steps 0 to 4. A second writer on the same folder writes a value for step 3. "
        "What does the log hold?",
        Choice("five values, the new one at step 3", "Nothing is overwritten in a log."),
        Choice("six values, two of them at step 3", "It adds a file beside the first.", right=True),
        Choice("one value: the folder was emptied", "Nothing is removed from a log."),
    ),
    prediction(
        "add_scalars_folders",
        "add_scalars writes the curves train and validation. How many folders have a log now?",
        Choice("one, as always", "A log has a single value for a tag and a step."),
        Choice("two, one for each curve", "The run's own log is there too."),
        Choice("three: the run, and one for each curve", "Equal tags, so two logs.", right=True),
    ),
)
