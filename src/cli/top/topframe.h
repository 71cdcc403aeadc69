/* What `dsnctl top` shows, as lines of text: no terminal is known here. */
#ifndef CLI_TOPFRAME_H
#define CLI_TOPFRAME_H

#include "cli/terminal/tty.h"
#include "cli/top/toptally.h"

/* Where the reader is. */
struct top_view {
    enum top_table table;
    enum top_window sort;
    unsigned selected; /* row of the table, or line of the page */
    bool is_paused;
    char *opened;        /* (owned) the row whose events are shown; NULL: the table */
    GPtrArray *events;   /* (owned) of it, as JSON */
    GPtrArray *page;     /* (owned) lines of text that are read; NULL: none */
    const char *trouble; /* (borrowed) NULL: connected */
};

struct top_line {
    char *text;        /* (owned) fits the width, safe for a terminal */
    const char *style; /* (borrowed, static) of SGR; NULL: plain */
};

/* What a frame is made of. */
struct top_state {
    struct toptally *tally;
    const json_t *status; /* NULL: not known yet */
    double mails, events; /* a second, over the last seconds */
    const GPtrArray *incidents;
    int64_t now;
};

/* @height lines at most for a terminal, or as many as there is to say for 0.
 * (transfer full): g_array_unref(), of struct top_line */
GArray *topframe_make (const struct top_state *state, struct top_view *view, const struct tty *tty,
                       unsigned height);

#endif
