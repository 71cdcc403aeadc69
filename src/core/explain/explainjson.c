/* Explanations as JSON: docs/codes.md lists the keys. Every key is always there; what isn't known
 * is
 * "", an empty list, or "none".
 */
#include "core/event/event.h"
#include "core/explain/explain.h"

static void
append_string (GString *out, const char *key, const char *value)
{
    g_string_append_printf (out, "%s\"%s\":", out->str[out->len - 1] == '{' ? "" : ",", key);
    dsn_json_append_string (out, dsn_bytes_str (value ? value : ""));
}

static void
append_verdict (GString *out, unsigned category, enum dsn_class cls)
{
    append_string (out, "class", dsn_class_names[cls ? cls : DSN_CLASS_NEITHER]);
    append_string (out, "category", category ? dsn_category_get (category)->name : "none");
}

static void
append_list (GString *out, const char *key, const GPtrArray *list)
{
    g_string_append_printf (out, ",\"%s\":[", key);
    for (unsigned i = 0; i < list->len; i++) {
        g_string_append (out, i ? "," : "");
        dsn_json_append_string (out, dsn_bytes_str (g_ptr_array_index (list, i)));
    }
    g_string_append_c (out, ']');
}

static void
append_readings (GString *out, const GArray *readings)
{
    g_string_append (out, ",\"readings\":[");
    for (unsigned i = 0; i < readings->len; i++) {
        const struct dsn_reading *r = &g_array_index (readings, struct dsn_reading, i);
        g_string_append (out, i ? ",{" : "{");
        append_string (out, "context", r->context);
        append_verdict (out, r->category, r->cls);
        append_string (out, "meaning", r->meaning);
        append_string (out, "system", r->system);
        append_string (out, "source", r->source);
        g_string_append_c (out, '}');
    }
    g_string_append_c (out, ']');
}

static void
append_providers (GString *out, const GArray *providers)
{
    g_string_append (out, ",\"providers\":[");
    for (unsigned i = 0; i < providers->len; i++) {
        const struct dsn_provider_use *u = &g_array_index (providers, struct dsn_provider_use, i);
        g_string_append (out, i ? ",{" : "{");
        append_string (out, "provider", u->provider);
        append_string (out, "name", u->name);
        append_verdict (out, u->category, u->cls);
        append_string (out, "rule", u->rule);
        append_string (out, "example", u->example);
        append_string (out, "code", u->code);
        append_string (out, "reply_code", u->reply);
        append_string (out, "meaning", u->meaning);
        append_string (out, "remedy", u->remedy);
        g_string_append_c (out, '}');
    }
    g_string_append_c (out, ']');
}

static void
append_contacts (GString *out, const GArray *contacts)
{
    g_string_append (out, ",\"contacts\":[");
    for (unsigned i = 0; i < contacts->len; i++) {
        const struct dsn_contact *c = &g_array_index (contacts, struct dsn_contact, i);
        g_string_append (out, i ? ",{" : "{");
        append_string (out, "id", c->id);
        append_string (out, "name", c->name);
        append_string (out, "page", c->page);
        append_string (out, "form", c->form);
        append_string (out, "loop", c->loop);
        append_string (out, "reputation", c->reputation);
        append_string (out, "asks", c->asks);
        append_string (out, "note", c->note);
        g_string_append_c (out, '}');
    }
    g_string_append_c (out, ']');
}

/* What was found in a refusal or a mail. */
static void
append_found (GString *out, const struct dsn_explanation *e)
{
    const struct dsn_explained_verdict *v = &e->verdict;
    g_autofree char *reply = v->reply_code ? g_strdup_printf ("%u", v->reply_code) : NULL;

    append_string (out, "event_kind", dsn_kind_names[v->kind]);
    append_string (out, "recipient", v->recipient);
    append_string (out, "status", v->status);
    append_string (out, "reply_code", reply);
    append_string (out, "smtp_command", dsn_stage_names[v->stage]);
    append_string (out, "diagnostic", v->diagnostic);
    g_string_append_printf (out, ",\"confidence\":%u", v->confidence);
    append_string (out, "rule", v->rule);
    append_string (out, "provider", v->provider);
    append_string (out, "block_list", v->block_list);
    append_list (out, "evidence", v->evidence);
}

void
dsn_explanation_append_json (GString *out, const struct dsn_explanation *e)
{
    g_string_append_c (out, '{');
    append_string (out, "query", e->query);
    append_string (out, "kind", dsn_explain_kind_names[e->kind]);
    append_string (out, "code", e->code);
    append_verdict (out, e->category, e->cls);
    append_string (out, "event_class", dsn_class_names[e->event_cls]);
    append_string (out, "fault", e->fault ? dsn_fault_names[e->fault] : "none");
    append_string (out, "advice", dsn_advice_names[e->advice]);
    g_string_append_printf (out, ",\"known\":%s", e->is_known ? "true" : "false");
    append_string (out, "meaning", e->meaning);
    append_string (out, "why", e->why);
    append_string (out, "system", e->system);
    append_list (out, "causes", e->causes);
    append_list (out, "remedies", e->remedies);
    append_readings (out, e->readings);
    append_providers (out, e->providers);
    append_contacts (out, e->contacts);
    append_list (out, "see", e->see);
    append_list (out, "sources", e->sources);
    if (e->kind == DSN_EXPLAIN_TEXT || e->kind == DSN_EXPLAIN_MAIL)
        append_found (out, e);
    g_string_append_c (out, '}');
}
