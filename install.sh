#!/bin/sh
# Installs packlist: takes the archive for this machine from where the files of a release lie, compares its digest with
# SHA256SUMS, and puts the binary, completions and pages of the manual into place. Nothing is installed when a digest
# differs. Needs tar, and sha256sum or shasum; curl or wget where the files are not in a folder.
set -eu

usage() {
  cat <<'USAGE'
sh install.sh [--from PLACE] [--to FOLDER] [--target TARGET]

  --from PLACE     a folder, or an address (https://, http://, file://) where SHA256SUMS and the archives lie
                   [default: $PACKLIST_FROM, else the latest release]
  --to FOLDER      bin/ and share/ under it are written to [default: ~/.local]
  --target TARGET  the archive to take [default: this machine's, as x86_64-unknown-linux-gnu]
USAGE
}

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

from=${PACKLIST_FROM:-https://github.com/packlist/packlist/releases/latest/download}
to=${HOME:-}/.local
target=
while [ $# -gt 0 ]; do
  case $1 in
    --from | --to | --target)
      [ $# -ge 2 ] || fail "$1 needs a value"
      case $1 in
        --from) from=$2 ;;
        --to) to=$2 ;;
        --target) target=$2 ;;
      esac
      shift 2
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      usage >&2
      fail "what is \`$1\`?"
      ;;
  esac
done

if [ -z "$target" ]; then
  machine=$(uname -m)
  case $machine in
    amd64) machine=x86_64 ;;
    arm64) machine=aarch64 ;;
  esac
  case $(uname -s) in
    Linux) target=$machine-unknown-linux-gnu ;;
    Darwin) target=$machine-apple-darwin ;;
    *) fail "there is no archive for $(uname -s); build it: cargo install --git https://github.com/packlist/packlist" ;;
  esac
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

fetch() {
  case $from in
    file://*) cp "${from#file://}/$1" "$work/$1" ;;
    http://* | https://*)
      if command -v curl >/dev/null 2>&1; then
        curl -fsSL --retry 3 -o "$work/$1" "$from/$1"
      elif command -v wget >/dev/null 2>&1; then
        wget -q -O "$work/$1" "$from/$1"
      else
        fail "neither curl nor wget is here; fetch the files and name their folder: --from FOLDER"
      fi
      ;;
    *) cp "$from/$1" "$work/$1" ;;
  esac || fail "cannot get $from/$1"
}

digest() {
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum "$1"
  elif command -v shasum >/dev/null 2>&1; then
    shasum -a 256 "$1"
  else
    fail "neither sha256sum nor shasum is here, and nothing unverified is installed"
  fi | cut -d' ' -f1
}

fetch SHA256SUMS
# A line of it: the digest, two spaces (or a space and a star), the name.
line=$(grep -E "^[0-9a-f]{64} [ *]packlist-[0-9A-Za-z.+-]+-$target\.tar\.gz\$" "$work/SHA256SUMS" | head -n 1) ||
  fail "SHA256SUMS has no archive for $target"
[ -n "$line" ] || fail "SHA256SUMS has no archive for $target"
expected=${line%% *}
archive=${line##*[ *]}
fetch "$archive"
found=$(digest "$work/$archive")
[ "$found" = "$expected" ] || fail "$archive has the digest $found, and SHA256SUMS says $expected: nothing is installed"

mkdir "$work/unpacked"
tar -xzf "$work/$archive" -C "$work/unpacked" --strip-components=1
"$work/unpacked/bin/packlist" --version >/dev/null || fail "the binary for $target does not run here"
mkdir -p "$to/bin"
(cd "$work/unpacked" && find share -type f) | while read -r file; do
  mkdir -p "$to/$(dirname "$file")"
  cp "$work/unpacked/$file" "$to/$file"
done
# A running packlist keeps its old file.
cp "$work/unpacked/bin/packlist" "$to/bin/.packlist.new"
chmod 755 "$to/bin/.packlist.new"
mv "$to/bin/.packlist.new" "$to/bin/packlist"
echo "$("$to/bin/packlist" --version) is in $to/bin"
case :${PATH:-}: in
  *":$to/bin:"*) ;;
  *) echo "put $to/bin on your PATH to call it by name" ;;
esac
