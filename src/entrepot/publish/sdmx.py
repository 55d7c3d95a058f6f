"""SDMX: stored rows in the statisticians' own exchange format, with the structure that reads them.

SDMX-CSV 2.0 for the rows, an SDMX-ML 2.1 structure message beside it: the two together are what an
SDMX client needs. Every column of the store is a component of its own, so nothing is lost.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from entrepot.schema import FLOWS, Column

if TYPE_CHECKING:
    import pyarrow as pa

AGENCY, FLOW, VERSION = "ENTREPOT", "FLOWS", "1.0"
MEASURE = "value_usd"
TIME = "period"
NOTICE = Column("notice", "string", "SYNTHETIC where the row is of an invented world.")
DIMENSIONS = (*(one for one in FLOWS.grain if one.name != TIME),
              *(one for one in FLOWS.values if one.name == "valuation"),
              *(one for one in FLOWS.grain if one.name == TIME))  # fmt: skip
ATTRIBUTES = (
    *(one for one in FLOWS.values if one.name not in (MEASURE, "valuation")),
    NOTICE,
)
_SPACES = {
    "mes": "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message",
    "str": "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure",
    "com": "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common",
}
_TYPES = {"float64": "Double", "int64": "Integer", "date": "ObservationalTimePeriod"}


def identifier(column: Column) -> str:
    """Return the id of a component: TIME_PERIOD and OBS_VALUE by the norm, else in capitals."""
    return {TIME: "TIME_PERIOD", MEASURE: "OBS_VALUE"}.get(column.name, column.name.upper())


def rows(table: pa.Table) -> str:
    """Return stored rows as SDMX-CSV 2.0: one observation per row, months as 2023-01.

    A column that the table lacks is empty; a null is an empty field, never a zero.
    """
    value = next(one for one in FLOWS.values if one.name == MEASURE)
    components = (*DIMENSIONS, value, *ATTRIBUTES)
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["STRUCTURE", "STRUCTURE_ID", "ACTION", *map(identifier, components)])
    columns = [
        table.column(one.name).to_pylist()
        if one.name in table.column_names
        else [None] * len(table)
        for one in components
    ]
    frequency = columns[[one.name for one in components].index("freq")]
    head = ("dataflow", f"{AGENCY}:{FLOW}({VERSION})", "I")
    for cells, freq in zip(zip(*columns, strict=True), frequency, strict=True):
        out.writerow([*head, *(_field(cell, freq) for cell in cells)])
    return text.getvalue()


def _field(cell: Any, freq: str | None) -> Any:
    if isinstance(cell, date):
        return f"{cell:%Y}" if freq == "A" else f"{cell:%Y-%m}"
    return "" if cell is None else cell


def structure(title: str, prepared: str) -> str:
    """Return the structure message: concepts, data structure and dataflow, as SDMX-ML 2.1.

    `prepared` is its day, as 2023-11-27: that of the newest vintage, so that it is the same again.
    """
    for prefix, space in _SPACES.items():
        ElementTree.register_namespace(prefix, space)
    root = _element("mes", "Structure")
    header = _child(root, "mes", "Header")
    _child(header, "mes", "ID").text = FLOW
    _child(header, "mes", "Test").text = "false"
    _child(header, "mes", "Prepared").text = f"{prepared}T00:00:00"
    _child(header, "mes", "Sender", id=AGENCY)
    held = _child(root, "mes", "Structures")
    _dataflow(_child(held, "str", "Dataflows"), title)
    _concepts(_child(held, "str", "Concepts"))
    _components(_child(held, "str", "DataStructures"))
    ElementTree.indent(root)
    return ElementTree.tostring(root, "unicode", xml_declaration=True) + "\n"


def _dataflow(parent: Any, title: str) -> None:
    flow = _maintainable(parent, "Dataflow", FLOW, title)
    _reference(_child(flow, "str", "Structure"), FLOW, "DataStructure", "datastructure")


def _concepts(parent: Any) -> None:
    scheme = _maintainable(parent, "ConceptScheme", "COLUMNS", "Columns of the flows")
    value = next(one for one in FLOWS.values if one.name == MEASURE)
    for column in (*DIMENSIONS, value, *ATTRIBUTES):
        concept = _child(scheme, "str", "Concept", id=identifier(column))
        _named(concept, column.doc or column.name)


def _components(parent: Any) -> None:
    made = _maintainable(parent, "DataStructure", FLOW, "Flows of goods as known on a day")
    parts = _child(made, "str", "DataStructureComponents")
    listed = _child(parts, "str", "DimensionList", id="DimensionDescriptor")
    for place, column in enumerate(DIMENSIONS, start=1):
        kind = "TimeDimension" if column.name == TIME else "Dimension"
        _component(listed, kind, column, position=str(place))
    attributes = _child(parts, "str", "AttributeList", id="AttributeDescriptor")
    for column in ATTRIBUTES:
        one = _component(attributes, "Attribute", column, assignmentStatus="Conditional")
        relation = _child(one, "str", "AttributeRelationship")
        _child(_child(relation, "str", "PrimaryMeasure"), "", "Ref", id="OBS_VALUE")
    measures = _child(parts, "str", "MeasureList", id="MeasureDescriptor")
    _component(measures, "PrimaryMeasure",
               next(one for one in FLOWS.values if one.name == MEASURE))  # fmt: skip


def _component(parent: Any, kind: str, column: Column, **given: str) -> Any:
    one = _child(parent, "str", kind, id=identifier(column), **given)
    concept = _child(one, "str", "ConceptIdentity")
    _child(
        concept, "", "Ref", id=identifier(column), maintainableParentID="COLUMNS",
        maintainableParentVersion=VERSION, agencyID=AGENCY, package="conceptscheme",
    ).set("class", "Concept")  # fmt: skip
    local = _child(one, "str", "LocalRepresentation")
    _child(local, "str", "TextFormat", textType=_TYPES.get(column.type, "String"))
    return one


def _maintainable(parent: Any, kind: str, name: str, title: str) -> Any:
    one = _child(parent, "str", kind, id=name, agencyID=AGENCY, version=VERSION, isFinal="true")
    _named(one, title)
    return one


def _reference(parent: Any, name: str, kind: str, package: str) -> None:
    _child(parent, "", "Ref", id=name, agencyID=AGENCY, version=VERSION, package=package).set(
        "class", kind
    )


def _named(parent: Any, text: str) -> None:
    _child(parent, "com", "Name").text = text


def _element(space: str, name: str, **given: str) -> Any:
    return ElementTree.Element(f"{{{_SPACES[space]}}}{name}" if space else name, given)


def _child(parent: Any, space: str, name: str, **given: str) -> Any:
    one = _element(space, name, **given)
    parent.append(one)
    return one
