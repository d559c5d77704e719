"""Markup that the page's parts share: sections, tables, text made safe. Nothing here knows what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from orchestration.site import words
from orchestration.site.figures import Cell

NUMBER = ' class="number"'


def article(name: str, heading: str, says: str, question: str, body: str, kind: str = "") -> str:
    """A section: what it is about, its finding as the title, the question it answers, and its body (markup)."""
    return (
        f'<section id="{name}" class="{kind}" aria-labelledby="{name}-says"><p class="kicker">{escape(heading)}</p>'
        f'<h2 id="{name}-says">{escape(says)}</h2><p class="question">{escape(question)}</p>{body}</section>\n'
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]], caption: str) -> str:
    """A table that scrolls sideways where the window is narrow."""
    shown = [list(row) for row in rows]
    head = "".join(
        f'<th scope="col"{NUMBER if any(isinstance(row[i], int | float) for row in shown) else ""}>{escape(column)}</th>'
        for i, column in enumerate(columns)
    )
    body = "".join(f"<tr>{''.join(map(cell, row))}</tr>" for row in shown)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table><caption>{escape(caption)}'
        f"</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def cell(value: Cell) -> str:
    """One cell: figures to the right, everything else as text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"<td>{escape('' if value is None else str(value))}</td>"
    return f"<td{NUMBER}>{words.number(value)}</td>"


def sql(text: str) -> str:
    """A query, folded away."""
    return f'<details><summary>SQL</summary><pre tabindex="0">{escape(text)}</pre></details>'
