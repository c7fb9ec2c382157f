"""Runs every notebook against the server that HOTWASH_URL names; a cell that fails, fails the run.

    python tests/notebooks/run.py            checks
    python tests/notebooks/run.py --write    also renews the committed outputs (run it against `hotwash demo`)
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"


def clean(notebook: nbformat.NotebookNode) -> None:
    """Leaves what a reader sees: no timings, no addresses of objects, no traces of the machine."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {}
        for output in cell.get("outputs", []):
            if output.output_type == "display_data":
                output.data.pop("text/plain", None)
            text = output.get("data", {}).get("text/plain", "")
            if re.search(r"0x[0-9a-f]{6,}", text):
                raise SystemExit(f"an output shows the address of an object: {text}")


def main() -> int:
    write = sys.argv[1:] == ["--write"]
    failed = 0
    for path in sorted(FOLDER.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        figures = sum("plt.show()" in cell.source for cell in notebook.cells if cell.cell_type == "code")
        committed = sum("image/png" in out.get("data", {}) for cell in notebook.cells for out in cell.get("outputs", []))
        client = NotebookClient(
            notebook, timeout=180, kernel_name="python3", extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": str(FOLDER)}},
        )
        try:
            client.execute()
        except CellExecutionError as error:
            print(f"{path.name}: failed\n{error}", file=sys.stderr)
            failed += 1
            continue
        warned = [out for cell in notebook.cells for out in cell.get("outputs", []) if out.output_type == "stream"]
        if warned:
            print(f"{path.name}: a cell wrote to a stream: {warned[0].text}", file=sys.stderr)
            failed += 1
        if write:
            clean(notebook)
            nbformat.write(notebook, path)
        elif committed != figures:
            print(f"{path.name}: {committed} of {figures} figures are committed; run with --write", file=sys.stderr)
            failed += 1
        print(f"{path.name}: ran, {figures} figures")
    return 1 if failed else 0


sys.exit(main())
