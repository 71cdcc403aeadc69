/* A state as lines of words: "hard SINCE LAST CONFIDENCE ID CATEGORY RULE", "days SECONDS...",
 * "delivered SECONDS", "lifted SECONDS", "hand ACT AT UNTIL WHO WHY".
 */
#include "store/storestate.h"

#include <string.h>

static const char *const mark_names[STORE_MARK_N] = { "hard", "wish", "soft", "doubt" };
static const char *const act_names[] = { "none", "lift", "add" };

static const char *
word (const char *text)
{
    return *text ? text : "-";
}

void
store_state_append (GString *out, const struct store_state *state)
{
    for (unsigned i = 0; i < STORE_MARK_N; i++) {
        const struct store_mark *m = &state->marks[i];
        if (m->last)
            g_string_append_printf (
                out, "%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %d %s %s %s\n", mark_names[i],
                m->since, m->last, m->confidence, word (m->id), word (m->category), word (m->rule));
    }
    if (state->n_days)
        g_string_append (out, "days");
    for (unsigned i = 0; i < state->n_days; i++)
        g_string_append_printf (out, " %" G_GINT64_FORMAT, state->days[i]);
    if (state->n_days)
        g_string_append_c (out, '\n');
    if (state->delivered)
        g_string_append_printf (out, "delivered %" G_GINT64_FORMAT "\n", state->delivered);
    if (state->lifted)
        g_string_append_printf (out, "lifted %" G_GINT64_FORMAT "\n", state->lifted);
    if (state->hand.act != STORE_HAND_NONE)
        g_string_append_printf (out, "hand %s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s %s\n",
                                act_names[state->hand.act], state->hand.at, state->hand.until,
                                word (state->hand.who), word (state->hand.why));
}

static int64_t
number (const char *text)
{
    return g_ascii_strtoll (text, NULL, 10);
}

static void
copy (char *to, size_t n, const char *from)
{
    (void)g_strlcpy (to, strcmp (from, "-") == 0 ? "" : from, n);
}

static void
read_mark (struct store_mark *m, char **words)
{
    if (g_strv_length (words) != 7 || number (words[2]) <= 0)
        return;
    m->since = number (words[1]);
    m->last = number (words[2]);
    m->confidence = (int)number (words[3]);
    copy (m->id, sizeof m->id, words[4]);
    copy (m->category, sizeof m->category, words[5]);
    copy (m->rule, sizeof m->rule, words[6]);
}

static void
read_hand (struct store_hand *h, const char *line)
{
    g_auto (GStrv) words = g_strsplit (line, " ", 6);

    if (g_strv_length (words) != 6)
        return;
    h->act = strcmp (words[1], "add") == 0    ? STORE_HAND_ADD
             : strcmp (words[1], "lift") == 0 ? STORE_HAND_LIFT
                                              : STORE_HAND_NONE;
    h->at = number (words[2]);
    h->until = number (words[3]);
    copy (h->who, sizeof h->who, words[4]);
    copy (h->why, sizeof h->why, words[5]);
}

static void
read_line (struct store_state *s, const char *line)
{
    g_auto (GStrv) words = g_strsplit (line, " ", -1);

    if (!words[0])
        return;
    for (unsigned i = 0; i < STORE_MARK_N; i++)
        if (strcmp (words[0], mark_names[i]) == 0)
            read_mark (&s->marks[i], words);
    if (strcmp (words[0], "days") == 0)
        for (char **w = words + 1; *w && s->n_days < STORE_DAYS_MAX; w++)
            s->days[s->n_days++] = number (*w);
    if (strcmp (words[0], "delivered") == 0 && words[1])
        s->delivered = number (words[1]);
    if (strcmp (words[0], "lifted") == 0 && words[1])
        s->lifted = number (words[1]);
    if (strcmp (words[0], "hand") == 0)
        read_hand (&s->hand, line);
}

void
store_state_read (struct dsn_bytes text, struct store_state *ret_state)
{
    g_autofree char *copied = g_strndup (text.p, text.n);
    g_auto (GStrv) lines = g_strsplit (copied, "\n", -1);

    memset (ret_state, 0, sizeof *ret_state);
    for (char **line = lines; *line; line++)
        read_line (ret_state, *line);
}
