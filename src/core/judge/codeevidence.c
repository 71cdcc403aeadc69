/* Evidence that isn't words: codes, a block list's name, the action.
 */
#include "core/judge/weighing.h"

#include "core/judge/evidence.h"

void
weighing_add_code (struct weighing *w, struct dsn_status s, unsigned weight, const char *place)
{
    char text[DSN_STATUS_TEXT_SIZE];
    const struct code *code;
    g_autofree char *rule = NULL;

    if (s.cls != 4 && s.cls != 5)
        return;
    if (!dsn_status_is_specific (s))
        weight = s.subject ? WEIGHT_SUBJECT : 0;
    else if (s.subject == 4 && s.detail == 7)
        weight = MIN (weight, WEIGHT_EXPIRED);
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
    evidence_add (w->evidence, rule,
                  (struct evidence){ .category = code->category,
                                     .cls = s.cls == 4 ? DSN_CLASS_SOFT : code->cls,
                                     .weight = weight,
                                     .place = place });
}

void
weighing_add_reply (struct weighing *w)
{
    static const struct {
        enum dsn_stage stage;
        const char *category;
    } by_stage[] = {
        { DSN_STAGE_CONNECT, "ip_blocked" },   { DSN_STAGE_EHLO, "ip_blocked" },
        { DSN_STAGE_MAIL, "sender_rejected" }, { DSN_STAGE_STARTTLS, "tls_required" },
        { DSN_STAGE_AUTH, "security" },
    };
    unsigned weight = w->stage == DSN_STAGE_RCPT ? WEIGHT_REPLY_STAGE : WEIGHT_REPLY;
    unsigned category = 0;
    enum dsn_class cls = DSN_CLASS_NONE;
    g_autofree char *text = NULL, *rule = NULL;

    if (!w->reply)
        return;
    text = g_strdup_printf ("%u", w->reply);
    rule = g_strdup_printf ("code:%u", w->reply);
    for (size_t i = 0; i < G_N_ELEMENTS (by_stage); i++)
        if (w->stage == by_stage[i].stage) {
            category = dsn_category_lookup (dsn_bytes_str (by_stage[i].category));
            weight = WEIGHT_REPLY_STAGE;
        }
    if (!category && w->stage != DSN_STAGE_DATA && w->stage != DSN_STAGE_EOM) {
        const struct code *code = ruleset_code (w->in->rules, text);
        category = code ? code->category : 0;
        cls = code ? code->cls : DSN_CLASS_NONE;
    }
    evidence_add (w->evidence, rule,
                  (struct evidence){ .category = category,
                                     .cls = w->reply < 500 ? DSN_CLASS_SOFT : cls,
                                     .weight = weight,
                                     .place = "reply code" });
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
