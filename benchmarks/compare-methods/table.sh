#!/usr/bin/env bash
# Markdown tables of what run.sh left in a folder: benchmarks/compare-methods/table.sh OUT. Needs jq.
# Times are processor time (user + system), which other programs on the machine do not stretch.
set -euo pipefail
out=${1:?the folder that run.sh wrote}

seconds() { awk -F': ' '/User time|System time/ { sum += $2 } END { printf "%.0f s", sum }' "$1"; }
mebibytes() { awk -F': ' '/Maximum resident set size/ { printf "%.0f MiB", $2 / 1024 }' "$1"; }

for dataset in fmnist fmnist8 bottle screw tiles; do
    compgen -G "$out/$dataset-*-attack.json" > /dev/null || continue
    echo
    jq -r '"\(.data), \(.threat), \(.normals) normal and \(.anomalies) anomalous test images"' "$(compgen -G "$out/$dataset-*-attack.json" | head -1)"
    echo
    echo "| detector | clean AUROC % | PGD | APGD with surrogates | **both** | training | peak memory | attack |"
    echo "|---|---|---|---|---|---|---|---|"
    for method in cobra deepsvdd csi dn2 panda msad transformaly patchcore recontrast draem principals ocsdf apae zarnd; do
        name="$out/$dataset-$method"
        [ -s "$name-attack.json" ] || continue
        jq -r --arg training "$(seconds "$name-train.time")" --arg memory "$(mebibytes "$name-train.time")" --arg attack "$(seconds "$name-attack.time")" '
            def percent: . * 1000 | round / 10;
            def auroc: "\(.metrics.auroc | percent) [\(.intervals.auroc.low | percent)-\(.intervals.auroc.high | percent)]";
            "| \(.detector) | \(.clean | auroc) | \(.attacks[0].result | auroc) | \(.attacks[1].result | auroc) | **\(.union | auroc)** | \($training) | \($memory) | \($attack) |"' "$name-attack.json"
    done
done
