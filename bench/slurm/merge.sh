#!/bin/sh
# Adds up the answers of shards.sh:
#
#   sbatch --dependency=afterok:ID bench/slurm/merge.sh FOLDER
#
# FOLDER.json is the answer of the whole. If a part is missing, the output of the job names the commands
# that count it. $PI is the command, pi by default.
#SBATCH --job-name=pi-merge
#SBATCH --time=0:10:00

[ $# -eq 1 ] || { echo "usage: sbatch merge.sh FOLDER" >&2; exit 2; }
set -e
folder=${1%/}
# There may be more files than a command line holds.
find "$folder" -name '*.json' -exec cat {} + | "${PI:-pi}" merge - --json >"$folder.part"
mv "$folder.part" "$folder.json"
