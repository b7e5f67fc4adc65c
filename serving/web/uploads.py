"""Multipart uploads of media (RFC 7578), written to disk as they arrive."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from lessons.errors import InvalidInput, UnsupportedMedia

FILES_FIELD = "files"
PARTICIPANTS_FIELD = "participants"
MAX_FILES = 16
MAX_FIELD_BYTES = 64 * 1024
MAX_NAME_CHARACTERS = 255
WRITE_BYTES = 1024 * 1024
"""Bytes that are gathered before one write, so that the event loop hands over large pieces."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file on disk and the name that the uploader gave it, which is never used as a path."""

    name: str
    path: Path


@dataclass(slots=True)
class Upload:
    """What a form brought: its files in order, and its text fields."""

    files: list[UploadedFile] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)


async def receive_upload(request: Request, folder: Path) -> Upload:
    """Write the form's files into `folder`, which is made, and removed again on refusal.

    Raises:
        UnsupportedMedia: the body is not multipart/form-data.
        InvalidInput: the form breaks off, has no file, an empty one, too many or an unknown field.
    """
    content_type, parameters = parse_options_header(request.headers.get("content-type"))
    boundary = parameters.get(b"boundary")
    if content_type != b"multipart/form-data" or not boundary:
        raise UnsupportedMedia(
            "A recording is uploaded as a form.",
            field="Content-Type",
            fix=f"Send multipart/form-data with one or more '{FILES_FIELD}'.",
        )
    await run_in_threadpool(folder.mkdir, parents=True)
    form = _Form(folder)
    try:
        await _parse(request, boundary, form)
    except BaseException:
        form.close()
        await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)
        raise
    return form.upload


async def _parse(request: Request, boundary: bytes, form: _Form) -> None:
    parser = form.parser(boundary)
    waiting = bytearray()
    try:
        async for chunk in request.stream():
            waiting += chunk
            if len(waiting) >= WRITE_BYTES:
                await run_in_threadpool(parser.write, bytes(waiting))
                waiting.clear()
        await run_in_threadpool(parser.write, bytes(waiting))
    except FormParserError as error:
        raise _unreadable(f"it is malformed: {error}") from error
    except ClientDisconnect as error:
        raise _unreadable("the client went away") from error
    if not form.ended:
        raise _unreadable("it broke off before its end")
    if not form.upload.files:
        raise InvalidInput("The form has no file.", field=FILES_FIELD, fix="Attach a recording.")


def _unreadable(reason: str) -> InvalidInput:
    return InvalidInput(
        f"The form cannot be read: {reason}.", field="body", fix="Send the upload again."
    )


class _Form:
    """Takes what the parser finds: files go to disk, short text fields stay in memory."""

    def __init__(self, folder: Path) -> None:
        self.upload = Upload()
        self.ended = False
        self._folder = folder
        self._header = bytearray()
        self._header_value = bytearray()
        self._disposition = b""
        self._name = ""
        self._text = bytearray()
        self._file: BinaryIO | None = None

    def parser(self, boundary: bytes) -> MultipartParser:
        """Return a parser that feeds this form."""
        return MultipartParser(
            boundary,
            callbacks={
                "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._header_value.extend(
                    data[start:end]
                ),
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": lambda data, start, end: self._on_data(data[start:end]),
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
        )

    def close(self) -> None:
        """Close the file that was being written."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._header_value)
        self._header.clear()
        self._header_value.clear()

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition.decode("latin-1"))
        self._disposition = b""
        self._name = options.get(b"name", b"").decode(errors="replace")
        if self._name not in (FILES_FIELD, PARTICIPANTS_FIELD):
            raise InvalidInput(
                "There is no such field.",
                field=self._name or "Content-Disposition",
                fix=f"Known fields: {FILES_FIELD}, {PARTICIPANTS_FIELD}.",
            )
        if self._name == FILES_FIELD:
            self._open_file(options.get(b"filename", b"").decode(errors="replace"))

    def _open_file(self, name: str) -> None:
        if len(self.upload.files) >= MAX_FILES:
            raise InvalidInput(f"A recording has at most {MAX_FILES} files.", field=FILES_FIELD)
        path = self._folder / f"track-{len(self.upload.files)}"
        self.upload.files.append(UploadedFile(name[:MAX_NAME_CHARACTERS] or path.name, path))
        self._file = path.open("xb")

    def _on_data(self, data: bytes) -> None:
        if self._file is not None:
            self._file.write(data)
            return
        self._text += data
        if len(self._text) > MAX_FIELD_BYTES:
            raise InvalidInput(
                f"It is longer than {MAX_FIELD_BYTES} bytes.",
                field=self._name,
                fix=f"Send media as '{FILES_FIELD}'.",
            )

    def _on_part_end(self) -> None:
        if self._file is None:
            self.upload.fields[self._name] = self._text.decode(errors="replace")
            self._text.clear()
            return
        size = self._file.tell()
        self.close()
        if size == 0:
            raise InvalidInput(
                f"{self.upload.files[-1].name!r} is empty.",
                field=f"{FILES_FIELD}[{len(self.upload.files) - 1}]",
                fix="Check the file and send it again.",
            )

    def _on_end(self) -> None:
        self.ended = True
