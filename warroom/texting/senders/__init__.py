"""Ways out for a message. One file each, named as its kind: `SenderKind` in rules.py is the list of kinds."""
