from django.db import migrations, models

from commitments.search_columns import filled, indexed

TABLES = ["assessments_counterassessment", "assessments_selfassessment"]

COLUMNS = {
    "SelfAssessment": (
        [],
        [
            "no_rating_text",
            "evidence_en", "evidence_mn", "challenges_en", "challenges_mn",
            "next_steps_en", "next_steps_mn", "additional_information_en", "additional_information_mn",
        ],
    ),
    "CounterAssessment": ([], ["recommendation", "justification", "condition", "no_rating_text"]),
}


class Migration(migrations.Migration):
    dependencies = [("assessments", "0007_reminders")]

    operations = [
        *(
            migrations.AddField(
                model_name=name,
                name="search_text",
                field=models.TextField(default="", editable=False),
            )
            for name in ("counterassessment", "selfassessment")
        ),
        migrations.RunPython(indexed(TABLES, up=True), indexed(TABLES, up=False)),
        migrations.RunPython(filled("assessments", COLUMNS), migrations.RunPython.noop),
    ]
