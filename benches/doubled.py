#!/usr/bin/env python3
"""Measures what an image costs when it is twice as large and holds the same packages.

    cargo build --release && python3 benches/doubled.py IMAGES/NAME [RUNS]

Takes an image that `images.py` built, and writes beside it, for as long as it runs, one with each layer's tar once more as a
plain file in a layer of its own: as many bytes again, that compress as well, and nobody asks for. Both are scanned in turns,
gzipped. Time should double; memory should stay within a fifth.
"""

import gzip
import hashlib
import json
import os
import shutil
import statistics
import sys
import tarfile
import tempfile

from compare import Run, packlist


def read(layout: str, digest: str) -> bytes:
    with open(os.path.join(layout, "blobs", *digest.split(":")), "rb") as file:
        return file.read()


def put(layout: str, content: bytes) -> dict:
    digest = hashlib.sha256(content).hexdigest()
    with open(os.path.join(layout, "blobs/sha256", digest), "wb") as file:
        file.write(content)
    return {"digest": f"sha256:{digest}", "size": len(content)}


class Hashing:
    """Passes on what it digests."""

    def __init__(self, out):
        self.out, self.hash = out, hashlib.sha256()

    def write(self, data) -> int:
        self.hash.update(data)
        return self.out.write(data)

    def flush(self) -> None:
        self.out.flush()


def wrapped(layout: str, layer: dict, work: str) -> tuple:
    """A layer with the tar of another as its only file: its descriptor and its diff ID."""
    packed = os.path.join(layout, "blobs", *layer["digest"].split(":"))
    plain = os.path.join(work, "layer.tar")
    with gzip.open(packed) as data, open(plain, "wb") as out:
        shutil.copyfileobj(data, out, 1 << 20)
    made = os.path.join(work, "layer.gz")
    with open(made, "wb") as raw:
        with gzip.GzipFile("", "wb", 6, raw, mtime=0) as squeezed:
            hashing = Hashing(squeezed)
            with tarfile.open(fileobj=hashing, mode="w|", format=tarfile.GNU_FORMAT) as archive:
                archive.add(plain, arcname=f"srv/copies/{layer['digest'][7:19]}.data")
    os.remove(plain)
    with open(made, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size = os.path.getsize(made)
    shutil.move(made, os.path.join(work, "oci/blobs/sha256", digest))
    return {**layer, "digest": f"sha256:{digest}", "size": size}, f"sha256:{hashing.hash.hexdigest()}"


def doubled(layout: str, work: str) -> str:
    place = os.path.join(work, "oci")
    shutil.copytree(layout, place, copy_function=os.link)
    with open(os.path.join(layout, "index.json"), encoding="utf-8") as file:
        index = json.load(file)
    manifest = json.loads(read(layout, index["manifests"][0]["digest"]))
    config = json.loads(read(layout, manifest["config"]["digest"]))
    config.pop("history", None)
    for layer in list(manifest["layers"]):
        descriptor, diff_id = wrapped(layout, layer, work)
        manifest["layers"].append(descriptor)
        config["rootfs"]["diff_ids"].append(diff_id)
    manifest["config"].update(put(place, json.dumps(config).encode()))
    index["manifests"][0].update(put(place, json.dumps(manifest).encode()))
    os.remove(os.path.join(place, "index.json"))
    with open(os.path.join(place, "index.json"), "w", encoding="utf-8") as file:
        json.dump(index, file)
    return place


def main() -> int:
    layout = os.path.join(sys.argv[1], "oci")
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    command = packlist("--no-cache")
    # Beside the image: its blobs are linked, not copied.
    with tempfile.TemporaryDirectory(dir=sys.argv[1]) as work:
        places = {"once": layout, "twice": doubled(layout, work)}
        taken = {name: [] for name in places}
        for turn in range(runs + 1):
            for name, place in places.items():
                run = Run(command("oci", place, os.path.join(work, "out.json"), ""), work)
                if run.failed:
                    print(f"{name}: failed: {run.complaint}")
                    return 1
                if turn > 0:
                    taken[name].append(run)
    medians = {name: {what: statistics.median(getattr(run, what) for run in runs) for what in ("wall", "cpu", "memory")}
               for name, runs in taken.items()}
    for name, row in medians.items():
        print(f"{name:<6} {row['wall']:8.3f} s of the clock {row['cpu']:8.3f} s of the processor {row['memory'] / 1e6:8.1f} MB")
    ratios = {what: medians["twice"][what] / medians["once"][what] for what in ("wall", "cpu", "memory")}
    print("twice as large costs " + ", ".join(f"{ratio:.2f} × {what}" for what, ratio in ratios.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
