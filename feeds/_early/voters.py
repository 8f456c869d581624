"""Counts each voter once, by a keyed hash that lives in memory only.

A voter's identifier is hashed with SipHash-2-4 (Aumasson and Bernstein 2012: a keyed function made so that
nobody without the key can find or match an input) under a 128-bit key. Of two voters among five million,
64 bits agree with probability 7e-7. The key is made from the campaign's salt, or drawn anew by each process;
hashes are never written anywhere: what is not kept cannot leak.
"""

import secrets
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from feeds._salt import VARIABLE, read_salt

Hashes = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.int32]
_NOBODY = np.empty(0, np.uint64)
_PART_BITS = 4
_PART_SHIFT = np.uint64(64 - _PART_BITS)


def voter_key(environ: Mapping[str, str]) -> str:
    """16 characters of Latin-1: from the salt, or drawn. Raises FeedError for a salt that is too short."""
    drawn = secrets.token_bytes(16)
    raw = blake2b(read_salt(environ), digest_size=16, person=b"early voters").digest() if VARIABLE in environ else drawn
    return raw.decode("latin-1")


def hash_voters(identifiers: npt.NDArray[np.object_], key: str) -> Hashes:
    """A 64-bit keyed hash of each identifier, which are bytes."""
    from pandas.util import hash_array  # SipHash-2-4 where a key is given

    hashed: Hashes = hash_array(identifiers, encoding="latin-1", hash_key=key, categorize=False)
    return hashed


class Voters(NamedTuple):
    """Who has voted: `hashes` sorted and without repeats, `codes` the group (county, precinct, method) of each."""

    hashes: Hashes
    codes: Codes

    def __len__(self) -> int:
        return len(self.hashes)


NOBODY = Voters(_NOBODY, np.empty(0, np.int32))


def distinct(hashes: Hashes, codes: Codes, ranks: Codes) -> Voters:
    """Each voter once. One with several groups is put in that of the lowest rank, whatever order the rows came in.

    `ranks` gives the place of each group in the order of their names: a voter stays put from file to file.
    """
    found = [Voters(_NOBODY, NOBODY.codes)]
    by_rank = np.argsort(ranks).astype(np.int32)
    parts = (hashes >> _PART_SHIFT).astype(np.uint8)
    for part in range(1 << _PART_BITS):  # a part at a time: sorting needs several times its own memory
        here = np.flatnonzero(parts == part)
        if len(here):
            found.append(_distinct(hashes[here], ranks[codes[here]], by_rank))
    return Voters(np.concatenate([one.hashes for one in found]), np.concatenate([one.codes for one in found]))


def _distinct(hashes: Hashes, ranked: Codes, by_rank: Codes) -> Voters:
    order = np.argsort(hashes)
    hashes, ranked = hashes[order], ranked[order]
    first = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1])))
    return Voters(hashes[first], by_rank[np.minimum.reduceat(ranked, first)])


def together(sets: Sequence[Voters], ranks: Codes) -> Voters:
    """The voters of several files, each once."""
    sets = [one for one in sets if len(one)]
    if len(sets) <= 1:
        return sets[0] if sets else NOBODY
    return distinct(np.concatenate([one.hashes for one in sets]), np.concatenate([one.codes for one in sets]), ranks)


def meet(one: Voters, other: Voters) -> bool:
    """Whether somebody is in both."""
    if len(one) > len(other):
        one, other = other, one
    if not len(one):
        return False
    places = np.minimum(np.searchsorted(other.hashes, one.hashes), len(other) - 1)
    return bool((other.hashes[places] == one.hashes).any())


def by_group(voters: Voters) -> dict[int, int]:
    """{group code: voters}."""
    counts = np.bincount(voters.codes)
    return {int(code): int(counts[code]) for code in np.flatnonzero(counts)}
