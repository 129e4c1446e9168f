"""Which files are accepted as evidence, and how each is known: by what is in it, never by its name.

A kind is recognised by the reader that knows it best: pictures by Pillow, office documents by looking into their ZIP
(with bounds, unpacking next to nothing), text by decoding it. What is not on the list is refused with a sentence.
"""

from __future__ import annotations

import codecs
import re
import zipfile
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

HEAD = 4096  # bytes that tell a file's kind
MAX_PARTS = 5000  # of an office document; the longest ones have some hundreds
MAX_DIRECTORY = 2 * 1024 * 1024  # bytes of the list of those parts
MAX_UNPACKED = 250 * 1024 * 1024  # bytes of all parts, as they declare themselves
MAX_RATIO = 200  # unpacked to packed; the emptiest of spreadsheets stay below 100
MAX_INDEX = 1024 * 1024  # bytes that are unpacked of the one part that names the document's kind


@dataclass(frozen=True)
class Kind:
    """An accepted kind of file. The first of ``endings`` is the one it is stored under."""

    media_type: str
    endings: tuple[str, ...]
    label: Any

    @property
    def ending(self) -> str:
        return self.endings[0]


PDF = Kind("application/pdf", (".pdf",), _("PDF"))
JPEG = Kind("image/jpeg", (".jpg", ".jpeg"), _("JPEG picture"))
PNG = Kind("image/png", (".png",), _("PNG picture"))
WEBP = Kind("image/webp", (".webp",), _("WebP picture"))
TEXT = Kind("text/plain", (".txt",), _("text"))
CSV = Kind("text/csv", (".csv",), _("CSV table"))
_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
DOCX = Kind(f"{_OOXML}.wordprocessingml.document", (".docx",), _("Word document"))
XLSX = Kind(f"{_OOXML}.spreadsheetml.sheet", (".xlsx",), _("Excel spreadsheet"))
PPTX = Kind(f"{_OOXML}.presentationml.presentation", (".pptx",), _("PowerPoint presentation"))
ODT = Kind(f"{_ODF}.text", (".odt",), _("OpenDocument text"))
ODS = Kind(f"{_ODF}.spreadsheet", (".ods",), _("OpenDocument spreadsheet"))
KINDS = (PDF, DOCX, XLSX, PPTX, ODT, ODS, JPEG, PNG, WEBP, TEXT, CSV)
PICTURES = {"JPEG": JPEG, "PNG": PNG, "WEBP": WEBP}

NOT_ACCEPTED = _("This kind of file is not accepted. Accepted are %(kinds)s.")
PROGRAM = _("This is a program. Programs are not accepted as evidence.")
WEB_PAGE = _("This is a web page. Give its address as a link, or save it as PDF.")
SVG_DRAWING = _("This is an SVG drawing, which can contain a program. Save it as PDF or PNG.")
OLD_OFFICE = _(
    "This is an old Office document (.doc, .xls, .ppt), or one with a password. "
    "Save it as .docx, .xlsx, .pptx or PDF, without a password."
)
PASSWORD = _("This document is protected by a password. Save it without one.")
MACROS = _("This document contains macros. Save it without them, as .docx, .xlsx, .pptx or PDF.")
ARCHIVE = _("This is an archive. Attach the documents in it one by one.")
UNPACKS_TOO_LARGE = _("This file unpacks to far more than its size. Save it as PDF.")
DAMAGED = _("This file is damaged and cannot be opened. Save it again.")
NOT_UTF_8 = _("This text is not in Unicode. Save it as UTF-8.")

PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe")
ARCHIVES = (b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"BZh", b"\xfd7zXZ")
ZIP_FILE, ZIP_END, ZIP64_END = b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x07"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")  # what no text contains
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def kind_of(content: BinaryIO, given_name: str = "") -> Kind:
    """The kind of an open file, which is read from its beginning.

    The name says one thing only: whether plain text is a table (.csv). Raises ValidationError with what to do instead.
    """
    content.seek(0)
    head = content.read(HEAD)
    if head.startswith(PROGRAMS):
        raise ValidationError(PROGRAM, code="program")
    if head.startswith(OLE):
        raise ValidationError(OLD_OFFICE, code="old_office")
    if head.startswith(ARCHIVES):
        raise ValidationError(ARCHIVE, code="archive")
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith((ZIP_FILE, ZIP_END)):
        return _document_kind(content)
    return _picture_kind(content) or _text_kind(content, given_name)


def kind_by_media_type(media_type: str) -> Kind | None:
    return next((kind for kind in KINDS if kind.media_type == media_type), None)


def not_accepted() -> ValidationError:
    kinds = ", ".join(f"{kind.label} ({kind.ending})" for kind in KINDS)
    return ValidationError(NOT_ACCEPTED, code="not_accepted", params={"kinds": kinds})


# --- pictures ---------------------------------------------------------------------------------------------------------


def _picture_kind(content: BinaryIO) -> Kind | None:
    """JPEG, PNG or WebP; None for what is no picture, or another kind of picture. No pixel is unpacked."""
    content.seek(0)
    try:
        with Image.open(content, formats=list(PICTURES)) as picture:
            kind = PICTURES[picture.format or ""]
            picture.verify()
    except UnidentifiedImageError:
        return None
    except Image.DecompressionBombError:
        raise ValidationError(UNPACKS_TOO_LARGE, code="unpacks_too_large") from None
    except (OSError, SyntaxError, ValueError):
        raise ValidationError(DAMAGED, code="damaged") from None
    return kind


# --- office documents -------------------------------------------------------------------------------------------------


def _document_kind(content: BinaryIO) -> Kind:
    """A document of Word, Excel, PowerPoint or LibreOffice: a ZIP whose parts say which."""
    _refuse_odd_directory(content)
    content.seek(0)
    try:
        with zipfile.ZipFile(content) as archive:
            parts = archive.infolist()
            _refuse_bomb(parts)
            names = {part.filename for part in parts}
            if "[Content_Types].xml" in names:
                return _ooxml_kind(archive, names)
            if "mimetype" in names:
                return _odf_kind(archive, names)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        raise ValidationError(DAMAGED, code="damaged") from None
    raise ValidationError(ARCHIVE, code="archive")


def _refuse_odd_directory(content: BinaryIO) -> None:
    """A ZIP ends with the place and size of its list of parts. Nobody reads the list before it is known to be short.

    Office programs write neither a comment nor the ZIP64 form behind it, in which both could hide.
    """
    length = content.seek(0, 2)
    content.seek(max(length - 42, 0))
    tail = content.read(42)
    end, before = tail[-22:], tail[:-22]
    if not end.startswith(ZIP_END) or end[-2:] != b"\0\0":
        raise ValidationError(DAMAGED, code="damaged")
    if before.startswith(ZIP64_END) or int.from_bytes(end[12:16], "little") > MAX_DIRECTORY:
        raise ValidationError(UNPACKS_TOO_LARGE, code="unpacks_too_large")


def _refuse_bomb(parts: list[zipfile.ZipInfo]) -> None:
    if any(part.flag_bits & 0x1 for part in parts):
        raise ValidationError(PASSWORD, code="password")
    unpacked, packed = (sum(getattr(part, size) for part in parts) for size in ("file_size", "compress_size"))
    if len(parts) > MAX_PARTS or unpacked > min(MAX_UNPACKED, MAX_RATIO * packed + MAX_INDEX):
        raise ValidationError(UNPACKS_TOO_LARGE, code="unpacks_too_large")


def _ooxml_kind(archive: zipfile.ZipFile, names: set[str]) -> Kind:
    index = _start_of(archive, "[Content_Types].xml")
    if b"macroEnabled" in index or any("vba" in name.lower() for name in names):
        raise ValidationError(MACROS, code="macros")
    for kind in (DOCX, XLSX, PPTX):
        if f"{kind.media_type}.main+xml".encode() in index:
            return kind
    raise not_accepted()


def _odf_kind(archive: zipfile.ZipFile, names: set[str]) -> Kind:
    if any(name.startswith(("Basic/", "Scripts/")) for name in names):
        raise ValidationError(MACROS, code="macros")
    if "META-INF/manifest.xml" in names and b"encryption-data" in _start_of(archive, "META-INF/manifest.xml"):
        raise ValidationError(PASSWORD, code="password")
    media_type = _start_of(archive, "mimetype").decode("ascii", "replace").strip()
    for kind in (ODT, ODS):
        if kind.media_type == media_type:
            return kind
    raise not_accepted()


def _start_of(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(MAX_INDEX)


# --- text -------------------------------------------------------------------------------------------------------------


def _text_kind(content: BinaryIO, given_name: str) -> Kind:
    start = _decoded(content)[:HEAD].lstrip().lower()
    if start.startswith("<"):
        raise ValidationError(SVG_DRAWING, code="svg") if "<svg" in start else ValidationError(WEB_PAGE, code="html")
    return CSV if given_name.lower().endswith(".csv") else TEXT


def _decoded(content: BinaryIO) -> str:
    """The text of a file: UTF-8, or UTF-16 with its mark, as spreadsheets write it. Raises where it is no text."""
    content.seek(0)
    head = content.read(HEAD)
    marked = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in head and not marked:
        raise not_accepted()
    content.seek(0)
    try:
        text = content.read().decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        is_text = not CONTROL.search(head.decode("latin-1"))
        raise (ValidationError(NOT_UTF_8, code="not_utf_8") if is_text else not_accepted()) from None
    if CONTROL.search(text):
        raise not_accepted()
    return text
