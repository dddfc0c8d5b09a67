/* The operations by which a rank could receive something, and which traffic.c does not count. They
 * do not work: the process ends with their name, so that none goes uncounted. */

#include <stdio.h>
#include <stdlib.h>

static int uncounted(const char *name) {
    fprintf(stderr, "%s is not counted: add it to traffic.c\n", name);
    abort();
}

#define UNCOUNTED(name)                                                                            \
    int name(void);                                                                                \
    int name(void) { return uncounted(#name); }

UNCOUNTED(MPI_Recv)
UNCOUNTED(MPI_Irecv)
UNCOUNTED(MPI_Imrecv)
UNCOUNTED(MPI_Sendrecv)
UNCOUNTED(MPI_Reduce)
UNCOUNTED(MPI_Gather)
UNCOUNTED(MPI_Gatherv)
UNCOUNTED(MPI_Scatter)
UNCOUNTED(MPI_Scatterv)
UNCOUNTED(MPI_Alltoall)
UNCOUNTED(MPI_Alltoallv)
UNCOUNTED(MPI_Scan)
UNCOUNTED(MPI_Exscan)
UNCOUNTED(MPI_Comm_split)
UNCOUNTED(MPI_Win_allocate_shared)
