/* A block for people, a line of JSON for programs. */
#include "cli/suppressed/suppressshow.h"

#include "cli/terminal/paragraph.h"
#include "core/event/taxonomy.h"

#include <jansson.h>
#include <stdio.h>

#define EVENTS_SHOWN 10

static char *
date_of (int64_t seconds)
{
    g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);

    return time ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : g_strdup ("?");
}

/* What would make the address free again, in words. (static) */
static const char *
lifted_by (const struct store_verdict *v, bool is_forgotten)
{
    if (is_forgotten)
        return "nothing: this person was forgotten and asked for no more mail";
    if (v->standing == STORE_OK)
        return "";
    if (v->standing == STORE_WATCH)
        return "a delivery report, or thirty days without a failure";
    if (v->until)
        return "time, a delivery report, or `dsnctl suppressed lift`";
    return "`dsnctl suppressed lift`, once you know better";
}

static bool
add_event (const struct ledger_event *e, void *data)
{
    g_autofree char *at = date_of (e->at);

    (void)json_array_append_new (
        data, json_pack ("{s:s,s:s,s:s,s:I,s:s,s:s,s:s,s:i,s:s,s:s}", "at", at, "id", e->id,
                         "spool", e->spool, "seq", (json_int_t)e->seq, "kind", e->kind, "category",
                         e->category, "rule", e->rule, "confidence", e->confidence, "policy",
                         e->row, "diagnostic", e->diagnostic));
    return true;
}

static void
set_text (json_t *object, const char *key, const char *value)
{
    if (value && *value)
        (void)json_object_set_new (object, key, json_string (value));
}

static void
set_date (json_t *object, const char *key, int64_t seconds)
{
    g_autofree char *date = seconds ? date_of (seconds) : NULL;

    set_text (object, key, date);
}

static void
show_json (struct ledger *ledger, const char *address, const char *key,
           const struct store_state *state, const struct store_verdict *v, bool is_forgotten)
{
    json_t *object = json_object (), *events = json_array ();
    g_autofree char *text = NULL;

    set_text (object, "address", address);
    set_text (object, "standing", is_forgotten ? "suppressed" : store_standing_name (v->standing));
    set_text (object, "reason", is_forgotten ? "forgotten" : v->reason);
    set_date (object, "since", v->since);
    set_date (object, "until", v->until);
    if (v->n_days)
        (void)json_object_set_new (object, "soft_days", json_integer (v->n_days));
    if (v->mark) {
        set_text (object, "event", v->mark->id);
        set_text (object, "rule", v->mark->rule);
        if (v->mark->confidence >= 0)
            (void)json_object_set_new (object, "confidence", json_integer (v->mark->confidence));
    }
    if (state->hand.act != STORE_HAND_NONE) {
        set_text (object, "who", state->hand.who);
        set_text (object, "why", state->hand.why);
    }
    set_text (object, "lifted_by", lifted_by (v, is_forgotten));
    if (ledger && ledger_events (ledger, key, EVENTS_SHOWN, add_event, events, NULL))
        (void)json_object_set (object, "events", events);
    text = json_dumps (object, JSON_COMPACT);
    (void)puts (text);
    json_decref (events);
    json_decref (object);
}

struct block {
    GString *out;
    const struct tty *tty;
};

static bool
append_event (const struct ledger_event *e, void *data)
{
    const struct block *b = data;
    g_autofree char *at = date_of (e->at);
    g_autofree char *text =
        g_strdup_printf ("%s  %s%s%s  (%s) %s", at, e->kind, *e->category ? " " : "", e->category,
                         e->row, e->diagnostic);

    paragraph_append (b->out, "event", text, b->tty);
    return true;
}

static void
append_reason (const struct block *b, const struct store_state *state,
               const struct store_verdict *v)
{
    const struct dsn_category *row =
        dsn_category_get (dsn_category_lookup (dsn_bytes_str (v->reason)));
    g_autoptr (GString) text = g_string_new (NULL);

    if (v->standing == STORE_OK)
        return;
    g_string_append (text, row->meaning ? row->meaning : v->reason);
    if (row->meaning)
        g_string_append_printf (text, " (%s)", v->reason);
    if (v->n_days)
        g_string_append_printf (text, v->n_days > 1 ? ", on %u days" : ", on %u day", v->n_days);
    if (v->mark && *v->mark->rule)
        g_string_append_printf (text, "; rule %s", v->mark->rule);
    if (v->mark && v->mark->confidence >= 0)
        g_string_append_printf (text, ", confidence %d of 100", v->mark->confidence);
    if (!v->mark)
        g_string_append_printf (text, " by %s: %s", state->hand.who, state->hand.why);
    paragraph_append (b->out, "why", text->str, b->tty);
}

static void
append_heading (const struct block *b, const char *address, const struct store_verdict *v,
                bool is_forgotten)
{
    g_autofree char *since = v->since ? date_of (v->since) : NULL;
    g_autofree char *until = v->until ? date_of (v->until) : NULL;

    tty_append_safe (b->out, dsn_bytes_str (address), b->tty->is_utf8);
    g_string_append_printf (b->out, "  %s",
                            is_forgotten ? "suppressed" : store_standing_name (v->standing));
    if (since)
        g_string_append_printf (b->out, " since %s", since);
    if (until)
        g_string_append_printf (b->out, " until %s", until);
    g_string_append_c (b->out, '\n');
}

void
suppressshow (const struct suppressshow *show, struct ledger *ledger, const char *address,
              const char *key, const struct store_state *state, bool is_forgotten)
{
    const struct store_verdict v = store_state_judge (state, &store_policy_default, show->now);
    g_autoptr (GString) out = g_string_new (NULL);
    struct block b = { out, &show->tty };

    if (show->is_json) {
        show_json (ledger, address, key, state, &v, is_forgotten);
        return;
    }
    append_heading (&b, address, &v, is_forgotten);
    append_reason (&b, state, &v);
    if (ledger)
        (void)ledger_events (ledger, key, EVENTS_SHOWN, append_event, &b, NULL);
    if (ledger && *lifted_by (&v, is_forgotten))
        paragraph_append (out, "lifted by", lifted_by (&v, is_forgotten), &show->tty);
    (void)fwrite (out->str, 1, out->len, stdout);
}
