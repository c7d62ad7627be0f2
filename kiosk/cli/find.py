"""`kiosk find`: which service a sentence means, as the terminal's own search would answer. It starts nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kiosk.finding import Ranked


def find(
    sentence: Annotated[str, typer.Argument(help="As a citizen says or types it; pinyin and initials too.")],
    catalogue: Annotated[Path | None, typer.Option(help="Another folder of services; only these are searched.")] = None,
    limit: Annotated[int, typer.Option(help="How many to show.", min=1, max=50)] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Rank the services that a sentence may mean. Exit codes: 0 found, 1 nothing fits, 2 wrong use."""
    from config.catalogue import CatalogueError, load_catalogue
    from kiosk.finding import Finder, all_entries, catalogue_entries, listed_entries

    if not sentence.strip():
        typer.echo("the sentence is empty; try: kiosk find 身份证丢了", err=True)
        raise typer.Exit(2)
    try:
        if catalogue:
            entries = catalogue_entries(load_catalogue(catalogue), listed_entries())
        else:
            entries = all_entries(load_catalogue())
        ranked = Finder(entries).find(sentence, limit)
    except (CatalogueError, OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    typer.echo(json.dumps(_plain(ranked), ensure_ascii=False) if as_json else "\n".join(_lines(ranked)))
    if not ranked.hits:
        raise typer.Exit(1)


def _lines(ranked: Ranked) -> list[str]:
    if not ranked.hits:
        return ["nothing fits; say it in other words, for example 交水费 or 身份证丢了"]
    lines = [f"{h.score:5.2f}  {h.entry.id}  {h.entry.kind:6}  {h.entry.zh}  {h.entry.en}" for h in ranked.hits]
    if ranked.question:
        lines.append(f"{ranked.question.words[0]}  {ranked.question.words[1]}")
        lines += [f"  - {choice.words[0]}  ({', '.join(choice.ids)})" for choice in ranked.question.choices]
    return lines


def _plain(ranked: Ranked) -> dict[str, object]:
    question = ranked.question
    return {
        "sure": ranked.sure,
        "hits": [
            {"id": h.entry.id, "score": round(h.score, 4), "kind": h.entry.kind, "zh": h.entry.zh, "en": h.entry.en}
            for h in ranked.hits
        ],
        "question": question
        and {
            "words": dict(zip(("zh", "en", "ko"), question.words, strict=True)),
            "choices": [
                {"words": dict(zip(("zh", "en", "ko"), choice.words, strict=True)), "ids": choice.ids}
                for choice in question.choices
            ],
        },
    }
