/* A progress bar on stderr, for a person who waits. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool is_on;
    bool is_shown; /* there's a bar on the line */
    size_t total;
    int64_t started_us, shown_us; /* monotonic */
};

/* @is_on false: all calls do nothing. */
void progress_start (struct progress *p, size_t total, bool is_on);

/* @n of the total are done. Draws at most ten times a second, and not in the first half second. */
void progress_show (struct progress *p, size_t n);

/* Takes the bar off the line: before another message, and at the end. */
void progress_clear (struct progress *p);

#endif
