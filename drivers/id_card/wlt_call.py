"""How a vendor's WLT decoder is called, as data: the profile's `portrait = "ctypes:..."` and the known entry points.

    ctypes:/opt/vendor/libwlt2bmp.so                               int unpack(char *wlt, char *picture, int 0)
    ctypes:/opt/vendor/libwlt2bmp.so?third=708                     the same, in builds that want a vendor's constant
    ctypes:/opt/vendor/libwltrs.so?call=get-bmp&third=2            int GetBmp(char *path, int interface)
    ctypes:/opt/vendor/libcvr.so?call=cvr&sam=05.03-...&base=/opt/vendor/base.dat&license=/opt/vendor/license.lic&format=1
    ctypes:/opt/vendor/libnew.so?symbol=decode&arguments=blob,blob-size,picture&success=0

| argument          | what is passed                                                                    |
|-------------------|-----------------------------------------------------------------------------------|
| `blob`            | pointer to the 1024 bytes of the card                                             |
| `blob-size`       | 1024                                                                              |
| `picture`         | pointer to room for the picture                                                   |
| `picture-size`    | pointer to an int: the room before the call, the picture's size after it          |
| `blob-file`       | path of a file `portrait.wlt` in memory that holds the blob                       |
| `picture-file`    | path beside it, `portrait.bmp`, for the picture                                   |
| `text:...`        | a string                                                                          |
| a number          | an int                                                                            |
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

SCHEME: Final = "ctypes"
SHORTEST_S, DEADLINE_S, LONGEST_S = 0.5, 2.5, 5.0
POINTERS: Final = frozenset({"blob", "blob-size", "picture", "picture-size", "blob-file", "picture-file"})
_SYMBOL = re.compile(r"[A-Za-z_]\w*(\|[A-Za-z_]\w*)*", re.ASCII)
_HOLE = re.compile(r"\{(\w+)\}")
_INT_MIN, _INT_MAX = -(1 << 31), (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class WltCall:
    """One decoder. Calls are (symbol, argument, ...); `a|b` is the first symbol that the library has.

    `success`: the results that mean a picture; empty when the result says nothing and only the picture counts.
    `order` and `rows` are those of a raw picture; a BMP says its own.
    """

    library: str
    decode: tuple[str, ...]
    success: tuple[int, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    order: str = "bgr"
    rows: str = "up"
    deadline_s: float = DEADLINE_S

    @property
    def needs_files(self) -> bool:
        """True for entry points that take paths instead of memory."""
        return any(argument in self.decode for argument in ("blob-file", "picture-file"))

    def json(self) -> str:
        """For the command line of the decoder's process: paths and names, nothing of any card."""
        return json.dumps(asdict(self))

    @classmethod
    def of_json(cls, text: str) -> WltCall:
        """What `json` wrote."""
        values: dict[str, Any] = json.loads(text)
        lists: dict[str, Any] = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
        return cls(**(values | lists))


@dataclass(frozen=True, slots=True)
class _Known:
    decode: str
    success: str = ""
    before: str = ""
    after: str = ""
    holes: tuple[tuple[str, str], ...] = ()
    """Parameters and their defaults; no default means that the profile must give one."""


CALLS: Final[Mapping[str, _Known]] = MappingProxyType(
    {
        # libwlt2bmp.so, libWltRS.so, libwlt_wei.so; builds were seen with 0, 608, 708 and 752 as third argument.
        "unpack": _Known("unpack|_Z6unpackPcS_i,blob,picture,{third}", holes=(("third", "0"),)),
        # WltRS: 1 is success; 0 and below name the trouble. The BMP appears beside the .wlt file.
        "get-bmp": _Known("GetBmp,blob-file,{third}", success="1", holes=(("third", "2"),)),
        "hx-get-bmp": _Known("HX_GetBmp,blob-file,picture-file,{third}", holes=(("third", "2"),)),
        "wlt2bmp": _Known("Wlt2Bmp,blob-file,picture-file"),
        # The value of CV_FORMAT_BMP stands in the vendor's header only; the licence is bound to the SAM's number.
        "cvr": _Known(
            "CV_Decode,blob,blob-size,picture,{format},picture-size",
            success="1",
            before="CV_InitializeEx,text:{sam},text:{base},text:{license}",
            after="CV_Finalize",
            holes=(("sam", ""), ("base", ""), ("license", ""), ("format", "")),
        ),
    }
)
_COMMON: Final = ("call", "symbol", "arguments", "success", "before", "after", "order", "rows", "deadline")


def wlt_call(option: str) -> WltCall:
    """The call that `ctypes:/path/to/library.so?...` describes. Raises `ValueError` that says what to write instead."""
    parts = urlsplit(option)
    if parts.scheme != SCHEME or not parts.path.startswith("/"):
        raise ValueError(f"portrait={option!r}: write ctypes:/path/to/library.so?call=unpack")
    given = dict(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=20))
    name = given.get("call", "unpack")
    known = CALLS.get(name)
    if known is None:
        raise ValueError(f"portrait: call={name!r} is unknown; there are {', '.join(CALLS)}")
    holes = dict(known.holes)
    if unknown := sorted(set(given) - set(holes) - set(_COMMON)):
        raise ValueError(f"portrait: unknown {', '.join(unknown)}; {name} takes {', '.join((*holes, *_COMMON))}")
    if missing := [key for key, default in holes.items() if not given.get(key, default)]:
        raise ValueError(f"portrait: call={name} needs {', '.join(missing)}; the library's documents say what")
    filled = {key: given.get(key, default) for key, default in holes.items()}
    decode = _call("call", known.decode, filled)
    if "symbol" in given:
        decode = (_symbol(given["symbol"]), *decode[1:])
    if "arguments" in given:
        decode = (decode[0], *_arguments("arguments", given["arguments"].split(",")))
    if not {"blob", "blob-file"} & set(decode):
        raise ValueError("portrait: the arguments hold neither blob nor blob-file: there would be nothing to decode")
    if not {"picture", "picture-file", "blob-file"} & set(decode):
        raise ValueError("portrait: the arguments hold neither picture nor picture-file: where would the picture go?")
    return WltCall(
        library=parts.path,
        decode=decode,
        success=tuple(_number("success", n) for n in given.get("success", known.success).split("|") if n),
        before=_call("before", given.get("before", known.before), filled),
        after=_call("after", given.get("after", known.after), filled),
        order=_one_of("order", given.get("order", "bgr"), ("bgr", "rgb")),
        rows=_one_of("rows", given.get("rows", "up"), ("up", "down")),
        deadline_s=_deadline(given.get("deadline", str(DEADLINE_S))),
    )


def _call(key: str, text: str, filled: Mapping[str, str]) -> tuple[str, ...]:
    if not text:
        return ()
    symbol, *arguments = (_HOLE.sub(lambda hole: filled.get(hole[1], ""), item) for item in text.split(","))
    return (_symbol(symbol), *_arguments(key, arguments))


def _symbol(text: str) -> str:
    if not _SYMBOL.fullmatch(text):
        raise ValueError(f"portrait: {text!r} is no symbol of a library")
    return text


def _arguments(key: str, items: list[str]) -> tuple[str, ...]:
    for item in items:
        if item not in POINTERS and not item.startswith("text:"):
            _number(key, item)
    return tuple(items)


def _number(key: str, text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        known = ", ".join(sorted(POINTERS))
        raise ValueError(f"portrait: {key}={text!r} is none of {known}, text:..., a number") from None
    if not _INT_MIN <= value <= _INT_MAX:
        raise ValueError(f"portrait: {key}={text!r} does not fit a C int")
    return value


def _one_of(key: str, text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise ValueError(f"portrait: {key}={text!r}; use one of {', '.join(allowed)}")
    return text


def _deadline(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not SHORTEST_S <= value <= LONGEST_S:
        raise ValueError(f"portrait: deadline={text!r}; seconds, {SHORTEST_S:g} to {LONGEST_S:g}")
    return value
