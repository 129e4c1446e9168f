"""What files say about those who made them, and images without it."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from PIL import ExifTags, Image, PngImagePlugin
from pypdf import PdfWriter

from assessments import images
from assessments.images import metadata_of, without_metadata

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXT = "application/vnd.oasis.opendocument.text"


def photo(format_="JPEG", size=(40, 20), orientation=1, mode="RGB"):
    """A photo taken at Sükhbaatar square, red at its left half."""
    image = Image.new(mode, size, "blue" if mode == "RGB" else 1)
    if mode == "RGB":
        image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Canon", "EOS 90D"
    exif[ExifTags.Base.Artist] = "Secret-Name"
    exif[ExifTags.Base.Orientation] = orientation
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2025:06:01 12:30:00"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (47.0, 55.0, 6.6)
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (106.0, 55.0, 3.36)
    file = io.BytesIO()
    image.save(file, format_, exif=exif)
    return file


def document(name, content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    return file


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_a_photo_says_where_when_and_with_what_it_was_taken(format_):
    file = photo(format_)
    assert metadata_of(file, f"image/{format_.lower()}") == [
        ("Place", "47.91850° N, 106.91760° E"),
        ("Taken at", "2025-06-01 12:30:00"),
        ("Camera", "Canon EOS 90D"),
        ("Author", "Secret-Name"),
    ]
    assert file.tell() == 0


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_the_stored_image_says_nothing_and_shows_the_same(format_):
    media_type = f"image/{format_.lower()}"
    stored = without_metadata(photo(format_), media_type)
    assert metadata_of(io.BytesIO(stored), media_type) == []
    assert b"Secret-Name" not in stored
    with Image.open(io.BytesIO(stored)) as image:
        assert (image.format, image.size, dict(image.getexif())) == (format_, (40, 20), {})
        red, _green, blue = image.convert("RGB").getpixel((5, 10))
        assert red > 200 > blue


def test_a_photo_taken_sideways_is_stored_upright():
    stored = without_metadata(photo(orientation=6), "image/jpeg")
    with Image.open(io.BytesIO(stored)) as image:
        assert image.size == (20, 40)
        red, _green, blue = image.convert("RGB").getpixel((10, 5))
        assert red > 200 > blue  # what was left is above


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "RGBA"])
def test_pictures_of_every_kind_of_colour_are_stored(mode):
    file = io.BytesIO()
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "Secret-Name")
    source = Image.new("RGBA", (6, 4), (10, 200, 30, 255)).convert(mode)
    source.save(file, "PNG", pnginfo=notes)
    assert metadata_of(file, "image/png") == [("Author", "Secret-Name")]
    stored = without_metadata(file, "image/png")
    assert b"Secret-Name" not in stored
    with Image.open(io.BytesIO(stored)) as image:
        assert image.convert("RGBA").tobytes() == source.convert("RGBA").tobytes()


def test_an_image_that_would_unpack_into_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(images, "MOST_POINTS", 500)
    with pytest.raises(ValidationError, match="million points"):
        without_metadata(photo(), "image/jpeg")
    assert metadata_of(photo(), "image/jpeg") == []


@pytest.mark.parametrize("content", [b"", b"no image", photo().getvalue()[:400], photo("PNG").getvalue()])
def test_what_is_no_image_of_its_type_is_refused_with_a_sentence(content):
    with pytest.raises(ValidationError, match="cannot be read"):
        without_metadata(io.BytesIO(content), "image/jpeg")


def test_a_pdf_names_its_author():
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_metadata({"/Author": "Д. Нууц", "/Creator": "Writer", "/CreationDate": "D:20250601123000+08'00'"})
    file = io.BytesIO()
    writer.write(file)
    assert metadata_of(file, "application/pdf") == [
        ("Author", "Д. Нууц"),
        ("Written with", "Writer"),
        ("Made on", "2025-06-01"),
    ]
    assert without_metadata(file, "application/pdf") == file.getvalue()


def test_an_office_document_names_its_author_and_who_changed_it_last():
    core = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
        "<dc:creator>A. Secret</dc:creator><cp:lastModifiedBy>B. Secret</cp:lastModifiedBy>"
        "<dcterms:created>2025-06-01T10:00:00Z</dcterms:created></cp:coreProperties>"
    )
    assert metadata_of(document("docProps/core.xml", core), WORD) == [
        ("Author", "A. Secret"),
        ("Last changed by", "B. Secret"),
        ("Made on", "2025-06-01"),
    ]
    meta = (
        '<meta xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<meta:initial-creator>A. Secret</meta:initial-creator><dc:creator>B. Secret</dc:creator></meta>"
    )
    assert metadata_of(document("meta.xml", meta), TEXT) == [("Author", "A. Secret"), ("Last changed by", "B. Secret")]


BOMB = '<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("file", "media_type"),
    [
        (io.BytesIO(b"%PDF-1.7 broken"), "application/pdf"),
        (io.BytesIO(b"PK broken"), WORD),
        (document("docProps/core.xml", "<not closed"), WORD),
        (document("docProps/core.xml", BOMB), WORD),
        (document("docProps/core.xml", "<a>" + " " * 1_000_000 + "</a>"), WORD),
        (document("other.xml", "<a/>"), WORD),
        (io.BytesIO(b"Secret"), "text/plain"),
    ],
)
def test_of_what_cannot_be_read_nothing_is_said(file, media_type):
    assert metadata_of(file, media_type) == []
