/* The small records: `provider`, `phrases` and `blocklist`, names and what tells them; and
 * what a site decides: `policy`, what it makes of a category, and `reader`.
 */
#include "core/rules/ruleload.h"

/* The words of the lines that tell where to look and whom to ask, by enum help_line. */
static const char *const help_words[_HELP_N] = { "page",       "form", "loop",
                                                 "reputation", "asks", "note" };

bool
ruleload_help (struct ruleload *l, struct help *help)
{
    for (unsigned i = 0; i < _HELP_N; i++)
        if (strcmp (help_words[i], l->line->words[0].text) == 0)
            return ruleload_string (l, &help->lines[i]);
    return false;
}

static void *
provider_begin (struct ruleload *l)
{
    struct provider *p = g_new0 (struct provider, 1);

    p->id = g_strdup (l->line->words[1].text);
    p->hosts = g_ptr_array_new_with_free_func (g_free);
    p->domains = g_ptr_array_new_with_free_func (g_free);
    p->seen = g_array_new (FALSE, FALSE, sizeof (struct rule_phrase));
    if (!ruleload_place (l, l->set->providers, provider_free, p->id, p, NULL))
        return NULL;
    return ruleload_check_id (l, 1) ? p : NULL;
}

static bool
provider_name (struct ruleload *l, void *record)
{
    return ruleload_string (l, &((struct provider *)record)->name);
}

static bool
provider_host (struct ruleload *l, void *record)
{
    return ruleload_hosts (l, ((struct provider *)record)->hosts);
}

static bool
provider_seen (struct ruleload *l, void *record)
{
    return ruleload_phrases (l, ((struct provider *)record)->seen);
}

static bool
provider_domain (struct ruleload *l, void *record)
{
    return ruleload_hosts (l, ((struct provider *)record)->domains);
}

static bool
provider_help (struct ruleload *l, void *record)
{
    return ruleload_help (l, &((struct provider *)record)->help);
}

static bool
provider_end (struct ruleload *l, void *record)
{
    struct provider *p = record;

    if (!p->name)
        return ruleload_fail_record (l, "provider '%s' has no name: add a line `name \"NAME\"`",
                                     p->id);
    if (p->hosts->len + p->seen->len + p->domains->len == 0)
        return ruleload_fail_record (l,
                                     "nothing tells provider '%s': add a line `host`, `seen` or "
                                     "`domain`",
                                     p->id);
    return true;
}

static const struct rule_line_type provider_lines[] = {
    { "name", "\"NAME\"", 1, 1, true, provider_name },
    { "host", "HOST...", 1, 0, false, provider_host },
    { "seen", "PHRASE...", 1, 0, false, provider_seen },
    { "domain", "DOMAIN...", 1, 0, false, provider_domain },
    RULELOAD_HELP_LINES (provider_help),
};

const struct rule_record_type rule_record_provider = {
    "provider",
    "ID",
    1,
    1,
    provider_begin,
    provider_end,
    provider_lines,
    G_N_ELEMENTS (provider_lines),
};

static const char *const phrases_names[_PHRASES_N] = {
    [PHRASES_ORIGINAL_MARKER] = "original-marker",
    [PHRASES_FAILED] = "failed",
    [PHRASES_DELAYED] = "delayed",
    [PHRASES_RETRYING] = "retrying",
    [PHRASES_FINAL] = "final",
    [PHRASES_DELIVERED] = "delivered",
    [PHRASES_NOTHING_FAILED] = "nothing-failed",
    [PHRASES_FOR_OPERATORS] = "for-operators",
    [PHRASES_AUTO_REPLY] = "auto-reply",
    [PHRASES_TICKET] = "ticket",
    [PHRASES_PERSON] = "person",
    [PHRASES_CHALLENGE] = "challenge",
    [PHRASES_BOUNCE_SUBJECT] = "bounce-subject",
    [PHRASES_DELAY_SUBJECT] = "delay-subject",
    [PHRASES_RECIPIENT_INTRO] = "recipient-intro",
    [PHRASES_NOT_RECIPIENT] = "not-recipient",
    [PHRASES_SAID] = "said",
    [PHRASES_UNSUBSCRIBE] = "unsubscribe",
    [PHRASES_FROM_SYSTEM] = "from-system",
    [PHRASES_FROM_DAEMON] = "from-daemon",
    [PHRASES_STAGE_EOM] = "stage-eom",
    [PHRASES_STAGE_RCPT] = "stage-rcpt",
    [PHRASES_STAGE_MAIL] = "stage-mail",
    [PHRASES_STAGE_DATA] = "stage-data",
    [PHRASES_STAGE_STARTTLS] = "stage-starttls",
    [PHRASES_STAGE_AUTH] = "stage-auth",
    [PHRASES_STAGE_EHLO] = "stage-ehlo",
    [PHRASES_STAGE_CONNECT] = "stage-connect",
};

/* The list itself: records of one name add up, whatever their language and file. */
static void *
phrases_begin (struct ruleload *l)
{
    const char *name = l->line->words[1].text;

    for (unsigned i = 0; i < _PHRASES_N; i++)
        if (strcmp (phrases_names[i], name) == 0)
            return l->set->phrases[i];
    (void)ruleload_fail_unknown (l, 1, "list of phrases", phrases_names, _PHRASES_N);
    return NULL;
}

static bool
phrases_text (struct ruleload *l, void *record)
{
    return ruleload_phrases (l, record);
}

static bool
phrases_end (struct ruleload *l, void *record)
{
    (void)record;
    return l->seen || ruleload_fail_record (l, "no phrases: add a line `text PHRASE...`");
}

static const struct rule_line_type phrases_lines[] = {
    { "text", "PHRASE...", 1, 0, false, phrases_text },
};

const struct rule_record_type rule_record_phrases = {
    "phrases",
    "NAME [LANGUAGE]",
    1,
    2,
    phrases_begin,
    phrases_end,
    phrases_lines,
    G_N_ELEMENTS (phrases_lines),
};

static void *
blocklist_begin (struct ruleload *l)
{
    struct blocklist *b = g_new0 (struct blocklist, 1);
    struct rule_phrase zone;

    b->zone = g_strdup (l->line->words[1].text);
    b->seen = g_array_new (FALSE, FALSE, sizeof (struct rule_phrase));
    if (!ruleload_place (l, l->set->blocklists, blocklist_free, b->zone, b, NULL) ||
        !ruleload_check_id (l, 1) || !ruleload_phrase (l, 1, &zone))
        return NULL;
    g_array_append_val (b->seen, zone);
    return b;
}

static bool
blocklist_name (struct ruleload *l, void *record)
{
    return ruleload_string (l, &((struct blocklist *)record)->name);
}

static bool
blocklist_seen (struct ruleload *l, void *record)
{
    return ruleload_phrases (l, ((struct blocklist *)record)->seen);
}

static bool
blocklist_help (struct ruleload *l, void *record)
{
    return ruleload_help (l, &((struct blocklist *)record)->help);
}

static bool
blocklist_end (struct ruleload *l, void *record)
{
    struct blocklist *b = record;

    if (!b->name)
        return ruleload_fail_record (l, "block list '%s' has no name: add a line `name \"NAME\"`",
                                     b->zone);
    return true;
}

static const struct rule_line_type blocklist_lines[] = {
    { "name", "\"NAME\"", 1, 1, true, blocklist_name },
    { "seen", "PHRASE...", 1, 0, false, blocklist_seen },
    RULELOAD_HELP_LINES (blocklist_help),
};

const struct rule_record_type rule_record_blocklist = {
    "blocklist",
    "ZONE",
    1,
    1,
    blocklist_begin,
    blocklist_end,
    blocklist_lines,
    G_N_ELEMENTS (blocklist_lines),
};

static void *
policy_begin (struct ruleload *l)
{
    struct policy *p = g_new0 (struct policy, 1);
    enum dsn_class none;

    if (!ruleload_place (l, l->set->policies, g_free, l->line->words[1].text, p, NULL))
        return NULL;
    return ruleload_says (l, 1, &p->category, &none) ? p : NULL;
}

static bool
policy_class (struct ruleload *l, void *record)
{
    const enum dsn_class cls = ruleload_class (l, 1);

    ((struct policy *)record)->cls = cls;
    return cls != DSN_CLASS_NONE;
}

static bool
policy_advice (struct ruleload *l, void *record)
{
    unsigned advice = ruleload_name (l, 1, "advice", dsn_advice_names, _DSN_ADVICE_N);

    ((struct policy *)record)->advice = (enum dsn_advice)advice;
    return advice != 0;
}

static bool
policy_end (struct ruleload *l, void *record)
{
    const struct policy *p = record;

    if (!p->cls && !p->advice)
        return ruleload_fail_record (l, "this policy says nothing: add a line `class hard|soft` or "
                                        "`advice ADVICE`");
    return true;
}

static const struct rule_line_type policy_lines[] = {
    { "class", "hard|soft", 1, 1, true, policy_class },
    { "advice", "ADVICE", 1, 1, true, policy_advice },
};

const struct rule_record_type rule_record_policy = {
    "policy", "CATEGORY", 1, 1, policy_begin, policy_end, policy_lines, G_N_ELEMENTS (policy_lines),
};

/* The record `reader`: whether a reader that isn't rules is asked. There's one, `words`. */
static const char *const reader_names[] = { NULL, "words" };

static void *
begin_reader (struct ruleload *l)
{
    return ruleload_name (l, 1, "reader", reader_names, G_N_ELEMENTS (reader_names)) ? l->set
                                                                                     : NULL;
}

static bool
read_off (struct ruleload *l, void *record)
{
    struct dsn_rules *set = record;

    (void)l;
    set->has_words = false;
    return true;
}

static bool
end_reader (struct ruleload *l, void *record)
{
    (void)record;
    return l->seen || ruleload_fail_record (l, "nothing is said of this reader: add a line `off`");
}

static const struct rule_line_type reader_lines[] = {
    { "off", "", 0, 0, true, read_off },
};

const struct rule_record_type rule_record_reader = {
    "reader", "words", 1, 1, begin_reader, end_reader, reader_lines, G_N_ELEMENTS (reader_lines),
};
