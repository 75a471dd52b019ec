#!/usr/bin/env bash
# Every table and figure at the budget "smoke" on the data sets that are at hand, one class of each, to be looked at afterwards.
# Usage: build/reproduce-smoke.sh COBRA DATA STORE [ITEM...]
#   COBRA  the built program, e.g. artifacts/bin/CobraAD.Cli/release/cobra
#   DATA   the folder of data sets ("cobra datasets --check DATA" says what is in it)
#   STORE  where results, reports and figures go; a second run computes what is missing
# THREADS (default 1) and CLASSES (default "1 bottle screw") can be set.
set -uo pipefail

(( $# >= 3 )) || { sed -n '2,7s/^# //p' "$0" >&2; exit 2; }
cobra=$1 data=$2 store=$3
shift 3
(( $# > 0 )) || set -- table{1..21} figure{1..5}
read -r -a classes <<< "${CLASSES:-1 bottle screw}"

mkdir -p "$store"
failed=()
for item in "$@"; do
    started=$SECONDS
    if "$cobra" reproduce "$item" --data "$data" --store "$store" --budget smoke --classes "${classes[@]}" --threads "${THREADS:-1}" > "$store/$item.log" 2>&1; then
        outcome="done"
    else
        outcome="FAILED, see $store/$item.log"
        failed+=("$item")
    fi
    echo "$item: $outcome ($((SECONDS - started)) s)"
done

echo "Reports and figures: $store/reports"
(( ${#failed[@]} == 0 )) || { echo "Failed: ${failed[*]}" >&2; exit 1; }
