#!/usr/bin/python3
"""Counts how often an original is kept of copies that were saved anew.

keepers.py PROGRAM FOLDER prints Markdown: of the JPEGs below the folder,
without their metadata, how many vam-analyze would keep beside one copy of as
many pixels; by default, and without the rule `generation`. Needs Pillow and
jpegtran.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

from PIL import Image

JPEG = "orig.jpg"
TURNED = Image.Transpose.ROTATE_90
# By name: the file, how it is saved, and how it is turned before.
COPIES = {
    "JPEG, 5 better by quality": ("copy.jpg", {"better": 5}, None),
    "JPEG of quality 95": ("copy.jpg", {"quality": 95}, None),
    "JPEG of quality 98, 4:4:4":
        ("copy.jpg", {"quality": 98, "subsampling": 0}, None),
    "progressive JPEG of quality 95":
        ("copy.jpg", {"quality": 95, "progressive": True}, None),
    "JPEG of quality 95, turned by a quarter":
        ("copy.jpg", {"quality": 95}, TURNED),
    "PNG": ("copy.png", {"compress_level": 1}, None),
    "TIFF": ("copy.tif", {}, None),
}


def quality_of(image):
    """IJG's quality of the same step for luma's DC coefficients."""
    step = image.quantization[0][0]
    return next(q for q in range(100, 0, -1)
                if (16 * (200 - 2 * q if q >= 50 else 5000 // q) + 50) // 100
                >= step)


def save(source, folder, copy):
    name, how, turn = copy
    with Image.open(source) as image:
        how = dict(how)
        if "better" in how:
            how["quality"] = min(quality_of(image) + how.pop("better"), 100)
        pixels = image.convert("RGB")
        pixels = pixels.transpose(turn) if turn is not None else pixels
        pixels.save(folder / name, **how)


def write_families(photos, copy, folder):
    for number, photo in enumerate(photos):
        family = folder / str(number)
        family.mkdir(parents=True)
        subprocess.run(["jpegtran", "-copy", "none", "-outfile",
                        family / JPEG, photo], check=True)
        save(family / JPEG, family, copy)


def kept(program, folder, *rules):
    """How many originals are kept, and of how many groups."""
    report = json.loads(subprocess.run(
        [program, folder / "catalog", "-s", folder / "photos", "--json",
         "--detect-duplicates", *rules], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, check=True).stdout)
    groups = report["groups"]
    return (sum(pathlib.Path(group["keep"]).name == JPEG for group in groups),
            len(groups))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    photos = sorted(arguments.folder.rglob("*.jpg"))
    print("| Copy | Groups | Original kept | without `generation` |\n"
          "|---|---|---|---|")
    for name, copy in COPIES.items():
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            write_families(photos, copy, folder / "photos")
            count, groups = kept(arguments.program, folder)
            before, _ = kept(arguments.program, folder, "--keep",
                             "resolution,metadata,format,size,oldest")
        print(f"| {name} | {groups} | {count} | {before} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
