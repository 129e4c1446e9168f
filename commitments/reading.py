"""How the API is read: published data only, in the asked language, in pages; what cannot be answered is refused.

The API knows nobody. It authenticates no one, so that `visible_to(request.user)` is always what an anonymous reader may
see, a signed-in editor's browser gets the same bytes as everybody else's, and any cache may keep them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import TooManyFieldsSent, ValidationError
from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, filters, pagination, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from commitments.localised import LANGUAGES
from commitments.tables import columns_of, to_csv
from commitments.text import refuse_control_characters

LONGEST_PAGE = 200


# The framework's own sentences exist in English only.
SENTENCES: dict[type[Exception], Any] = {
    exceptions.MethodNotAllowed: _("This record can only be read: use GET."),
    exceptions.NotAcceptable: _("Answers come as JSON only."),
}


def refuse(exception: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to a request that cannot be answered, in the reader's language (`EXCEPTION_HANDLER`)."""
    response = exception_handler(exception, context)
    if response is not None and type(exception) in SENTENCES:
        response.data = {"detail": SENTENCES[type(exception)]}
    return response


def nothing_here() -> exceptions.NotFound:
    return exceptions.NotFound(_("There is nothing published at this address."))


class RefusalSerializer(serializers.Serializer):
    """Why an address was not answered, in the reader's language."""

    detail = serializers.CharField(help_text="One sentence.")


class Pages(pagination.PageNumberPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = LONGEST_PAGE
    page_query_description = "Number of the page, from 1."
    page_size_query_description = f"Rows per page, from 1 to {LONGEST_PAGE}; 50 by default."
    invalid_page_message = _("There is no such page.")  # type: ignore[assignment]

    def get_page_size(self, request: Request) -> int:
        asked = request.query_params.get(self.page_size_query_param)
        if not asked:
            return self.page_size
        size = whole_number(asked)
        if size is None or not 1 <= size <= LONGEST_PAGE:
            sentence = _("Ask for 1 to %(longest)d rows.") % {"longest": LONGEST_PAGE}
            raise exceptions.ValidationError({self.page_size_query_param: [sentence]})
        return size

    def get_page_number(self, request: Request, paginator: Any) -> int:
        asked = request.query_params.get(self.page_query_param) or "1"
        number = whole_number(asked)
        if number is None or number < 1:
            raise exceptions.ValidationError({self.page_query_param: [_("A page is a whole number, from 1.")]})
        return number

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        bounds = {self.page_query_param: {"minimum": 1}, self.page_size_query_param: {"minimum": 1, "maximum": 200}}
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            parameter["schema"].update(bounds[parameter["name"]])
        return parameters

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        described = super().get_paginated_response_schema(schema)
        says = {
            "count": "Rows on all pages.",
            "next": "Address of the next page; null on the last.",
            "previous": "Address of the page before; null on the first.",
            "results": "The rows of this page.",
        }
        for name, property_schema in described["properties"].items():
            property_schema["description"] = says[name]
        return described


def whole_number(text: str) -> int | None:
    """The number that up to nine ASCII digits mean; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class ClosedOrdering(filters.BaseFilterBackend):
    """``ordering=`` one name of the view's ``orderings``, or ``-name``; always a total order, empty values last."""

    parameter = "ordering"

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        asked = request.query_params.get(self.parameter)
        if not asked:
            return queryset.order_by(*view.order, "pk")
        if asked not in self.names(view):
            sentence = _("Choose one of these: %(codes)s.") % {"codes": ", ".join(self.names(view))}
            raise exceptions.ValidationError({self.parameter: [sentence]})
        column = F(view.orderings[asked.removeprefix("-")])
        first = column.desc(nulls_last=True) if asked.startswith("-") else column.asc(nulls_last=True)
        return queryset.order_by(first, *view.order, "pk")

    def names(self, view: Any) -> list[str]:
        return [sign + name for name in view.orderings for sign in ("", "-")]

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": self.parameter,
                "required": False,
                "in": "query",
                "description": "What to order by; with - the other way round. Rows without a value come last.",
                "schema": {"type": "string", "enum": self.names(view)},
            }
        ]


# What the parts of a natural id are.
PARTS = {
    "slug": "Its slug.",
    "plan": "Slug of the plan, such as nap-4.",
    "code": "Code within the plan, such as 1.1.",
    "subject": "Whether the code is that of a milestone or of a commitment.",
    "period": "Code of the reporting period, such as 2023-final.",
    "organisation": "Slug of the organisation; unnamed.1, unnamed.2 … where the source names none.",
    "stage": "Stage of the review.",
    "version": "Number of the version, from 1.",
    "number": "Number of the report, from 1.",
}


class ReadingSchema(AutoSchema):
    """Adds to each description what every address takes, and how it refuses."""

    view: Any

    def get_override_parameters(self) -> list[Any]:
        language = OpenApiParameter(
            "language",
            str,
            enum=LANGUAGES,
            description="Language of titles, names and sentences; else that of Accept-Language, else en. "
            "A text that is not translated is given in the language it has, which is named beside it.",
        )
        parts = re.findall(r"<(\w+):(\w+)>", self.view.address) if self.view.action == "retrieve" else []
        return [
            language,
            *(
                OpenApiParameter(name, int if kind == "int" else str, OpenApiParameter.PATH, description=PARTS[name])
                for kind, name in parts
            ),
        ]

    def get_response_serializers(self) -> Any:
        sentences = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
        return {
            200: super().get_response_serializers(),
            400: OpenApiResponse(sentences, "The parameters that are refused, each with sentences that say why."),
            404: OpenApiResponse(RefusalSerializer, "There is nothing published at this address."),
        }


class ReadingViewSet(viewsets.GenericViewSet):
    """A list of one resource, the same as a table, and a detail. Rows are found by what is public, never by key."""

    schema = ReadingSchema()
    model: Any
    # The detail's address after the resource's name, and what its parts are compared with.
    address: str
    parts: dict[str, str]
    order: Sequence[Any] = ()
    orderings: dict[str, str] = {}
    # Leads from a row to its plan; empty where rows have none.
    to_plan: str = "plan"
    detail_serializer_class: type[serializers.Serializer] | None = None
    filter_backends = [DjangoFilterBackend, ClosedOrdering]
    pagination_class = Pages
    http_method_names = ["get", "head", "options"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        try:
            choose_language(request)
        except TooManyFieldsSent as refusal:
            raise exceptions.ValidationError({"detail": [_("The address has too many parameters.")]}) from refusal
        super().initial(request, *args, **kwargs)
        self.refuse_unasked(request)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A table comes as one to whoever asks at its address, and its refusals as JSON."""
        return super().perform_content_negotiation(request, force or self.action == "table")

    def get_queryset(self) -> QuerySet:
        return self.model._default_manager.visible_to(self.request.user)

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        if self.action == "retrieve" and self.detail_serializer_class:
            return self.detail_serializer_class
        return super().get_serializer_class()

    def shown(self, records: list[Any]) -> Sequence[Any]:
        """What the serializer shows of these records: they themselves, or what was read beside them."""
        return records

    def real(self, records: QuerySet) -> QuerySet:
        """Without those of demonstrations, which are listed only where their plan is asked for."""
        return records.filter(**{"__".join(filter(None, [self.to_plan, "is_demonstration"])): False})

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.listed(request)) or []
        return self.get_paginated_response(self.get_serializer(self.shown(page), many=True).data)

    @extend_schema(exclude=True)
    def table(self, request: Request) -> HttpResponse:
        """The whole list, narrowed and ordered as asked, as a table for spreadsheets."""
        columns = columns_of(self.get_serializer())
        rows = self.get_serializer(self.shown(list(self.listed(request))), many=True).data
        response = HttpResponse(to_csv(columns, rows), content_type="text/csv; charset=utf-8")
        name = "-".join(filter(None, [request.query_params.get("plan"), request.path.rpartition("/")[2]]))
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
        return response

    def listed(self, request: Request) -> QuerySet:
        """The rows of the list that is asked for, in its order."""
        records = self.filter_queryset(self.get_queryset())
        return records if request.query_params.get("plan") else self.real(records)

    def retrieve(self, request: Request, **parts: Any) -> Response:
        return Response(self.get_serializer(self.shown([self.found(parts)])[0]).data)

    def found(self, parts: dict[str, Any]) -> Any:
        """The one record at an address; raises NotFound."""
        try:
            for part in parts.values():
                refuse_control_characters(str(part))
        except ValidationError as refusal:
            raise nothing_here() from refusal
        record = self.records_at(parts).first()
        if record is None:
            raise nothing_here()
        return record

    def records_at(self, parts: dict[str, Any]) -> QuerySet:
        """The records whose natural id has these parts: one or none."""
        return self.get_queryset().filter(**{self.parts[name]: part for name, part in parts.items()})

    def refuse_unasked(self, request: Request) -> None:
        """A parameter that does not exist, or is given twice, would be left out without a word: refuse it."""
        if request.method not in {"GET", "HEAD"}:
            return
        known = ["language"]
        if self.action in {"list", "table"}:
            filterset = getattr(self, "filterset_class", None)
            known += [*(filterset.base_filters if filterset else ()), "ordering"]
        if self.action == "list":
            known += ["page", "page_size"]
        refused: dict[str, list[Any]] = {}
        for name, values in request.query_params.lists():
            if name not in known:
                refused[name] = [
                    _("There is no such parameter here. These exist: %(names)s.") % {"names": ", ".join(sorted(known))}
                ]
            elif len(values) > 1:
                refused[name] = [_("Give this once.")]
        if refused:
            raise exceptions.ValidationError(refused)


def choose_language(request: Request) -> None:
    """Speak the language of ``?language=``, else of Accept-Language, else English. No cookie has a say (caches)."""
    translation.activate(accepted_language(request.headers.get("Accept-Language", "")))
    if asked := request.query_params.get("language"):
        if asked not in LANGUAGES:
            sentence = _("Choose one of these: %(codes)s.") % {"codes": ", ".join(LANGUAGES)}
            raise exceptions.ValidationError({"language": [sentence]})
        translation.activate(asked)


def accepted_language(header: str) -> str:
    """The first of the two languages that a browser asks for; English if it asks for neither."""
    accepted = (code[:2] for code, weight in parse_accept_lang_header(header) if weight)
    return next((code for code in accepted if code in LANGUAGES), "en")
