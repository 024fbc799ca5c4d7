"""Predictions of chapter 05."""

from helpers.grading.prediction import Choice, prediction

PREDICTIONS = (
    prediction(
        "dataset_is_lazy",
        "A fresh DigitSet is made, and then asked three times for sample 3. How many samples "
        "were made, before and after?",
        Choice("1797 and 1797", "__init__ reads the files, but makes no sample."),
        Choice("0 and 1", "A dataset does not remember samples, unless you write that."),
        Choice("0 and 3", "Each question makes the sample anew.", right=True),
    ),
    prediction(
        "next_twice",
        "next(iter(loader)) is called twice, without shuffling. Which batches come?",
        Choice("the first and the second", "That needs one iterator, kept in a variable."),
        Choice("the first, twice", "Each iter(loader) begins a new epoch.", right=True),
        Choice("the second time, an error", "An epoch may be begun as often as you like."),
    ),
    prediction(
        "dictionary_batch",
        'Each sample is {"image": a (1, 8, 8) tensor, "label": a number}. What is a batch of 4?',
        Choice("a list of 4 dictionaries", "default_collate looks into dictionaries."),
        Choice("one dictionary of batches", "Each name holds a batch of its own.", right=True),
        Choice("an error", "Dictionaries are among what default_collate knows."),
    ),
    prediction(
        "drawn_how_often",
        "The weighted sampler draws 200 of the 200 samples, among which are ten twos. How many "
        "different samples come?",
        Choice("all 200", "Then the classes could not be balanced: there are ten twos only."),
        Choice("fewer than 150", "Rare ones come many times, others not at all.", right=True),
        Choice("30, ten of each class", "The zeros are drawn from all 150 of them."),
    ),
    prediction(
        "stream_twice",
        "The file has 100 lines, one for each year. Two workers read it through Lines. How many "
        "samples come, and how many different years?",
        Choice("100 and 100", "Nobody tells the workers to share."),
        Choice("200 and 100", "Each worker reads the whole file.", right=True),
        Choice("50 and 50", "Nothing is lost here; something comes too often."),
    ),
    prediction(
        "order_of_batches",
        "Two workers make batches of two squares. In which order do they come?",
        Choice("as they are ready, different each time", "The loader puts them in order."),
        Choice("first all of worker 0, then all of worker 1", "They take turns."),
        Choice("0, 1, then 4, 9, then 16, 25 …", "As without workers.", right=True),
    ),
    prediction(
        "own_generator",
        "Two workers make eight samples, so eight numbers of each source. Which sources give eight "
        "different numbers?",
        Choice(
            "torch, NumPy's and Python's global ones",
            "Those are seeded for each worker; a generator in the dataset is copied.",
            right=True,
        ),
        Choice(
            "only torch", "Older versions left NumPy out; today its global numbers are seeded too."
        ),
        Choice("all four", "The dataset's own generator is copied with the dataset."),
    ),
    prediction(
        "not_divided",
        "White is 255. What is white after to_dtype to float32 with scale=True, once of uint8, "
        "once of float32; and after to_dtype of uint8 without scale?",
        Choice("1, 1 and 1", "Floats are not divided, and nothing is without scale=True."),
        Choice("1, 255 and 255", "Two of the three do not divide.", right=True),
        Choice("1, 255 and 1", "to_dtype has scale=False by default."),
    ),
    prediction(
        "class_order",
        "A folder has the folders 1, 2 and 10. Which class numbers do they get?",
        Choice("1 → 1, 2 → 2, 10 → 10", "Classes are counted from 0, whatever they are called."),
        Choice("1 → 0, 2 → 1, 10 → 2", "Names are sorted as text, not as numbers."),
        Choice("1 → 0, 10 → 1, 2 → 2", "As text, 10 stands before 2.", right=True),
    ),
    prediction(
        "resized_shape",
        "The photograph is (3, 427, 640). What shape does Resize(128) give?",
        Choice("(3, 128, 128)", "That is Resize((128, 128)), with two numbers."),
        Choice("(3, 128, 191)", "The shorter side becomes 128.", right=True),
        Choice("(3, 85, 128)", "It is not the longer side that becomes 128."),
    ),
    prediction(
        "validation_flips",
        "A RandomHorizontalFlip(p=0.5) is set to eval(). How often does it flip?",
        Choice("never, as Dropout does nothing then", "It does not look at its mode."),
        Choice("always: eval() takes the chance out", "It does not look at its mode."),
        Choice("half of the time", "Chance in a transform knows no eval().", right=True),
    ),
    prediction(
        "plain_box",
        "An Image and a plain tensor with the box's numbers go through RandomHorizontalFlip(p=1). "
        "What happens to the numbers?",
        Choice("they are flipped as a box", "Nothing says that these numbers are a box."),
        Choice("they stay", "Beside an Image, plain tensors pass through.", right=True),
        Choice("an error", "Plain tensors are allowed: they may be labels."),
    ),
    prediction(
        "mean_of_deviations",
        "The standard deviation of each piece is computed, and averaged. Compared with that of all "
        "pixels, this is …",
        Choice("the same", "Only if all pieces had the same mean and the same deviation."),
        Choice("too small", "How the pieces differ from each other is left out.", right=True),
        Choice("too large", "Within a piece, pixels are more alike than in the whole."),
    ),
    prediction(
        "between_categories",
        "The mean colour intensity is 5.5 for A, 3.1 for B and 7.4 for C. In which order does the "
        "line put them, the palest first?",
        Choice("B, A, C", "That is the truth; a line through 0, 1, 2 cannot go down and up."),
        Choice("A, B, C", "C is the darkest, so the line rises from 0 to 2.", right=True),
        Choice("C, B, A", "Then the line would fall; but C, at its end, is the darkest."),
    ),
    prediction(
        "how_many_windows",
        "In how many windows is the value of 1850 one of the 22 inputs?",
        Choice("1", "Windows overlap: one starts at each year."),
        Choice("22", "It is the first input of one, the last of another.", right=True),
        Choice("287", "That is all of them; most lie elsewhere."),
    ),
    prediction(
        "targets_leak",
        "Windows are split at random, 80 to 20. How many of the validation targets stand in "
        "some training window too?",
        Choice("none", "No window is in both parts, but windows overlap in years."),
        Choice("about 80 %", "Each value stands in 23 windows; one in training is enough."),
        Choice("nearly all", "A value stands in 23 windows.", right=True),
    ),
    prediction(
        "pickle_runs",
        "The file was written, and no door was opened. When does open_the_door run?",
        Choice("when the file is loaded", "Loading runs what the file says.", right=True),
        Choice("when the loaded object is used", "It is too late to look at the object then."),
        Choice("never: the file holds data only", "It holds the name of a function to call."),
    ),
)
