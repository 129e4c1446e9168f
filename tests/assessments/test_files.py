"""What is accepted as a file of evidence, under which name it is kept, and with which sentence the rest is refused."""

import hashlib
import io
import os
import time
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.management import call_command

from assessments.file_kinds import JPEG, KINDS, PDF, TEXT, kind_of
from assessments.files import EvidenceFileField, EvidenceLinkField, clean_name, evidence_from_upload, refuse_too_many
from assessments.models import Evidence
from tests import factories, uploads
from tests.uploads import odf, ooxml, picture, upload, zipped


def workbook() -> bytes:
    written = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["Тайлан", 1])
    book.save(written)
    return written.getvalue()


ACCEPTED = {
    "PDF": (uploads.PDF, ".pdf", "application/pdf"),
    "Word": (ooxml(), ".docx", f"{uploads.OOXML}.wordprocessingml.document"),
    "Excel": (workbook(), ".xlsx", f"{uploads.OOXML}.spreadsheetml.sheet"),
    "PowerPoint": (ooxml("presentationml.presentation"), ".pptx", f"{uploads.OOXML}.presentationml.presentation"),
    "OpenDocument text": (odf(), ".odt", "application/vnd.oasis.opendocument.text"),
    "OpenDocument table": (odf("spreadsheet"), ".ods", "application/vnd.oasis.opendocument.spreadsheet"),
    "JPEG": (picture("JPEG"), ".jpg", "image/jpeg"),
    "PNG": (picture("PNG"), ".png", "image/png"),
    "WebP": (picture("WEBP"), ".webp", "image/webp"),
    "text": ("Тэмдэглэл\r\n1,2".encode(), ".txt", "text/plain"),
    "text with its mark": ("Тэмдэглэл".encode("utf-16"), ".txt", "text/plain"),
}


@pytest.mark.parametrize(("content", "ending", "media_type"), ACCEPTED.values(), ids=ACCEPTED)
@pytest.mark.parametrize("given", ["scan", "scan.exe", "scan.html", "scan.docm"])
def test_the_kind_is_told_by_the_content_and_gives_the_ending(content, ending, media_type, given):
    found = evidence_from_upload(upload(given, content))
    assert (found.media_type, found.file_name) == (media_type, f"{given}{ending}")
    assert found.file.name.endswith(ending)


def test_every_accepted_kind_is_tried():
    assert {media_type for _content, _ending, media_type in ACCEPTED.values()} | {"text/csv"} == {
        kind.media_type for kind in KINDS
    }


@pytest.mark.parametrize(("name", "media_type"), [("a.csv", "text/csv"), ("a.CSV", "text/csv"), ("a", "text/plain")])
def test_only_the_name_tells_a_table_from_other_text(name, media_type):
    assert evidence_from_upload(upload(name, b"a;b\n1;2\n")).media_type == media_type


def encrypted_zip() -> bytes:
    """A document whose parts say that they are encrypted."""
    content = bytearray(ooxml())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(signature)
        while place >= 0:
            content[place + flags] |= 1
            place = content.find(signature, place + 4)
    return bytes(content)


def zip64() -> bytes:
    content = ooxml()
    return content[:-22] + b"PK\x06\x07" + b"\0" * 16 + content[-22:]


def long_directory() -> bytes:
    content = bytearray(ooxml())
    content[-10:-6] = (50 * 1024 * 1024).to_bytes(4, "little")
    return bytes(content)


def lying_part() -> bytes:
    """A picture whose PNG check sums are wrong."""
    content = bytearray(picture("PNG"))
    content[-20] ^= 0xFF
    return bytes(content)


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
KINDS_IN_WORDS = (
    "PDF (.pdf), Word document (.docx), Excel spreadsheet (.xlsx), PowerPoint presentation (.pptx), "
    "OpenDocument text (.odt), OpenDocument spreadsheet (.ods), JPEG picture (.jpg), PNG picture (.png), "
    "WebP picture (.webp), text (.txt), CSV table (.csv)"
)
NOT_ACCEPTED = f"This kind of file is not accepted. Accepted are {KINDS_IN_WORDS}."
PROGRAM = "This is a program. Programs are not accepted as evidence."
WEB_PAGE = "This is a web page. Give its address as a link, or save it as PDF."
SVG_DRAWING = "This is an SVG drawing, which can contain a program. Save it as PDF or PNG."
OLD_OFFICE = (
    "This is an old Office document (.doc, .xls, .ppt), or one with a password. "
    "Save it as .docx, .xlsx, .pptx or PDF, without a password."
)
MACROS = "This document contains macros. Save it without them, as .docx, .xlsx, .pptx or PDF."
PASSWORD = "This document is protected by a password. Save it without one."
ARCHIVE = "This is an archive. Attach the documents in it one by one."
BOMB = "This file unpacks to far more than its size. Save it as PDF."
DAMAGED = "This file is damaged and cannot be opened. Save it again."
REFUSED = {
    "nothing": (b"", "This file is empty."),
    "Windows program": (b"MZ\x90\0" + b"\0" * 60, PROGRAM),
    "Linux program": (b"\x7fELF\x02", PROGRAM),
    "shell script": (b"#!/bin/sh\nrm -rf /", PROGRAM),
    "HTML": (b"<!DOCTYPE html><script>alert(1)</script>", WEB_PAGE),
    "HTML after blanks": (b"\xef\xbb\xbf \n<HTML>", WEB_PAGE),
    "SVG": (SVG, SVG_DRAWING),
    "old Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504, OLD_OFFICE),
    "macros by type": (
        zipped({"[Content_Types].xml": '"application/vnd.ms-word.document.macroEnabled.main+xml"'}),
        MACROS,
    ),
    "macros by part": (ooxml(**{"word/vbaProject.bin": b"x"}), MACROS),
    "OpenDocument macros": (odf(**{"Basic/Standard/Module1.xml": "x"}), MACROS),
    "encrypted parts": (encrypted_zip(), PASSWORD),
    "encrypted OpenDocument": (odf(**{"META-INF/manifest.xml": "<manifest:encryption-data/>"}), PASSWORD),
    "zip": (zipped({"a.txt": "a"}), ARCHIVE),
    "jar": (zipped({"META-INF/MANIFEST.MF": "Main-Class: A", "A.class": b"\xca\xfe\xba\xbe"}), ARCHIVE),
    "gzip": (b"\x1f\x8b\x08\0", ARCHIVE),
    "rar": (b"Rar!\x1a\x07", ARCHIVE),
    "bomb": (ooxml(**{"word/media/a": b"\0" * 20_000_000}), BOMB),
    "too many parts": (ooxml(**{f"p/{n}": "" for n in range(5001)}), BOMB),
    "endless list of parts": (long_directory(), BOMB),
    "ZIP64": (zip64(), BOMB),
    "zip with a comment": (zipped({"[Content_Types].xml": "x"}, comment=b"PK\x05\x06"), DAMAGED),
    "half a document": (ooxml()[:80], DAMAGED),
    "broken picture": (lying_part(), DAMAGED),
    "OpenDocument formula": (odf("formula"), NOT_ACCEPTED),
    "other OOXML": (zipped({"[Content_Types].xml": "<Types/>"}), NOT_ACCEPTED),
    "GIF": (picture("GIF"), NOT_ACCEPTED),
    "bytes": (bytes(range(256)), NOT_ACCEPTED),
    "bytes without NUL": (b"\x01\x02\x03\xff", NOT_ACCEPTED),
    "control characters": (b"text\x1b[2J", NOT_ACCEPTED),
    "old Cyrillic": ("Тэмдэглэл".encode("cp1251"), "This text is not in Unicode. Save it as UTF-8."),
}


@pytest.mark.parametrize(("content", "sentence"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.txt"])
def test_what_is_refused_is_told_why_whatever_its_name(content, sentence, name, settings):
    started = time.monotonic()
    with pytest.raises(ValidationError) as refused:
        evidence_from_upload(upload(name, content))
    assert refused.value.messages == [sentence]
    assert time.monotonic() - started < 5
    assert not Path(settings.MEDIA_ROOT).exists()


def test_a_picture_that_claims_to_be_endless_is_refused_unopened():
    content = bytearray(picture("PNG"))
    content[16:24] = (60_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    with pytest.raises(ValidationError) as refused:
        evidence_from_upload(upload("a.png", bytes(content)))
    assert refused.value.messages == [BOMB]


def test_a_list_of_parts_that_is_longer_than_it_says_is_not_read():
    """The count in a ZIP's end may lie; what is read is bounded by the size that is stated there."""
    content = ooxml(**{f"p/{n}": "" for n in range(40_000)})
    assert len(content) > 2_000_000
    with pytest.raises(ValidationError) as refused:
        evidence_from_upload(upload("a.docx", content))
    assert refused.value.messages == [BOMB]


def test_the_size_limit_is_a_setting(settings):
    settings.EVIDENCE_MAX_MEGABYTES = 1
    most = uploads.PDF + b" " * (1024 * 1024 - len(uploads.PDF))
    assert evidence_from_upload(upload("a.pdf", most)).size == 1024 * 1024
    with pytest.raises(ValidationError) as refused:
        evidence_from_upload(upload("a.pdf", most + b" "))
    assert refused.value.messages == ["This file is larger than 1 MB."]


def test_the_number_of_attachments_is_a_setting(settings):
    settings.EVIDENCE_MAX_ATTACHMENTS = 2
    refuse_too_many(2)
    with pytest.raises(ValidationError) as refused:
        refuse_too_many(3)
    assert refused.value.messages == ["At most 2 files and links can be given."]


@pytest.mark.parametrize(
    ("given", "kind", "kept"),
    [
        ("Тайлан 2024.PDF", PDF, "Тайлан 2024.PDF"),
        ("Ө Ү ё Тус\u0438\u0306лах.pdf", PDF, "Ө Ү ё Тус\u0439лах.pdf"),
        ("..\\..\\etc\\Хурлын тэмдэглэл.pdf", PDF, "Хурлын тэмдэглэл.pdf"),
        ("/etc/passwd", TEXT, "passwd.txt"),
        ("a\u202egnp.exe\x00\r\n.pdf", PDF, "agnp.exe.pdf"),
        ("photo.jpeg", JPEG, "photo.jpeg"),
        ("photo.png", JPEG, "photo.png.jpg"),
        ("  a   b .pdf", PDF, "a b.pdf"),
        ("", PDF, "file.pdf"),
        (".pdf", PDF, "pdf.pdf"),
        ("...", PDF, "file.pdf"),
        ("а" * 300 + ".pdf", PDF, "а" * 196 + ".pdf"),
    ],
)
def test_the_name_is_cleaned_and_its_letters_are_kept(given, kind, kept):
    assert clean_name(given, kind) == kept


def test_size_and_checksum_are_those_of_the_bytes_and_nothing_is_stored_before_the_row(db):
    content = uploads.PDF + os.urandom(300_000)
    row = evidence_from_upload(upload("Хурал.pdf", content))
    assert (row.size, row.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert not default_storage.exists("evidence")
    row.self_assessment = factories.SelfAssessmentFactory()
    row.full_clean()
    row.save()
    stored = Evidence.objects.get()
    with stored.file.open() as file:
        assert file.read() == content
    assert stored.file.name == f"evidence/{stored.key[:2]}/{stored.key}.pdf"
    assert str(stored) == "Хурал.pdf"


def test_the_form_field_gives_an_unsaved_row_or_none():
    field = EvidenceFileField(required=False)
    assert field.clean(None) is None
    assert field.clean(upload("a.pdf")).file_name == "a.pdf"
    with pytest.raises(ValidationError) as refused:
        field.clean(upload("a.pdf", b""))
    assert refused.value.messages == ["This file is empty."]
    assert ".docx" in field.widget.attrs["accept"]


@pytest.mark.parametrize(
    ("link", "sentences"),
    [
        ("https://засаг.мн/тайлан?а=1#б", []),
        ("http://example.org", []),
        ("example.org/a", []),
        ("ftp://example.org/a", ["Give a link that begins with https:// or http://."]),
        ("https://user:secret@example.org/", ["This link contains a name or password. Give it without."]),
        ("https://user@example.org/", ["This link contains a name or password. Give it without."]),
        ("https://example.org/" + "a" * 1000, ["Ensure this value has at most 1000 characters (it has 1020)."]),
    ],
)
def test_a_link_leads_to_the_web_and_carries_no_password(link, sentences):
    try:
        EvidenceLinkField().clean(link)
        found = []
    except ValidationError as refused:
        found = refused.messages
    assert found == sentences


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "https://", "mailto:a@b.mn"])
def test_no_other_scheme_is_a_link(link):
    with pytest.raises(ValidationError):
        EvidenceLinkField().clean(link)


def test_the_model_keeps_the_rule_of_links_too(db):
    with pytest.raises(ValidationError) as refused:
        factories.EvidenceFactory(address="https://user:secret@example.org/")
    assert refused.value.messages == ["This link contains a name or password. Give it without."]


def test_only_the_beginning_of_an_office_document_is_unpacked(monkeypatch):
    book, read, opened = workbook(), [], zipfile.ZipFile.open
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda self, name: read.append(name) or opened(self, name))
    kind_of(io.BytesIO(book))
    assert read == ["[Content_Types].xml"]


def stored_row(**values):
    row = evidence_from_upload(upload())
    row.self_assessment = factories.SelfAssessmentFactory()
    row.save()
    return row


class TestFilesWithoutARow:
    def made_old(self, name):
        os.utime(default_storage.path(name), (0, 0))
        return name

    def test_are_removed_a_day_later(self, db, capsys):
        kept, deleted, new = (stored_row() for _ in range(3))
        for row in (kept, deleted):
            self.made_old(row.file.name)
        for row in (deleted, new):
            row.delete()
        call_command("remove_unused_files", "--dry-run")
        assert capsys.readouterr().out == f"{deleted.file.name}\n1 files would be removed.\n"
        call_command("remove_unused_files")
        assert capsys.readouterr().out == f"{deleted.file.name}\n1 files removed.\n"
        assert [default_storage.exists(row.file.name) for row in (kept, deleted, new)] == [True, False, True]

    def test_are_none_where_nothing_was_ever_stored(self, db, capsys):
        call_command("remove_unused_files")
        assert capsys.readouterr().out == "0 files removed.\n"
