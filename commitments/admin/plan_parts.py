"""Parts of a plan: the support unit writes a draft's, a publisher amends a published one's and says why."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import roles
from commitments.admin.base import RecordAdmin
from commitments.admin.versions import RecordForm
from commitments.models import ActionPlan


def plan_of(row: Any, path: str) -> ActionPlan | None:
    """The plan that ``path`` (``plan``, ``commitment__plan``; empty for a plan itself) leads to from a row."""
    for step in path.split("__") if path else ():
        row = getattr(row, step, None)
    return row


def may_write(user: Any, plan: ActionPlan | None) -> bool:
    """Who writes the text of a plan: a draft's the support unit, a published one's a publisher."""
    return roles.is_publisher(user) if plan is not None and plan.is_published else roles.is_support_unit(user)


def why_read_only() -> str:
    return _("This plan is published: a publisher amends it, and says why.")


class PlanPartAdmin(RecordAdmin):
    """Hangs on a plan, and is kept at any time; what is public is never deleted. ``plan_path`` leads to the plan."""

    plan_path = "plan"

    @admin.display(description=gettext_lazy("action plan"))
    def plan_code(self, row: Any) -> str:
        plan = plan_of(row, self.plan_path)
        return plan.slug if plan else ""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A record never moves from one plan to another."""
        holder = self.plan_path.partition("__")[0]
        return [*super().get_readonly_fields(request, obj), *([holder] if obj and holder else [])]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        plan = plan_of(obj, self.plan_path) if obj else None
        return roles.is_support_unit(request.user) and plan is not None and not plan.is_published


class PlanTextForm(RecordForm):
    """Text of a plan: once the plan is published, a publisher amends it and says why."""

    plan_path = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan = plan_of(self.instance, self.plan_path) if self.instance.pk else None
        if plan is not None and plan.is_published and "change_reason" in self.fields:
            self.fields["change_reason"].required = True

    def clean(self) -> dict[str, Any] | None:
        # The plan's lock comes before the row's, as where many rows of a plan are written in one act.
        plan = self._plan_under_lock()
        cleaned = super().clean()
        if plan is not None and plan.is_published:
            if not may_write(self.user, plan):
                raise ValidationError(why_read_only())
            if not self.cleaned_data.get("change_reason") and "change_reason" not in self.errors:
                self.add_error("change_reason", _("This plan is published: say why it is amended."))
        return cleaned

    def _plan_under_lock(self) -> ActionPlan | None:
        """The plan as it stands now, so that it cannot be published while its text is being saved."""
        holder, _dunder, rest = self.plan_path.partition("__")
        chosen = self.cleaned_data.get(holder) if holder in self.fields else None
        plan = plan_of(chosen, rest) if chosen else plan_of(self.instance, self.plan_path) if self.instance.pk else None
        return ActionPlan.objects.select_for_update(of=("self",)).filter(pk=plan.pk).first() if plan else None


class PlanTextAdmin(PlanPartAdmin):
    form = PlanTextForm

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.plan_path = self.plan_path
        return form

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_write(request.user, plan_of(obj, self.plan_path) if obj else None)

    def why_read_only(self, request: HttpRequest, obj: Any) -> str:
        return _("The plan is published: a publisher amends its text, and says why. Nothing of it is deleted.")
