/* Tells whether the process uses another MPI than the one that libpi_mpi was compiled for. Their
 * handles differ, so a call with one MPI's handle ends in the other with a crash. If a process
 * loads both, each MPI function may be the one of either. */
#include "ranks.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#define TEXT_OF(number) #number
#define TEXT(macro) TEXT_OF(macro)

#ifdef OPEN_MPI
#define COMPILED_FOR "Open MPI " TEXT(OMPI_MAJOR_VERSION) "." TEXT(OMPI_MINOR_VERSION)
#define OTHER "mpich"
/* How MPIs that share MPICH's ABI name themselves. */
static const char *const foreign_names[] = {"MPICH", "MVAPICH", "Intel(R) MPI"};
#else
#define COMPILED_FOR "MPICH " MPICH_VERSION
#define OTHER "openmpi"
static const char *const foreign_names[] = {"Open MPI"};
#endif

/* The libraries of MPICH, of MPIs that share its ABI, and of Open MPI. */
static const char *const libraries[] = {"libmpi.so.12", "libmpich.so.12", "libmpi.so.40"};

/* MPI_MAX_LIBRARY_VERSION_STRING is 8192 in MPICH and 256 in Open MPI. */
typedef char version[8192];
typedef int get_version(char *text, int *length);

static bool is_foreign(const char *text) {
    for (size_t i = 0; i < LENGTH(foreign_names); i++) {
        if (strstr(text, foreign_names[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* Shortens a version of several lines or clauses to a name and a number: MPICH says
 * "MPICH Version:<tab>4.0.2<newline>...", Open MPI "Open MPI v4.1.4, package: ...". */
static void shorten(char *text) {
    text[strcspn(text, ",\n")] = '\0';
    char *label = strstr(text, " Version:");
    if (label != NULL) {
        const char *number = label + strlen(" Version:");
        number += strspn(number, " \t");
        memmove(label + 1, number, strlen(number) + 1);
    }
}

/* Writes the version of the library, if it is loaded and belongs to another MPI. */
static bool loaded_foreign(const char *library, char *text) {
    void *handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
    if (handle == NULL) {
        return false;
    }
    get_version *get = NULL;
    *(void **)&get = dlsym(handle, "MPI_Get_library_version");
    int length = 0;
    bool is_known = get != NULL && get(text, &length) == MPI_SUCCESS;
    dlclose(handle);
    return is_known && is_foreign(text);
}

/* Writes the version of the other MPI that the process uses or has loaded, if there is one. */
static bool find_foreign(char *text) {
    int length = 0;
    if (MPI_Get_library_version(text, &length) == MPI_SUCCESS && is_foreign(text)) {
        return true;
    }
    for (size_t i = 0; i < LENGTH(libraries); i++) {
        if (loaded_foreign(libraries[i], text)) {
            return true;
        }
    }
    return false;
}

libpi_status libpi_mpi_same_mpi(void) {
    static _Atomic bool is_same = false;
    if (is_same) {
        return LIBPI_OK;
    }
    version text = "";
    if (find_foreign(text)) {
        shorten(text);
        return libpi_mpi_fail(LIBPI_MPI_ERROR_LIBRARY,
                              "this libpi_mpi is for " COMPILED_FOR ", but the program uses %s: "
                              "link libpi_mpi-" OTHER " (make install MPI=" OTHER
                              " installs it), or compile the program for " COMPILED_FOR,
                              text);
    }
    is_same = true;
    return LIBPI_OK;
}
