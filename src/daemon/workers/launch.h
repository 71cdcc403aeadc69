/* Starting a worker process. */
#ifndef DSND_LAUNCH_H
#define DSND_LAUNCH_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* Memory that only this process can write, and that can't change its size: the mapping is
 * writable here, @ret_fd is for the worker. NULL with errno. */
char *launch_arena (size_t n_bytes, int *ret_fd);

/* A sealed copy of @bytes in memory; -1 with errno. */
int launch_memory (const GString *bytes);

/* Executes this program again as a worker, with nothing inherited but @arena_fd and @setup_fd.
 * @ret_socket: our end, non-blocking. */
bool launch_worker (int arena_fd, int setup_fd, pid_t *ret_pid, int *ret_socket, GError **error);

#endif
