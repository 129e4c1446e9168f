"""The tracker's drawings as coordinates: marks, spine, bar. Pure: from rating codes and counts to numbers.

Units are those of the SVG view boxes. A step lies at a fixed height, so position, silhouette and filling each tell the
rating without colour. Templates `assessments/_mark.html`, `_spine.html` and `_bar.html` write them out, for the site
and for the PDF.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from assessments.counts import Tally
from assessments.findings import gap_words
from assessments.ratings import NoRatingReason, Rating, gap, light_of
from commitments.localised import marked

STEP_HEIGHTS = (43, 26, 9)  # of steps 0, 1 and 2
OFF_SCALE = 59
CELL_WIDTH = 36
CELL_HEIGHT = 66
MARK = 12
UPRIGHT = 18  # where the first upright stands
COLUMN = 18  # from one NGO's upright to the next in the large figure


def mark_of(rating: str | None, no_rating_reason: str = "") -> str:
    """The mark's name: green, done, amber, red; none (not rated) or np (not provided)."""
    if rating == Rating.COMPLETED:
        return "done"
    light = light_of(rating)
    if light:
        return light.value
    return "np" if no_rating_reason == NoRatingReason.NOT_PROVIDED else "none"


@dataclass(frozen=True)
class Voice:
    """One rater's rating of one subject; ``name`` as it is shown beside the drawing, ``language`` that of the name."""

    name: str
    rating: str | None
    no_rating_reason: str = ""
    language: str = ""

    @property
    def mark(self) -> str:
        return mark_of(self.rating, self.no_rating_reason)

    @property
    def height(self) -> int:
        return STEP_HEIGHTS[Rating(self.rating).step] if self.rating else OFF_SCALE

    @property
    def words(self) -> str:
        """The rating in words; for none, whether it was asked for."""
        if self.rating:
            return str(Rating(self.rating).label)
        return _("Not provided") if self.mark == "np" else _("Not rated")


@dataclass(frozen=True)
class PlacedMark:
    mark: str
    x: float  # left edge
    y: float  # upper edge
    label: str = ""
    number: int | None = None  # of an NGO among several, as it stands beside its words

    @property
    def middle(self) -> float:
        return self.x + MARK / 2

    @property
    def level(self) -> float:
        """The height that the mark sits at."""
        return self.y + MARK / 2


def review_mark(completion: str | None) -> PlacedMark:
    """The reviewer's mark at the end of a strip; its dashed line runs into it."""
    reviewer = Voice(_("Independent reviewer"), completion)
    return PlacedMark(reviewer.mark, 12, reviewer.height - MARK / 2, reviewer.words)


@dataclass(frozen=True)
class Stem:
    """An upright. ``ink`` is the gap from the government's step to the other's; ``tie`` is agreement."""

    x: int
    ink: tuple[int, int] | None = None
    tie: int | None = None

    @property
    def tied_from(self) -> int:
        return self.x - MARK // 2


@dataclass(frozen=True)
class Spine:
    """One subject's uprights: one, or in the large figure one for each NGO."""

    code: str
    width: float
    marks: tuple[PlacedMark, ...]
    stems: tuple[Stem, ...]
    base: int | None  # height of the government's step where it is carried on to several uprights
    review: int | None  # height of the reviewer's dashed line
    both: bool
    two_steps: bool
    answers: int  # how many NGO verdicts the drawing stands for
    sentence: SafeString

    height = CELL_HEIGHT

    @property
    def label_height(self) -> int:
        """Where the raters' names stand: close to the steps, or below what is off the scale."""
        return 74 if any(placed.level == OFF_SCALE for placed in self.marks) else 60


def draw_spine(
    code: str, government: Voice | None, verdicts: Sequence[Voice], review: str | None, *, every: bool = False
) -> Spine:
    """Government left, NGO right. With several verdicts the widest gap is drawn, or ``every`` one in its own column.

    ``review`` is the reviewer's rating of the whole commitment, a code or None.
    """
    rating = government.rating if government else None
    by_width = sorted(
        verdicts,
        key=lambda voice: (abs(gap(voice.rating, rating) or 0), -(gap(voice.rating, rating) or 0), bool(voice.rating)),
        reverse=True,
    )
    shown = list(verdicts) if every else by_width[:1]
    widest = by_width[0] if by_width else None
    placed = []
    if government:
        placed.append(PlacedMark(government.mark, 4, government.height - MARK / 2, government.name))
    placed += [
        PlacedMark(
            voice.mark,
            UPRIGHT + 2 + COLUMN * column,
            voice.height - MARK / 2,
            voice.name,
            column + 1 if len(shown) > 1 else None,
        )
        for column, voice in enumerate(shown)
    ]
    stems = [_stem(UPRIGHT + COLUMN * column, government, voice) for column, voice in enumerate(shown)]
    return Spine(
        code=code,
        width=max(CELL_WIDTH, UPRIGHT + COLUMN * len(shown)),
        marks=tuple(placed),
        stems=tuple(stems) or (Stem(UPRIGHT),),
        base=government.height if government and rating and len(shown) > 1 else None,
        review=STEP_HEIGHTS[Rating(review).step] if review else None,
        both=bool(government and verdicts),
        two_steps=abs(gap(widest.rating if widest else None, rating) or 0) == 2,
        answers=len(verdicts),
        sentence=spine_sentence(code, government, verdicts),
    )


def _stem(x: int, government: Voice | None, voice: Voice) -> Stem:
    steps = gap(voice.rating, government.rating if government else None)
    if government is None or steps is None:
        return Stem(x)
    return Stem(x, ink=(government.height, voice.height)) if steps else Stem(x, tie=government.height)


def spine_sentence(code: str, government: Voice | None, verdicts: Sequence[Voice]) -> SafeString:
    """What the drawing says, for a reader who does not see it."""
    parts = [_("government: %(rating)s") % {"rating": government.words if government else _("Not rated")}]
    for voice in verdicts:
        parts.append(format_html("{}: {}", marked(voice.name, voice.language), voice.words))
        steps = gap(voice.rating, government.rating if government else None)
        if steps is not None:
            parts.append(gap_words(steps))
    return format_html("{}: {}", code, format_html_join("; ", "{}", ((part,) for part in parts)))


@dataclass(frozen=True)
class Segment:
    light: str  # green, amber, red: full, half, empty
    x: float
    width: float
    count: int

    @property
    def inner_x(self) -> float:
        return round(self.x + 0.8, 1)

    @property
    def inner_width(self) -> float:
        return round(max(self.width - 1.6, 0.4), 1)

    @property
    def end(self) -> float:
        return round(self.x + self.width, 1)


@dataclass(frozen=True)
class Bar:
    """A tally as one stacked bar, ``length`` wide; what has no rating is a dotted rest from ``off`` on."""

    segments: tuple[Segment, ...]
    off: float | None
    length: float

    height = 18


def draw_bar(tally: Tally, length: float = 400) -> Bar:
    """Segments in the order green, amber, red, as wide as their counts; an empty tally is one dotted line."""
    counts = [(light, tally.with_light(light)) for light in ("green", "amber", "red")]
    shown = [(light, count) for light, count in counts if count]
    unrated = tally.total - tally.rated
    space = length - 2 * max(len(shown) + bool(unrated) - 1, 0)
    x, segments = 0.0, []
    for light, count in shown:
        width = space * count / tally.total
        segments.append(Segment(light, round(x, 1), round(width, 1), count))
        x += width + 2
    return Bar(tuple(segments), round(x, 1) if unrated or not shown else None, length)
