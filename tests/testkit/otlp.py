"""An OTLP/HTTP receiver: keeps the spans that processes export, for tests that follow one trace through all of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True, slots=True)
class Span:
    """One received span; ids are hex text, `parent_id` is empty for a root."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str


class OtlpReceiver:
    """Listens on a free loopback port; `url` is what `TASKFLOW_OTLP_ENDPOINT` takes."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._arrived = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def spans(self) -> list[Span]:
        """What has arrived so far."""
        with self._arrived:
            return list(self._spans)

    def trace_with(self, services: frozenset[str], timeout_seconds: float) -> list[Span]:
        """Waits for a trace in which all these services have a span. Raises TimeoutError naming the nearest one."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: self._nearest(services)[0] == services, timeout_seconds):
                found = sorted(self._nearest(services)[0])
                raise TimeoutError(f"no trace has spans of {sorted(services)}; the nearest has {found}")
            return self._nearest(services)[1]

    @contextmanager
    def running(self) -> Iterator[OtlpReceiver]:
        """Serves for the length of the block."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def _nearest(self, services: frozenset[str]) -> tuple[frozenset[str], list[Span]]:
        traces: dict[str, list[Span]] = {}
        for span in self._spans:
            traces.setdefault(span.trace_id, []).append(span)
        best: tuple[frozenset[str], list[Span]] = (frozenset(), [])
        for spans in traces.values():
            found = services & {span.service for span in spans}
            if len(found) > len(best[0]):
                best = (found, spans)
        return best

    def _receive(self, body: bytes) -> None:
        request = ExportTraceServiceRequest()
        request.ParseFromString(body)
        with self._arrived:
            for resource in request.resource_spans:
                names = [a.value.string_value for a in resource.resource.attributes if a.key == "service.name"]
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
                        self._spans.append(Span(names[0] if names else "", span.name, *ids))
            self._arrived.notify_all()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver._receive(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
                """Silent: the test's output is the test's."""

        return Handler
