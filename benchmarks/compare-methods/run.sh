#!/usr/bin/env bash
# Trains every method on the same good images, attacks all with the same attacks, and prints one Markdown table.
#
#   FM=DIR BOTTLE=DIR BACKBONES=DIR benchmarks/compare-methods/run.sh OUT [METHOD …]
#
# FM         folder with the four Fashion-MNIST files
# BOTTLE     MVTec AD's bottle
# BACKBONES  folder with the weights that fmnist.json and bottle.json of the methods with a backbone name: backbone.safetensors,
#            robust.safetensors (for ZARND)
# COBRA      the program, by default `cobra`; WRAP a command to put before each run, e.g. "flock FILE"
#
# OUT keeps the models, what `cobra evaluate --json` printed, and `time -v` of both; what is there already is not run again.
# Training options lie beside this script in METHOD.json, and METHOD.DATASET.json where a data set needs others.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?the folder for models and measurements}
shift
methods=("$@")
[ ${#methods[@]} -gt 0 ] || methods=(cobra deepsvdd dn2 panda msad zarnd patchcore apae principals)
cobra=${COBRA:-cobra}
attacks="pgd:steps=50,restarts=2; apgd:steps=50,restarts=2,surrogates=true"
mkdir -p "$out"
export GOMP_SPINCOUNT=0

# measured NAME COMMAND…: runs unless NAME.json is there; NAME.time gets time and memory.
measured() {
    local name=$1
    shift
    [ -s "$out/$name.json" ] && return
    echo "$(date +%T) $name" >&2
    ${WRAP:-} /usr/bin/time -v -o "$out/$name.time" "$@" > "$out/$name.json.part" 2> "$out/$name.log"
    mv "$out/$name.json.part" "$out/$name.json"
}

compare() {
    local dataset=$1 epsilon=$2
    shift 2
    for method in "${methods[@]}"; do
        local config="$here/$method.$dataset.json" preset=tiny
        [ -f "$config" ] || config="$here/$method.json"
        # A configuration states every option that differs from the method's own default; COBRA and DeepSVDD have a preset for the purpose.
        case $method in
            deepsvdd) preset=mnist ;;
            cobra) ;;
            *) preset=default ;;
        esac
        # Paths of weights are relative to the working folder.
        local options=(--method "$method" --preset "$preset")
        if [ -f "$config" ]; then
            sed "s|BACKBONES|${BACKBONES:-.}|" "$config" > "$out/$dataset-$method.config"
            options+=(--config "$out/$dataset-$method.config")
        fi
        measured "$dataset-$method-train" "$cobra" train "$@" "${options[@]}" --threads 1 --json -o "$out/$dataset-$method.cobra"
        measured "$dataset-$method-attack" "$cobra" evaluate "$out/$dataset-$method.cobra" "$@" --samples 100 --epsilon "$epsilon" \
            --attack "$attacks" --threads 1 --batch-size 50 --json
    done
}

[ -z "${FM:-}" ] || compare fmnist 4/255 "$FM" --normal-class 1 --max-train 500 --max-test 400
[ -z "${BOTTLE:-}" ] || compare bottle 2/255 "$BOTTLE" --image-size 64
"$here/table.sh" "$out"
