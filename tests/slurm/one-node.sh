#!/bin/bash
# Reproduces an item on a one-node Slurm: three pieces, one killed, submitted again, and compared with a local run.
# Needs root and Debian's packages slurmctld, slurmd, slurm-client and munge; starts its own daemons and stops them.
# Usage: one-node.sh COBRA DATA, e.g. one-node.sh "$PWD/src/CobraAD.Cli/bin/Release/net10.0/linux-x64/cobra" /data
set -euo pipefail
cobra=${1:?the cobra program}
data=${2:?a folder of data sets with fmnist}
work=$(mktemp -d)
export SLURM_CONF=$work/slurm.conf
pids=()

cleanup() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    # They still write their state while they end.
    wait "${pids[@]}" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

fail() {
    echo "one-node: $*" >&2
    tail -n 30 "$work"/*.log "$work"/store/logs/* >&2 2>/dev/null || true
    exit 1
}

node=$(hostname -s)
cat > "$SLURM_CONF" <<CONF
ClusterName=one
SlurmctldHost=$node(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SchedulerType=sched/builtin
SelectType=select/cons_tres
ReturnToService=2
JobRequeue=0
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$node Default=YES MaxTime=INFINITE State=UP
CONF
mkdir -p "$work/state" "$work/spool" /run/munge
chown munge: /run/munge
[ -s /etc/munge/munge.key ] || { dd if=/dev/urandom of=/etc/munge/munge.key bs=1 count=1024 status=none; chown munge: /etc/munge/munge.key; chmod 400 /etc/munge/munge.key; }
if ! munge -n > /dev/null 2>&1; then
    runuser -u munge -- /usr/sbin/munged --foreground > "$work/munged.log" 2>&1 &
    pids+=($!)
fi
for _ in $(seq 30); do munge -n > /dev/null 2>&1 && break; sleep 1; done
slurmctld -D > "$work/slurmctld.log" 2>&1 &
pids+=($!)
slurmd -D -N "$node" > "$work/slurmd.log" 2>&1 &
pids+=($!)
for _ in $(seq 60); do sinfo -h -o %T 2>/dev/null | grep -q idle && break; sleep 1; done
sinfo -h -o %T | grep -q idle || fail "the node did not become idle"

item=(reproduce table6 --data "$data" --budget smoke --datasets fmnist --classes 1 2 3 --threads 1)
"$cobra" "${item[@]}" --store "$work/store" --engine slurm --jobs 1

finished() { squeue -h -n cobra-table6 | grep -q . && return 1 || return 0; }
wait_for_jobs() { for _ in $(seq 900); do finished && return; sleep 1; done; fail "the jobs did not finish"; }

# The first task is killed while it works; the others go on.
job=$(sbatch --parsable --array=0-2%1 "$work/store/table6.sbatch")
for _ in $(seq 120); do squeue -h -t R -j "${job}_0" | grep -q . && break; sleep 1; done
scancel --signal=KILL "${job}_0"
wait_for_jobs
[ "$(find "$work/store/cells" -name '*.json' | wc -l)" -eq 2 ] || fail "expected the results of two tasks after one was killed"

sbatch --parsable --array=0-2%1 "$work/store/table6.sbatch" > /dev/null
wait_for_jobs
[ "$(find "$work/store/cells" -name '*.json' | wc -l)" -eq 3 ] || fail "expected the results of three tasks after the second run"

for number in 0 1 2; do "$cobra" "${item[@]}" --store "$work/local" --piece "$number"; done
for file in "$work"/local/cells/*.json; do
    # Timings are the last member of a cell's file.
    diff <(sed '/^  "timing"/,$d' "$file") <(sed '/^  "timing"/,$d' "$work/store/cells/$(basename "$file")") || fail "$(basename "$file") differs between Slurm and local"
done
echo "one-node: three cells, one killed, healed, equal to the local ones"

# Scoring and an evaluation in pieces: one task is killed while it works, submitted again, and joined with the bytes of one process.
model=$work/model.cobra
"$cobra" train "$data/fmnist" --normal-class 1 --max-train 200 --method deepsvdd --preset tiny -o "$model" --threads 1 --quiet
images=$work/images
mkdir -p "$images"
python3 "$(dirname "$0")/../../benchmarks/many-images/draw.py" "$images" 3000 32
for command in score evaluate; do
    if [ $command = score ]; then what=(score "$model" "$images" --csv); else what=(evaluate "$model" "$images" --epsilon 2/255 --attack pgd:steps=20 --json --quiet); fi
    "$cobra" "${what[@]}" --threads 1 --store "$work/$command" --engine slurm --jobs 1 > /dev/null
    finished() { squeue -h -n "cobra-$command" | grep -q . && return 1 || return 0; }
    job=$(sbatch --parsable "$work/$command/$command.sbatch")
    for _ in $(seq 120); do squeue -h -t R -j "${job}_0" | grep -q . && break; sleep 0.2; done
    scancel --signal=KILL "${job}_0"
    wait_for_jobs
    sbatch --parsable "$work/$command/$command.sbatch" > /dev/null
    wait_for_jobs
    said=$("$cobra" "${what[@]}" --threads 1 --store "$work/$command" 2>&1 > "$work/$command.joined" || true)
    [ $command = evaluate ] || grep -Eq '([0-9]+) of \1 pieces are done' <<< "$said" || fail "$command: not all pieces were done by the tasks: $said"
    "$cobra" "${what[@]}" --threads 1 > "$work/$command.alone" || true
    diff <(sed 's/"seconds": *[0-9.e+-]*/"seconds":0/g' "$work/$command.alone") <(sed 's/"seconds": *[0-9.e+-]*/"seconds":0/g' "$work/$command.joined") || fail "$command: pieces and one process differ"
done
echo "one-node: score and evaluate in pieces, one task killed, equal to one process"
