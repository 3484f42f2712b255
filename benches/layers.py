#!/usr/bin/env python3
"""Measures what the division of an image into layers costs, and what the cache saves where a layer is new.

    cargo build --release && python3 benches/layers.py IMAGES/NAME [RUNS]

Takes an image that `images.py` built, and writes beside it, for as long as it runs, three more: all its files in one layer;
the same files in four layers of as many bytes each; and the image with one more layer, of the first files that come to 10 MB,
in another folder. The first two are scanned in turns, with nothing cached. The third is scanned with a cache that holds the
image's own layers, which is copied before each run, so that its last layer is new every time.
"""

import gzip
import json
import os
import shutil
import statistics
import sys
import tarfile
import tempfile

from compare import Run, packlist
from doubled import Hashing, put, read

NEW = 10 << 20


def manifest_of(layout: str) -> tuple:
    with open(os.path.join(layout, "index.json"), encoding="utf-8") as file:
        index = json.load(file)
    manifest = json.loads(read(layout, index["manifests"][0]["digest"]))
    return index, manifest, json.loads(read(layout, manifest["config"]["digest"]))


def members(layout: str):
    """Every member of every layer, with its content: no whiteouts are expected."""
    for layer in manifest_of(layout)[1]["layers"]:
        with tarfile.open(os.path.join(layout, "blobs", *layer["digest"].split(":")), mode="r|*") as archive:
            for member in archive:
                yield member, archive.extractfile(member) if member.isfile() else None


class Layers:
    """Layers that are being written into a layout."""

    def __init__(self, place: str):
        self.place, self.done, self.open = place, [], None
        os.makedirs(os.path.join(place, "blobs/sha256"), exist_ok=True)

    def add(self, member, content) -> None:
        if self.open is None:
            path = os.path.join(self.place, "layer.gz")
            raw = open(path, "wb")
            packed = Hashing(raw)
            plain = Hashing(gzip.GzipFile("", "wb", 6, packed, mtime=0))
            self.open = (path, raw, packed, plain, tarfile.open(fileobj=plain, mode="w|", format=tarfile.PAX_FORMAT))
        self.open[-1].addfile(member, content)

    def end_layer(self) -> None:
        path, raw, packed, plain, archive = self.open
        archive.close()
        plain.out.close()
        raw.close()
        digest = packed.hash.hexdigest()
        self.done.append(({"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": f"sha256:{digest}",
                           "size": os.path.getsize(path)}, f"sha256:{plain.hash.hexdigest()}"))
        os.rename(path, os.path.join(self.place, "blobs/sha256", digest))
        self.open = None

    def image(self, like: str, base: bool) -> str:
        """The layout of these layers, on those of another image or without them."""
        index, manifest, config = manifest_of(like)
        config.pop("history", None)
        if not base:
            manifest["layers"], config["rootfs"]["diff_ids"] = [], []
        for descriptor, diff_id in self.done:
            manifest["layers"].append(descriptor)
            config["rootfs"]["diff_ids"].append(diff_id)
        manifest["config"].update(put(self.place, json.dumps(config).encode()))
        index["manifests"] = [{**index["manifests"][0], **put(self.place, json.dumps(manifest).encode())}]
        for name, content in (("index.json", index), ("oci-layout", {"imageLayoutVersion": "1.0.0"})):
            with open(os.path.join(self.place, name), "w", encoding="utf-8") as file:
                json.dump(content, file)
        return self.place


def divided(layout: str, place: str, parts: int) -> str:
    total = sum(member.size for member, _ in members(layout))
    layers, written = Layers(place), 0
    for member, content in members(layout):
        layers.add(member, content)
        written += member.size
        if written * parts >= total * (len(layers.done) + 1) and len(layers.done) + 1 < parts:
            layers.end_layer()
    layers.end_layer()
    return layers.image(layout, base=False)


def extended(layout: str, place: str) -> str:
    layers, written = Layers(place), 0
    for name in os.listdir(os.path.join(layout, "blobs/sha256")):
        os.makedirs(os.path.join(place, "blobs/sha256"), exist_ok=True)
        os.link(os.path.join(layout, "blobs/sha256", name), os.path.join(place, "blobs/sha256", name))
    for member, content in members(layout):
        if member.islnk():
            continue
        member.name = f"srv/new/{member.name}"
        member.pax_headers = {}
        layers.add(member, content)
        written += member.size
        if written > NEW:
            break
    layers.end_layer()
    return layers.image(layout, base=True)


def tell(name: str, runs: list) -> dict:
    row = {what: statistics.median(getattr(run, what) for run in runs) for what in ("wall", "cpu", "memory")}
    print(f"{name:<10} {row['wall']:8.3f} s of the clock {row['cpu']:8.3f} s of the processor {row['memory'] / 1e6:8.1f} MB")
    return row


def scanned(place: str, work: str, *more: str) -> Run:
    run = Run(packlist(*more)("oci", place, os.path.join(work, "out.json"), ""), work)
    if run.failed:
        sys.exit(f"{place}: failed: {run.complaint}")
    return run


def main() -> int:
    layout = os.path.join(sys.argv[1], "oci")
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    # Beside the image: blobs are linked, not copied.
    with tempfile.TemporaryDirectory(dir=sys.argv[1]) as work:
        places = {"one layer": divided(layout, os.path.join(work, "one"), 1), "four": divided(layout, os.path.join(work, "four"), 4)}
        taken = {name: [] for name in places}
        for turn in range(runs + 1):
            for name, place in places.items():
                run = scanned(place, work, "--no-cache")
                if turn > 0:
                    taken[name].append(run)
        rows = [tell(name, taken[name]) for name in places]
        print(f"one layer takes {rows[0]['wall'] / rows[1]['wall']:.2f} × what four take, by the clock")
        larger, kept = extended(layout, os.path.join(work, "larger")), os.path.join(work, "kept")
        cold = [scanned(larger, work, "--no-cache") for _ in range(runs)]
        scanned(layout, work, "--cache", kept)
        warm = []
        for _ in range(runs):
            cache = os.path.join(work, "cache")
            shutil.copytree(kept, cache)
            warm.append(scanned(larger, work, "--cache", cache))
            shutil.rmtree(cache)
        tell("all new", cold)
        tell("10 MB new", warm)
    return 0


if __name__ == "__main__":
    sys.exit(main())
