#!/bin/sh
# A count in N parts, each a task of an array job:
#
#   sbatch --array=1-N bench/slurm/shards.sh FOLDER N OPTIONS...
#   id=$(sbatch --parsable --array=1-100 bench/slurm/shards.sh shards 100 -n 1e13)
#   sbatch --dependency=afterok:$id bench/slurm/merge.sh shards
#
# FOLDER/i.json is the answer of part i, and is not there before the part is counted. The number N is an
# argument, so that parts can be counted again: sbatch --array=7,9 bench/slurm/shards.sh shards 100 -n 1e13.
# $PI is the command, pi by default.
#SBATCH --job-name=pi-shards
#SBATCH --time=1:00:00

[ $# -ge 3 ] || { echo "usage: sbatch --array=1-N shards.sh FOLDER N OPTIONS..., such as shards 100 -n 1e13" >&2; exit 2; }
set -e
answer=$1/$SLURM_ARRAY_TASK_ID.json
shard=$SLURM_ARRAY_TASK_ID/$2
mkdir -p "$1"
shift 2
srun "${PI:-pi}" sample "$@" --shard "$shard" --json >"$answer.part"
mv "$answer.part" "$answer"
