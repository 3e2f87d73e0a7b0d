"""The table that a start ends with: where everything is and who can log in."""

from collections.abc import Sequence

Row = tuple[str, str]


def render(sections: Sequence[tuple[str, Sequence[Row]]]) -> str:
    """Sections of aligned rows under their titles; empty sections are left out."""
    width = max((len(name) for _, rows in sections for name, _ in rows), default=0)
    blocks = []
    for title, rows in sections:
        if rows:
            lines = [f"  {name:<{width}}  {value}" for name, value in rows]
            blocks.append("\n".join([title, *lines]))
    return "\n\n".join(blocks)
