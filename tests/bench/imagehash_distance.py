#!/usr/bin/python3
"""Compares the hashes of vam-analyze with those of Python's imagehash.

Usage: imagehash_distance.py VAM_ANALYZE FOLDER [FOLDER...]

Hashes every JPEG in the folders as imagehash does, from the full picture
decoded by Pillow, and compares the values with those that vam-analyze puts
into a new catalog. Prints a Markdown table and the pictures that are furthest
off. Needs Debian's python3-pil, python3-numpy and python3-pywt.

The bar for all pictures: exits with 1 if the mean of a hash is not below 0.5
bits or a picture is more than 4 bits off. It does not count wHash bits that lie
on the median itself, where the rounding noise of floating-point wavelets
decides in imagehash: of pictures that are further off it tells how far its
wHash is from that of the same picture transposed. Pictures with enough detail
for vam-analyze to compare them by look are shown apart.
"""
import multiprocessing
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

import numpy
from PIL import Image, ImageOps

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "golden"))
import imagehash_values  # noqa: E402

KINDS = ["dhash", "ahash", "whash"]
MEAN_LIMIT = 0.5
MAX_LIMIT = 4
MIN_DETAIL = 16  # kMinDetail of vam/fingerprint.hpp


def catalogued(program, folders):
    """Path, format, detail and the three hashes of every hashed picture."""
    with tempfile.TemporaryDirectory() as catalog:
        subprocess.run([program, catalog, "-q", "-s", *folders], check=True,
                       stdout=subprocess.DEVNULL)
        database = sqlite3.connect(os.path.join(catalog, "catalog.sqlite"))
        database.text_factory = os.fsdecode
        rows = database.execute(
            "SELECT path, detail, dhash, ahash, whash FROM photo"
            " WHERE format = 'jpeg' AND dhash IS NOT NULL ORDER BY path")
        result = rows.fetchall()
        database.close()
        return result


def grey(path):
    with Image.open(path) as file:
        return ImageOps.exif_transpose(file).convert("L")


def reference(path):
    """The hashes by imagehash, and a mask of the wHash bits left to noise."""
    image = grey(path)
    low = imagehash_values.whash_coefficients(image)
    bits = low > numpy.median(low)
    exact = low.round(9)
    undecided = bits != (exact > numpy.median(exact))
    hexadecimal = imagehash_values.hexadecimal
    return (imagehash_values.dhash(image), imagehash_values.ahash(image),
            hexadecimal(bits), hexadecimal(undecided))


def own_distance(path):
    """How far imagehash is from itself: wHash of the picture transposed."""
    image = grey(path)
    lows = [imagehash_values.whash_coefficients(one)
            for one in (image, image.transpose(Image.Transpose.TRANSPOSE))]
    straight, transposed = (low > numpy.median(low) for low in lows)
    return int((straight != transposed.T).sum())


def distance(a, b, ignored="0"):
    differing = (int(a, 16) ^ int(b, 16)) & ~int(ignored, 16)
    return bin(differing).count("1")


def compare(row):
    """(path, detail, [distances as imagehash has it], whash without noise)"""
    path, detail, *ours = row
    *theirs, undecided = reference(path)
    distances = [distance(a, b) for a, b in zip(ours, theirs)]
    return path, detail, distances, distance(ours[2], theirs[2], undecided)


def print_table(title, results):
    """Returns whether all is within the limits."""
    print("\n%s: %d pictures\n" % (title, len(results)))
    print("| Hash | Mean bits | Most bits | Identical | Within 2 bits |")
    print("|---|---|---|---|---|")
    columns = [(kind, [r[2][n] for r in results])
               for n, kind in enumerate(KINDS)]
    columns.append(("whash, undecided bits aside", [r[3] for r in results]))
    good = True
    for name, bits in columns:
        mean, most = numpy.mean(bits), max(bits)
        print("| %s | %.3f | %d | %.1f %% | %.1f %% |"
              % (name, mean, most, 100 * numpy.mean(numpy.equal(bits, 0)),
                 100 * numpy.mean(numpy.less_equal(bits, 2))))
        if name != "whash":
            good = good and mean < MEAN_LIMIT and most <= MAX_LIMIT
    return good


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: imagehash_distance.py VAM_ANALYZE FOLDER...")
    program, *folders = sys.argv[1:]
    missing = [folder for folder in folders if not os.path.isdir(folder)]
    if missing:
        print("hashes not compared with imagehash: no " + ", ".join(missing))
        return
    rows = catalogued(program, folders)
    if not rows:
        sys.exit("imagehash_distance.py: no JPEG in " + " ".join(folders))
    with multiprocessing.Pool() as pool:
        results = pool.map(compare, rows, chunksize=16)
    detailed = [r for r in results if r[1] >= MIN_DETAIL]
    good = print_table("All pictures", results)
    if detailed:
        print_table("Those with enough detail to be compared by look", detailed)

    failing = [r for r in results if max(*r[2], r[3]) > MAX_LIMIT]
    print("\nPictures more than %d bits off: %d" % (MAX_LIMIT, len(failing)))
    for path, detail, bits, exact in failing:
        print("  detail %2d; %s, undecided bits aside %d, imagehash from itself"
              " %d: %s"
              % (detail, ", ".join("%s %d" % p for p in zip(KINDS, bits)),
                 exact, own_distance(path),
                 path.encode("utf-8", "replace").decode()))
    print("\nMean below %s bits, none above %d, undecided bits aside: %s"
          % (MEAN_LIMIT, MAX_LIMIT, "holds" if good else "DOES NOT HOLD"))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
