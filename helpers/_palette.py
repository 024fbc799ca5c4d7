"""The one palette of the course.

Okabe and Ito chose these eight colours so that people with any kind of colour vision
can tell them apart ("Color Universal Design", 2008).
"""

OKABE_ITO: dict[str, str] = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky blue": "#56B4E9",
    "bluish green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "reddish purple": "#CC79A7",
}
