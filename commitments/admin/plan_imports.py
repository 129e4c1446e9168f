"""A plan as a workbook in the admin: the template, the export of a plan, and the import in three steps."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from commitments import roles
from commitments.admin.importing import Importing, download, preview_page, upload_page
from commitments.models import ActionPlan, PendingImport
from commitments.plan_import import import_plan, preview_plan
from commitments.plan_workbook import plan_workbook


def importing_a_plan() -> Importing:
    plans = reverse("admin:commitments_actionplan_changelist")
    return Importing(
        kind=PendingImport.Kind.PLAN,
        subject="",
        title=_("Import a plan"),
        preview=lambda upload, by: preview_plan(upload, by=by),
        write=lambda upload, by, reason, confirmed: import_plan(upload, by=by, reason=reason, confirmed=confirmed),
        upload_address=reverse("admin:commitments_actionplan_import"),
        preview_address=lambda pending: reverse("admin:commitments_actionplan_import_preview", args=[pending.token]),
        done_address=lambda: plans,
    )


class PlanImportPages(admin.ModelAdmin):
    """The addresses of plans that are workbooks; all of them for the support unit."""

    def get_urls(self) -> list[Any]:
        pages: list[tuple[str, Any, str]] = [
            ("import/", self._upload_view, "import"),
            ("import/<uuid:token>/", self._preview_view, "import_preview"),
            ("template.xlsx", self._template_view, "template"),
            ("<path:object_id>/plan.xlsx", self._export_view, "export"),
        ]
        return [
            *(
                path(address, self.admin_site.admin_view(view), name=f"commitments_actionplan_{name}")
                for address, view, name in pages
            ),
            *super().get_urls(),
        ]

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        if not roles.is_support_unit(request.user):
            raise PermissionDenied
        return {
            **self.admin_site.each_context(request),
            "above_address": reverse("admin:commitments_actionplan_changelist"),
            "above_title": capfirst(str(self.opts.verbose_name_plural)),
            "template_address": reverse("admin:commitments_actionplan_template"),
        }

    def _upload_view(self, request: HttpRequest) -> HttpResponse:
        return upload_page(request, importing_a_plan(), self._context(request))

    def _preview_view(self, request: HttpRequest, token: Any) -> HttpResponse:
        return preview_page(request, importing_a_plan(), token, self._context(request))

    def _template_view(self, request: HttpRequest) -> HttpResponse:
        self._context(request)
        back = reverse("admin:commitments_actionplan_import")
        return download(request, plan_workbook, "plan-template.xlsx", back=back)

    def _export_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        self._context(request)
        plan: ActionPlan | None = self.get_object(request, unquote(object_id))
        if plan is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        back = reverse("admin:commitments_actionplan_change", args=[plan.pk])
        return download(request, partial(plan_workbook, plan), f"{plan.slug}.xlsx", back=back)
