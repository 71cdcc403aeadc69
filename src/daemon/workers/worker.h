/* The process that reads mails: bytes in shared memory in, reports out. It runs as `dsnd --worker`
 * with exactly these descriptors, and needs nothing else.
 */
#ifndef DSND_WORKER_H
#define DSND_WORKER_H

#include <stddef.h>

#define WORKER_FD_SOCKET 3 /* stream: struct wire_request in, struct wire_reply and reports out */
#define WORKER_FD_ARENA  4 /* memory with the mails, read-only here */
#define WORKER_FD_SETUP  5 /* struct setup as bytes */

#define WORKER_ARENA_BYTES ((size_t)4 * 1024 * 1024)

/* Runs until the daemon closes the socket; returns the exit status. */
int worker_main (void);

#endif
