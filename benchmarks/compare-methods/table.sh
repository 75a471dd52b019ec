#!/usr/bin/env bash
# Markdown tables of what run.sh measured in a folder: benchmarks/compare-methods/table.sh OUT
set -euo pipefail
out=${1:?the folder that run.sh wrote}
