/* dsnctl report: what bounced, why and where, as a page of text or of HTML. */
#include "cli/report/reporthtml.h"
#include "cli/report/reportjson.h"
#include "cli/report/reportread.h"
#include "cli/report/reporttally.h"
#include "cli/report/reporttext.h"
#include "cli/report/reporttime.h"
#include "cli/service/segments.h"
#include "cli/terminal/tty.h"
#include "cli/terminal/verb.h"

#include <errno.h>
#include <string.h>

#define SINCE_DEFAULT "7d"

struct report_arguments {
    char *since, *until, *spool, *html, *suppress, *tz;
    gboolean is_json;
};

/* Adds what the arguments name, by default the spool. False if something couldn't be read. */
static bool
read_inputs (struct report_tally *tally, char **inputs, const char *spool)
{
    bool is_read = true;

    if (!*inputs || spool)
        is_read = report_read_spool (tally, spool ? spool : SPOOLDIR_DEFAULT);
    for (; *inputs; inputs++) {
        if (strcmp (*inputs, "-") == 0)
            is_read = report_read_stream (tally, stdin, "standard input") && is_read;
        else if (g_file_test (*inputs, G_FILE_TEST_IS_DIR))
            is_read = report_read_spool (tally, *inputs) && is_read;
        else
            is_read = report_read_file (tally, *inputs) && is_read;
    }
    return is_read;
}

/* What was read, in words. (transfer full) */
static char *
name_origin (char **inputs, const char *spool)
{
    const unsigned n = g_strv_length (inputs);

    if (n == 0)
        return g_strdup (spool ? spool : SPOOLDIR_DEFAULT);
    if (n == 1 && !spool)
        return g_strdup (strcmp (inputs[0], "-") == 0 ? "standard input" : inputs[0]);
    return g_strdup_printf ("%s and %u more", spool ? spool : inputs[0], spool ? n : n - 1);
}

/* Writes the page to the file, which is there whole or not at all, or for NULL and "-" to standard
 * output. False after the error has been told. */
static bool
put (const GString *page, const char *path)
{
    g_autoptr (GError) error = NULL;

    if (path && strcmp (path, "-") != 0) {
        if (g_file_set_contents_full (path, page->str, (gssize)page->len,
                                      G_FILE_SET_CONTENTS_CONSISTENT, 0666, &error))
            return true;
        tty_complain ("report: %s", error->message);
        return false;
    }
    if (fwrite (page->str, 1, page->len, stdout) == page->len && fflush (stdout) == 0)
        return true;
    tty_complain ("report: %s", g_strerror (errno));
    return false;
}

/* The page that is asked for. */
static void
append_page (GString *page, struct report_tally *tally, const char *origin,
             const struct report_arguments *a)
{
    const struct tty tty = tty_of (stdout);

    if (a->is_json)
        report_json_append (page, tally, origin);
    else if (a->html)
        report_html_append (page, tally, origin);
    else
        report_text_append (page, tally, origin, &tty);
}

static bool
put_addresses (const struct report_tally *tally, const char *path)
{
    g_autoptr (GString) lines = report_addresses_csv (tally->addresses);

    return put (lines, path);
}

static int
report (char **inputs, const struct report_arguments *a, struct report_tally *tally)
{
    const bool is_read = read_inputs (tally, inputs, a->spool);
    g_autofree char *origin = name_origin (inputs, a->spool);
    g_autoptr (GString) page = g_string_new (NULL);
    bool is_written = false;

    /* if nothing could be read, the page of yesterday says more than one that knows nothing */
    if (is_read || tally->n_events) {
        append_page (page, tally, origin, a);
        is_written = put (page, a->html);
        is_written = (!a->suppress || put_addresses (tally, a->suppress)) && is_written;
    }
    return is_read && is_written ? EXIT_OK : EXIT_FAILED;
}

/* The zone of the reader's clock; false after the fault has been told. */
static bool
read_zone (const char *name, GTimeZone **ret_zone)
{
    const bool is_local = g_strcmp0 (name, "local") == 0;

    *ret_zone = !name      ? NULL
                : is_local ? g_time_zone_new_local ()
                           : g_time_zone_new_identifier (name);
    if (name && !*ret_zone)
        tty_complain ("report: --tz %s: there's no such zone: give one such as Europe/Berlin, "
                      "+02:00, UTC or local",
                      name);
    return !name || *ret_zone;
}

/* The range of time; false after the fault has been told. The spool is read for a week, and files
 * as far as they go. */
static bool
read_range (const struct report_arguments *a, bool is_spool, GTimeZone *zone, int64_t *ret_since,
            int64_t *ret_until)
{
    /* to the end of this minute: what came in this second belongs to it */
    const int64_t now = (g_get_real_time () / G_USEC_PER_SEC / 60 + 1) * 60;
    const char *since = a->since ? a->since : is_spool ? SINCE_DEFAULT : NULL;

    *ret_since = REPORT_TIME_NONE;
    if (!report_time_read_point (a->until ? a->until : "now", now, zone, ret_until)) {
        tty_complain ("report: --until %s: give a time such as now, 12h (ago), 7d, 2026-11-21 or "
                      "2026-11-21T08:00",
                      a->until);
        return false;
    }
    if (since && !report_time_read_point (since, a->since ? now : *ret_until, zone, ret_since)) {
        tty_complain ("report: --since %s: give a time such as 90m (ago), 12h, 7d, 2w, 2026-11-21 "
                      "or 2026-11-21T08:00",
                      since);
        return false;
    }
    if (*ret_since >= *ret_until) {
        tty_complain ("report: --since isn't before --until");
        return false;
    }
    return true;
}

static bool
read_arguments (int *argc, char ***argv, struct report_arguments *ret)
{
    const GOptionEntry entries[] = {
        { "since", 0, 0, G_OPTION_ARG_STRING, &ret->since,
          "Events from then on: 12h (ago), 7d, 2026-11-21 (default: 7d of a spool, all of files)",
          "TIME" },
        { "until", 0, 0, G_OPTION_ARG_STRING, &ret->until, "Events before then (default: now)",
          "TIME" },
        { "html", 0, 0, G_OPTION_ARG_FILENAME, &ret->html,
          "Write an HTML page instead, to FILE or - for standard output", "FILE" },
        { "json", 0, 0, G_OPTION_ARG_NONE, &ret->is_json, "Write JSON instead, for programs",
          NULL },
        { "suppress", 0, 0, G_OPTION_ARG_FILENAME, &ret->suppress,
          "Write the addresses to suppress, with the reason of each, as CSV to FILE too", "FILE" },
        { "tz", 0, 0, G_OPTION_ARG_STRING, &ret->tz,
          "Show and read times in a zone: local, Europe/Berlin, +02:00 (default: UTC)", "ZONE" },
        { "spool", 0, 0, G_OPTION_ARG_FILENAME, &ret->spool, "Default: " SPOOLDIR_DEFAULT, "DIR" },
        { 0 },
    };

    if (!verb_options (argc, argv, entries, "[FILE... | -]",
                       "What bounced, why and where: from the spool, or from files of events."))
        return false;
    if (ret->is_json && ret->html)
        tty_complain ("report: choose one of --json and --html");
    return !(ret->is_json && ret->html);
}

static int
report_in (int argc, char **argv, const struct report_arguments *a, GTimeZone *zone)
{
    struct report_tally *tally;
    int64_t since, until;
    int code;

    if (!read_range (a, argc == 1 || a->spool, zone, &since, &until))
        return EXIT_USAGE;
    tally = report_tally_new (since, until);
    tally->zone = zone ? g_time_zone_ref (zone) : NULL;
    tally->zone_name = a->tz ? a->tz : tally->zone_name;
    report_tally_compare (tally);
    code = report (argv + 1, a, tally);
    report_tally_free (tally);
    return code;
}

int
verb_report (int argc, char **argv)
{
    struct report_arguments a = { 0 };
    g_autoptr (GTimeZone) zone = NULL;
    int code = EXIT_USAGE;

    if (read_arguments (&argc, &argv, &a) && read_zone (a.tz, &zone))
        code = report_in (argc, argv, &a, zone);
    g_free (a.since);
    g_free (a.until);
    g_free (a.spool);
    g_free (a.html);
    g_free (a.suppress);
    g_free (a.tz);
    return code;
}
