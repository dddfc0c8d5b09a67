/* Counts what MPI does for a rank: the collective operations in which it takes part, and the bytes
 * that it receives. A process loads this library before MPI. At the end it writes the two numbers
 * into the file $TRAFFIC/RANK. uncounted.c has the operations that are not here. */

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static long collectives, bytes;

static void count(int number, MPI_Datatype type) {
    int size = 0;
    PMPI_Type_size(type, &size);
    bytes += (long)number * size;
}

static int rank_in(MPI_Comm comm) {
    int rank = 0;
    PMPI_Comm_rank(comm, &rank);
    return rank;
}

int MPI_Barrier(MPI_Comm comm) {
    collectives++;
    return PMPI_Barrier(comm);
}

int MPI_Comm_split_type(MPI_Comm comm, int type, int key, MPI_Info info, MPI_Comm *new) {
    collectives++;
    return PMPI_Comm_split_type(comm, type, key, info, new);
}

int MPI_Bcast(void *buffer, int number, MPI_Datatype type, int root, MPI_Comm comm) {
    collectives++;
    if (rank_in(comm) != root)
        count(number, type);
    return PMPI_Bcast(buffer, number, type, root, comm);
}

int MPI_Allreduce(const void *mine, void *all, int number, MPI_Datatype type, MPI_Op op,
                  MPI_Comm comm) {
    collectives++;
    count(number, type);
    return PMPI_Allreduce(mine, all, number, type, op, comm);
}

int MPI_Allgather(const void *mine, int sent, MPI_Datatype sent_type, void *all, int number,
                  MPI_Datatype type, MPI_Comm comm) {
    int size = 0;
    PMPI_Comm_size(comm, &size);
    collectives++;
    count(number * size, type);
    return PMPI_Allgather(mine, sent, sent_type, all, number, type, comm);
}

int MPI_Allgatherv(const void *mine, int sent, MPI_Datatype sent_type, void *all,
                   const int *numbers, const int *places, MPI_Datatype type, MPI_Comm comm) {
    int size = 0;
    PMPI_Comm_size(comm, &size);
    collectives++;
    for (int rank = 0; rank < size; rank++)
        count(numbers[rank], type);
    return PMPI_Allgatherv(mine, sent, sent_type, all, numbers, places, type, comm);
}

int MPI_Mrecv(void *buffer, int number, MPI_Datatype type, MPI_Message *message,
              MPI_Status *status) {
    count(number, type);
    return PMPI_Mrecv(buffer, number, type, message, status);
}

int MPI_Finalize(void) {
    char name[4096];
    snprintf(name, sizeof name, "%s/%d", getenv("TRAFFIC"), rank_in(MPI_COMM_WORLD));
    FILE *file = fopen(name, "w");
    if (!file || fprintf(file, "%ld %ld\n", collectives, bytes) < 0 || fclose(file) != 0)
        abort();
    return PMPI_Finalize();
}
