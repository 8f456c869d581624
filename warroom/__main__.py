"""`python -m warroom`."""

from warroom.cli import main

main()
