"""The page for people: the OpenAPI document as plain HTML, without a script."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import orjson
from starlette.types import Send

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>TaskFlow REST</title><style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 880px; margin: 0 auto; padding: 32px 16px; }}
code, pre {{ font: 14px/1.5 ui-monospace, monospace; }}
details {{ border: 1px solid #8886; border-radius: 6px; margin: 8px 0; padding: 8px 12px; }}
summary {{ cursor: pointer; }} pre {{ overflow-x: auto; }} b {{ display: inline-block; min-width: 4em; }}
</style></head>
<body><h1>TaskFlow REST</h1><p>{about} The document for machines: <a href="/api/v1/openapi.json">openapi.json</a>.</p>
{operations}</body></html>
"""
_OPERATION = """<details id="{anchor}"><summary><b>{method}</b> <code>{path}</code> {summary}</summary>
{parts}</details>"""
_POLICY = b"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


async def send_page(send: Send, description: Mapping[str, Any]) -> None:
    """Sends the page of an OpenAPI document."""
    body = page(description).encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"content-security-policy", _POLICY),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def page(description: Mapping[str, Any]) -> str:
    """The whole page."""
    operations = "\n".join(
        _operation(path, method, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    )
    return _PAGE.format(about=escape(description["info"]["description"]), operations=operations)


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> str:
    parts = [_table("Parameters", [(one["name"], one["in"]) for one in operation["parameters"]])]
    if "requestBody" in operation:
        parts.append(_schema("Body", operation["requestBody"]["content"]["application/json"]["schema"]))
    for status, response in operation["responses"].items():
        if media := response.get("content", {}).get("application/json"):
            parts.append(_schema(f"Answer {status}", media["schema"]))
    problems = [(status, one["description"]) for status, one in operation["responses"].items() if int(status) >= 400]
    parts.append(_table("Problems", problems))
    return _OPERATION.format(
        anchor=escape(operation["operationId"]),
        method=method.upper(),
        path=escape(path),
        summary=escape(operation["summary"]),
        parts="".join(parts),
    )


def _schema(title: str, schema: Mapping[str, Any]) -> str:
    text = orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode()
    return f"<h4>{escape(title)}</h4><pre>{escape(text)}</pre>"


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    if not rows:
        return ""
    cells = "".join(f"<tr><td><code>{escape(name)}</code></td><td>{escape(said)}</td></tr>" for name, said in rows)
    return f"<h4>{escape(title)}</h4><table>{cells}</table>"
