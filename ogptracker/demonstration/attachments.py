"""Evidence of the demonstration: links to example.org, and small files that are drawn here."""

from __future__ import annotations

import datetime
import hashlib
import io
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from assessments.models import CounterAssessment, Evidence, Response, SelfAssessment
from commitments.models import User
from ogptracker.demonstration.recording import record

MEDIA_TYPES = {"pdf": "application/pdf", "png": "image/png", "csv": "text/csv"}


def attach_link(
    parent: SelfAssessment | CounterAssessment | Response,
    *,
    tail: str,
    by: User,
    at: datetime.datetime | None = None,
    **values: Any,
) -> Evidence:
    """A link under an assessment or a response; ``tail`` ends its address."""
    values = {"title_en": "Page of the invented office", "title_mn": "Зохиомол газрын хуудас", **values}
    link = Evidence(**_under(parent), address=f"https://example.org/demonstration/{tail}", **values)
    return record(link, by=by, at=at)


def attach_file(
    parent: SelfAssessment | CounterAssessment | Response,
    *,
    kind: str,
    name: str,
    by: User,
    at: datetime.datetime | None = None,
) -> Evidence:
    """A small file of a ``kind`` of `MEDIA_TYPES`; ``name`` is its name without the ending."""
    content = _content(kind, name)
    evidence = Evidence(
        **_under(parent),
        position=1,
        title_en=f"Invented file: {name}",
        title_mn=f"Зохиомол файл: {name}",
        file_name=f"{name}.{kind}",
        media_type=MEDIA_TYPES[kind],
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )
    evidence.file.save(evidence.file_name, ContentFile(content), save=False)
    return record(evidence, by=by, at=at)


def _under(parent: SelfAssessment | CounterAssessment | Response) -> dict[str, Any]:
    names = {SelfAssessment: "self_assessment", CounterAssessment: "counter_assessment", Response: "response"}
    return {names[type(parent)]: parent}


def _content(kind: str, name: str) -> bytes:
    if kind == "csv":
        return "town,number\nPretend town,0\nТөсөөллийн хот,0\n".encode()
    picture = Image.new("RGB", (640, 400), "#f4f1ea")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((40, 40, 600, 360), outline="#355c7d", width=4)
    draw.text((60, 60), f"Demonstration\n{name}\nEverything here is invented", fill="#222222")
    written = io.BytesIO()
    picture.save(written, kind.upper())
    return written.getvalue()
