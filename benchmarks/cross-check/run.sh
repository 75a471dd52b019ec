#!/usr/bin/env bash
# Compares our attacks with their authors' code:  run.sh MODEL.pt IMAGES EPSILON   (README.md says what they must be)
set -euo pipefail
[ $# -eq 3 ] || { echo "usage: $0 MODEL.pt IMAGES EPSILON, e.g. $0 detector.pt images 4/255" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
cobra=${COBRA:-cobra}
command -v "$cobra" > /dev/null || { echo "'$cobra' was not found: install the command line or name it, COBRA=path/to/cobra $0 …" >&2; exit 2; }
ours=$(mktemp)
trap 'rm -f "$ours"' EXIT
"$cobra" evaluate "$2" --torchscript "$1" --epsilon "$3" --attack "apgd:steps=50,restarts=5 square:queries=500" --json > "$ours"
python3 "$here/original.py" "$1" "$2" "$3" "$ours"
