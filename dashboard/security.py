"""Headers and checks that keep the page to this machine, whatever a record or another web site tries."""

from __future__ import annotations

from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: st_folium's frame evaluates the map's script, hence 'unsafe-inline' and 'unsafe-eval'; every source stays our own.
CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'self'",
        "frame-ancestors 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})


class SecurityHeaders:
    """Add the headers, and refuse what does not come from this machine's own page; plain ASGI, nothing is buffered.

    A page of another site can point its own name at 127.0.0.1 (DNS rebinding) and would then read the records, over
    HTTP or over the page's own WebSocket: a server bound to loopback answers only to loopback's names. And a request
    that names another site as its origin never reaches Streamlit, which would look up this machine's external address
    to compare the two (`streamlit.net_util.get_external_ip`).
    """

    def __init__(self, app: ASGIApp, *, loopback_only: bool = True) -> None:
        self.app = app
        self.loopback_only = loopback_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and add the headers to its answer, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if scope["type"] == "websocket":
            await (_close(receive, send) if refused else self.app(scope, receive, send))
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
                names = {name for name, _ in own}
                message["headers"] = [h for h in message.get("headers", []) if h[0].lower() not in names] + own
            await send(message)

        await (refused or self.app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        host, origin = _header(scope, b"host"), _header(scope, b"origin")
        if self.loopback_only and _without_port(host) not in LOOPBACK_HOSTS:
            return PlainTextResponse("This dashboard answers to 127.0.0.1 and localhost only.", status_code=421)
        if origin and origin.partition("://")[2] != host:
            return PlainTextResponse("This dashboard answers to its own page only.", status_code=403)
        return None


async def _close(receive: Receive, send: Send) -> None:
    """Refuse a WebSocket before it is accepted; the browser sees 403."""
    await receive()
    await send({"type": "websocket.close", "code": 1008})


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1").lower() for name, value in scope.get("headers", []) if name == wanted), "")


def _without_port(host: str) -> str:
    return host if host.endswith("]") else host.rsplit(":", 1)[0] if ":" in host else host
