"""`kiosk speak`: hear a sentence as the terminal says it, and which sentences have no recording yet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

LONGEST = 2000
WAITS_S = 120.0


def speak(
    text: Annotated[str, typer.Argument(help="What to say; empty with --missing.")] = "",
    language: Annotated[str, typer.Option(help="zh, en or ko.")] = "zh",
    volume: Annotated[int, typer.Option(help="1 to 10.", min=1, max=10)] = 6,
    headset: Annotated[bool, typer.Option("--headset", help="Say long numbers digit by digit.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write what the engine speaks as WAV there, play nothing.")] = None,
    missing: Annotated[bool, typer.Option("--missing", help="List fixed sentences without a recording.")] = False,
) -> None:
    """Say a sentence, numbers masked as in a hall. Exit code 1: nothing could be heard; 2: wrong use."""
    from config.spoken import sentences
    from screens.speech.espeak import VOICES
    from screens.speech.masking import aloud

    if language not in VOICES:
        typer.echo(f"language {language!r} is not one of {', '.join(VOICES)}", err=True)
        raise typer.Exit(2)
    if missing:
        _list_missing(language)
        return
    if len(text) > LONGEST:
        typer.echo(f"at most {LONGEST} characters", err=True)
        raise typer.Exit(2)
    said = sentences(aloud(text, language, private=headset))  # type: ignore[arg-type]  # one of the languages with words
    if not said:
        typer.echo("there is nothing to say", err=True)
        raise typer.Exit(2)
    if out is not None:
        _write(language, said, out)
        return
    _play(language, said, volume)


def _list_missing(language: str) -> None:
    from config.fixed_speech import fixed_sentences
    from screens.speech.recordings import unrecorded

    fixed = fixed_sentences(language)
    left = unrecorded(language, fixed)
    for sentence in left:
        typer.echo(f"{fixed[sentence]:40} {sentence}")
    typer.echo(f"{language}: {len(fixed) - len(left)} of {len(fixed)} fixed sentences are recorded")


def _write(language: str, said: tuple[str, ...], out: Path) -> None:
    from screens.speech.espeak import Espeak

    sound = Espeak().speak(language, "\n".join(said))
    if not sound:
        typer.echo("espeak-ng did not speak: is it installed?", err=True)
        raise typer.Exit(1)
    out.write_bytes(sound)
    typer.echo(f"{len(sound)} bytes in {out}")


def _play(language: str, said: tuple[str, ...], volume: int) -> None:
    from screens.speech.espeak import Espeak
    from screens.speech.output import SoundCard
    from screens.speech.player import Player
    from screens.speech.recordings import recording

    for sentence in said:
        typer.echo(f"{'recorded' if recording(language, sentence) else 'spoken  '}  {sentence}")
    player = Player(SoundCard(), Espeak(), volume)
    player.say(language, said)
    player.wait(WAITS_S)
    player.close()
    if not player.first_sample_s:
        typer.echo("nothing could be heard: no sound card, or espeak-ng is missing", err=True)
        raise typer.Exit(1)
    typer.echo(f"first sample after {player.first_sample_s * 1000:.0f} ms")
