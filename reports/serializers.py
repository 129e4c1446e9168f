"""What the API shows of released reports."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import CharField, DateTimeField, IntegerField

from commitments.localised import LANGUAGES
from commitments.serializers import PLAN, AddressField, ChosenField, ChosenLanguageField, CodeField, IdField
from reports.models import Report, ReportFile, ReportSection


def report_id(report: Report) -> str:
    return f"{report.plan.slug}/{report.number}"


@extend_schema_field({"type": "string", "format": "uri"})
class FileAddressField(serializers.Field):
    """Where the file can be downloaded; the address never changes, and neither does what is there."""

    def __init__(self) -> None:
        super().__init__(source="*", read_only=True, help_text="Where it can be downloaded.")

    def to_representation(self, file: ReportFile) -> str:
        return self.context["request"].build_absolute_uri(file.get_absolute_url())


class ReportFileSerializer(serializers.Serializer):
    """One released file. Each names the checksum of the file that was released before it."""

    language = CodeField([(code, code) for code in LANGUAGES], allow_null=True, help_text="Its language; or null.")
    format = CodeField(ReportFile.Format.choices, help_text="Its format.")
    url = FileAddressField()
    name = CharField(help_text="What it is called when it is downloaded.")
    size = IntegerField(help_text="Size in bytes.")
    sha256 = CharField(help_text="SHA-256 of the file, in hexadecimal.")
    position = IntegerField(help_text="Its place in the chain of all released files, from 1.")
    previous_sha256 = CharField(help_text="SHA-256 of the file before it in the chain; empty for the first.")


class ReportSectionSerializer(serializers.Serializer):
    """A narrative part of a report."""

    kind = CodeField(ReportSection.Kind.choices, help_text="What it is about.")
    position = IntegerField(help_text="Its place in the report.")
    title = ChosenField("title")
    title_language = ChosenLanguageField("title")
    title_en = CharField(help_text="Title in English; may be empty.")
    title_mn = CharField(help_text="Title in Mongolian; may be empty.")
    body_en = CharField(help_text="Text in English; may be empty.")
    body_mn = CharField(help_text="Text in Mongolian; may be empty.")


class ReportSerializer(serializers.Serializer):
    """A released report. It never changes; a correction is a further report that supersedes it."""

    id = IdField(identify=report_id, help_text="Plan and number, such as nap-4/1.")
    url = AddressField("reports", identify=report_id)
    plan = CharField(source="plan.slug", help_text=PLAN)
    number = IntegerField(help_text="Its number in the plan, from 1.")
    kind = CodeField(Report.Kind.choices, help_text="Kind of report.")
    period = CharField(source="period_code", help_text="Code of the period, or of the half-year, such as 2026-H1.")
    as_of = DateTimeField(help_text="The moment as at which ratings were read; offset of Ulaanbaatar.")
    released_at = DateTimeField(help_text="When it was released; offset of Ulaanbaatar.")
    supersedes = IntegerField(
        source="supersedes.number",
        allow_null=True,
        help_text="Number of the report that it corrects; null without one.",
    )
    correction_reason = CharField(help_text="Why that report was corrected; empty without one.")
    superseded_by = IntegerField(
        source="corrected_by.number",
        default=None,
        allow_null=True,
        help_text="Number of the report that corrects this one; null while it is in force.",
    )
    files = ReportFileSerializer(many=True, help_text="Its files.")


class ReportDetailSerializer(ReportSerializer):
    """A released report with its words and figures."""

    sections = ReportSectionSerializer(many=True, help_text="Its narrative parts, in their order.")
    figures = serializers.DictField(help_text="The figures as they were frozen at the release.")
