/* One mail on its way through the daemon: a state machine of few states. */
#ifndef DSND_LETTER_H
#define DSND_LETTER_H

#include "daemon/intake/maildir.h"

#include "core/event/report.h"

#include <glib.h>

enum letter_state {
    LETTER_PARSING, /* with a worker; its events come at its place in the order */
    LETTER_ASIDE,   /* a worker died; tried again, and out of the order so that none waits for it */
    LETTER_READY,   /* has its report, waits for its turn */
    _LETTER_STATE_N
};

enum letter_event {
    LETTER_ANSWERED, /* a worker read it */
    LETTER_STUMBLED, /* a worker died of it; it's tried again */
    LETTER_GAVE_UP,  /* it isn't tried again */
    _LETTER_EVENT_N
};

struct letter {
    enum letter_state state;
    struct maildir *mailbox; /* (borrowed) */
    char *name;              /* of the file in new/ */
    char *clean_name;        /* as it stands in the event */
    char *id;
    struct maildir_mail file;
    struct dsn_report *report; /* from LETTER_READY on */
    size_t report_bytes;       /* about what it takes */
    char *ruleset;             /* the version of the rules that made it */
};

void letter_free (struct letter *mail);

/* A file name as clean UTF-8: what isn't becomes U+FFFD, controls become '?'. (transfer full) */
char *letter_clean_name (const char *name);

/* What tells a mail from any other, even one with a reused name: mailbox, file as in the JSON of
 * its events, inode, size, time of change. (transfer full) */
char *letter_key (const char *mailbox, const char *json_file, const struct maildir_mail *file);

/* The report of a mail that no worker could read. (transfer full): dsn_report_free() */
struct dsn_report *letter_unprocessable (void);

/* Where the mail goes when its events are durable. */
enum maildir_fate letter_fate (enum dsn_kind kind);

#endif
