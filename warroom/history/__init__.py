"""The day afterwards: any minute of it again, and a report of what became of it."""
