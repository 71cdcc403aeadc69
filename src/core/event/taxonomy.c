/* The words of an event and the categories' defaults. The category rows are made from
 * rules/taxonomy.tsv at build time (tools/gen-taxonomy.py), which also checks them.
 */
#include "core/event/taxonomy.h"

#include <glib.h>
#include <stdbool.h>

const char *const dsn_kind_names[_DSN_KIND_N] = {
    [DSN_KIND_BOUNCE] = "bounce",       [DSN_KIND_DELAYED] = "delayed",
    [DSN_KIND_DELIVERED] = "delivered", [DSN_KIND_COMPLAINT] = "complaint",
    [DSN_KIND_RECEIPT] = "receipt",     [DSN_KIND_AUTO_REPLY] = "auto_reply",
    [DSN_KIND_CHALLENGE] = "challenge", [DSN_KIND_UNSUBSCRIBE] = "unsubscribe",
    [DSN_KIND_OTHER] = "other",         [DSN_KIND_UNPROCESSABLE] = "unprocessable",
};

const char *const dsn_action_names[_DSN_ACTION_N] = {
    [DSN_ACTION_FAILED] = "failed",       [DSN_ACTION_DELAYED] = "delayed",
    [DSN_ACTION_DELIVERED] = "delivered", [DSN_ACTION_RELAYED] = "relayed",
    [DSN_ACTION_EXPANDED] = "expanded",
};

const char *const dsn_recipient_source_names[_DSN_RECIPIENT_SOURCE_N] = {
    [DSN_RECIPIENT_SOURCE_RETURN_PATH] = "return_path",
    [DSN_RECIPIENT_SOURCE_ORIGINAL] = "original",
    [DSN_RECIPIENT_SOURCE_FINAL] = "final",
    [DSN_RECIPIENT_SOURCE_FAILED_HEADER] = "failed_header",
    [DSN_RECIPIENT_SOURCE_TEXT] = "text",
    [DSN_RECIPIENT_SOURCE_REPORT] = "report",
};

const char *const dsn_status_source_names[_DSN_STATUS_SOURCE_N] = {
    [DSN_STATUS_SOURCE_FIELD] = "field",
    [DSN_STATUS_SOURCE_DIAGNOSTIC] = "diagnostic",
    [DSN_STATUS_SOURCE_TEXT] = "text",
};

const char *const dsn_stage_names[_DSN_STAGE_N] = {
    [DSN_STAGE_CONNECT] = "CONNECT", [DSN_STAGE_EHLO] = "EHLO", [DSN_STAGE_STARTTLS] = "STARTTLS",
    [DSN_STAGE_AUTH] = "AUTH",       [DSN_STAGE_MAIL] = "MAIL", [DSN_STAGE_RCPT] = "RCPT",
    [DSN_STAGE_DATA] = "DATA",       [DSN_STAGE_EOM] = "EOM",
};

const char *const dsn_class_names[_DSN_CLASS_N] = {
    [DSN_CLASS_HARD] = "hard",
    [DSN_CLASS_SOFT] = "soft",
    [DSN_CLASS_NEITHER] = "none",
};

const char *const dsn_fault_names[_DSN_FAULT_N] = {
    [DSN_FAULT_RECIPIENT] = "recipient",
    [DSN_FAULT_DOMAIN] = "domain",
    [DSN_FAULT_SENDER] = "sender",
    [DSN_FAULT_CONTENT] = "content",
    [DSN_FAULT_INFRASTRUCTURE] = "infrastructure",
    [DSN_FAULT_REMOTE] = "remote",
    [DSN_FAULT_UNKNOWN] = "unknown",
};

const char *const dsn_advice_names[_DSN_ADVICE_N] = {
    [DSN_ADVICE_SUPPRESS] = "suppress",
    [DSN_ADVICE_RETRY] = "retry",
    [DSN_ADVICE_SLOW_DOWN] = "slow_down",
    [DSN_ADVICE_FIX_SENDER] = "fix_sender",
    [DSN_ADVICE_FIX_CONTENT] = "fix_content",
    [DSN_ADVICE_REVIEW] = "review",
    [DSN_ADVICE_NOTHING] = "none",
};

const char *const dsn_scheme_names[_DSN_SCHEME_N] = {
    [DSN_SCHEME_VERP] = "verp",
    [DSN_SCHEME_TOKEN] = "token",
    [DSN_SCHEME_SRS] = "srs",
    [DSN_SCHEME_BATV] = "batv",
};

const char *const dsn_trust_names[_DSN_TRUST_N] = {
    [DSN_TRUST_VERIFIED] = "verified",
    [DSN_TRUST_UNSIGNED] = "unsigned",
    [DSN_TRUST_SUSPECT] = "suspect",
};

static const struct dsn_category categories[] = {
    { NULL, DSN_CLASS_NONE, DSN_FAULT_NONE, DSN_ADVICE_NONE, NULL, NULL, NULL, NULL, NULL, NULL },
#include "taxonomy-rows.h"
};

static bool
is_name (const char *name, struct dsn_bytes in)
{
    return name && strlen (name) == in.n && g_ascii_strncasecmp (name, in.p, in.n) == 0;
}

unsigned
dsn_name_lookup (const char *const *names, unsigned n, struct dsn_bytes name)
{
    for (unsigned i = 1; i < n && name.n; i++)
        if (is_name (names[i], name))
            return i;
    return 0;
}

const struct dsn_category *
dsn_category_get (unsigned category)
{
    return &categories[category < G_N_ELEMENTS (categories) ? category : 0];
}

unsigned
dsn_category_count (void)
{
    return G_N_ELEMENTS (categories);
}

unsigned
dsn_category_lookup (struct dsn_bytes name)
{
    for (unsigned i = 1; i < G_N_ELEMENTS (categories) && name.n; i++)
        if (is_name (categories[i].name, name))
            return i;
    return 0;
}
