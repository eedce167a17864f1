#!/usr/bin/python3
"""Prints pairs of pictures whose dHash is near, as JSON: a peer to measure with.

Usage: dhash_pairs.py FOLDER BITS

What people write with Pillow and imagehash: dHash as defined by that library,
one process per processor, all pairs. Files that Pillow cannot read are left out.
"""
import json
import multiprocessing
import os
import sys

import numpy
from PIL import Image


def dhash(path):
    try:
        with Image.open(path) as file:
            grey = file.convert("L").resize((9, 8), Image.LANCZOS)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    pixels = numpy.asarray(grey)
    return pixels[:, 1:] > pixels[:, :-1]


def main():
    folder, bits = sys.argv[1], int(sys.argv[2])
    paths = sorted(os.path.join(parent, name)
                   for parent, _, names in os.walk(folder) for name in names)
    with multiprocessing.Pool() as pool:
        hashes = pool.map(dhash, paths, chunksize=16)
    known = [(path, value) for path, value in zip(paths, hashes)
             if value is not None]
    values = numpy.array([value.ravel() for _, value in known])
    pairs = []
    for n, (path, _) in enumerate(known):
        near = numpy.count_nonzero(values[n + 1:] != values[n], axis=1) <= bits
        pairs += [(path, known[n + 1 + other][0])
                  for other in numpy.flatnonzero(near)]
    json.dump(pairs, sys.stdout)


if __name__ == "__main__":
    main()
