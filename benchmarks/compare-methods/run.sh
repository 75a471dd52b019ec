#!/usr/bin/env bash
# Trains every method on the same good images, attacks all with the same attacks, and prints one Markdown table for each data set.
#
#   FM=DIR BOTTLE=DIR SCREW=DIR TILES=DIR CIFAR=DIR benchmarks/compare-methods/run.sh OUT [METHOD …]
#
# FM       folder with the four Fashion-MNIST files, for the classes 1 and 8; left out, their tables are too
# BOTTLE   MVTec AD's bottle; likewise
# SCREW    MVTec AD's screw; likewise
# TILES    the magnetic tiles; likewise
# CIFAR    folder with CIFAR-10's binary files, on which ZARND's robust backbone is trained, and with FEATURES=cifar the others
# FEATURES imagenet (the default: the weights inside cobra, at 224 px, hours of attack) or cifar (in-house at the images' size, minutes)
# RESIZE   side at which the imagenet weights see the images, 224 by default; 64 makes minutes of the hours
# SAMPLES  test images of each class that are attacked, 100 by default
# ATTACK   the attacks, two, by default PGD-50 and APGD-50 with surrogates, two starts each
# COBRA    the program, by default `cobra`
# WRAP     put before each run, e.g. "flock FILE nice"
#
# OUT keeps the models, what each run printed as JSON, and its time and memory; what is there already is not run again. Options that
# differ from a preset lie beside this script in METHOD.json, or in METHOD.DATASET.json where a data set needs its own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?the folder for models and measurements}
shift
methods=("$@")
[ ${#methods[@]} -gt 0 ] || methods=(cobra deepsvdd csi dn2 panda msad transformaly patchcore recontrast draem principals ocsdf apae zarnd)
cobra=${COBRA:-cobra}
features=${FEATURES:-imagenet} resize=${RESIZE:-224}
attacks=${ATTACK:-"pgd:steps=50,restarts=2; apgd:steps=50,restarts=2,surrogates=true"}
mkdir -p "$out"
export GOMP_SPINCOUNT=0
case $features in imagenet | cifar) ;; *) echo "FEATURES is imagenet or cifar, found $features." >&2; exit 2 ;; esac

# measured NAME COMMAND…: runs unless NAME.json is there; NAME.time gets time and memory. What fails is said and skipped.
measured() {
    local name=$1
    shift
    [ ! -s "$out/$name.json" ] || return 0
    echo "$(date +%T) $name" >&2
    if ${WRAP:-} /usr/bin/time -v -o "$out/$name.time" "$@" --threads 1 --json > "$out/$name.json.part" 2> "$out/$name.log"; then mv "$out/$name.json.part" "$out/$name.json"
    else echo "$name failed, see $out/$name.log" >&2; return 1; fi
}

# settings METHOD FILE: the options of FILE, and those that depend on how this script was called.
settings() {
    local method=$1 added='{}'
    case $method in
        dn2 | panda | msad | patchcore | recontrast) [ "$features" != imagenet ] || added="{\"backbone\":{\"resizeTo\":$resize}}" ;;
        transformaly) added=$(jq '{backbone: {file: $file, package: null, transformer, resizeTo: 32, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5]}}' --arg file "$out/transformer.safetensors" "$here/transformer.json") ;;
    esac
    jq -s --argjson added "$added" '(.[0] // {}) * $added' "$2"
}

# The narrowest network and the fewest images with which the features still help: minutes instead of days.
backbone() {
    local objective=$1 file=$2
    shift 2
    measured "backbone-$file" "$cobra" pretrain "${CIFAR:?the folder of CIFAR-10, for the backbones}" --objective "$objective" --preset fast \
        "$@" --seed 1 -o "$out/$file.safetensors"
}

# compare DATASET EPSILON SIZE DATA…: SIZE is the images' side, which evaluate takes from the model.
compare() {
    local dataset=$1 epsilon=$2 size=$3
    shift 3
    for method in "${methods[@]}"; do
        local options=(--method "$method") preset=default config
        case $method in
            cobra) case $dataset in bottle | screw | tiles) preset=parts ;; *) preset=tiny ;; esac ;;
            csi | draem | ocsdf) preset=tiny ;;
            deepsvdd) preset=mnist ;;
            dn2 | panda | msad | patchcore | recontrast)
                if [ "$features" = cifar ]; then
                    backbone supervised supervised --stem strided --width 0.25 --max-train 4000 --epochs 8 || continue
                    options+=(--backbone "$out/supervised.safetensors")
                fi
                ;;
            transformaly)
                backbone supervised transformer --config "$here/transformer.json" --max-train 4000 --epochs 8 || continue
                ;;
            zarnd)
                backbone adversarial adversarial --stem strided --width 0.25 --max-train 2000 --epochs 8 --attack-steps 3 || continue
                options+=(--backbone "$out/adversarial.safetensors")
                ;;
        esac
        for config in "$here/$method.$dataset.json" "$here/$method.json" /dev/null; do
            [ ! -e "$config" ] || break
        done
        settings "$method" "$config" > "$out/$dataset-$method.config.json"
        options+=(--config "$out/$dataset-$method.config.json")
        measured "$dataset-$method-train" "$cobra" train "$@" --image-size "$size" "${options[@]}" --preset "$preset" -o "$out/$dataset-$method.cobra" || continue
        measured "$dataset-$method-attack" "$cobra" evaluate "$out/$dataset-$method.cobra" "$@" --samples "${SAMPLES:-100}" --epsilon "$epsilon" \
            --attack "$attacks" --batch-size 50 || continue
    done
}

[ -z "${FM:-}" ] || compare fmnist 4/255 32 "$FM" --normal-class 1 --max-train 500 --max-test 400
[ -z "${FM:-}" ] || compare fmnist8 4/255 32 "$FM" --normal-class 8 --max-train 500 --max-test 400
[ -z "${BOTTLE:-}" ] || compare bottle 2/255 64 "$BOTTLE"
[ -z "${SCREW:-}" ] || compare screw 2/255 64 "$SCREW"
[ -z "${TILES:-}" ] || compare tiles 2/255 64 "$TILES"
"$here/table.sh" "$out"
