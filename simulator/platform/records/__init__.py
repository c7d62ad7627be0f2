"""What the simulated city knows, item by item: invented by rule from the number and the item, always the same."""

from simulator.platform.records.answer import Ask, Record
from simulator.platform.records.table import RECORDS

__all__ = ["RECORDS", "Ask", "Record"]
