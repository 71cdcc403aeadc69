/* Evidence that isn't words: codes, a block list's name, the action.
 */
#include "core/judge/weighing.h"

#include "core/judge/evidence.h"

bool
weighing_is_early (const struct weighing *w)
{
    return w->stage >= DSN_STAGE_CONNECT && w->stage <= DSN_STAGE_MAIL;
}

unsigned
weighing_staged (const struct weighing *w, unsigned category)
{
    bool is_senders = w->is_of_sender || w->stage == DSN_STAGE_MAIL;
    const char *meant = is_senders ? "sender_rejected" : "unknown";

    if (!category || !(is_senders || weighing_is_early (w)) ||
        dsn_category_get (category)->cls != DSN_CLASS_HARD)
        return category;
    return dsn_category_lookup (dsn_bytes_str (meant));
}

enum dsn_class
weighing_class (const struct weighing *w, unsigned category, enum dsn_class cls)
{
    if (!cls && category)
        cls = dsn_category_get (category)->cls;
    return w->is_temporary && cls == DSN_CLASS_HARD ? DSN_CLASS_SOFT : cls;
}

/* How strong the code @s is, where one that says something has @weight. */
static unsigned
weight_of (struct dsn_status s, unsigned weight, enum dsn_action action)
{
    if (dsn_status_is_specific (s))
        return s.subject == 4 && s.detail == 7 ? MIN (weight, WEIGHT_EXPIRED) : weight;
    if (s.subject == 0)
        return 0;
    /* an address and a command don't mend by waiting: on a delay they're filled in */
    return action == DSN_ACTION_DELAYED && (s.subject == 1 || s.subject == 5) ? WEIGHT_DELAY - 1
                                                                              : WEIGHT_SUBJECT;
}

bool
weighing_has_weak_code (const struct weighing *w)
{
    const struct dsn_status codes[] = { w->code_status, w->draft->field_status };
    char text[DSN_STATUS_TEXT_SIZE];

    for (size_t i = 0; i < G_N_ELEMENTS (codes); i++) {
        const struct code *code;
        if (!codes[i].cls)
            continue;
        dsn_status_format (codes[i], text);
        code = ruleset_code (w->in->rules, text);
        if (code && code->is_weak)
            return true;
    }
    return false;
}

void
weighing_add_code (struct weighing *w, struct dsn_status s, unsigned weight, enum dsn_action action,
                   const char *place)
{
    char text[DSN_STATUS_TEXT_SIZE];
    const struct code *code;
    g_autofree char *rule = NULL;
    unsigned category;

    if (s.cls != 4 && s.cls != 5)
        return;
    weight = weight_of (s, weight, action);
    dsn_status_format (s, text);
    rule = g_strdup_printf ("code:%s", text);
    code = ruleset_code (w->in->rules, text);
    if (!code) { /* RFC 3463 s.2: then its subject speaks, too softly to suppress on */
        weight = s.subject ? WEIGHT_SUBJECT - 1 : 0;
        s.detail = 0;
        dsn_status_format (s, text);
        code = ruleset_code (w->in->rules, text);
    }
    if (!code)
        return;
    if (code->is_weak)
        weight = MIN (weight, WEIGHT_CODE_WEAK);
    category = weighing_staged (w, code->category);
    evidence_add (w->evidence, rule,
                  (struct evidence){ .category = category,
                                     .cls = s.cls == 4                   ? DSN_CLASS_SOFT
                                            : category == code->category ? code->cls
                                                                         : DSN_CLASS_NONE,
                                     .weight = weight,
                                     .place = place });
}

/* What the reply code means beside words that no rule knows: what it says of the message or the
 * server may be so; an address isn't given up on it. */
static struct evidence
reply_beside_words (const struct code *code)
{
    bool is_nothing = code->is_weak || !code->category ||
                      dsn_category_get (code->category)->cls == DSN_CLASS_HARD;

    return (struct evidence){ .category = is_nothing
                                              ? dsn_category_lookup (dsn_bytes_str ("unknown"))
                                              : code->category,
                              .cls = DSN_CLASS_SOFT,
                              .advice = DSN_ADVICE_REVIEW,
                              .weight = WEIGHT_REPLY_WORDS,
                              .place = "reply code beside words that no rule knows" };
}

void
weighing_add_reply (struct weighing *w)
{
    g_autofree char *text = g_strdup_printf ("%u", w->reply);
    g_autofree char *rule = g_strdup_printf ("code:%u", w->reply);
    const struct code *code = w->reply ? ruleset_code (w->in->rules, text) : NULL;
    struct evidence e;

    if (!code)
        return;
    if (w->has_words)
        e = reply_beside_words (code);
    else
        e = (struct evidence){ .category = weighing_staged (w, code->category),
                               .cls = w->reply < 500 ? DSN_CLASS_SOFT : code->cls,
                               .weight =
                                   w->stage == DSN_STAGE_RCPT ? WEIGHT_REPLY_STAGE : WEIGHT_REPLY,
                               .place = "reply code" };
    if (w->has_words || (w->stage != DSN_STAGE_DATA && w->stage != DSN_STAGE_EOM))
        evidence_add (w->evidence, rule, e);
}

void
weighing_add_blocklist (struct weighing *w, struct dsn_report *report, struct dsn_recipient *r)
{
    struct text_range all = { 0, (uint32_t)w->normal.text->len };
    int index = hosts_blocklist (&w->hits, all);
    const struct blocklist *list;
    g_autofree char *rule = NULL;

    if (index < 0)
        return;
    list = w->in->rules->blocklists->pdata[index];
    r->block_list = dsn_report_string (report, hosts_zone (weighing_slice (w, all), list->zone));
    rule = g_strdup_printf ("blocklist:%s", list->zone);
    evidence_add (w->evidence, rule,
                  (struct evidence){ .category = dsn_category_lookup (dsn_bytes_str ("ip_blocked")),
                                     .weight = WEIGHT_BLOCKLIST,
                                     .is_rule = true,
                                     .place = "block list" });
}

void
weighing_add_fallbacks (struct weighing *w, enum dsn_action action)
{
    if (action == DSN_ACTION_DELAYED)
        evidence_add (
            w->evidence, "action:delayed",
            (struct evidence){ .category = dsn_category_lookup (dsn_bytes_str ("expired")),
                               .weight = WEIGHT_DELAY,
                               .place = "action" });
    if (w->draft->diagnostic_type && strcmp (w->draft->diagnostic_type, "x-unix") == 0)
        evidence_add (
            w->evidence, "type:x-unix",
            (struct evidence){ .category = dsn_category_lookup (dsn_bytes_str ("mailer_error")),
                               .weight = WEIGHT_SUBJECT + 1,
                               .place = "diagnostic type" });
    evidence_add (w->evidence, "nothing",
                  (struct evidence){ .category = dsn_category_lookup (dsn_bytes_str ("unknown")),
                                     .weight = WEIGHT_NOTHING,
                                     .place = "no evidence" });
}
