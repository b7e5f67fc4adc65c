"""How Schemathesis makes bodies of the media types that it does not know: those of WHIP."""

from __future__ import annotations

import schemathesis
from hypothesis import strategies as st
from schemathesis import SerializationContext

_LINES = ("v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=-", "t=0 0", "m=audio 9 RTP/AVP 0", "a=candidate:x")

for name in ("application/sdp", "application/trickle-ice-sdpfrag"):
    schemathesis.openapi.media_type(
        name,
        st.binary(max_size=200)
        | st.lists(st.sampled_from(_LINES), max_size=8).map(
            lambda lines: "\r\n".join(lines).encode()
        ),
    )

    @schemathesis.serializer(name)
    def _as_it_is(_context: SerializationContext, value: object) -> bytes:
        return value if isinstance(value, bytes) else str(value).encode()
