#!/usr/bin/env bash
# The measurements of docs/lab on this machine, again, with today's attacks and scores. A second run goes on where the first one stopped.
# Usage: build/results.sh COBRA DATA OUT [PART...]
#   COBRA  the built program, e.g. artifacts/bin/CobraAD.Cli/release/cobra
#   DATA   the folder of data sets: fmnist, mvtec ("cobra datasets --check DATA" says what is in it)
#   OUT    where models, results and reports go
#   PART   of: tables (6, 10 and 12 of the paper at "quick", three seeds), smoke (all items at "smoke"),
#          methods (every method side by side), scores (every score of COBRA on the same networks),
#          trainings (ideas for COBRA's training on classes 0, 1, 2 and 8); all when none is named
# THREADS (default 1), SEEDS (default 3), CLASSES (default "1 8"), CATEGORIES (default "bottle") and FEATURES (of compare-methods, default cifar)
# can be set. PLAN=1 says what would be done and how long it takes.
set -uo pipefail

(( $# >= 3 )) || { sed -n '2,11s/^# //p' "$0" >&2; exit 2; }
cobra=$(realpath "$1") data=$(realpath "$2") out=$3
shift 3
(( $# > 0 )) || set -- tables smoke methods scores trainings
here=$(cd "$(dirname "$0")/.." && pwd)
threads=${THREADS:-1} seeds=${SEEDS:-3}
read -r -a classes <<< "${CLASSES:-1 8}"
read -r -a categories <<< "${CATEGORIES:-bottle}"
[ -x "$cobra" ] || { echo "There is no program $cobra: build it (dotnet build -c Release)." >&2; exit 2; }
for part in "$@"; do
    case $part in tables|smoke|methods|scores|trainings) ;; *) echo "There is no part '$part': tables, smoke, methods, scores or trainings." >&2; exit 2 ;; esac
done
mkdir -p "$out"

# The folder of a data set under one of its names; the first name where there is none, which the program then misses by name.
folder() { local name; for name in "$@"; do [ -d "$data/$name" ] && { echo "$data/$name"; return; }; done; echo "$data/$1"; }
fmnist=$(folder fmnist fashion-mnist fashion_mnist FashionMNIST) mvtec=$(folder mvtec mvtec_ad mvtec_ad_256) cifar=$(folder cifar10 cifar-10-batches-bin)

# Processor minutes of one thread, as measured on a 2-core Xeon with AVX-512: a training of "tiny" at 32 px takes 2 to 3, at 64 px 3 to 8, and a
# cell's attacks at "quick" about as long again.
minutes() {
    local sets=$(( ${#classes[@]} + ${#categories[@]} ))
    case $1 in
        tables)  echo $(( sets * seeds * (6 * 4 + 15 * 4) )) ;;
        smoke)   echo $(( 20 * sets )) ;;
        methods) echo $(( 40 * sets )) ;;
        scores)  echo $(( sets * seeds * 6 )) ;;
        trainings) echo $(( 26 * 4 * seeds * 4 )) ;;
    esac
}

total=0
for part in "$@"; do total=$(( total + $(minutes "$part") )); done
for part in "$@"; do echo "$part: about $(minutes "$part") minutes of one core"; done
echo "together about $(( total / 60 )) h $(( total % 60 )) min of one core; what is done already is not done again"
[ "${PLAN:-0}" = 1 ] && exit 0

# What is through is through for these settings only.
settings="$seeds-seeds-classes-${classes[*]}-categories-${categories[*]}" settings=${settings// /-}

failed=()
run() { # NAME COMMAND...: runs it once; its output becomes OUT/NAME.log, and OUT/NAME.SETTINGS.done says that it is through
    local name=$1 started=$SECONDS done=$out/$1.$settings.done
    shift
    [ -e "$done" ] && { echo "$name: was done"; return; }
    if "$@" > "$out/$name.log" 2>&1; then date -u > "$done"; echo "$name: done ($((SECONDS - started)) s)"
    else failed+=("$name"); echo "$name: FAILED, see $out/$name.log"; fi
}

for part in "$@"; do
    case $part in
        tables)
            for table in table6 table10 table12; do
                run "$table-fmnist" "$cobra" reproduce "$table" --data "$data" --store "$out/store" --budget quick --seeds "$seeds" --datasets fmnist --classes "${classes[@]}" --threads "$threads"
                [ -e "$out/store/reports/$table.md" ] && cp "$out/store/reports/$table.md" "$out/$table-fmnist.md"
                run "$table-mvtec" "$cobra" reproduce "$table" --data "$data" --store "$out/store" --budget quick --seeds "$seeds" --datasets mvtec --classes "${categories[@]}" --threads "$threads"
                [ -e "$out/store/reports/$table.md" ] && cp "$out/store/reports/$table.md" "$out/$table-mvtec.md"
            done ;;
        smoke) THREADS=$threads CLASSES="${classes[0]} ${categories[*]}" run smoke "$here/build/reproduce-smoke.sh" "$cobra" "$data" "$out/smoke" ;;
        trainings)
            run trainings dotnet run -c Release --project "$here/benchmarks/CobraAD.Benchmarks" -- trainings "$fmnist" --normal-class 0 1 2 8 \
                --seeds $(seq 0 $((seeds - 1))) --max-train 500 --max-test 200 --threads "$threads" --out "$out/trainings" ;;
        methods) COBRA=$cobra FM=$fmnist BOTTLE=$mvtec/bottle CIFAR=$cifar FEATURES=${FEATURES:-cifar} run methods "$here/benchmarks/compare-methods/run.sh" "$out/methods" ;;
        scores)
            for class in "${classes[@]}"; do
                for (( seed = 0; seed < seeds; seed++ )); do
                    run "scores-fmnist-$class-$seed" dotnet run -c Release --project "$here/benchmarks/CobraAD.Benchmarks" -- scores "$fmnist" \
                        --normal-class "$class" --seeds "$seed" --max-train 500 --max-test 200 --out "$out/scores"
                done
            done
            for category in "${categories[@]}"; do
                for (( seed = 0; seed < seeds; seed++ )); do
                    run "scores-mvtec-$category-$seed" dotnet run -c Release --project "$here/benchmarks/CobraAD.Benchmarks" -- scores "$mvtec/$category" \
                        --image-size 64 --epsilon 2 --seeds "$seed" --out "$out/scores"
                done
            done ;;
    esac
done

(( ${#failed[@]} == 0 )) || { echo "Failed: ${failed[*]}" >&2; exit 1; }
echo "Reports: $out/*.md, $out/store/reports, $out/smoke/reports, $out/methods, $out/scores"
