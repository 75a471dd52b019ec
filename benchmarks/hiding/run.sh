#!/usr/bin/env bash
# Audits detectors that hide a weakness and their honest sisters:  run.sh [NAME…]   (README.md says what they are; all by default)
# Prints a row for each: the check that should flag, what it said of both. The exit code is 0 only when each hiding one is flagged there and no honest one is.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cobra=${COBRA:-cobra}
command -v "$cobra" > /dev/null || { echo "'$cobra' was not found: install the command line or name it, COBRA=path/to/cobra $0 …" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$here/make.py" "$work"
wrong=0
printf '%-20s %5s  %-12s %-12s %s\n' way check hiding honest "flags of the hiding one"
while IFS=$'\t' read -r name check; do
    [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
    for kind in hiding honest; do
        "$cobra" audit "$work/images" --torchscript "$work/$kind/$name.pt" --input-size 8 --epsilon 8/255 --budget "${BUDGET:-smoke}" --quiet --json > "$work/$kind.json" 2> "$work/error" || true
        [ -s "$work/$kind.json" ] || { cat "$work/error" >&2; exit 1; }
    done
    python3 - "$name" "$check" "$work" <<'PYTHON' || wrong=1
import json, sys
name, check, work = sys.argv[1], int(sys.argv[2]), sys.argv[3]
said = [{found["number"]: found["status"].lower() for found in json.load(open(f"{work}/{kind}.json"))["checks"]} for kind in ("hiding", "honest")]
print(f"{name:20} {check:5}  {said[0][check]:12} {said[1][check]:12} {[number for number, status in said[0].items() if status == 'flag']}", flush=True)
sys.exit(said[0][check] != "flag" or said[1][check] == "flag")
PYTHON
done < "$work/expected.tsv"
exit $wrong
