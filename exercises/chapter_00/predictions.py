"""Predictions of chapter 00."""

from helpers.grading.prediction import Choice, prediction

PREDICTIONS = (
    prediction(
        "run_again",
        "You have run the cell cups = 1, and then the cell cups = cups + 1. Now you run "
        "only the second one again. What is cups?",
        Choice("2", "The kernel does not begin anew: cups was 2 before the cell ran."),
        Choice("3", "The kernel remembers, and the cell adds 1 once more.", right=True),
        Choice("1", "The first cell was not run again."),
    ),
    prediction(
        "untrained",
        "Twenty networks have not been trained. How many of the 297 digits does such a "
        "network read rightly, on average?",
        Choice("none", "Even a blind guess is right about once in ten."),
        Choice(
            "about one in ten",
            "Ten digits, and it can only guess. A single network may have much less or more.",
            right=True,
        ),
        Choice("about half", "For that it would have to know something about digits."),
    ),
    prediction(
        "unseen",
        "Training shows it the first 1,500 digits, 20 times each. How many of the 297 "
        "digits that it has never seen does it read rightly afterwards?",
        Choice(
            "about one in ten",
            "That would be so if it knew the 1,500 images and nothing about digits.",
        ),
        Choice("more than four in five", "What it has learnt is of use.", right=True),
        Choice("all of them", "Some are hard to read, even for you."),
    ),
    prediction(
        "steps",
        "1,500 images, batches of 50, 20 epochs: how many times does the optimiser "
        "change the parameters?",
        Choice("20", "Once an epoch? It steps after each batch."),
        Choice("600", "30 batches in an epoch, times 20 epochs.", right=True),
        Choice("30,000", "That is how many images it looked at, 50 for each step."),
    ),
    prediction(
        "loop_or_tensor",
        "The sum of 20,000 numbers: a loop in Python, or one call of PyTorch. How do they compare?",
        Choice("about the same", "The loop handles 20,000 objects of Python, one by one."),
        Choice(
            "the call is more than 5 times faster",
            "One call, and then no Python until the sum is there.",
            right=True,
        ),
        Choice("the loop is faster", "For three numbers it may be, not for 20,000."),
    ),
    prediction(
        "script_names",
        "The script uses the name pixels, which your notebook has set. With which of the "
        "two commands does it work?",
        Choice("%run only", "Without -i a script starts with no names of yours."),
        Choice("%run -i only", "-i lets it use the names of your notebook.", right=True),
        Choice("both", "Without -i a script starts with no names of yours."),
    ),
    prediction(
        "deleted_memory",
        "A cell has shown a large tensor as its result. Now large = None gives the name "
        "another value. Is the memory of the tensor free?",
        Choice("yes", "Out, the notebook's list of results, still holds the tensor."),
        Choice("no", "The list of results, Out, still holds it.", right=True),
    ),
    prediction(
        "number_or_text",
        "After %env COURSE_BATCH=50, what is os.environ['COURSE_BATCH']?",
        Choice("the number 50", "Environment variables hold nothing but text."),
        Choice("the text '50'", "Always text; int(…) makes a number of it.", right=True),
    ),
    prediction(
        "one_seed",
        "torch.manual_seed(0) is called twice, and after each call one number is drawn "
        "from random, one from numpy and one from torch. Which repeat?",
        Choice("all three", "Each of the three has a generator of its own."),
        Choice("torch only", "The seed went to the generator of PyTorch.", right=True),
        Choice("numpy and torch", "The two exchange data, but not random numbers."),
    ),
    prediction(
        "new_environment",
        "You make a new virtual environment with the Python that runs this course. Can "
        "its Python import torch?",
        Choice("yes, from the old one", "An environment sees its own packages only."),
        Choice("no", "It has a Python, but none of the packages yet.", right=True),
    ),
    prediction(
        "open_address",
        "At which of these addresses must a server listen, so that others can reach it?",
        Choice("127.0.0.1", "This is the computer's own address for itself."),
        Choice("::1", "This is the computer itself again, in IPv6."),
        Choice("0.0.0.0", "It stands for every address that it has.", right=True),
    ),
)
