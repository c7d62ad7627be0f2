"""Modbus messages as frozen data, and which answer fits which request.

Source: MODBUS Application Protocol V1.1b3, section 6. Bits are 0 or 1; `Values` of bits are padded to whole bytes, as
on the wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from config.cabinet_map import Kind, Output

Framing = Literal["rtu", "tcp"]

READING: Final[Mapping[Kind, int]] = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}
WRITING_ONE: Final[Mapping[Output, int]] = {"coil": 5, "holding": 6}
WRITING_MANY: Final[Mapping[Output, int]] = {"coil": 15, "holding": 16}
KIND_OF: Final[Mapping[int, Kind]] = {f: k for k, f in READING.items()}
OUTPUT_OF: Final[Mapping[int, Output]] = {f: k for table in (WRITING_ONE, WRITING_MANY) for k, f in table.items()}
TELLING: Final = 0x2B
"""Encapsulated interface; we know one use of it, read device identification (MEI type 0E, section 6.21)."""
FUNCTIONS: Final = (*KIND_OF, *OUTPUT_OF, TELLING)
VENDOR, PRODUCT, REVISION = 0, 1, 2
"""Objects of the basic identification that every device has which knows the function."""
MOST: Final[Mapping[Kind, int]] = {"coil": 2000, "discrete": 2000, "holding": 125, "input": 125}
EXCEPTION_WORDS: Final[Mapping[int, str]] = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "server device failure",
    5: "acknowledge",
    6: "server device busy",
    8: "memory parity error",
    10: "gateway path unavailable",
    11: "gateway target failed to respond",
}


@dataclass(frozen=True, slots=True)
class Read:
    """Give me `count` bits or words of `kind` from `start` on."""

    kind: Kind
    start: int
    count: int


@dataclass(frozen=True, slots=True)
class Write:
    """Set `values` from `start` on; `single` asks for the function that sets one."""

    kind: Output
    start: int
    values: tuple[int, ...]
    single: bool = False


@dataclass(frozen=True, slots=True)
class Tell:
    """Who are you: the basic identification, from object `start` on."""

    start: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What a device is: objects by number. `then`: the object to ask for next; None: that was all."""

    objects: tuple[tuple[int, str], ...]
    then: int | None = None


@dataclass(frozen=True, slots=True)
class Values:
    """What was read."""

    kind: Kind
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What was set: `count` of them, or the one `value` echoed."""

    kind: Output
    start: int
    count: int
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """An exception response to `function`."""

    function: int
    code: int


@dataclass(frozen=True, slots=True)
class Bad:
    """A request that reads as a frame and deserves exception `code`."""

    function: int
    code: int


Request: TypeAlias = Read | Write | Tell
Answer: TypeAlias = Values | Written | Told | Refusal
Message: TypeAlias = Request | Answer | Bad


@dataclass(frozen=True, slots=True)
class Frame:
    """A message with its addressing. `transaction` is 0 on RTU, which has none."""

    unit: int
    transaction: int
    message: Message


def function_of(message: Message) -> int:
    """The Modbus function code of `message`."""
    match message:
        case Read(kind) | Values(kind):
            return READING[kind]
        case Write(kind):
            return (WRITING_ONE if message.single else WRITING_MANY)[kind]
        case Written(kind, _, _, echo):
            return (WRITING_MANY if echo is None else WRITING_ONE)[kind]
        case Tell() | Told():
            return TELLING
        case _:
            return message.function


def answers(request: Request, answer: Answer) -> bool:
    """Whether `answer` fits `request` in function, length and address."""
    if isinstance(answer, Refusal):
        return answer.function == function_of(request)
    if function_of(answer) != function_of(request):
        return False
    if isinstance(request, Tell):
        return isinstance(answer, Told)
    if isinstance(request, Read):
        count = request.count if request.kind in ("holding", "input") else -(-request.count // 8) * 8
        return isinstance(answer, Values) and len(answer.values) == count
    echo = request.values[0] if request.single else None
    return answer == Written(request.kind, request.start, len(request.values), echo)


def words(message: Message) -> str:
    """What `message` says, for people."""
    match message:
        case Read(kind, start, count):
            return f"read {kind} {start}" + (f" to {start + count - 1}" if count > 1 else "")
        case Write(kind, start, values):
            return f"set {kind} {start}: {_listed(kind, values)}"
        case Values(kind, values):
            return f"{kind}: {_listed(kind, values)}"
        case Written(kind, start, count, echo):
            return f"{kind} {start} is set" if echo is not None else f"{count} of {kind} {start} on are set"
        case Tell(start):
            return "tell who you are" + (f", from object {start} on" if start else "")
        case Told(objects):
            return "it is " + (" ".join(text for _, text in objects) or "nothing that it tells")
        case Refusal(function, code):
            return f"refused function {function}: {EXCEPTION_WORDS.get(code, f'exception {code}')}"
    return f"function {message.function}, not understood"


def _listed(kind: Kind, values: tuple[int, ...]) -> str:
    return (" " if kind in ("holding", "input") else "").join(map(str, values))
