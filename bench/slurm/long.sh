#!/bin/sh
# A count that is longer than the time limit of a job:
#
#   sbatch bench/slurm/long.sh RESULT OPTIONS...
#   sbatch --time=8:00:00 bench/slurm/long.sh pi-of-1e14 -n 1e14
#
# Slurm signals pi before the time is over. pi keeps what is done in RESULT.checkpoint and exits with 75;
# then the job is queued again and goes on. RESULT.json is the answer, and is not there before the end. A
# node that fails costs at most a minute of work. $PI is the command, pi by default.
#SBATCH --job-name=pi-long
#SBATCH --time=1:00:00
#SBATCH --signal=USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append

[ $# -ge 2 ] || { echo "usage: sbatch long.sh RESULT OPTIONS..., such as pi-of-1e14 -n 1e14" >&2; exit 2; }
result=$1
shift
if [ -e "$result.checkpoint" ]; then
    set -- "$@" --resume "$result.checkpoint"
else
    set -- "$@" --checkpoint "$result.checkpoint"
fi

# For ranks add what this cluster's MPI needs, such as --mpi=pmix.
srun "${PI:-pi}" sample "$@" --json >"$result.part"
code=$?
case $code in
    0) mv "$result.part" "$result.json" ;;
    75) scontrol requeue "$SLURM_JOB_ID" ;;
esac
exit $code
