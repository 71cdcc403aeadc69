/* The table, and what each row asks. */
#include "store/storepolicy.h"

#include <string.h>

const struct store_policy store_policy_default = { 70, 50, 5, 30, 30 };

static const struct store_row rows[] = {
    { "no-address", STORE_NOTHING },        { "delivered", STORE_DELIVERED },
    { "passed-on", STORE_HISTORY },         { "suspect", STORE_HISTORY },
    { "complaint-no-wish", STORE_HISTORY }, { "complaint", STORE_WISH },
    { "unsubscribe", STORE_WISH },          { "other-kind", STORE_NOTHING },
    { "not-its-fault", STORE_HISTORY },     { "not-understood", STORE_HISTORY },
    { "hard-delayed", STORE_SOFT },         { "hard-review", STORE_DOUBT },
    { "hard-unsure", STORE_DOUBT },         { "hard", STORE_HARD },
    { "soft-unsure", STORE_HISTORY },       { "soft", STORE_SOFT },
    { "no-failure", STORE_HISTORY },
};

static bool
is (const char *word, const char *wanted)
{
    return strcmp (word, wanted) == 0;
}

static bool
is_failure (const struct store_fact *f)
{
    return is (f->kind, "bounce") || is (f->kind, "delayed");
}

static bool
is_report (const struct store_fact *f)
{
    return is_failure (f) || is (f->kind, "delivered") || is (f->kind, "complaint") ||
           is (f->kind, "unsubscribe");
}

/* RFC 5965 s.7.3: these tell a sender something, but nobody asked for no more mail. */
static bool
is_no_wish (const struct store_fact *f)
{
    return is (f->feedback, "not-spam") || is (f->feedback, "auth-failure") ||
           is (f->feedback, "virus") || is (f->feedback, "dkim");
}

static bool
is_its_fault (const struct store_fact *f)
{
    return is (f->fault, "recipient") || is (f->fault, "domain");
}

static const char *
name_of_failure (const struct store_policy *p, const struct store_fact *f)
{
    if (!is_its_fault (f))
        return "not-its-fault";
    if (is (f->category, "unknown") || !*f->category)
        return "not-understood";
    if (is (f->class, "hard") && is (f->kind, "delayed"))
        return "hard-delayed";
    if (is (f->class, "hard") && is (f->advice, "review"))
        return "hard-review";
    if (is (f->class, "hard"))
        return f->confidence >= p->hard_confidence ? "hard" : "hard-unsure";
    if (is (f->class, "soft"))
        return f->confidence >= p->soft_confidence ? "soft" : "soft-unsure";
    return "no-failure";
}

static const char *
name_of (const struct store_policy *p, const struct store_fact *f)
{
    if (!f->recipient)
        return "no-address";
    if (!is_report (f))
        return "other-kind";
    if (is (f->trust, "suspect"))
        return "suspect";
    if (is (f->kind, "delivered"))
        return is (f->action, "delivered") ? "delivered" : "passed-on";
    if (is (f->kind, "complaint"))
        return is_no_wish (f) ? "complaint-no-wish" : "complaint";
    if (is (f->kind, "unsubscribe"))
        return "unsubscribe";
    return name_of_failure (p, f);
}

const struct store_row *
store_policy_row (const struct store_policy *policy, const struct store_fact *fact)
{
    const char *name = name_of (policy, fact);

    for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
        if (is (rows[i].name, name))
            return &rows[i];
    g_assert_not_reached ();
}

const struct store_row *
store_policy_rows (size_t *ret_n)
{
    *ret_n = G_N_ELEMENTS (rows);
    return rows;
}
