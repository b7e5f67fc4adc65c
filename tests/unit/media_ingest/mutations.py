"""Offers as clients, proxies and attackers mangle them."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

CHROME_OFFER = "".join(
    f"{line}\r\n"
    for line in (Path(__file__).parent / "offers" / "chrome.sdp").read_text().splitlines()
)
"""Chromium 150's offer of a microphone, a camera and a data channel, with its candidates."""

_NOISE = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", " ", ":", "=", "0", "-1", "9" * 20, "a=", "m=", "\x0b", "é"]),
)


@st.composite
def mangled_offers(draw: st.DrawFn) -> str:
    """Chrome's offer after up to six edits of lines, words and characters."""
    lines = CHROME_OFFER.splitlines()
    for _ in range(draw(st.integers(1, 6))):
        if not lines:
            break
        index = draw(st.integers(0, len(lines) - 1))
        edit = draw(st.sampled_from(["drop", "repeat", "swap", "cut", "word", "insert", "tail"]))
        line = lines[index]
        if edit == "drop":
            del lines[index]
        elif edit == "repeat":
            lines.insert(draw(st.integers(0, len(lines))), line)
        elif edit == "swap":
            other = draw(st.integers(0, len(lines) - 1))
            lines[index], lines[other] = lines[other], line
        elif edit == "cut":
            lines[index] = line[: draw(st.integers(0, len(line)))]
        elif edit == "word":
            words = line.replace(":", ": ").split(" ")
            words[draw(st.integers(0, len(words) - 1))] = draw(_NOISE)
            lines[index] = " ".join(words).replace(": ", ":")
        elif edit == "insert":
            at = draw(st.integers(0, len(line)))
            lines[index] = line[:at] + draw(_NOISE) + line[at:]
        else:
            del lines[index:]
    return "\r\n".join(lines) + "\r\n"
