"""Takes the data of a reply as they stand in its bytes, for plans to whose only reply nothing has to be done.

The reply is not read: where it could hold anything but data, it goes the usual way.
"""

from __future__ import annotations

import re

from gateway.executor.ports import SubgraphReply

_BEGIN = re.compile(rb'\s*\{\s*"data"\s*:\s*(?=\{)')
_END = re.compile(rb"(?<=\})\s*\}\s*$")
_TAIL = 64  # bytes in which a reply's last braces stand, white space included


def data_of(reply: SubgraphReply) -> bytes | None:
    """The JSON text of the reply's `data`, None if the reply has to be read."""
    body = reply.body
    begin = _BEGIN.match(body) if 200 <= reply.status < 300 else None
    end = _END.search(body, max(0, len(body) - _TAIL))
    if begin is None or end is None or b'"errors"' in body or b'"extensions"' in body:
        return None
    if body.count(b"{") != body.count(b"}"):  # cut off, or braces in a text
        return None
    return body[begin.end() : end.start()]
