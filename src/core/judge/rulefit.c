/* Whether a rule's conditions hold for a recipient, but for its texts.
 */
#include "core/judge/weighing.h"

static bool
status_fits (const GArray *ranges, struct dsn_status s)
{
    for (guint i = 0; i < ranges->len; i++) {
        const struct rule_status_range *c = &g_array_index (ranges, struct rule_status_range, i);
        if (s.cls && (!c->cls || c->cls == s.cls) &&
            (c->subject < 0 || c->subject == (int)s.subject) &&
            (c->detail_first < 0 ||
             ((int)s.detail >= c->detail_first && (int)s.detail <= c->detail_last)))
            return true;
    }
    return false;
}

static bool
reply_fits (const GArray *ranges, unsigned reply)
{
    for (guint i = 0; i < ranges->len; i++) {
        const struct rule_reply_range *c = &g_array_index (ranges, struct rule_reply_range, i);
        if (reply >= c->first && reply <= c->last)
            return true;
    }
    return false;
}

static bool
provider_fits (const struct weighing *w, const struct rule *rule)
{
    for (guint i = 0; i < rule->providers->len; i++)
        if (hosts_have (&w->hosts, g_array_index (rule->providers, unsigned, i)))
            return true;
    return rule->providers->len == 0;
}

static bool
format_fits (const struct weighing *w, const struct rule *rule)
{
    for (guint i = 0; i < rule->formats->len; i++)
        if ((int)g_array_index (rule->formats, unsigned, i) == w->format)
            return true;
    return rule->formats->len == 0;
}

bool
weighing_rule_fits (const struct weighing *w, const struct rule *rule)
{
    if (rule->is_off || !provider_fits (w, rule) || !format_fits (w, rule))
        return false;
    if (rule->is_bare && w->has_words)
        return false;
    if (rule->stages && !(w->stage && rule->stages & 1u << w->stage))
        return false;
    if (rule->replies->len && !reply_fits (rule->replies, w->reply))
        return false;
    return !rule->statuses->len || status_fits (rule->statuses, w->code_status) ||
           status_fits (rule->statuses, w->draft->field_status) ||
           status_fits (rule->statuses, w->told_status);
}
