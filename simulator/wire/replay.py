"""A recording as one end of a wire: answers what was recorded to what was asked, says when the host departs from it.

What the host says is cut and masked by the same codec as the recording was, so both can be compared, and compared piece
by piece, however the bytes are divided on their way. Departures are never silent:

| the host asks                        | what happens                                            |
|--------------------------------------|---------------------------------------------------------|
| what comes next                      | the recorded answers, after the recorded time           |
| what comes later                     | goes on from there, says what was left out              |
| what came before (an endless poll)   | answers as then, says so once                           |
| what is nowhere in the recording     | silence, says what was expected                         |
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from config.recording import Crossed, Note, Record

MAX_DELAY_S: Final = 10.0
MAX_STEPS: Final = 200_000
MAX_WORDS: Final = 120
WITHHELD: Final = b"\0withheld"
"""Stands for content that the recording does not hold; one piece of it is like another."""


class Piece(Protocol):
    """A piece as `drivers.crossing` has it."""

    @property
    def shown(self) -> bytes | None: ...
    @property
    def words(self) -> str: ...


class Tracer(Protocol):
    """A tracer as `drivers.crossing` has it."""

    def feed(self, direction: Literal["out", "in"], data: bytes) -> Any: ...


@dataclass(frozen=True, slots=True)
class Codec:
    """How one family's recordings are played.

    `tokens` splits shown bytes into what is compared; `echo(questions, answer)` puts into an answer what it must repeat
    of the last questions (an IPP request id); `stand_in(asked, size)` makes an answer where one is withheld.
    """

    tracer: Callable[[], Tracer]
    tokens: Callable[[bytes], list[bytes]]
    echo: Callable[[Sequence[bytes], bytes], bytes] = lambda questions, answer: answer
    stand_in: Callable[[bytes, int], bytes | None] = lambda asked, size: None


@dataclass(frozen=True, slots=True)
class Answer:
    """One recorded answer, `after_s` behind its question. `data` is None when it is withheld."""

    after_s: float
    data: bytes | None
    size: int
    words: str


@dataclass(slots=True)
class Step:
    """One question and its answers. `asked` is the question as recorded, of `token` what is compared."""

    token: bytes
    asked: bytes
    words: str
    answers: list[Answer] = field(default_factory=list)


def steps_of(records: Iterable[Record], codec: Codec) -> tuple[list[Answer], list[Step]]:
    """What the device said unasked at the beginning, and every question with its answers."""
    greeting: list[Answer] = []
    steps: list[Step] = []
    tracer = codec.tracer()
    asked_at = 0.0
    for record in records:
        if isinstance(record, Note):
            tracer = codec.tracer()
        if not isinstance(record, Crossed):
            continue
        end = record.ms + record.took
        if record.direction == "out":
            asked_at = end
            for step in _questions(record, codec, tracer):
                if not (step.token == WITHHELD and steps and steps[-1].token == WITHHELD and not steps[-1].answers):
                    steps.append(step)
            if len(steps) > MAX_STEPS:
                raise ValueError(f"a recording of more than {MAX_STEPS} questions; play a single file of it")
        else:
            delay = min(max(0.0, (end - asked_at) / 1000), MAX_DELAY_S) if steps else 0.0
            answers = steps[-1].answers if steps else greeting
            answers.append(Answer(delay, record.data, record.size, record.words))
    return greeting, steps


def _questions(record: Crossed, codec: Codec, tracer: Tracer) -> list[Step]:
    if record.data is None:
        return [Step(WITHHELD, b"", record.words)]
    return [step for piece in tracer.feed("out", record.data) for step in _of_piece(piece, codec)]


def _of_piece(piece: Piece, codec: Codec) -> list[Step]:
    if piece.shown is None:
        return [Step(WITHHELD, b"", piece.words)]
    return [Step(token, piece.shown, piece.words) for token in codec.tokens(piece.shown)]


class ReplayEnd:
    """A `DeviceEnd`. `say` hears every departure; `departures` keeps the last ones."""

    def __init__(self, records: Iterable[Record], codec: Codec, say: Callable[[str], None]) -> None:
        self._codec = codec
        self._greeting, self.steps = steps_of(records, codec)
        self._say = say
        self.departures: deque[str] = deque(maxlen=100)
        self.at = 0
        self._tracer = codec.tracer()
        self._due: deque[tuple[float, bytes]] = deque()
        self._last = b""
        self._told: set[tuple[str, str]] = set()
        self._questions: deque[bytes] = deque(maxlen=50)

    def connected(self, now: float) -> bytes:
        """A host is there: what the device said unasked is said again. The place in the recording is kept."""
        self._tracer = self._codec.tracer()
        self._due.clear()
        self._told.clear()
        self._last = b""
        return b"".join(a.data for a in self._greeting if a.data is not None) if self.at == 0 else b""

    def receive(self, now: float, data: bytes) -> bytes:
        """Bytes from the host; what is to be said at once."""
        self.ask(now, data)
        return self.wake(now)

    def ask(self, now: float, data: bytes) -> None:
        """Bytes from the host; the answers become due."""
        for piece in self._tracer.feed("out", data):
            for asked in _of_piece(piece, self._codec):
                self._asked(now, asked)

    def wake(self, now: float) -> bytes:
        """The answers that are due."""
        out = b""
        while self._due and self._due[0][0] <= now:
            out += self._due.popleft()[1]
        return out

    @property
    def wake_at(self) -> float | None:
        """When the next answer is due."""
        return self._due[0][0] if self._due else None

    @property
    def hang_up(self) -> bool:
        """Never: a recording does not say who hung up."""
        return False

    def restart(self) -> None:
        """Play from the beginning."""
        self.at = 0
        self._due.clear()

    def take(self) -> bytes:
        """All that is due now or later; for links where an answer is one thing."""
        out = b"".join(data for _, data in self._due)
        self._due.clear()
        return out

    def _asked(self, now: float, asked: Step) -> None:
        if asked.token == WITHHELD and self._last == WITHHELD and not self._answers_to_last():
            return  # more of the same content
        self._last = asked.token
        if asked.asked:
            self._questions.append(asked.asked)
        found = self._find(asked.token)
        if found is None:
            expected = _short(self.steps[self.at].words) if self.at < len(self.steps) else "nothing more"
            self._depart(asked.words, f"not in the recording, no answer; recorded here: {expected}")
            return
        if found > self.at:
            self._depart(asked.words, f"{found - self.at} recorded questions were left out")
        elif found < self.at:
            self._depart(asked.words, f"answered as in step {found + 1}, which is past")
        self.at = max(self.at, found + 1)
        self._answer(now, self.steps[found])

    def _answers_to_last(self) -> bool:
        return self.at > 0 and bool(self.steps[self.at - 1].answers)

    def _find(self, token: bytes) -> int | None:
        """The step that `token` is: the next one that has it, else the last one before."""
        ahead = (n for n in range(self.at, len(self.steps)) if self.steps[n].token == token)
        behind = (n for n in range(min(self.at, len(self.steps)) - 1, -1, -1) if self.steps[n].token == token)
        return next(ahead, next(behind, None))

    def _answer(self, now: float, step: Step) -> None:
        earliest = self._due[-1][0] if self._due else now
        for answer in step.answers:
            data = answer.data
            if data is None:
                data = self._codec.stand_in(step.asked, answer.size)
                what = "a specimen stands in" if data is not None else "nothing can stand in, silence"
                self._depart(step.words, f"the answer of {answer.size} bytes is withheld; {what}")
            if data is not None:
                earliest = max(earliest, now + answer.after_s)
                self._due.append((earliest, self._codec.echo(self._questions, data)))

    def _depart(self, asked: str, words: str) -> None:
        """Say it once a connection: who polls longer than was recorded departs once, not for ever."""
        line = f"step {self.at + 1} of {len(self.steps)}: {_short(asked)}: {words}"
        self.departures.append(line)
        kind = (asked, words[:8])
        if kind not in self._told:
            self._told.add(kind)
            self._say(line)


def _short(words: str) -> str:
    return words if len(words) <= MAX_WORDS else words[: MAX_WORDS - 1] + "…"
