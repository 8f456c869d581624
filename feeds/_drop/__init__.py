"""The watched folder: what a file is, whether it is whole, what was read of it before, how it is read."""
