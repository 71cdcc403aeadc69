/* The record `codes`: what one provider, or one block list, means by the codes and tokens that it
 * sends. A line that can judge a refusal becomes a rule; all are kept for people.
 */
#include "core/rules/ruleload.h"

/* A token is as good as a provider's words; an enhanced code goes before what the registry says,
 * but any words that were understood go before it; a reply code alone only decides where nothing
 * else speaks. docs/rules.md, "Precedence". */
enum { WEIGHT_TOKEN = 96, WEIGHT_STATUS = 78, WEIGHT_WHOLE_SUBJECT = 52, WEIGHT_REPLY_LINE = 55 };

static void
sent_code_free (void *code)
{
    struct sent_code *c = code;

    g_free (c->text);
    g_free (c->reply);
    g_free (c->meaning);
    g_free (c->remedy);
    g_free (c->rule);
    g_free (c);
}

void
sender_free (void *sender)
{
    struct sender *s = sender;

    g_ptr_array_unref (s->codes);
    g_ptr_array_unref (s->sources);
    help_clear (&s->help);
    g_free (s->name);
    g_free (s->id);
    g_free (s);
}

static void *
begin (struct ruleload *l)
{
    struct sender *s = g_new0 (struct sender, 1);

    s->id = g_strdup (l->line->words[1].text);
    s->provider = -1;
    s->file = l->file;
    s->line = l->line->line;
    s->codes = g_ptr_array_new_with_free_func (sent_code_free);
    s->sources = g_ptr_array_new_with_free_func (g_free);
    g_ptr_array_add (l->set->senders, ruleset_own (l->set, s, sender_free));
    return ruleload_check_id (l, 1) ? s : NULL;
}

static bool
end (struct ruleload *l, void *record)
{
    struct sender *s = record;

    return s->codes->len ||
           ruleload_fail_record (l, "no codes: add a line `token`, `status`, `reply`, `case` or "
                                    "`type`");
}

/* `[REPLY] CATEGORY [hard|soft] "MEANING" ["REMEDY"]` behind the code: the words before the first
 * quoted one belong to the verdict. */
static struct sent_code *
read_code (struct ruleload *l, struct sender *s, enum sent_kind kind)
{
    struct rule_reply_range reply;
    struct sent_code *c = g_new0 (struct sent_code, 1);
    const struct rule_word *words = l->line->words;
    unsigned at = 2, n_verdict = 0;
    const struct rule_line *whole = l->line;
    struct rule_line verdict = *whole;
    bool is_ok;

    g_ptr_array_add (s->codes, c);
    c->kind = kind;
    c->line = l->line->line;
    c->text = g_strdup (words[1].text);
    if (ruleload_parse_reply (words[at].text, &reply))
        c->reply = g_strdup (words[at++].text);
    while (at + n_verdict < l->line->n && !words[at + n_verdict].is_quoted)
        n_verdict++;
    verdict.n = at + n_verdict;
    if (!n_verdict || n_verdict > 2 || verdict.n >= whole->n || verdict.n + 2 < whole->n) {
        (void)ruleload_fail (l, at,
                             "write `%s CODE [REPLY] CATEGORY [hard|soft] \"MEANING\" "
                             "[\"REMEDY\"]`",
                             words[0].text);
        return NULL;
    }
    l->line = &verdict;
    is_ok = ruleload_says (l, at, &c->category, &c->cls);
    l->line = whole;
    c->meaning = g_strdup (words[verdict.n].text);
    c->remedy = verdict.n + 1 < whole->n ? g_strdup (words[verdict.n + 1].text) : NULL;
    return is_ok ? c : NULL;
}

/* "[CS01]" as a part of an id: "cs01". */
static char *
slug (const char *text)
{
    g_autoptr (GString) out = g_string_new (NULL);

    for (const char *p = text; *p; p++) {
        bool is_inner = g_ascii_isalnum (*p) || (*p == '.' && out->len);
        if (is_inner)
            g_string_append_c (out, g_ascii_tolower (*p));
        else if (out->len && out->str[out->len - 1] != '-')
            g_string_append_c (out, '-');
    }
    if (out->len && out->str[out->len - 1] == '-')
        g_string_truncate (out, out->len - 1);
    return g_strdup (out->str);
}

/* The rule that judges by the code: of this provider's refusals only. */
static struct rule *
add_rule (struct ruleload *l, const struct sender *s, struct sent_code *c, unsigned weight)
{
    g_autofree char *name = slug (c->text);
    struct rule_ref ref = { NULL, false, l->line->line, 1 };
    struct rule *r;

    c->rule = g_strdup_printf ("%s:%s", s->id, name);
    r = ruleload_rule (l, c->rule);

    if (!r)
        return NULL;
    ref.name = g_strdup (s->id);
    g_array_append_val (r->refs, ref);
    /* a host may be called s3150.example.net: only what's written into addresses counts there */
    r->is_raw = c->is_raw = strpbrk (c->text, "#/=.") != NULL;
    r->category = c->category;
    r->cls = c->cls;
    r->weight = weight;
    return r;
}

/* A token with a '*' inside is what stands before and what stands behind it. */
static bool
read_token (struct ruleload *l, void *record)
{
    struct sent_code *c = read_code (l, record, SENT_TOKEN);
    struct rule *r = c ? add_rule (l, record, c, WEIGHT_TOKEN) : NULL;
    struct rule_sequence sequence = { 0 };
    struct rule_phrase phrases[2];
    g_autofree char *first = g_strdup (l->line->words[1].text);
    char *star = strchr (first, '*');

    if (!r)
        return false;
    if (star && star[1]) {
        if (!ruleload_phrase_text (l, 1, star + 1, &phrases[1]))
            return false;
        star[1] = '\0';
        sequence.n = 1;
    }
    if (!ruleload_phrase_text (l, 1, first, &phrases[0]))
        return false;
    sequence.n++;
    for (unsigned i = 0; i < sequence.n; i++)
        sequence.n_bytes += phrases[i].n_bytes;
    sequence.phrases = g_memdup2 (phrases, sequence.n * sizeof *phrases);
    g_array_append_val (r->texts, sequence);
    if (sequence.n == 1)
        c->mark = phrases[0];
    return true;
}

static bool
read_status (struct ruleload *l, void *record)
{
    struct sent_code *c = read_code (l, record, SENT_STATUS);
    struct rule *r = c ? add_rule (l, record, c, WEIGHT_STATUS) : NULL;
    struct rule_status_range range;

    if (!r)
        return false;
    if (!ruleload_parse_status (c->text, &range))
        return ruleload_fail (l, 1,
                              "'%s' isn't an enhanced code: write 5.7.507, 5.7.606-649 or "
                              "*.2.2",
                              c->text);
    if (range.detail_first == 0 && range.detail_last == 0)
        r->weight = WEIGHT_WHOLE_SUBJECT;
    g_array_append_val (r->statuses, range);
    return true;
}

static bool
read_reply (struct ruleload *l, void *record)
{
    struct sent_code *c = read_code (l, record, SENT_REPLY);
    struct rule *r = c ? add_rule (l, record, c, WEIGHT_REPLY_LINE) : NULL;
    struct rule_reply_range range;

    if (!r)
        return false;
    if (!ruleload_parse_reply (c->text, &range))
        return ruleload_fail (l, 1, "'%s' isn't a reply code: write 550", c->text);
    /* beside words that nobody understood no address is given up on a number */
    r->is_bare = (c->cls ? c->cls : dsn_category_get (c->category)->cls) == DSN_CLASS_HARD;
    g_array_append_val (r->replies, range);
    return true;
}

static bool
read_case (struct ruleload *l, void *record)
{
    return read_code (l, record, SENT_CASE) != NULL;
}

static bool
read_type (struct ruleload *l, void *record)
{
    return read_code (l, record, SENT_TYPE) != NULL;
}

static bool
read_source (struct ruleload *l, void *record)
{
    return ruleload_strings (l, ((struct sender *)record)->sources);
}

static bool
read_name (struct ruleload *l, void *record)
{
    return ruleload_string (l, &((struct sender *)record)->name);
}

static bool
read_help (struct ruleload *l, void *record)
{
    return ruleload_help (l, &((struct sender *)record)->help);
}

#define CODE_USAGE "CODE [REPLY] CATEGORY [hard|soft] \"MEANING\" [\"REMEDY\"]"

static const struct rule_line_type lines[] = {
    { "token", CODE_USAGE, 3, 0, false, read_token },
    { "status", CODE_USAGE, 3, 0, false, read_status },
    { "reply", CODE_USAGE, 3, 0, false, read_reply },
    { "case", CODE_USAGE, 3, 0, false, read_case },
    { "type", CODE_USAGE, 3, 0, false, read_type },
    { "source", "\"TEXT\"", 1, 0, false, read_source },
    { "name", "\"NAME\"", 1, 1, true, read_name },
    RULELOAD_HELP_LINES (read_help),
};

const struct rule_record_type rule_record_codes = {
    "codes", "PROVIDER|ZONE", 1, 1, begin, end, lines, G_N_ELEMENTS (lines),
};

static unsigned
find (const struct dsn_rules *rules, const char *kind, const char *id)
{
    g_autofree char *key = g_strdup_printf ("%s %s", kind, id);

    return GPOINTER_TO_UINT (g_hash_table_lookup (rules->by_id, key));
}

/* A rule of the record looks the provider up itself, so that only a record of nothing but types can
 * be a block list's. */
bool
ruleset_finish_senders (struct dsn_rules *rules, struct dsn_rules_error *ret_error)
{
    for (unsigned i = 0; i < rules->senders->len; i++) {
        struct sender *s = g_ptr_array_index (rules->senders, i);
        unsigned index = find (rules, "provider", s->id);

        if (!index && !s->name && !find (rules, "blocklist", s->id))
            return rulefile_fail (ret_error, s->file, s->line, 1,
                                  "there's no provider and no block list '%s': add a line `name`",
                                  s->id);
        if (s->provider != (int)index - 1) {
            s = rules->senders->pdata[i] = ruleset_own (rules, g_memdup2 (s, sizeof *s), g_free);
            s->provider = (int)index - 1;
        }
    }
    return true;
}
