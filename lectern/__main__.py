"""`lectern` and `python -m lectern`: find the root packages, then hand over to `serving.cli`.

In a wheel the root packages lie under `lectern/_app`, so that only the name `lectern` lands in
site-packages; in a checkout they lie beside this folder.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def application_root() -> Path:
    """Return the folder that holds the root packages."""
    here = Path(__file__).resolve().parent
    bundled = here / "_app"
    return bundled if bundled.is_dir() else here.parent


def put_first(root: Path) -> None:
    """Make `root` the first place to import from, here and in every process started from here."""
    place = str(root)
    sys.path[:] = [place, *(entry for entry in sys.path if entry != place)]
    inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    entries = [place, *(entry for entry in inherited if entry and entry != place)]
    os.environ["PYTHONPATH"] = os.pathsep.join(entries)


def main() -> None:
    """Run the command line."""
    put_first(application_root())
    from eval.command import app as evaluation
    from serving.cli import app, run

    app.add_typer(evaluation, name="eval")  # Here, for serving must not know of eval.
    run()


if __name__ == "__main__":
    main()
