"""The night before: is this room ready for its day. One file each check; the folder is the registry.

A check looks (`look`: the only place with effects) and judges (`judge`: pure). See docs/night-before.md.
"""
