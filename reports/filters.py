"""What lists of reports can be narrowed by."""

from django.utils.translation import gettext_lazy as _

from commitments.filters import CodeFilter, ListFilter, plan_filter
from reports.models import Report


class ReportFilter(ListFilter):
    plan = plan_filter()
    kind = CodeFilter("kind", choices=Report.Kind.choices, label=_("Kind"), says="Kind of report.")
