from django.db import migrations, models

from commitments.search_columns import filled, indexed

TABLES = [
    "commitments_actionplan",
    "commitments_commitment",
    "commitments_milestone",
    "commitments_organisation",
    "commitments_organisationalias",
    "commitments_recommendation",
]

COLUMNS = {
    "ActionPlan": (
        ["title_en", "title_mn", "slug"],
        ["making_en", "making_mn", "coverage_note_en", "coverage_note_mn", "adopted_by_en", "adopted_by_mn"],
    ),
    "Commitment": (
        ["code", "title_en", "title_mn", "ogp_identifier"],
        [
            "adopted_wording_en", "adopted_wording_mn", "brief_description_en", "brief_description_mn",
            "problem_en", "problem_mn", "main_objective_en", "main_objective_mn",
            "description_en", "description_mn", "relevance_en", "relevance_mn",
            "ambition_en", "ambition_mn", "next_steps_en", "next_steps_mn",
        ],
    ),
    "Milestone": (["code", "title_en", "title_mn"], ["expected_output_en", "expected_output_mn", "note_en", "note_mn"]),
    "Organisation": (["name_en", "name_mn", "short_name"], []),
    "OrganisationAlias": (["name"], []),
    "Recommendation": (["code", "text_en", "text_mn"], ["response_en", "response_mn", "outcome_en", "outcome_mn"]),
}


class Migration(migrations.Migration):
    dependencies = [("commitments", "0006_revision")]

    operations = [
        *(
            migrations.AddField(
                model_name=name,
                name="search_text",
                field=models.TextField(default="", editable=False),
            )
            for name in ("organisationalias", "recommendation")
        ),
        migrations.RunPython(indexed(TABLES, up=True), indexed(TABLES, up=False)),
        migrations.RunPython(filled("commitments", COLUMNS), migrations.RunPython.noop),
    ]
