/* Metrics as text: a family is its type, its help, and its samples, of which none stands twice. The
 * two forms differ in what the head of a counter is called, and in what OpenMetrics adds to it.
 */
#include "cli/service/metrics.h"

#include <stdbool.h>

struct family {
    const char *outer; /* the object in the status that holds the value; NULL: the status itself */
    const char *key;
    const char *name;
    const char *unit; /* the end of the name, NULL: none */
    bool is_counter;
    const char *help;
};

static const struct family families[] = {
    { NULL, "uptime_s", "dsnd_uptime_seconds", "seconds", false, "Time since the start." },
    { NULL, "mails", "dsnd_mails", NULL, true, "Mails recorded." },
    { NULL, "events", "dsnd_events", NULL, true, "Events recorded." },
    { NULL, "commits", "dsnd_commits", NULL, true, "Writes to the spool." },
    { NULL, "waiting", "dsnd_waiting_mails", "mails", false, "Files found and not yet opened." },
    { NULL, "in_flight", "dsnd_in_flight_mails", "mails", false, "Mails being worked on." },
    { NULL, "special", "dsnd_special_files", NULL, true, "Files in new/ that are no mails." },
    { NULL, "denied", "dsnd_denied_files", NULL, true, "Mails that may not be read." },
    { NULL, "failed_reads", "dsnd_failed_reads", NULL, true, "Reads to be tried again." },
    { NULL, "failed_moves", "dsnd_failed_moves", NULL, true, "Mails recorded and not moved." },
    { NULL, "stuck", "dsnd_stuck_mails", "mails", false, "Of them, still in new/." },
    { NULL, "mailboxes_missing", "dsnd_missing_mailboxes", NULL, false,
      "Mailboxes that are gone." },
    { NULL, "clients", "dsnd_clients", NULL, false, "Connections to the socket." },
    { NULL, "refused", "dsnd_refused_clients", NULL, true, "Connections refused." },
    { "workers", "ready", "dsnd_workers", NULL, false, "Workers that take mails." },
    { "workers", "started", "dsnd_workers_started", NULL, true, "Workers started." },
    { "workers", "deaths", "dsnd_worker_deaths", NULL, true, "Workers that died of a mail." },
    { "workers", "refused_calls", "dsnd_worker_refused_calls", NULL, true,
      "System calls that workers were refused." },
    { "structure", "plain", "dsnd_plain_mails", NULL, true,
      "Mails of plain structure, split without GMime." },
    { "structure", "gmime", "dsnd_gmime_mails", NULL, true, "Mails split by GMime." },
    { "structure", "compared", "dsnd_compared_mails", NULL, true, "Mails split both ways." },
    { "structure", "different", "dsnd_different_mails", NULL, true,
      "Of them, those on which the two differed." },
    { "loop", "worst_ms", "dsnd_loop_worst_hold_milliseconds", "milliseconds", false,
      "The longest that the main loop was kept from others." },
    { "loop", "worst_cpu_ms", "dsnd_loop_worst_hold_cpu_milliseconds", "milliseconds", false,
      "The most processor time that it spent on one." },
    { "spool", "bytes", "dsnd_spool_bytes", "bytes", false, "Size of the spool." },
    { NULL, "spool_max_bytes", "dsnd_spool_max_bytes", "bytes", false, "Its MaxSize." },
    { "spool", "segments", "dsnd_spool_segments", NULL, false, "Files of the spool." },
    { "spool", "damaged", "dsnd_spool_damaged_segments", NULL, false, "Of them, damaged." },
};

static void
append_head (GString *out, const struct family *f, enum metrics_form form)
{
    const char *end = f->is_counter && form == METRICS_PROMETHEUS ? "_total" : "";

    g_string_append_printf (out, "# TYPE %s%s %s\n", f->name, end,
                            f->is_counter ? "counter" : "gauge");
    if (f->unit && form == METRICS_OPENMETRICS)
        g_string_append_printf (out, "# UNIT %s %s\n", f->name, f->unit);
    g_string_append_printf (out, "# HELP %s%s %s\n", f->name, end, f->help);
}

/* Label values escape what ABNF `escaped-string` asks for. */
static void
append_label (GString *out, const char *name, const char *value)
{
    g_string_append_printf (out, "{%s=\"", name);
    for (const char *p = value; *p; p++)
        switch (*p) {
        case '\\':
        case '"':
            g_string_append_c (out, '\\');
            g_string_append_c (out, *p);
            break;
        case '\n':
            g_string_append (out, "\\n");
            break;
        default:
            g_string_append_c (out, *p);
        }
    g_string_append (out, "\"}");
}

static void
append_sample (GString *out, const struct family *f, const char *label, const char *label_value,
               const json_t *value)
{
    g_string_append_printf (out, "%s%s", f->name, f->is_counter ? "_total" : "");
    if (label)
        append_label (out, label, label_value);
    g_string_append_printf (out, " %" JSON_INTEGER_FORMAT "\n", json_integer_value (value));
}

/* The counters that stand in an object of their own, by name. */
static void
append_counters (GString *out, const json_t *status, enum metrics_form form)
{
    static const struct {
        const char *object, *label;
        struct family family;
    } groups[] = {
        { "kinds",
          "kind",
          { .name = "dsnd_kind_mails", .is_counter = true, .help = "Mails recorded, by kind." } },
        { "categories",
          "category",
          { .name = "dsnd_category_events",
            .is_counter = true,
            .help = "Events recorded, by category." } },
        { "trust",
          "trust",
          { .name = "dsnd_trust_mails",
            .is_counter = true,
            .help = "Mails recorded, by what their return path proves." } },
    };
    const char *name;
    json_t *value;

    for (size_t i = 0; i < G_N_ELEMENTS (groups); i++) {
        json_t *object = json_object_get (status, groups[i].object);
        if (!json_object_size (object))
            continue;
        append_head (out, &groups[i].family, form);
        json_object_foreach (object, name, value)
            append_sample (out, &groups[i].family, groups[i].label, name, value);
    }
}

static void
append_lags (GString *out, const json_t *consumers, enum metrics_form form)
{
    static const struct family family = { .name = "dsnd_consumer_lag_events",
                                          .unit = "events",
                                          .help = "Events that a consumer has not acknowledged." };

    if (!json_array_size (consumers))
        return;
    append_head (out, &family, form);
    for (size_t i = 0; i < json_array_size (consumers); i++) {
        const json_t *consumer = json_array_get (consumers, i);
        const char *name = json_string_value (json_object_get (consumer, "name"));
        if (name)
            append_sample (out, &family, "consumer", name, json_object_get (consumer, "lag"));
    }
}

/* 1 while no mail is taken: what an alarm is set on. */
static void
append_blocked (GString *out, const json_t *state, enum metrics_form form)
{
    static const struct family family = { .name = "dsnd_blocked",
                                          .help = "1 while no mail is taken." };

    if (!state)
        return;
    append_head (out, &family, form);
    g_string_append_printf (out, "%s %d\n", family.name,
                            g_strcmp0 (json_string_value (state), "blocked") == 0);
}

void
metrics_append (GString *out, const json_t *status, enum metrics_form form)
{
    for (size_t i = 0; i < G_N_ELEMENTS (families); i++) {
        const struct family *f = &families[i];
        const json_t *object = f->outer ? json_object_get (status, f->outer) : status;
        const json_t *value = json_object_get (object, f->key);
        if (!json_is_integer (value))
            continue;
        append_head (out, f, form);
        append_sample (out, f, NULL, NULL, value);
    }
    append_counters (out, status, form);
    append_lags (out, json_object_get (status, "consumers"), form);
    append_blocked (out, json_object_get (status, "state"), form);
    if (form == METRICS_OPENMETRICS)
        g_string_append (out, "# EOF\n");
}
