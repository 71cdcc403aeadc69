/* dsnctl follow --retry-parked: what is parked in a directory goes to its command once more. */
#ifndef CLI_RETRYPARKED_H
#define CLI_RETRYPARKED_H

#include "cli/follow/turns.h"

/* Hands out the events parked in @options' directory, in the order of their numbers. The files of
 * what was handled go away; those of what wasn't stay, with the new reason. @signals is a signalfd
 * for SIGCHLD and the signals that stop it, -1: none. Returns the exit code: EXIT_OK if nothing
 * is left. */
int retryparked_run (const struct consumer_options *options, int signals);

#endif
