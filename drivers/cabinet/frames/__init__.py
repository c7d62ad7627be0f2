"""What both ends of a cabinet's wire share: Modbus frames, register images and what guide lights look like in them."""

from __future__ import annotations

from drivers.cabinet.frames.image import Image, Place, Reading, Span, fill, place, put, reading, spans, value
from drivers.cabinet.frames.lights import DARK, Lit, light_words, lit_in, must_blink, output_places
from drivers.cabinet.frames.messages import (
    EXCEPTION_WORDS,
    MOST,
    Answer,
    Bad,
    Frame,
    Framing,
    Message,
    Read,
    Refusal,
    Request,
    Values,
    Write,
    Written,
    answers,
    function_of,
    words,
)
from drivers.cabinet.frames.modbus import BadMessage, Parser, encode, length_of_answer
from drivers.cabinet.frames.trace import ModbusTracer

__all__ = [
    "DARK",
    "EXCEPTION_WORDS",
    "MOST",
    "Answer",
    "Bad",
    "BadMessage",
    "Frame",
    "Framing",
    "Image",
    "Lit",
    "Message",
    "ModbusTracer",
    "Parser",
    "Place",
    "Read",
    "Reading",
    "Refusal",
    "Request",
    "Span",
    "Values",
    "Write",
    "Written",
    "answers",
    "encode",
    "fill",
    "function_of",
    "length_of_answer",
    "light_words",
    "lit_in",
    "must_blink",
    "output_places",
    "place",
    "put",
    "reading",
    "spans",
    "value",
    "words",
]
