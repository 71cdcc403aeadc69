/* What a worker gives up before it sees its first mail. */
#ifndef DSND_SANDBOX_H
#define DSND_SANDBOX_H

#include <stdbool.h>

/* Resource limits, no new privileges, no core dump, death with the parent. Never fails: what the
 * system refuses is already tighter. */
void sandbox_limit (void);

/* Gives up files, network and processes, and tries whether that holds. False: it doesn't, and the
 * worker must not run. x86-64 and arm64. Builds with a sanitizer keep what the sanitizer needs. */
bool sandbox_enter (void);

#endif
