"""Files as people upload them: small, whole, and of the kind that their content says."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
OOXML = "application/vnd.openxmlformats-officedocument"


def upload(name: str = "minutes.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/x-whatever-the-browser-says")


def zipped(parts: dict[str, Any], comment: bytes = b"") -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        archive.comment = comment
    return written.getvalue()


def ooxml(part: str = "wordprocessingml.document", **parts: Any) -> bytes:
    types = f'<Types><Override ContentType="{OOXML}.{part}.main+xml"/></Types>'
    return zipped({"[Content_Types].xml": types, "word/document.xml": "<w/>", **parts})


def odf(kind: str = "text", **parts: Any) -> bytes:
    return zipped({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": "<c/>", **parts})


def picture(kind: str = "PNG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (4, 3), "white").save(written, kind)
    return written.getvalue()
