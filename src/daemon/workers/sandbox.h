/* What a worker gives up before it sees its first mail. */
#ifndef DSND_SANDBOX_H
#define DSND_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

/* Whether this build runs under a sanitizer, which needs memory and calls that a worker may not
 * have: then there's no filter and no memory limit. gcc and clang say it in different ways. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANDBOX_IS_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SANDBOX_IS_SANITIZED 1
#endif
#ifndef SANDBOX_IS_SANITIZED
#define SANDBOX_IS_SANITIZED 0
#endif

/* Resource limits, no new privileges, no core dump, death with the parent. Never fails: what the
 * system refuses is already tighter. */
void sandbox_limit (void);

/* Gives up files, network and processes, and tries whether that holds. False: it doesn't, and the
 * worker must not run. x86-64 and arm64. Builds with a sanitizer keep what the sanitizer needs. */
bool sandbox_enter (void);

/* How many system calls were refused since; *ret_call is the number of the last one. */
uint32_t sandbox_refused (int32_t *ret_call);

#endif
