/* What is unusual about the directory that mail is delivered into: nothing that stops reading, but
 * the operator should know.
 */
#ifndef DSND_RISK_H
#define DSND_RISK_H

enum risk {
    RISK_OPEN = 1 << 0,    /* any user may put mail there, or take it away */
    RISK_FOREIGN = 1 << 1, /* another user's: a file that's still written can't be told */
    RISK_REMOTE = 1 << 2,  /* on a network file system: inotify tells of our own host only */
};

/* The risks of the directory @fd, or'ed; 0 if there are none. */
unsigned risk_of_directory (int fd);

/* A sentence about one risk. (static) */
const char *risk_text (enum risk risk);

#endif
