#!/usr/bin/env bash
# The measurements of docs/lab on this machine, again, with today's attacks and scores. A second run goes on where the first one stopped.
# Usage: build/results.sh COBRA DATA OUT [PART...]
#   COBRA  the built program, e.g. artifacts/bin/CobraAD.Cli/release/cobra
#   DATA   the folder of data sets: fmnist, mvtec ("cobra datasets --check DATA" says what is in it)
#   OUT    where models, results and reports go
#   PART   of: demo, tables (6, 10 and 12 of the paper at "quick", three seeds), sources (its table 5 likewise), smoke (all items at "smoke"),
#          methods (every method side by side), scores (every score of COBRA on the same networks), tiles (the preset "parts"),
#          certificates, trainings (ideas for COBRA's training on classes 0, 1, 2 and 8); all when none is named
# Not here: docs/lab's pages on speed, on memory, on ranks, on ImageNet features and the torture, which say their commands themselves.
# THREADS (default 1), SEEDS (default 3), CLASSES (default "1 8"), CATEGORIES (default "bottle") and FEATURES (of compare-methods, default cifar)
# can be set. PLAN=1 says what would be done and how long it takes.
set -uo pipefail

(( $# >= 3 )) || { sed -n '2,13s/^# //p' "$0" >&2; exit 2; }
cobra=$(realpath "$1") data=$(realpath "$2") out=$3
shift 3
parts=(demo tables sources smoke methods scores tiles certificates trainings)
(( $# > 0 )) || set -- "${parts[@]}"
here=$(cd "$(dirname "$0")/.." && pwd)
threads=${THREADS:-1} seeds=${SEEDS:-3}
read -r -a classes <<< "${CLASSES:-1 8}"
read -r -a categories <<< "${CATEGORIES:-bottle}"
[ -x "$cobra" ] || { echo "There is no program $cobra: build it (dotnet build -c Release)." >&2; exit 2; }
for part in "$@"; do
    [[ " ${parts[*]} " == *" $part "* ]] || { echo "There is no part '$part': ${parts[*]}." >&2; exit 2; }
done
mkdir -p "$out"

# The folder of a data set under one of its names; the first name where there is none, which the program then misses by name.
folder() { local name; for name in "$@"; do [ -d "$data/$name" ] && { echo "$data/$name"; return; }; done; echo "$data/$1"; }
fmnist=$(folder fmnist fashion-mnist fashion_mnist FashionMNIST) mvtec=$(folder mvtec mvtec_ad mvtec_ad_256) cifar=$(folder cifar10 cifar-10-batches-bin)

# Minutes of one busy core of a shared AMD EPYC (2026-11-29): a training of a class (32 px, 112 to 128 updates) and the attacks on two of its scores took 3, of a
# category (64 px, 144 updates, all of its anomalies attacked) 10; tables 6, 10 and 12 are seven of these, table 5 eleven.
minutes() {
    local sets=$(( ${#classes[@]} + ${#categories[@]} )) trained=$(( seeds * (3 * ${#classes[@]} + 10 * ${#categories[@]}) ))
    case $1 in
        demo)    echo 5 ;;
        tables)  echo $(( 7 * trained )) ;;
        sources) echo $(( 11 * 3 * seeds * ${#classes[@]} )) ;;
        tiles)   echo $(( seeds * ${#categories[@]} * 25 )) ;;
        certificates) echo 60 ;;
        smoke)   echo $(( 20 * sets )) ;;
        methods) echo $(( 40 * sets )) ;;
        scores)  echo $(( sets * seeds * 6 )) ;;
        trainings) echo $(( 36 * 4 * seeds * 4 )) ;;
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

# The test images of a part's table: evaluated and audited as docs/lab/results.md says.
tiled() { # CATEGORY SEED
    "$cobra" train "$mvtec/$1" --preset parts --image-size 64 --seed "$2" --threads "$threads" -o "$out/tiles/$1-$2.cobra" --overwrite &&
        "$cobra" evaluate "$out/tiles/$1-$2.cobra" "$mvtec/$1" --samples 25 --epsilon 2/255 --attack "pgd:steps=20;apgd:steps=20,surrogates=true" --threads "$threads" &&
        "$cobra" audit "$out/tiles/$1-$2.cobra" "$mvtec/$1" --epsilon 2/255 --budget smoke --threads "$threads"
}

certified() {
    local radii=0.05,0.1,0.15,0.2,0.25 of=(--normal-class "${classes[0]}" --max-train 500)
    "$cobra" train "$fmnist" "${of[@]}" --image-size 32 --method ocsdf --preset tiny --threads "$threads" -o "$out/certificates/ocsdf.cobra" --overwrite &&
        "$cobra" train "$fmnist" "${of[@]}" --preset tiny --threads "$threads" -o "$out/certificates/cobra.cobra" --overwrite &&
        "$cobra" certify "$out/certificates/ocsdf.cobra" "$fmnist" "${of[@]}" --images 100 --epsilon $radii --attack "pgd:steps=20" --threads "$threads" --report "$out/certificates/ocsdf" &&
        "$cobra" certify "$out/certificates/cobra.cobra" "$fmnist" "${of[@]}" --images 100 --epsilon $radii --samples 512 --sigma 0.25 --attack "pgd:steps=10,restarts=1" \
            --attack-draws 33 --threads "$threads" --beside "$out/certificates/ocsdf/report.json" --report "$out/certificates/both"
}

for part in "$@"; do
    case $part in
        demo) run demo "$cobra" demo --threads "$threads" --report "$out/demo" ;;
        sources)
            run table5-fmnist "$cobra" reproduce table5 --data "$data" --store "$out/store" --budget quick --seeds "$seeds" --datasets fmnist --classes "${classes[@]}" --threads "$threads"
            [ -e "$out/store/reports/table5.md" ] && cp "$out/store/reports/table5.md" "$out/table5-fmnist.md" ;;
        tiles)
            mkdir -p "$out/tiles"
            for category in "${categories[@]}"; do
                for (( seed = 0; seed < seeds; seed++ )); do run "tiles-$category-$seed" tiled "$category" "$seed"; done
            done ;;
        certificates) mkdir -p "$out/certificates"; run certificates certified ;;
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
