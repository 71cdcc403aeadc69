/* dsnctl top: what is happening now. One loop waits for dsnd, keys, signals and the next frame. */
#include "cli/explain/explainshow.h"
#include "cli/formats/pretty.h"
#include "cli/read/rulebook.h"
#include "cli/terminal/tty.h"
#include "cli/terminal/verb.h"
#include "cli/top/topfeed.h"
#include "cli/top/topframe.h"
#include "cli/top/topscreen.h"
#include "client/connection.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define FRAME_US     (1000 * 1000)
#define INCIDENTS_US (10 * 1000 * 1000)
#define ONCE_US      (10 * 1000 * 1000)
#define PAGE_LINES   10

struct top {
    struct topfeed *feed;
    struct toptally *tally;
    struct topscreen *screen; /* NULL: one frame only */
    struct top_view view;
    struct tty tty;
    GPtrArray *incidents;
    int64_t incidents_us, frame_us; /* when the next are due; monotonic, 0: at once */

    bool is_over;
};

static int64_t
now_s (void)
{
    return g_get_real_time () / G_USEC_PER_SEC;
}

static void
look_for_incidents (struct top *t)
{
    if (g_get_monotonic_time () < t->incidents_us)
        return;
    g_clear_pointer (&t->incidents, g_ptr_array_unref);
    t->incidents = toptally_incidents (t->tally, now_s ());
    t->incidents_us = g_get_monotonic_time () + INCIDENTS_US;
}

static GArray *
make_frame (struct top *t, unsigned height)
{
    const struct top_state state = {
        .tally = t->tally,
        .status = topfeed_status (t->feed),
        .mails = topfeed_rate (t->feed, "mails"),
        .events = topfeed_rate (t->feed, "events"),
        .incidents = t->incidents,
        .now = now_s (),
    };

    t->view.trouble = topfeed_trouble (t->feed);
    return topframe_make (&state, &t->view, &t->tty, height);
}

static void
show_frame (struct top *t)
{
    g_autoptr (GArray) lines = NULL;
    unsigned height;

    topscreen_size (t->screen, &t->tty.width, &height);
    lines = make_frame (t, height);
    topscreen_show (t->screen, lines);
    t->frame_us = g_get_monotonic_time () + FRAME_US;
}

static void
open_row (struct top *t)
{
    g_autoptr (GArray) rows = toptally_rows (t->tally, t->view.table, t->view.sort, now_s ());

    if (t->view.selected >= rows->len)
        return;
    t->view.opened = g_strdup (g_array_index (rows, struct top_row, t->view.selected).key);
    t->view.events = toptally_events (t->tally, t->view.table, t->view.opened);
    t->view.selected = 0;
}

/* @text as lines to read. */
static void
open_page (struct top *t, const GString *text)
{
    g_auto (GStrv) lines = g_strsplit (text->str, "\n", -1);

    t->view.page = g_ptr_array_new_with_free_func (g_free);
    for (char **line = lines; *line; line++)
        g_ptr_array_add (t->view.page, g_strdup (*line));
    t->view.selected = 0;
}

/* The chosen event, as its JSON; NULL: there's none. */
static const char *
chosen (const struct top *t)
{
    return t->view.events && t->view.selected < t->view.events->len
               ? g_ptr_array_index (t->view.events, t->view.selected)
               : NULL;
}

static void
show_event (struct top *t)
{
    const struct tty plain = { .is_utf8 = t->tty.is_utf8, .width = t->tty.width };
    g_autoptr (GString) text = g_string_new (NULL);

    if (!chosen (t))
        return;
    pretty_append_json (text, dsn_bytes_str (chosen (t)), &plain);
    open_page (t, text);
}

/* What the chosen event's refusal means, as `dsnctl explain` has it. */
static void
explain_event (struct top *t)
{
    const struct tty plain = { .is_utf8 = t->tty.is_utf8, .width = t->tty.width };
    json_t *event = chosen (t) ? json_loads (chosen (t), 0, NULL) : NULL;
    const char *words = json_string_value (json_object_get (event, "diagnostic"));
    struct dsn_rules *rules = words ? rulebook ((char *[]){ (char[]){ "" }, NULL }) : NULL;
    g_autoptr (dsn_explanation) e = rules ? dsn_explain (rules, dsn_bytes_str (words)) : NULL;
    g_autoptr (GString) text = g_string_new (NULL);

    if (e)
        explainshow_append (text, e, false, &plain);
    else if (event)
        g_string_append (text, "Nothing is known about these words.");
    if (event)
        open_page (t, text);
    dsn_rules_free (rules);
    json_decref (event);
}

static void
go_back (struct top *t)
{
    if (t->view.page) {
        g_clear_pointer (&t->view.page, g_ptr_array_unref);
    } else {
        g_clear_pointer (&t->view.opened, g_free);
        g_clear_pointer (&t->view.events, g_ptr_array_unref);
    }
    t->view.selected = 0;
}

static void
move (struct top *t, int by)
{
    const int to = (int)t->view.selected + by;

    t->view.selected = (unsigned)MAX (to, 0);
}

static void
take_table_key (struct top *t, int key)
{
    if (key == '\t')
        t->view.table = (t->view.table + 1) % _TOP_TABLE_N;
    else if (key == 's')
        t->view.sort = (t->view.sort + 1) % _TOP_WINDOW_N;
    else if (key == '\r' || key == '\n')
        open_row (t);
}

static void
take_key (struct top *t, int key)
{
    const bool is_enter = key == '\r' || key == '\n';

    if (key == 'q' || key < 0)
        t->is_over = true;
    else if (key == ' ')
        t->view.is_paused = !t->view.is_paused;
    else if (key == KEY_UP || key == 'k')
        move (t, -1);
    else if (key == KEY_DOWN || key == 'j')
        move (t, 1);
    else if (key == KEY_PAGE_UP || key == KEY_PAGE_DOWN)
        move (t, key == KEY_PAGE_UP ? -PAGE_LINES : PAGE_LINES);
    else if (key == KEY_ESCAPE || key == '\b' || key == 0x7f)
        go_back (t);
    else if (t->view.opened && !t->view.page && is_enter)
        show_event (t);
    else if (t->view.opened && !t->view.page && key == 'e')
        explain_event (t);
    else if (!t->view.opened && !t->view.page)
        take_table_key (t, key);
    t->frame_us = 0;
}

static int
signals_fd (void)
{
    sigset_t set;

    (void)sigemptyset (&set);
    (void)sigaddset (&set, SIGINT);
    (void)sigaddset (&set, SIGTERM);
    (void)sigaddset (&set, SIGHUP);
    (void)sigaddset (&set, SIGWINCH);
    (void)sigprocmask (SIG_BLOCK, &set, NULL);
    return signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
take_signals (struct top *t, int fd)
{
    struct signalfd_siginfo info;

    while (read (fd, &info, sizeof info) == (ssize_t)sizeof info) {
        t->is_over |= info.ssi_signo != SIGWINCH;
        t->frame_us = 0;
    }
}

static void
wait_for_more (struct top *t, int signals, bool has_more)
{
    const int64_t left_us = t->frame_us - g_get_monotonic_time ();
    struct pollfd fds[] = {
        { has_more ? -1 : topfeed_fd (t->feed), POLLIN, 0 },
        { topscreen_fd (t->screen), (short)(POLLIN | (topscreen_is_busy (t->screen) ? POLLOUT : 0)),
          0 },
        { signals, POLLIN, 0 },
    };
    int key;

    if (poll (fds, G_N_ELEMENTS (fds), has_more || left_us <= 0 ? 0 : (int)(left_us / 1000 + 1)) <
        0)
        return;
    if (fds[0].revents)
        topfeed_fill (t->feed);
    if (fds[1].revents & (POLLHUP | POLLERR))
        t->is_over = true;
    if (fds[1].revents & POLLOUT)
        topscreen_flush (t->screen);
    while (!t->is_over && (key = topscreen_key (t->screen)) != KEY_NONE)
        take_key (t, key);
    take_signals (t, signals);
}

static int
watch (struct top *t)
{
    const int signals = signals_fd ();

    while (!t->is_over) {
        const bool has_more = topfeed_take (t->feed);
        const bool is_due = g_get_monotonic_time () >= t->frame_us;
        look_for_incidents (t);
        /* in a pause, keys alone move the picture */
        if (t->frame_us == 0 || (is_due && !t->view.is_paused))
            show_frame (t);
        else if (is_due)
            t->frame_us = g_get_monotonic_time () + FRAME_US;
        wait_for_more (t, signals, has_more);
    }
    if (signals >= 0)
        (void)close (signals);
    return EXIT_OK;
}

/* One frame, as text. */
static int
print_once (struct top *t)
{
    const int64_t until_us = g_get_monotonic_time () + ONCE_US;
    g_autoptr (GArray) lines = NULL;

    while (!topfeed_is_current (t->feed) && !topfeed_trouble (t->feed) &&
           g_get_monotonic_time () < until_us) {
        const bool has_more = topfeed_take (t->feed);
        struct pollfd fd = { topfeed_fd (t->feed), POLLIN, 0 };
        if (!has_more && !topfeed_is_current (t->feed) && poll (&fd, 1, 100) > 0)
            topfeed_fill (t->feed);
    }
    if (topfeed_trouble (t->feed)) {
        tty_complain ("%s", topfeed_trouble (t->feed));
        return EXIT_FAILED;
    }
    look_for_incidents (t);
    lines = make_frame (t, 0);
    for (unsigned i = 0; i < lines->len; i++)
        (void)puts (g_array_index (lines, struct top_line, i).text);
    return fflush (stdout) == 0 ? EXIT_OK : EXIT_FAILED;
}

static int
run (struct top *t, bool is_once)
{
    int code;

    if (is_once) {
        t->tty.has_color = false;
        return print_once (t);
    }
    t->screen = topscreen_new ();
    if (!t->screen) {
        tty_complain ("top: there's no terminal: %s (--once prints what is now)",
                      g_strerror (errno));
        return EXIT_FAILED;
    }
    code = watch (t);
    topscreen_free (t->screen);
    return code;
}

int
verb_top (int argc, char **argv)
{
    gboolean is_once = FALSE;
    g_autofree char *socket = NULL;
    const GOptionEntry entries[] = {
        { "once", 0, 0, G_OPTION_ARG_NONE, &is_once, "Print what is now as text, and exit", NULL },
        { "socket", 0, 0, G_OPTION_ARG_FILENAME, &socket, "Default: " CLIENT_SOCKET, "PATH" },
        { 0 },
    };
    struct top t = { .tty = tty_of (stdout) };
    int code;

    if (!verb_options (&argc, &argv, entries, "",
                       "What is happening now: mails, reasons, providers, consumers, incidents."))
        return EXIT_USAGE;
    if (argc > 1) {
        tty_complain ("top takes no arguments");
        return EXIT_USAGE;
    }
    t.tally = toptally_new ();
    t.feed = topfeed_new (socket ? socket : CLIENT_SOCKET, t.tally);
    code = run (&t, is_once);
    go_back (&t);
    go_back (&t);
    if (t.incidents)
        g_ptr_array_unref (t.incidents);
    topfeed_free (t.feed);
    toptally_free (t.tally);
    return code;
}
