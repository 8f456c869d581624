"""Installs what the tests need from the system: a Chromium. Called by `make test`; says what it could not do."""

import os
import platform
import shutil
import subprocess
import sys

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Find a browser, or install Debian's where we may."""
    if any(shutil.which(name) for name in BROWSERS) or os.environ.get("CHROMIUM"):
        return
    if platform.system() == "Linux" and shutil.which("apt-get"):
        root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        print("installing chromium for the browser tests", file=sys.stderr)
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        for command in (
            ["apt-get", "update"],
            ["apt-get", "install", "-y", "--no-install-recommends", "chromium"],
        ):
            if subprocess.run([*root, *command], check=False, **quiet).returncode != 0:
                break
        else:
            return
    print(
        "no Chromium here: the browser tests will skip. Install one (Debian: apt-get install chromium; "
        "macOS: brew install --cask chromium) or set CHROMIUM to its path.",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
