/* Sisimai's record with the types and reasons of version 5.1: its keys, those that 4.25 has too,
 * and those that 5.2 renamed or added beside them. An event gives one where Sisimai would: for
 * failures, delays, complaints and vacation replies, if a recipient is known. The reasons' names
 * are the crosswalk of rules/taxonomy.tsv.
 */
#include "formats/eventjson.h"
#include "formats/outformat.h"

#include <glib.h>
#include <string.h>

/* What Sisimai calls the mail systems whose formats we know by another name:
 * rules/sisimai-agents.tsv. */
static const struct {
    const char *format, *agent;
} agents[] = {
#include "sisimai-agents.h"
};

static const struct {
    const char *kind;
    const char *reason; /* NULL: the category's */
    const char *agent;  /* if the mail's format says no other */
} kinds[] = {
    { "bounce", NULL, "RFC3464" },
    { "delayed", NULL, "RFC3464" },
    { "complaint", "feedback", "Feedback-Loop" },
    { "auto_reply", "vacation", "RFC3834" },
};

/* The record that is being written. */
struct record {
    const json_t *event;
    size_t kind; /* row of the table above */
    json_t *json;
};

static void
put (const struct record *r, const char *key, const char *text)
{
    (void)json_object_set_new (r->json, key, json_string (text));
}

static void
put_folded (const struct record *r, const char *key, const char *text, bool is_upper)
{
    g_autofree char *folded = is_upper ? g_ascii_strup (text, -1) : g_ascii_strdown (text, -1);

    put (r, key, folded);
}

/* Sisimai's recipient is the final one, and the one that was sent to its alias. But what our own
 * return path says isn't to be overruled by a report that anyone can write. */
static void
put_recipient (const struct record *r)
{
    const char *recipient = eventjson_text (r->event, "recipient");
    const char *final = eventjson_text (r->event, "final_recipient");
    const bool is_ours = eventjson_is (r->event, "recipient_source", "return_path");
    const bool has_moved = !is_ours && *final && g_ascii_strcasecmp (final, recipient) != 0;

    put (r, "recipient", has_moved ? final : recipient);
    put (r, "alias", has_moved ? recipient : "");
    put (r, "destination", eventjson_domain (has_moved ? final : recipient));
}

static void
put_message (const struct record *r)
{
    const char *from = eventjson_in (r->event, "original", "from");
    g_autofree char *id = eventjson_bare_id (eventjson_in (r->event, "original", "message_id"));

    put (r, "addresser", from);
    put (r, "senderdomain", eventjson_domain (from));
    put (r, "messageid", id);
    put (r, "subject", eventjson_in (r->event, "original", "subject"));
    put (r, "listid", eventjson_in (r->event, "original", "list_id"));
}

static void
put_verdict (const struct record *r)
{
    const struct dsn_category *category = eventjson_category (r->event);
    const bool is_failure = !kinds[r->kind].reason;
    const bool is_known = is_failure && strcmp (category->name, "unknown") != 0;
    const bool is_hard = is_known && eventjson_is (r->event, "class", "hard");

    put (r, "reason", is_failure ? category->sisimai : kinds[r->kind].reason);
    (void)json_object_set_new (r->json, "softbounce", json_integer (!is_known ? -1 : !is_hard));
    (void)json_object_set_new (r->json, "hardbounce", json_integer (is_hard));
}

static const char *
command_of (const struct record *r)
{
    const char *command = eventjson_text (r->event, "smtp_command");

    return strcmp (command, "CONNECT") == 0 ? "CONN"
           : strcmp (command, "EOM") == 0   ? "DATA"
                                            : command;
}

static void
put_reply (const struct record *r)
{
    const char *type = eventjson_text (r->event, "diagnostic_type");
    const char *reply = eventjson_text (r->event, "reply_code");

    put (r, "action", eventjson_text (r->event, "action"));
    put (r, "deliverystatus", eventjson_text (r->event, "status"));
    put (r, "replycode", reply);
    put (r, "smtpcommand", command_of (r));
    put (r, "command", command_of (r));
    put (r, "diagnosticcode", eventjson_text (r->event, "diagnostic"));
    put_folded (r, "diagnostictype", *type || !*reply ? type : "smtp", true);
}

static const char *
agent_of (const struct record *r)
{
    const char *format = eventjson_text (r->event, "format");

    for (size_t i = 0; i < G_N_ELEMENTS (agents); i++)
        if (strcmp (agents[i].format, format) == 0)
            return agents[i].agent;
    return kinds[r->kind].agent;
}

static void
put_source (const struct record *r)
{
    const char *host = eventjson_text (r->event, "remote_mta");
    const char *file = eventjson_in (r->event, "source", "file");

    put (r, "smtpagent", agent_of (r));
    put (r, "decodedby", agent_of (r));
    put (r, "lhost", eventjson_text (r->event, "reporting_mta"));
    put (r, "rhost", *host ? host : eventjson_text (r->event, "remote_ip"));
    put (r, "origin", strcmp (file, "-") == 0 ? "<STDIN>" : file);
    put_folded (r, "feedbacktype", eventjson_in (r->event, "report", "feedback_type"), false);
    put (r, "feedbackid", eventjson_in (r->event, "original", "feedback_id"));
    put (r, "catch", "");
}

/* Sisimai dates a bounce by the report's own fields, and by its Date header only where there are
 * none. */
static const char *
date_of (const json_t *event)
{
    const char *const dates[] = { eventjson_text (event, "last_attempt"),
                                  eventjson_text (event, "arrival_date") };

    for (size_t i = 0; i < G_N_ELEMENTS (dates); i++)
        if (*dates[i])
            return dates[i];
    return eventjson_date (event);
}

/* The token is SHA-1 of sender, recipient (both in lower case) and time, so that the same bounce
 * has the same one in both programs' output. */
static void
put_time (const struct record *r)
{
    const int64_t epoch = eventjson_epoch (date_of (r->event));
    g_autofree char *words = g_strdup_printf ("\x02%s\x1e%s\x1e%" G_GINT64_FORMAT "\x03",
                                              eventjson_text (r->json, "addresser"),
                                              eventjson_text (r->json, "recipient"), epoch);
    g_autofree char *folded = g_ascii_strdown (words, -1);
    g_autofree char *token = g_compute_checksum_for_string (G_CHECKSUM_SHA1, folded, -1);

    (void)json_object_set_new (r->json, "timestamp", json_integer (epoch));
    /* the event's dates are in UTC */
    put (r, "timezoneoffset", "+0000");
    put (r, "token", token);
}

/* Whether Sisimai would have a record. A complaint that may be forged has none: it would only be
 * read as a wish to get no more mail. */
static bool
has_record (const json_t *event, size_t kind)
{
    return kind < G_N_ELEMENTS (kinds) && *eventjson_text (event, "recipient") &&
           (strcmp (kinds[kind].kind, "complaint") != 0 ||
            !eventjson_is (event, "trust", "suspect"));
}

json_t *
outformat_sisimai (const json_t *event)
{
    struct record r = { .event = event };

    while (r.kind < G_N_ELEMENTS (kinds) && !eventjson_is (event, "kind", kinds[r.kind].kind))
        r.kind++;
    if (!has_record (event, r.kind))
        return NULL;
    r.json = json_object ();
    put_recipient (&r);
    put_message (&r);
    put_verdict (&r);
    put_reply (&r);
    put_source (&r);
    put_time (&r);
    return r.json;
}
