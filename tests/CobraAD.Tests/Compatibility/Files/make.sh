#!/usr/bin/env bash
# Writes every file of this folder again with the program of a checkout:  make.sh CHECKOUT TARGET
# The files here were written by commit 8534987. They stay as they are: what they are for is that they are old. A newer file format gets
# files of its own beside them. TARGET is an empty folder to compare with or to take new files from, never this one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
checkout=$(cd "$1" && pwd)
mkdir -p "$2"
cd "$2"
[ -z "$(ls -A .)" ] || { echo "$2 is not empty." >&2; exit 1; }
export GOMP_SPINCOUNT=0 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

dotnet build -c Release "$checkout/src/CobraAD.Cli" > build.log
cobra=$checkout/src/CobraAD.Cli/bin/Release/net10.0/linux-x64/cobra
rm build.log

# Everything is named by a relative path: some of them are kept inside the files.
cp -r "$here/configurations" .
python3 "$here/make_images.py" parts
small=(--image-size 16 --threads 1 --quiet)

# One model of every method; of COBRA one by LARS with its own pseudo-anomalies, and one by Adam in bfloat16 with CutPaste and another
# margin and score.
$cobra pretrain parts/test -o backbone.safetensors --preset tiny --config configurations/backbone.json "${small[@]}"
$cobra train parts -o cobra-paper.cobra --preset paper --config configurations/cobra-paper.json "${small[@]}"
$cobra train parts -o cobra-tiny.cobra --preset tiny --config configurations/cobra-tiny.json "${small[@]}"
$cobra train parts -o zarnd.cobra --method zarnd --preset tiny --backbone backbone.safetensors "${small[@]}"
for method in cobra-released deepsvdd dn2 panda msad patchcore apae principals ocsdf csi; do
    $cobra train parts -o $method.cobra --method $method --preset tiny --config configurations/$method.json "${small[@]}"
done
$cobra export cobra-paper.cobra -o cobra-paper.onnx --quiet

# A training that is killed after its first epoch, and what it comes to when it goes on.
training=(train parts -o unfinished.cobra --preset fast --config configurations/checkpoint.json "${small[@]}")
python3 "$here/kill.py" checkpoint unfinished.cobra.checkpoint $cobra "${training[@]}"
cp unfinished.cobra.checkpoint unfinished.checkpoint
$cobra "${training[@]}" --resume

# An evaluation that is killed in its second attack, and what it comes to when it goes on.
evaluation=(evaluate cobra-paper.cobra parts --epsilon 4/255 --attack "fgsm pgd:steps=100" --batch-size 4
    --save-every 0 --state state --threads 1 --json --quiet)
python3 "$here/kill.py" state state $cobra "${evaluation[@]}"
cp state evaluation.state
$cobra "${evaluation[@]}" > evaluation.json

# Two cells of table 2 (the demo's images are a part of Fashion-MNIST). Their models are too large to keep.
mkdir data
ln -s "$checkout/src/CobraAD/Datasets/Demo" data/fmnist
$cobra reproduce table2 --data data --store store --budget smoke --datasets fmnist --classes 1 --methods cobra deepsvdd \
    --threads 1 --quiet > table2.md
ls store/models > models.txt
rm -r data store/models store/reports

# What --print-config says: METHOD.PRESET.SIZE.json, and the same of pretrainings.
mkdir options
for size in 32 224; do
    $cobra methods --json |
        python3 -c 'import json, sys; [print(method["name"], preset) for method in json.load(sys.stdin) for preset in method["presets"]]' |
        while read -r method preset; do
            $cobra train --method "$method" --preset "$preset" --image-size $size --print-config < /dev/null > "options/$method.$preset.$size.json"
        done
    $cobra train --preset released --image-size $size --print-config > options/cobra.released.$size.json
    for objective in supervised simclr adversarial; do
        for preset in default fast tiny; do
            $cobra pretrain --objective $objective --preset $preset --image-size $size --print-config \
                > "options/pretrain-$objective.$preset.$size.json"
        done
    done
done

# What the models say about the images. The runtime has no command of its own that prints scores to the last digit.
for model in *.cobra; do $cobra score "$model" parts/test --threads 1 --json --quiet > "$model.scores"; done
mkdir runtime
cat > runtime/scores.cs <<END
#:project $checkout/src/CobraAD.Runtime/CobraAD.Runtime.csproj
using System.Globalization;
using CobraAD.Runtime;

using var detector = RobustDetector.Load(args[0], new RobustDetectorOptions { Threads = 1 });
foreach (string image in args[1..])
{
    ScoreResult result = detector.Score(image);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, \$"{image} {result.Score:R} {result.Calibrated:R}"));
}
END
# The build may print warnings before them.
dotnet run runtime/scores.cs -- cobra-paper.onnx parts/test/*/*.png | grep ^parts/ > cobra-paper.onnx.scores
python3 "$here/record.py" "$(git -C "$checkout" rev-parse HEAD)" > expected.json
rm -r runtime configurations unfinished.cobra ./*.scores evaluation.json table2.md models.txt
