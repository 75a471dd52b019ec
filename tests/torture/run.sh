#!/usr/bin/env bash
# Kills, fills, forbids and damages, and counts what is lost:  run.sh [-n COUNT] [PART...]
#   PART   kill-train kill-evaluate kill-reproduce kill-pretrain kill-serve kill-watch kill-export full read-only two mutate; all of them by default
#   -n     kills of each command, and a two-hundredth of the mutated files of each format; 50 by default, 2 take about a minute a part
# Needs python3, builds the programs unless COBRA names one, and root for the two parts that mount a small disk: without it
# they use limits of the process and of the folder. Prints a table; the exit code is 0 only when nothing was lost, crashed or hung.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export GOMP_SPINCOUNT=0 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

if [ -z "${COBRA:-}" ]; then
    dotnet build -c Release "$root/src/CobraAD.Cli" > /dev/null
    COBRA=$root/src/CobraAD.Cli/bin/Release/net10.0/linux-x64/cobra
fi
export COBRA ROOT="$root"
exec python3 "$here/torture.py" "$@"
