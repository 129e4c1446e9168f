"""Whatever is done to a released report is found, and named in a sentence; an untouched one is found in order."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import models

from reports.chain import chained_files, checksum_list, present_checkpoint
from reports.content import Checkpoint
from reports.models import Release, Report, ReportFile, ReportSection
from reports.verification import verify
from tests.releases import FILES, draft, quick_engine, released
from tests.unguarded import unguarded

pytestmark = pytest.mark.django_db

__all__ = ["quick_engine"]


@pytest.fixture
def two(quick_engine) -> tuple[Report, Report]:
    """Two released reports, of two plans."""
    return released(), released()


def change(row: models.Model, **values: Any) -> None:
    """As somebody does who owns the database."""
    with unguarded(type(row)):
        models.QuerySet(type(row)).filter(pk=row.pk).update(**values)


def remove(rows: models.QuerySet[Any]) -> None:
    keys = list(rows.values_list("pk", flat=True))
    with unguarded(rows.model):
        models.QuerySet(rows.model).filter(pk__in=keys)._raw_delete(rows.db)


def file_at(position: int) -> ReportFile:
    return ReportFile.objects.get(position=position)


def write(file: ReportFile, content: bytes) -> None:
    default_storage.delete(str(file.file))
    assert default_storage.save(str(file.file), ContentFile(content)) == str(file.file)


def read(file: ReportFile) -> bytes:
    with default_storage.open(str(file.file)) as stored:
        return stored.read()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_what_was_released_is_in_order_and_says_the_checkpoint(two) -> None:
    said = io.StringIO()
    call_command("verify_reports", stdout=said)
    text = checksum_list(chained_files())
    assert said.getvalue() == f"18 files are as they were released.\n18:{digest(text.encode())}\n"
    first_nine = "".join(text.splitlines(keepends=True)[:FILES])
    assert (
        list(verify([Checkpoint(FILES, digest(first_nine.encode())), present_checkpoint(), Checkpoint(0, digest(b""))]))
        == []
    )


def test_nothing_released_is_in_order_too(db) -> None:
    draft()
    assert list(verify()) == []


def test_a_changed_byte(two) -> None:
    file = file_at(3)
    content = bytearray(read(file))
    content[100] ^= 1
    write(file, bytes(content))
    changed = digest(bytes(content))
    assert list(verify()) == [
        f"File 3, {file.name}: its content has changed; its SHA-256 is {changed}, not {file.sha256}."
    ]


def test_a_longer_file(two) -> None:
    file = file_at(3)
    write(file, read(file) + b"\n")
    assert f"File 3, {file.name}: it has {file.size + 1} bytes, not {file.size}." in list(verify())


def test_a_missing_file(two) -> None:
    file = file_at(5)
    default_storage.delete(str(file.file))
    assert list(verify()) == [f"File 5, {file.name}: it cannot be read (FileNotFoundError)."]


def test_a_row_that_is_gone(two) -> None:
    gone, after = file_at(4), file_at(5)
    remove(ReportFile.objects.filter(position=4))
    sentences = list(verify())
    assert f"File 5, {after.name}: the chain is broken before it; 4 is missing." in sentences
    assert f"Report {two[0].plan.slug}/1: its file {gone.name} has no row." in sentences


def test_a_last_row_that_is_gone(two) -> None:
    gone = file_at(2 * FILES)
    remove(ReportFile.objects.filter(position=2 * FILES))
    assert list(verify()) == [f"Report {two[1].plan.slug}/1: its file {gone.name} has no row."]


def test_a_whole_report_cut_off_the_end_shows_against_a_checkpoint_from_outside(two) -> None:
    kept = present_checkpoint()
    last = two[1]
    remove(ReportFile.objects.filter(report=last))
    remove(ReportSection.objects.filter(report=last))
    remove(Release.objects.filter(report=last))
    remove(Report.objects.filter(pk=last.pk))
    assert list(verify()) == []
    assert list(verify([kept])) == [
        "The checkpoint that was given counts 18 files, but there are 9: the end of the chain was cut off."
    ]
    with pytest.raises(CommandError, match="1 problem found") as error:
        call_command("verify_reports", checkpoint=[kept], stderr=io.StringIO())
    assert error.value.returncode == 1


def rewrite(file: ReportFile, content: bytes) -> None:
    """With everything in the database that belongs to it."""
    write(file, content)
    change(file, size=len(content), sha256=digest(content))
    after = ReportFile.objects.filter(position=file.position + 1).first()
    if after:
        change(after, previous_sha256=digest(content))


def test_a_chain_that_was_rewritten_shows_against_what_a_later_report_prints(two) -> None:
    rewrite(file_at(1), b"%PDF-1.7 as it should have been")
    assert list(verify()) == [
        f"Report {two[1].plan.slug}/1: the checkpoint that it prints is not that of the first 9 files: "
        "the chain was rewritten."
    ]


def test_the_last_report_rewritten_shows_against_a_checkpoint_from_outside(two) -> None:
    kept = present_checkpoint()
    rewrite(file_at(10), b"%PDF-1.7 as it should have been")
    assert list(verify()) == []
    assert list(verify([kept])) == [
        "The checkpoint that was given is not that of the first 18 files: the chain was rewritten."
    ]


def test_a_file_that_was_replaced_without_the_link_to_it(two) -> None:
    file, after = file_at(2), file_at(3)
    content = b"<!doctype html>"
    write(file, content)
    change(file, size=len(content), sha256=digest(content))
    assert f"File 3, {after.name}: it follows {file.sha256}, but the file before it is {digest(content)}." in list(
        verify()
    )


def test_rows_in_another_order(two) -> None:
    one, other = file_at(2), file_at(3)
    change(one, position=99)
    change(other, position=2)
    change(one, position=3)
    sentences = list(verify())
    assert f"Report {two[0].plan.slug}/1: its files do not follow each other in the chain." in sentences
    assert any("but the file before it is" in sentence for sentence in sentences)


def test_a_row_that_nobody_released(two) -> None:
    last = file_at(2 * FILES)
    report = draft()
    extra = ReportFile.objects.create(
        report=report,
        language="en",
        format="pdf",
        file=ContentFile(b"%PDF", name="forged.pdf"),
        size=4,
        sha256=digest(b"%PDF"),
        position=2 * FILES + 1,
        previous_sha256=last.sha256,
    )
    assert list(verify()) == [f"File 19, {extra.name}: it belongs to a report that is not released."]


def test_figures_that_were_changed_in_the_database(two) -> None:
    figures = two[0].figures
    figures["en"]["totals"]["contested"] = 0
    change(two[0], figures=figures)
    name = file_at(4).name
    assert list(verify()) == [
        f"Report {two[0].plan.slug}/1: the frozen figures in the database are not those of {name}."
    ]


@pytest.mark.parametrize("figures", [{}, {"en": 3}, [], {"en": {}, "mn": {}}])
def test_figures_that_are_none(two, figures) -> None:
    change(two[0], figures=figures)
    assert f"Report {two[0].plan.slug}/1: its frozen figures cannot be read." in list(verify())


def test_another_number(two) -> None:
    change(two[0], number=2)
    sentences = list(verify())
    slug = two[0].plan.slug
    assert f"Report {slug}/1: it is missing." in sentences
    assert f"Report {slug}/2: its row says biannual 2025-H1, its figures (en) something else." in sentences


def test_another_moment(two) -> None:
    change(two[0], as_of=two[0].as_of.replace(year=2020))
    assert any("its row says that the record is as of 2020" in sentence for sentence in verify())


def test_other_words_in_a_section(two) -> None:
    change(two[0].sections.get(), body_en="It went well.")
    assert list(verify()) == [f"Report {two[0].plan.slug}/1: the words of its sections are not those that were frozen."]


def test_a_report_that_was_made_a_draft_again(two) -> None:
    # No constraint lets a draft have a number or figures.
    change(two[0], state="draft", number=None, figures=None, released_at=None, released_by=None)
    sentences = list(verify())
    assert sum("it belongs to a report that is not released" in sentence for sentence in sentences) == FILES


@pytest.mark.parametrize("text", ["", "9", "9:abc", "x:" + "a" * 64, "9:" + "g" * 64])
def test_a_checkpoint_that_is_none_is_refused_with_a_sentence(db, text) -> None:
    with pytest.raises(CommandError, match="is no checkpoint"):
        call_command("verify_reports", f"--checkpoint={text}")


def test_it_takes_few_queries_whatever_the_number_of_reports(
    two, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with django_assert_max_num_queries(6):
        list(verify())
