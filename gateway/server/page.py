"""The GraphiQL page and its files, all served from here: no script of another site is ever loaded."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from starlette.types import Receive, Scope, Send

PREFIX = "/graphiql/"

_TYPES = {".js": b"text/javascript; charset=utf-8", ".css": b"text/css; charset=utf-8"}

_SCRIPT = """
const http = location.pathname;
const socket = (location.protocol === "https:" ? "wss://" : "ws://") + location.host + http;

// graphql-transport-ws in as little as a page needs: one socket for each subscription.
function subscribe(parameters, headers) {
  return {
    subscribe(observer) {
      const ws = new WebSocket(socket, "graphql-transport-ws");
      let done = false;
      const finish = (call) => { if (!done) { done = true; call(); ws.close(1000); } };
      ws.onopen = () => ws.send(JSON.stringify({ type: "connection_init", payload: headers }));
      ws.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message.type === "connection_ack") {
          ws.send(JSON.stringify({ id: "1", type: "subscribe", payload: parameters }));
        } else if (message.type === "ping") {
          ws.send(JSON.stringify({ type: "pong" }));
        } else if (message.type === "next") {
          observer.next(message.payload);
        } else if (message.type === "error") {
          finish(() => observer.error(message.payload));
        } else if (message.type === "complete") {
          finish(() => observer.complete());
        }
      };
      ws.onclose = (event) => finish(() => observer.error(new Error(event.reason || "closed " + event.code)));
      return { unsubscribe: () => finish(() => {}) };
    },
  };
}

function isSubscription(parameters, options) {
  const operations = (options.documentAST?.definitions ?? []).filter((d) => d.kind === "OperationDefinition");
  const chosen = operations.find((d) => d.name?.value === parameters.operationName) ?? operations[0];
  return chosen?.operation === "subscription";
}

async function request(parameters, headers) {
  const response = await fetch(http, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", ...headers },
    body: JSON.stringify(parameters),
  });
  return response.json();
}

function fetcher(parameters, options = {}) {
  const headers = Object.fromEntries(Object.entries(options.headers ?? {}).map(([k, v]) => [k.toLowerCase(), v]));
  return isSubscription(parameters, options) ? subscribe(parameters, headers) : request(parameters, headers);
}

// A link to an operation: ?query=…&variables=…&operationName=… fills the editors, and runs nothing by itself.
const linked = new URLSearchParams(location.search);
const explorer = window.GraphiQLPluginExplorer?.explorerPlugin?.();
ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher,
    plugins: explorer ? [explorer] : [],
    defaultEditorToolsVisibility: "headers",
    shouldPersistHeaders: false,
    ...Object.fromEntries(["query", "variables", "operationName"].map((name) => [name, linked.get(name) ?? undefined])),
  }),
);
"""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphiQL</title>
<link rel="stylesheet" href="/graphiql/graphiql.css">
<link rel="stylesheet" href="/graphiql/explorer.css">
<style>html, body, #graphiql {{ height: 100%; margin: 0; }}</style>
</head>
<body>
<div id="graphiql">Loading</div>
<script src="/graphiql/react.js"></script>
<script src="/graphiql/react-dom.js"></script>
<script src="/graphiql/graphiql.js"></script>
<script src="/graphiql/explorer.js"></script>
<script>{script}</script>
</body>
</html>
"""


PAGE = _PAGE.format(script=_SCRIPT).encode()

_DIGEST = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; script-src 'self' 'sha256-{_DIGEST}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may load: its own files, the one script in it, and this server's endpoint."""


async def send_page(send: Send) -> None:
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(PAGE)).encode()),
        (b"content-security-policy", POLICY.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": PAGE})


class PageFiles:
    """Serves the files of one folder, read once."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            PREFIX + path.name: (_TYPES[path.suffix], path.read_bytes())
            for path in sorted(folder.iterdir())
            if path.suffix in _TYPES
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        media, content = self._files.get(scope["path"], (b"text/plain", b""))
        headers = [
            (b"content-type", media),
            (b"content-length", str(len(content)).encode()),
            (b"cache-control", b"public, max-age=3600"),
            (b"x-content-type-options", b"nosniff"),
        ]
        status = 200 if scope["path"] in self._files else 404
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})
