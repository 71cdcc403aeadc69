/* A setup as workers get it: in memory that nobody can change any more. */
#ifndef DSND_SETUPCOPY_H
#define DSND_SETUPCOPY_H

#include "daemon/settings/setup.h"

#include <glib.h>
#include <stdbool.h>

struct setup_copy {
    int fd;       /* -1: none */
    char *digest; /* tells whether another is the same */
};

#define SETUP_COPY_NONE ((struct setup_copy){ .fd = -1 })

/* False with @error, of G_FILE_ERROR; setup_copy_clear() in any case. */
bool setup_copy_make (struct setup_copy *copy, const struct setup *setup, GError **error);
void setup_copy_clear (struct setup_copy *copy);

#endif
