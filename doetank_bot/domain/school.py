"""A file with school holidays (`breaks/1`): for each region of the country, when its schools are closed."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from doetank_bot.domain.calendar import NamedBreak
from doetank_bot.domain.group import Region
from doetank_bot.domain.pack.wording import STRICT, Title
from doetank_bot.domain.strict_yaml import Mistake, mistakes, parse
from doetank_bot.domain.strict_yaml.day import IsoDate

School = Mapping[Region, tuple[NamedBreak, ...]]


class _Row(BaseModel):
    model_config = STRICT

    name: Title
    regions: Annotated[tuple[Literal["noord", "midden", "zuid"], ...], Field(min_length=1)]
    first: IsoDate
    last: IsoDate

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise mistakes("break", [Mistake(("last",), "comes before `first`", "Put the two dates in order")])
        return self


class _File(BaseModel):
    model_config = STRICT

    schema_version: Literal["breaks/1"] = Field(alias="schema")
    breaks: Annotated[tuple[_Row, ...], Field(max_length=1000)]


def parse_school(text: str, file: str) -> School:
    """Return the school holidays in `text`, by region and in order of time. Raises Invalid with every problem."""
    rows = sorted(parse(text, file, _File).breaks, key=lambda row: row.first)
    return {region: tuple(_break(row) for row in rows if region in row.regions) for region in Region}


def _break(row: _Row) -> NamedBreak:
    return NamedBreak(row.first, row.last, row.name.get("nl"), row.name.get("en"))
