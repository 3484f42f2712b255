#!/usr/bin/env python3
"""Builds images to measure with `compare.py`, from package registries alone.

    python3 benches/images.py OUT [base] [node] [python] [binaries] [monorepo]

Needs root and mmdebstrap for the base, npm, python3 with pip, go and cargo for what goes on top; what is missing is told
and left out. Allow 6 GB and a quarter of an hour for all. What is there already is not built again.

base      Debian 12, `mmdebstrap --variant=minbase bookworm`, without package lists and logs
node      base, and a layer with what npm installs for twenty well-known packages (scripts are not run)
python    base, and a layer with the wheels pip installs for ten well-known projects
binaries  scratch, and two layers: a Go program (esbuild) and a Rust one (hexyl), built here
monorepo  no image but a source tree: 400 projects whose lockfiles for npm, Cargo, pip and Go are made up here

Every image lies in OUT/NAME as `oci/` (an OCI layout, gzip level 6), `save.tar` (as `docker save` wrote it, layers not
compressed) and `rootfs/`. Layers are packed here, names in order and times at zero. Versions of the packages are pinned
where the registry allows it; Debian moves with its point releases, and so do dependencies that are not named.
"""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile

NPM = {
    "axios": "1.7.2", "chalk": "4.1.2", "commander": "12.1.0", "eslint": "8.57.0", "express": "4.19.2", "jest": "29.7.0",
    "knex": "3.1.0", "lodash": "4.17.21", "mocha": "10.4.0", "moment": "2.30.1", "next": "14.2.4", "pg": "8.12.0",
    "prettier": "3.3.2", "react": "18.3.1", "react-dom": "18.3.1", "rxjs": "7.8.1", "typescript": "5.4.5", "uuid": "9.0.1",
    "webpack": "5.92.1", "yargs": "17.7.2",
}
PYTHON = ["boto3==1.34.131", "cryptography==42.0.8", "django==5.0.6", "fastapi==0.111.0", "matplotlib==3.9.0", "numpy==1.26.4",
          "pandas==2.2.2", "requests==2.32.3", "scipy==1.13.1", "sqlalchemy==2.0.30"]
GO = "github.com/evanw/esbuild/cmd/esbuild@v0.21.5"
RUST = ("hexyl", "0.14.0")
PROJECTS = 400


def run(*command: str, **more) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **more)


def base(folder: str) -> None:
    archive = folder + ".tar"
    run("mmdebstrap", "--quiet", "--variant=minbase", "bookworm", archive)
    os.makedirs(folder)
    run("tar", "-xpf", archive, "-C", folder, "--numeric-owner", "--exclude=./dev/*")
    os.remove(archive)
    for useless in ("var/cache/apt", "var/lib/apt/lists", "var/log"):
        shutil.rmtree(os.path.join(folder, useless), ignore_errors=True)


def node(folder: str) -> None:
    app = os.path.join(folder, "srv/app")
    os.makedirs(app)
    with open(os.path.join(app, "package.json"), "w", encoding="utf-8") as file:
        json.dump({"name": "app", "version": "1.0.0", "private": True, "dependencies": NPM}, file, indent=2)
    run("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps", cwd=app)


def python(folder: str) -> None:
    target = os.path.join(folder, "usr/local/lib/python3/site-packages")
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--only-binary=:all:", "--target", target, *PYTHON)


def go_program(folder: str) -> None:
    place = os.path.join(folder, "usr/local/bin")
    os.makedirs(place)
    run("go", "install", GO, env=dict(os.environ, GOBIN=os.path.abspath(place), CGO_ENABLED="0"))


def rust_program(folder: str) -> None:
    name, version = RUST
    root = os.path.abspath(os.path.join(folder, "usr/local"))
    run("cargo", "install", "--quiet", "--locked", "--root", root, name, "--version", version)
    for record in (".crates.toml", ".crates2.json"):
        os.remove(os.path.join(root, record))


IMAGES = {"base": [base], "node": [base, node], "python": [base, python], "binaries": [go_program, rust_program]}


def pack(folder: str, path: str) -> None:
    """A layer's tar."""
    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.mtime = 0
        entry.uname = entry.gname = ""
        return entry

    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as out:
        for top in sorted(os.listdir(folder)):
            out.add(os.path.join(folder, top), arcname=top, filter=plain)


def digest_of(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def compressed(path: str, into: str) -> None:
    with open(path, "rb") as plain, open(into, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
        shutil.copyfileobj(plain, packed, 1 << 20)


def image(out: str, name: str, folders: list) -> None:
    """Writes an image of these folders in its three forms."""
    blobs = os.path.join(out, "oci/blobs/sha256")
    os.makedirs(blobs)
    tars = []
    for index, folder in enumerate(folders):
        tars.append(os.path.join(out, f"{index}.tar"))
        pack(folder, tars[-1])
    diff_ids = [f"sha256:{digest_of(tar)}" for tar in tars]
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": diff_ids}}).encode()

    def put(content: bytes, kind: str) -> dict:
        digest = hashlib.sha256(content).hexdigest()
        with open(os.path.join(blobs, digest), "wb") as file:
            file.write(content)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(content)}

    layers = []
    for tar in tars:
        packed = tar + ".gz"
        compressed(tar, packed)
        digest = digest_of(packed)
        layers.append({"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": f"sha256:{digest}",
                       "size": os.path.getsize(packed)})
        os.rename(packed, os.path.join(blobs, digest))
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": put(config, "config.v1+json"), "layers": layers}
    index = {"schemaVersion": 2, "manifests": [put(json.dumps(manifest).encode(), "manifest.v1+json")]}
    for file, content in (("index.json", index), ("oci-layout", {"imageLayoutVersion": "1.0.0"})):
        with open(os.path.join(out, "oci", file), "w", encoding="ascii") as written:
            json.dump(content, written)
    saved(out, name, config, tars)
    rootfs = os.path.join(out, "rootfs")
    os.makedirs(rootfs)
    for tar in tars:
        run("tar", "-xpf", tar, "-C", rootfs, "--numeric-owner")
        os.remove(tar)


def saved(out: str, name: str, config: bytes, tars: list) -> None:
    places = [f"{index}/layer.tar" for index in range(len(tars))]
    manifest = [{"Config": "config.json", "RepoTags": [f"{name}:1"], "Layers": places}]
    for file, content in (("config.json", config), ("manifest.json", json.dumps(manifest).encode())):
        with open(os.path.join(out, file), "wb") as written:
            written.write(content)
    with tarfile.open(os.path.join(out, "save.tar"), "w", format=tarfile.GNU_FORMAT) as save:
        for place, tar in zip(places, tars):
            save.add(tar, arcname=place)
        for file in ("config.json", "manifest.json"):
            save.add(os.path.join(out, file), arcname=file)
            os.remove(os.path.join(out, file))


def monorepo(out: str) -> None:
    """Projects of four kinds, whose lockfiles overlap as those of one company do."""
    def write(path: str, text: str) -> None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def hexed(*parts) -> str:
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    for project in range(PROJECTS):
        folder = os.path.join(out, ("apps", "services", "libs", "tools")[project % 4], f"project-{project}")
        chosen = sorted({(project * 7 + step * step) % 900 for step in range(120)})
        for source in range(20):
            write(os.path.join(folder, f"src/part{source % 5}/file{source}.txt"), "text\n")
        match project % 4:
            case 0:
                packages = {"": {"name": f"project-{project}", "version": "1.0.0", "dependencies": {f"package-{chosen[0]}": "*"}}}
                for at, package in enumerate(chosen):
                    needs = {f"package-{other}": "*" for other in chosen[at + 1:at + 3]}
                    packages[f"node_modules/package-{package}"] = {
                        "version": f"{package % 5}.{package % 11}.0", "integrity": f"sha512-{hexed(package)}{hexed(package)[:22]}==",
                        "resolved": f"https://registry.npmjs.org/package-{package}/-/package-{package}.tgz", "dependencies": needs}
                write(os.path.join(folder, "package-lock.json"),
                      json.dumps({"name": f"project-{project}", "lockfileVersion": 3, "packages": packages}, indent=2))
            case 1:
                crates = [f'[[package]]\nname = "project-{project}"\nversion = "0.1.0"\ndependencies = ["crate-{chosen[0]}"]\n']
                for at, crate in enumerate(chosen):
                    needs = ", ".join(f'"crate-{other}"' for other in chosen[at + 1:at + 3])
                    crates.append(f'[[package]]\nname = "crate-{crate}"\nversion = "1.{crate}.0"\nchecksum = "{hexed(crate)}"\n'
                                  f'source = "registry+https://github.com/rust-lang/crates.io-index"\ndependencies = [{needs}]\n')
                write(os.path.join(folder, "Cargo.lock"), "version = 4\n\n" + "\n".join(crates))
            case 2:
                lines = [f"project-of-python-{package}=={package % 7}.{package % 13} --hash=sha256:{hexed(package)}" for package in chosen]
                write(os.path.join(folder, "requirements.txt"), "\n".join(lines) + "\n")
            case _:
                lines = [f"\tgithub.com/owner/module-{module} v1.{module}.0" for module in chosen]
                write(os.path.join(folder, "go.mod"),
                      f"module example.org/project-{project}\n\ngo 1.22\n\nrequire (\n" + "\n".join(lines) + "\n)\n")


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    out = os.path.abspath(sys.argv[1])
    work = os.path.join(out, ".work")
    os.makedirs(work, exist_ok=True)
    for name in sys.argv[2:] or [*IMAGES, "monorepo"]:
        place = os.path.join(out, name)
        if os.path.exists(place):
            continue
        try:
            if name == "monorepo":
                monorepo(place + ".part")
            else:
                folders = []
                for make in IMAGES[name]:
                    folders.append(os.path.join(work, make.__name__))
                    if not os.path.exists(folders[-1]):
                        # Half a layer is none.
                        shutil.rmtree(folders[-1] + ".part", ignore_errors=True)
                        make(folders[-1] + ".part")
                        os.rename(folders[-1] + ".part", folders[-1])
                image(place + ".part", name, folders)
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            print(f"{name}: left out: {error}")
            shutil.rmtree(place + ".part", ignore_errors=True)
            continue
        os.rename(place + ".part", place)
        print(f"{name}: built")
    shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
