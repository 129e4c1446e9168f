from django.db import migrations

from commitments.triggers import Guard, standing

GUARDS = [
    Guard(
        table="reports_report",
        columns=[
            "plan_id",
            "kind",
            "period_code",
            "number",
            "as_of",
            "figures",
            "supersedes_id",
            "correction_reason",
            "released_at",
            "released_by_id",
        ],
        settled="OLD.state = 'released'",
        kept="OLD.state = 'released'",
        moves={"released": ["released"]},
    ),
    Guard(
        table="reports_reportsection",
        columns=["report_id", "kind", "position", "title_en", "title_mn", "body_en", "body_mn"],
        settled=(
            released := "EXISTS (SELECT 1 FROM reports_report parent WHERE parent.id = OLD.report_id"
            " AND parent.state = 'released')"
        ),
        kept=released,
    ),
    Guard(
        table="reports_reportfile",
        columns=["report_id", "language", "format", "file", "size", "sha256", "position", "previous_sha256"],
        settled="TRUE",
        kept="TRUE",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]

    operations = [migrations.RunPython(standing(GUARDS, up=True), standing(GUARDS, up=False))]
