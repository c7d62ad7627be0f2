"""How satisfied somebody was. Two standards number it in opposite directions; inside there is only this enum."""

from __future__ import annotations

from enum import Enum


class Satisfaction(Enum):
    """国办发〔2019〕51号, five levels. Stars of the last page: 5 is 非常满意."""

    VERY_SATISFIED = "非常满意"
    SATISFIED = "满意"
    FAIRLY_SATISFIED = "基本满意"
    DISSATISFIED = "不满意"
    VERY_DISSATISFIED = "非常不满意"

    @property
    def national(self) -> int:
        """The national evaluation interface: 5 非常满意 to 1 非常不满意."""
        return 5 - _BEST_FIRST.index(self)

    @property
    def gbt39046(self) -> int:
        """GB/T 39046-2020, table A.8: 1 非常满意 to 5 非常不满意."""
        return 1 + _BEST_FIRST.index(self)

    @staticmethod
    def of_stars(stars: int) -> Satisfaction:
        """From the page's number, 5 the best. Raises `ValueError` outside 1 to 5."""
        if not 1 <= stars <= 5:
            raise ValueError(f"a rating has 1 to 5 stars, not {stars}")
        return _BEST_FIRST[5 - stars]


_BEST_FIRST = tuple(Satisfaction)
