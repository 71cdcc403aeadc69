/* Each part of a state is a minimum, a maximum or a set, so that order can't matter. */
#include "store/storestate.h"

#include <string.h>

#define DAY_S ((int64_t)24 * 60 * 60)

static void
mark_add (struct store_mark *mark, const struct store_fact *fact)
{
    const char *category = *fact->category ? fact->category : fact->kind;

    if (mark->last == 0 || fact->at < mark->since)
        mark->since = fact->at;
    if (fact->at < mark->last || (fact->at == mark->last && strcmp (fact->id, mark->id) <= 0))
        return;
    mark->last = fact->at;
    mark->confidence = fact->confidence;
    (void)g_strlcpy (mark->id, fact->id, sizeof mark->id);
    (void)g_strlcpy (mark->category, category, sizeof mark->category);
    (void)g_strlcpy (mark->rule, fact->rule, sizeof mark->rule);
}

static void
drop_day (struct store_state *s, unsigned i)
{
    memmove (s->days + i, s->days + i + 1, (s->n_days - i - 1) * sizeof s->days[0]);
    s->n_days--;
}

/* Days that lie more than sixty before the newest can't be part of a run that still suppresses. */
static bool
is_too_old (const struct store_state *s, int64_t at, int64_t newest)
{
    return s->n_days && newest / DAY_S - at / DAY_S >= STORE_DAYS_MAX;
}

static void
add_day (struct store_state *s, int64_t at)
{
    unsigned i = 0;

    while (i < s->n_days && s->days[i] / DAY_S < at / DAY_S)
        i++;
    if (i < s->n_days && s->days[i] / DAY_S == at / DAY_S) {
        s->days[i] = MAX (s->days[i], at);
        return;
    }
    if (is_too_old (s, at, s->n_days ? s->days[s->n_days - 1] : 0))
        return;
    /* so there's always room: sixty-one days are all that can lie within the bounds */
    for (; is_too_old (s, s->days[0], at); i--)
        drop_day (s, 0);
    memmove (s->days + i + 1, s->days + i, (s->n_days - i) * sizeof s->days[0]);
    s->days[i] = at;
    s->n_days++;
}

void
store_state_add (struct store_state *state, const struct store_policy *policy,
                 const struct store_fact *fact)
{
    switch (store_policy_row (policy, fact)->effect) {
    case STORE_NOTHING:
    case STORE_HISTORY:
        break;
    case STORE_DOUBT:
        mark_add (&state->marks[STORE_MARK_DOUBT], fact);
        break;
    case STORE_SOFT:
        mark_add (&state->marks[STORE_MARK_SOFT], fact);
        add_day (state, fact->at);
        break;
    case STORE_HARD:
        mark_add (&state->marks[STORE_MARK_HARD], fact);
        break;
    case STORE_WISH:
        mark_add (&state->marks[STORE_MARK_WISH], fact);
        break;
    case STORE_DELIVERED:
        state->delivered = MAX (state->delivered, fact->at);
        break;
    default:
        g_assert_not_reached ();
    }
}

void
store_state_add_hand (struct store_state *state, const struct store_hand *hand)
{
    if (hand->act == STORE_HAND_LIFT)
        state->lifted = MAX (state->lifted, hand->at);
    if (hand->at > state->hand.at || (hand->at == state->hand.at && hand->act > state->hand.act))
        state->hand = *hand;
}

void
store_state_decide (struct store_state *state, const struct store_hand *hand)
{
    struct store_hand later = *hand;

    later.at = MAX (hand->at, state->hand.at + 1);
    store_state_add_hand (state, &later);
}

/* The end of the last run of soft days after @from; 0: there was none. */
static int64_t
find_run (const struct store_state *s, const struct store_policy *p, int64_t from, unsigned *ret_n)
{
    int64_t end = 0;
    unsigned n = 0;

    for (unsigned i = 0; i < s->n_days; i++) {
        unsigned first = i;
        if (s->days[i] <= from)
            continue;
        n++;
        while (first > 0 && s->days[first - 1] > from &&
               s->days[i] / DAY_S - s->days[first - 1] / DAY_S < p->soft_within_days)
            first--;
        if (i - first + 1 >= p->soft_days)
            end = s->days[i];
    }
    *ret_n = n;
    return end;
}

static struct store_verdict
say (enum store_standing standing, const struct store_mark *mark, int64_t from)
{
    return (struct store_verdict){
        .standing = standing,
        .reason = mark->category,
        .since = mark->since > from ? mark->since : mark->last,
        .mark = mark,
    };
}

/* What counts only until a success. */
static struct store_verdict
judge_soft (const struct store_state *s, const struct store_policy *p, int64_t lifted, int64_t now)
{
    const int64_t from = MAX (lifted, s->delivered);
    const struct store_mark *soft = &s->marks[STORE_MARK_SOFT];
    const struct store_mark *doubt = &s->marks[STORE_MARK_DOUBT];
    struct store_verdict v = { .standing = STORE_OK, .reason = "" };
    unsigned n_days;
    const int64_t end = find_run (s, p, from, &n_days);
    const int64_t until = end + p->soft_for_days * DAY_S;

    if (end && until > now) {
        v = say (STORE_SUPPRESSED, soft, from);
        v.since = end;
        v.until = until;
    } else if (n_days && s->days[s->n_days - 1] + p->soft_within_days * DAY_S > now) {
        v = say (STORE_WATCH, soft, from);
    } else if (doubt->last > from) {
        v = say (STORE_WATCH, doubt, from);
    }
    v.n_days = n_days;
    return v;
}

struct store_verdict
store_state_judge (const struct store_state *state, const struct store_policy *policy, int64_t now)
{
    const struct store_hand *hand = &state->hand;
    const int64_t lifted = state->lifted;
    const struct store_mark *hard = &state->marks[STORE_MARK_HARD];
    const struct store_mark *wish = &state->marks[STORE_MARK_WISH];

    if (hand->act == STORE_HAND_ADD && (hand->until == 0 || hand->until > now))
        return (struct store_verdict){ STORE_SUPPRESSED, "manual", hand->at, hand->until, 0, NULL };
    if (wish->last > lifted)
        return say (STORE_SUPPRESSED, wish, lifted);
    if (hard->last > lifted)
        return say (STORE_SUPPRESSED, hard, lifted);
    return judge_soft (state, policy, lifted, now);
}

const char *
store_standing_name (enum store_standing standing)
{
    static const char *const names[] = { "ok", "watch", "suppressed" };

    return names[standing];
}
