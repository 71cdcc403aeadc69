/* Times GMime's parse alone (the floor) and the core's whole work (parse, classify, id, JSON) over
 * the same mails, in turns. Usage: bench-core ROUNDS REPEAT RULEFILE|- < LIST-OF-FILES Prints "load
 * NANOSECONDS", then per round "round FLOOR CORE": CPU nanoseconds a mail; last "rss KIB".
 */
#include "core/event/event.h"
#include "core/parse.h"
#include "core/rules/rules.h"

#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

struct file {
    char *name, *bytes;
    size_t n;
};

static double
read_ns (clockid_t clock)
{
    struct timespec t;

    clock_gettime (clock, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double
cpu_ns (void)
{
    return read_ns (CLOCK_PROCESS_CPUTIME_ID);
}

static void
free_file (void *p)
{
    struct file *f = p;

    g_free (f->name);
    g_free (f->bytes);
    g_free (f);
}

static GPtrArray *
read_files (void)
{
    GPtrArray *files = g_ptr_array_new_with_free_func (free_file);
    char line[4096];

    while (fgets (line, sizeof line, stdin)) {
        struct file *f = g_new0 (struct file, 1);
        f->name = g_strdup (g_strchomp (line));
        g_ptr_array_add (files, f);
        if (!g_file_get_contents (f->name, &f->bytes, &f->n, NULL)) {
            fprintf (stderr, "bench-core: %s can't be read\n", f->name);
            exit (1);
        }
    }
    return files;
}

static struct dsn_rules *
load_rules (const char *extra)
{
    struct dsn_rules *rules = dsn_rules_new ();
    struct dsn_rules_error error = { 0 };
    g_autofree char *text = NULL;
    size_t n = 0;

    if (extra && !g_file_get_contents (extra, &text, &n, NULL))
        n = 0;
    if (!dsn_rules_add_builtin (rules, &error) ||
        (text && !dsn_rules_add (rules, extra, (struct dsn_bytes){ text, n }, &error)) ||
        !dsn_rules_finish (rules, &error)) {
        fprintf (stderr, "bench-core: %s:%u: %s\n", error.file, error.line, error.message);
        exit (1);
    }
    return rules;
}

static void
run_floor (const struct file *f)
{
    GByteArray *bytes = g_byte_array_new_take ((guint8 *)f->bytes, f->n);
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array (bytes);
    GMimeParser *parser;
    GMimeMessage *message;

    g_mime_stream_mem_set_owner (GMIME_STREAM_MEM (stream), FALSE);
    parser = g_mime_parser_new_with_stream (stream);
    message = g_mime_parser_construct_message (parser, NULL);
    if (message)
        g_object_unref (message);
    g_object_unref (parser);
    g_object_unref (stream);
    (void)g_byte_array_steal (bytes, NULL);
    g_byte_array_unref (bytes);
}

static void
run_core (const struct file *f, const struct dsn_rules *rules, GString *out)
{
    const struct dsn_options options = { .limits = dsn_limits_default () };
    /* as the programs do, that read no more of a mail */
    struct dsn_bytes mail = { f->bytes, MIN (f->n, options.limits.mail_bytes) };
    struct dsn_report *report = dsn_parse (mail, f->n, rules, &options);
    g_autofree char *id = dsn_mail_id (mail, f->n);
    const struct dsn_event_context context = { .mail_id = id, .file = f->name, .size_bytes = f->n };

    for (size_t i = 0; i < dsn_event_count (report); i++) {
        g_string_truncate (out, 0);
        dsn_event_append_json (out, report, i, &context);
    }
    dsn_report_free (report);
}

static double
time_all (const GPtrArray *files, int repeat, const struct dsn_rules *rules, GString *out)
{
    double start = cpu_ns ();

    for (int k = 0; k < repeat; k++)
        for (guint i = 0; i < files->len; i++) {
            if (rules)
                run_core (files->pdata[i], rules, out);
            else
                run_floor (files->pdata[i]);
        }
    return (cpu_ns () - start) / repeat / files->len;
}

static void
time_floor (const GPtrArray *files, long rounds, int repeat)
{
    (void)time_all (files, 1, NULL, NULL);
    for (; rounds > 0; rounds--) {
        double start = read_ns (CLOCK_MONOTONIC);
        (void)time_all (files, repeat, NULL, NULL);
        printf ("wall %.0f\n", (read_ns (CLOCK_MONOTONIC) - start) / repeat / files->len);
    }
}

int
main (int argc, char **argv)
{
    g_autoptr (GString) out = g_string_new (NULL);
    g_autoptr (GPtrArray) files = NULL;
    struct dsn_rules *rules;
    struct rusage usage;
    double start;

    if (argc != 4) {
        fprintf (stderr, "usage: bench-core ROUNDS REPEAT RULEFILE|-|floor < LIST-OF-FILES\n");
        return 2;
    }
    dsn_library_init ();
    files = read_files ();
    if (strcmp (argv[3], "floor") == 0) {
        time_floor (files, strtol (argv[1], NULL, 10), (int)strtol (argv[2], NULL, 10));
        return 0;
    }
    start = cpu_ns ();
    rules = load_rules (strcmp (argv[3], "-") == 0 ? NULL : argv[3]);
    printf ("load %.0f\n", cpu_ns () - start);
    /* both once unmeasured: caches, the allocator, type registration */
    (void)time_all (files, 1, NULL, out);
    (void)time_all (files, 1, rules, out);
    for (long round = strtol (argv[1], NULL, 10); round > 0; round--) {
        int repeat = (int)strtol (argv[2], NULL, 10);
        double floor_ns = time_all (files, repeat, NULL, out);
        printf ("round %.0f %.0f\n", floor_ns, time_all (files, repeat, rules, out));
    }
    dsn_rules_free (rules);
    getrusage (RUSAGE_SELF, &usage);
    printf ("rss %ld\n", usage.ru_maxrss);
    return 0;
}
