"""What went wrong as an HTTP answer with its sentence: 404 no such thing, 422 wrong, 409 cannot be done now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import HTTPException

from simulator.bench.platform_desk import PlatformDown, PlatformRefused
from simulator.device import UnknownVerb


@contextmanager
def as_problem() -> Iterator[None]:
    """Turns what a device or the platform's desk says about a wrong act into an answer."""
    try:
        yield
    except (KeyError, UnknownVerb) as error:
        raise HTTPException(404, sentence(error)) from None
    except PlatformRefused as error:
        raise HTTPException(422, sentence(error)) from None
    except PlatformDown as error:
        raise HTTPException(502, sentence(error)) from None
    except (ValueError, TypeError) as error:
        raise HTTPException(422, sentence(error)) from None
    except (OSError, RuntimeError) as error:
        raise HTTPException(409, sentence(error)) from None


def sentence(error: BaseException) -> str:
    """What an error says; a `KeyError` without its quotes."""
    return str(error.args[0]) if error.args and isinstance(error, KeyError) else str(error)
