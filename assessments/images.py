"""What a file says about the person who made it, to be shown before it is sent; and images without it.

A photo carries where and when it was taken, a document who wrote it. Images are stored without; documents are stored
as they are, since what they say is evidence, so their author reads here what they carry.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element  # the type only; defusedxml reads

import pypdf
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
PDF = "application/pdf"
OFFICE = {
    f"application/vnd.openxmlformats-officedocument.{kind}"
    for kind in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")
}
OPEN_DOCUMENT = {f"application/vnd.oasis.opendocument.{kind}" for kind in ("text", "spreadsheet", "presentation")}

# A telephone's photo has up to 50 million points; more is refused before it is unpacked (a "decompression bomb").
MOST_POINTS = 60_000_000
MOST_PROPERTIES = 1_000_000  # bytes of a document's properties
QUALITY = 90

Found = list[tuple[str, str]]


def metadata_of(file: BinaryIO, media_type: str) -> Found:
    """What the file carries about its making: pairs of a label and a value, in the active language.

    Empty where there is nothing, or the file cannot be read: whether it is sound is for others to say. The file's
    position is put back to its start.
    """
    file.seek(0)
    try:
        if media_type in FORMATS:
            return _of_image(file, FORMATS[media_type])
        if media_type == PDF:
            return _of_pdf(file)
        if media_type in OFFICE:
            return _of_properties(file, "docProps/core.xml", OFFICE_PROPERTIES)
        if media_type in OPEN_DOCUMENT:
            return _of_properties(file, "meta.xml", OPEN_DOCUMENT_PROPERTIES)
        return []
    finally:
        file.seek(0)


def without_metadata(file: BinaryIO, media_type: str) -> bytes:
    """The image with its points and colours alone, turned upright; any other file byte for byte.

    Raises ValidationError for an image that cannot be read, or has more than `MOST_POINTS` points.
    """
    file.seek(0)
    if media_type not in FORMATS:
        return file.read()
    try:
        with _opened(file, FORMATS[media_type]) as image:
            profile = image.info.get("icc_profile")
            upright = ImageOps.exif_transpose(image)
            if image.format == "JPEG" and upright.mode not in {"L", "RGB", "CMYK"}:
                upright = upright.convert("RGB")
            # A picture of its own, so that nothing of the old one's information comes along.
            bare = Image.frombytes(upright.mode, upright.size, upright.tobytes())
            if palette := upright.getpalette("RGB"):
                bare.putpalette(palette)
            saved: dict[str, Any] = {"icc_profile": profile} if profile else {}
            if (transparent := upright.info.get("transparency")) is not None:
                saved["transparency"] = transparent
            if image.format != "PNG":
                saved["quality"] = QUALITY
            stored = io.BytesIO()
            bare.save(stored, image.format, **saved)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValidationError(_("This picture cannot be read. Save it anew and try again.")) from error
    finally:
        file.seek(0)
    return stored.getvalue()


def _opened(file: BinaryIO, format_: str) -> Image.Image:
    """The image, of this format only, its points not unpacked yet."""
    image = Image.open(file, formats=[format_])
    if image.width * image.height > MOST_POINTS:
        raise ValidationError(
            _("This picture has more than %(most)d million points. Make it smaller and try again.")
            % {"most": MOST_POINTS // 1_000_000}
        )
    return image


def _of_image(file: BinaryIO, format_: str) -> Found:
    try:
        with _opened(file, format_) as image:
            exif = image.getexif()
            more = exif.get_ifd(ExifTags.IFD.Exif)
            place = _place(exif.get_ifd(ExifTags.IFD.GPSInfo))
            # PNG keeps words of its own, such as Author and Comment.
            texts = [(name, value) for name, value in image.info.items() if name in PNG_TEXTS]
    except (OSError, ValueError, SyntaxError, ValidationError, UnidentifiedImageError, Image.DecompressionBombError):
        return []
    camera = " ".join(
        dict.fromkeys(_words(exif.get(tag)) for tag in (ExifTags.Base.Make, ExifTags.Base.Model) if exif.get(tag))
    )
    return _filled(
        (_("Place"), place),
        (_("Taken at"), _moment(more.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime))),
        (_("Camera"), camera),
        (_("Author"), exif.get(ExifTags.Base.Artist)),
        (_("Owner of the camera"), more.get(ExifTags.Base.CameraOwnerName)),
        (_("Serial number of the camera"), more.get(ExifTags.Base.BodySerialNumber)),
        (_("Description"), exif.get(ExifTags.Base.ImageDescription)),
        *texts,
    )


PNG_TEXTS = {"Author", "Comment", "Description", "Copyright", "Creation Time", "Title"}


def _moment(written: Any) -> str:
    """``2025:06:01 12:30:00``, as cameras write it, in the usual form."""
    words = _words(written)
    return words.replace(":", "-", 2) if words[:4].isdigit() else words


def _place(gps: dict[int, Any]) -> str:
    """Such as ``47.91850° N, 106.91760° E``; empty without a place."""
    try:
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude])
        longitude = _degrees(gps[ExifTags.GPS.GPSLongitude])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return ""
    south = _words(gps.get(ExifTags.GPS.GPSLatitudeRef)) == "S"
    west = _words(gps.get(ExifTags.GPS.GPSLongitudeRef)) == "W"
    return _("%(latitude)s° %(north)s, %(longitude)s° %(east)s") % {
        "latitude": f"{latitude:.5f}",
        "north": pgettext("latitude", "S") if south else pgettext("latitude", "N"),
        "longitude": f"{longitude:.5f}",
        "east": pgettext("longitude", "W") if west else pgettext("longitude", "E"),
    }


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600


def _of_pdf(file: BinaryIO) -> Found:
    try:
        document: Any = pypdf.PdfReader(file).metadata or {}
        values = {name: document.get(name) for name in ("/Author", "/Creator", "/Producer", "/CreationDate", "/Title")}
    except Exception:  # pypdf raises many kinds for a broken file, and what it is about is only shown
        return []
    written = _words(values["/CreationDate"]).removeprefix("D:")
    made = f"{written[:4]}-{written[4:6]}-{written[6:8]}" if written[:8].isdigit() and len(written) >= 8 else written
    return _filled(
        (_("Author"), values["/Author"]),
        (_("Written with"), values["/Creator"] or values["/Producer"]),
        (_("Made on"), made),
        (_("Title"), values["/Title"]),
    )


DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
TERMS = "{http://purl.org/dc/terms/}"
CORE = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"
META = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}"
# Kind of fact -> the element that holds it.
OFFICE_PROPERTIES = {
    "author": f"{DUBLIN_CORE}creator",
    "last": f"{CORE}lastModifiedBy",
    "made": f"{TERMS}created",
    "title": f"{DUBLIN_CORE}title",
}
OPEN_DOCUMENT_PROPERTIES = {
    "author": f"{META}initial-creator",
    "last": f"{DUBLIN_CORE}creator",
    "made": f"{META}creation-date",
    "title": f"{DUBLIN_CORE}title",
}


def _of_properties(file: BinaryIO, name: str, elements: dict[str, str]) -> Found:
    """From the properties inside a document that is an archive; a part that is too large is not unpacked."""
    try:
        with zipfile.ZipFile(file) as archive, archive.open(name) as part:
            content = part.read(MOST_PROPERTIES + 1)
        if len(content) > MOST_PROPERTIES:
            return []
        root: Element = ElementTree.fromstring(content, forbid_dtd=True)
    except (OSError, KeyError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile):
        return []
    except (ElementTree.ParseError, DefusedXmlException):
        return []
    values = {fact: next((found.text for found in root.iter(element)), None) for fact, element in elements.items()}
    return _filled(
        (_("Author"), values["author"]),
        (_("Last changed by"), values["last"]),
        (_("Made on"), _words(values["made"])[:10]),
        (_("Title"), values["title"]),
    )


def _filled(*pairs: tuple[str, Any]) -> Found:
    return [(label, words) for label, value in pairs if (words := _words(value))]


def _words(value: Any) -> str:
    """A value as one line that can be shown; what it is in the file can be anything."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    text = "".join(letter if letter.isprintable() else " " for letter in str(value or ""))
    return " ".join(text.split())[:200]
