from django.db import migrations

from commitments.triggers import Guard, standing

MENDED = "(OLD.transcribed AND NEW.transcribed)"

GUARDS = [
    Guard(
        table="assessments_selfassessment",
        columns=[
            "rating",
            "no_rating_reason",
            "no_rating_text",
            "evidence_en",
            "evidence_mn",
            "challenges_en",
            "challenges_mn",
            "next_steps_en",
            "next_steps_mn",
            "additional_information_en",
            "additional_information_mn",
            "period_id",
            "milestone_id",
            "commitment_id",
            "correction_reason",
            "transcribed",
        ],
        settled=f"OLD.state = 'published' AND NOT {MENDED}",
        kept="OLD.state = 'published'",
        moves={"published": ["published"]},
    ),
    Guard(
        table="assessments_counterassessment",
        columns=[
            "organisation_id",
            "rating",
            "no_rating_reason",
            "no_rating_text",
            "recommendation",
            "justification",
            "condition",
            "language",
            "stated_on",
            "period_id",
            "milestone_id",
            "commitment_id",
            "answers_id",
            "answered_rating",
            "reference_number",
            "submission_key",
            "attribution",
            "transcribed",
        ],
        settled=f"OLD.state NOT IN ('draft', 'returned') AND NOT {MENDED}",
        kept="OLD.state <> 'draft' OR OLD.submitted_at IS NOT NULL",
        moves={
            "submitted": ["submitted", "returned", "published", "withheld", "withdrawn"],
            "published": ["published", "withheld", "withdrawn"],
            "withheld": ["withheld"],
            "withdrawn": ["withdrawn"],
        },
    ),
    Guard(
        table="assessments_response",
        columns=[
            "counter_assessment_id",
            "organisation_id",
            "kind",
            "reason_en",
            "reason_mn",
            "stated_on",
            "correction_reason",
        ],
        settled="OLD.state = 'published'",
        kept="OLD.state = 'published'",
        moves={"published": ["published"]},
    ),
    # What stands under a published row. Whether a link still opens is found out again and again.
    Guard(
        table="assessments_evidence",
        columns=[
            "self_assessment_id",
            "counter_assessment_id",
            "response_id",
            "title_en",
            "title_mn",
            "address",
            "file",
            "file_name",
            "media_type",
            "sha256",
            "size",
        ],
        settled=(
            stands := """
            EXISTS (SELECT 1 FROM assessments_selfassessment parent WHERE parent.id = OLD.self_assessment_id
                AND parent.state = 'published' AND NOT parent.transcribed)
            OR EXISTS (SELECT 1 FROM assessments_counterassessment parent WHERE parent.id = OLD.counter_assessment_id
                AND parent.state NOT IN ('draft', 'returned') AND NOT parent.transcribed)
            OR EXISTS (SELECT 1 FROM assessments_response parent WHERE parent.id = OLD.response_id
                AND parent.state = 'published')"""
        ),
        kept=stands,
    ),
]


class Migration(migrations.Migration):
    dependencies = [("assessments", "0005_answers")]

    operations = [migrations.RunPython(standing(GUARDS, up=True), standing(GUARDS, up=False))]
