import pytest

from assessments.ratings import SCALES, Light, Rating, gap, light_of, ratings_with
from commitments.models import RatingScale

# Design §2: code, light, step.
RATINGS = [
    ("not_started", "red", 0),
    ("not_started_or_delayed", "red", 0),
    ("limited", "amber", 1),
    ("substantial", "green", 2),
    ("completed_or_substantial", "green", 2),
    ("completed", "green", 2),
]


def test_every_rating_has_its_light_and_its_step():
    assert [(rating.value, rating.light.value, rating.step) for rating in Rating] == RATINGS


def test_a_green_light_does_not_print_completed_for_substantial():
    labels = [str(Rating(code).label) for code, light, _step in RATINGS if light == "green"]
    assert labels == ["Substantial", "Completed or substantial progress", "Completed"]


def test_the_scales_list_the_best_first():
    assert {scale: [rating.value for rating in ratings] for scale, ratings in SCALES.items()} == {
        RatingScale.TRAFFIC_LIGHT: ["completed_or_substantial", "limited", "not_started_or_delayed"],
        RatingScale.COMPLETION: ["completed", "substantial", "limited", "not_started"],
    }


def test_no_rating_has_no_light():
    assert (light_of(None), light_of("")) == (None, None)
    assert light_of("limited") == Light.AMBER


def test_ratings_of_a_light():
    assert {light.value: [rating.value for rating in ratings_with(light)] for light in Light} == {
        "green": ["substantial", "completed_or_substantial", "completed"],
        "amber": ["limited"],
        "red": ["not_started", "not_started_or_delayed"],
    }


@pytest.mark.parametrize(
    ("rating", "government", "steps"),
    [
        ("not_started_or_delayed", "completed_or_substantial", -2),
        ("limited", "completed_or_substantial", -1),
        ("not_started", "limited", -1),
        ("limited", "limited", 0),
        ("substantial", "completed", 0),  # both are green: the spine knows three steps
        ("not_started", "not_started_or_delayed", 0),
        ("completed", "limited", 1),
        ("completed", "not_started", 2),
        (None, "limited", None),
        ("limited", None, None),
        (None, None, None),
        ("", "limited", None),
    ],
)
def test_the_gap_is_the_other_raters_step_minus_the_governments(rating, government, steps):
    assert gap(rating, government) == steps


def test_the_gap_of_two_ratings_turned_round_is_the_opposite():
    assert [gap(one.value, other.value) for one in Rating for other in Rating] == [
        -gap(other.value, one.value) for one in Rating for other in Rating
    ]


def test_an_unknown_code_is_an_error_and_not_red():
    with pytest.raises(ValueError, match="orange"):
        light_of("orange")
