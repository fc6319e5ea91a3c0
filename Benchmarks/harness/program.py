"""The program that is measured."""

import pathlib
import subprocess
import sys


def tokencast(wanted, checkout):
    """Where it is: what was named, or else a release build of the checkout; None where it is to be left out."""
    if wanted == "none":
        return None
    if wanted:
        if not pathlib.Path(wanted).is_file():
            sys.exit(f"there is no program at {wanted}")
        return pathlib.Path(wanted).resolve()
    build = ["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", "tokencast", "--package-path", str(checkout)]
    print(" ".join(build), file=sys.stderr, flush=True)
    subprocess.run(build, check=True, stdout=sys.stderr)
    place = subprocess.run(build + ["--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
    return pathlib.Path(place) / "tokencast"
