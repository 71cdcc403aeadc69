/* A Maildir++ folder beside the inbox, made when the first mail goes there. */
#ifndef DSND_FOLDER_H
#define DSND_FOLDER_H

#include <stdbool.h>

struct folder {
    char *name; /* ".name" */
    int new_fd, cur_fd;
};

/* @name is copied; NULL: there's no such folder. */
void folder_init (struct folder *folder, const char *name);
void folder_done (struct folder *folder);

/* Forgets where it is, not its name: the Maildir was replaced. */
void folder_close (struct folder *folder);

/* Forgets where it is if that isn't at its place in the Maildir @base_fd any more. */
void folder_check (struct folder *folder, int base_fd);

/* Opens the folder in the Maildir @base_fd, and makes it, durably, if it isn't there. False with
 * errno. */
bool folder_open (struct folder *folder, int base_fd);

#endif
