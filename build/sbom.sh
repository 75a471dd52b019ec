#!/usr/bin/env bash
# A software bill of materials (CycloneDX, JSON) of everything that ships: each program and package with its dependencies, versions, hashes and licences.
# Usage: build/sbom.sh [OUT]      after dotnet restore; OUT is artifacts/sbom by default
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-artifacts/sbom}
mkdir -p "$out"
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
dotnet tool restore > /dev/null
for project in CobraAD CobraAD.Onnx CobraAD.Runtime CobraAD.Backbones.ImageNet CobraAD.Cli CobraAD.Server; do
    dotnet CycloneDX "src/$project/$project.csproj" --output "$out" --filename "$project.cdx.json" --output-format Json --set-version "$version" \
        --disable-package-restore > "$out/$project.log" || { cat "$out/$project.log" >&2; exit 1; }
    rm "$out/$project.log"
    echo "$out/$project.cdx.json: $(grep -c '"purl"' "$out/$project.cdx.json") components"
done
