/* Numbers are written without the locale, so that a page is the same everywhere. */
#include "cli/report/reportwords.h"

#include "cli/report/reportname.h"

#include "core/event/taxonomy.h"

#include <inttypes.h>
#include <string.h>

#define CHANGES_SHOWN 5

const struct report_section report_sections[REPORT_SECTIONS] = {
    { "What to do", "The advice of each event.", REPORT_TABLE_ADVICE, false },
    { "Why", "The reason of each bounce and delay.", REPORT_TABLE_CATEGORY, true },
    { "Recipients' domains", "Where the mail was to go.", REPORT_TABLE_DOMAIN, true },
    { "Providers", "Whose refusal it was, where dsnd knows the provider.", REPORT_TABLE_PROVIDER,
      true },
    { "Hosts that refused", "The remote host, or its address.", REPORT_TABLE_REMOTE, true },
    { "Block lists", "The lists that refusals name.", REPORT_TABLE_BLOCK_LIST, true },
    { "Senders", "The From address of the message that came back.", REPORT_TABLE_SENDER, true },
    { "Hosts that reported", "The mail system that wrote the report.", REPORT_TABLE_REPORTER,
      true },
    { "Mail systems", "In whose format the report is written.", REPORT_TABLE_SYSTEM, true },
    { "Mailboxes", "Where dsnd found the report.", REPORT_TABLE_MAILBOX, true },
    { "Kinds of mail", "All events.", REPORT_TABLE_KIND, false },
    { "Trust", "Whether a signed return path proves that the report is about a message of ours.",
      REPORT_TABLE_TRUST, false },
};

const char *const report_part_names[_REPORT_PART_N] = {
    [REPORT_HARD] = "hard",
    [REPORT_SOFT] = "soft",
    [REPORT_DELAYED] = "delayed",
    [REPORT_OTHER] = "other",
};

static const struct {
    enum report_table table;
    const char *key;
    const char *meaning;
} meanings[] = {
    { REPORT_TABLE_ADVICE, "suppress", "send nothing more to these addresses" },
    { REPORT_TABLE_ADVICE, "retry", "the address is fine: send again later" },
    { REPORT_TABLE_ADVICE, "slow_down", "send less at a time" },
    { REPORT_TABLE_ADVICE, "fix_sender", "repair the sending side; the address is fine" },
    { REPORT_TABLE_ADVICE, "fix_content", "repair the message; the address is fine" },
    { REPORT_TABLE_ADVICE, "review", "a person should look at these" },
    { REPORT_TABLE_ADVICE, "none", "nothing to do" },
    { REPORT_TABLE_KIND, "bounce", "delivery failed for good" },
    { REPORT_TABLE_KIND, "delayed", "not delivered so far, tried again" },
    { REPORT_TABLE_KIND, "delivered", "delivered, or handed on" },
    { REPORT_TABLE_KIND, "complaint", "called spam by the recipient or a filter" },
    { REPORT_TABLE_KIND, "receipt", "displayed, deleted, ..." },
    { REPORT_TABLE_KIND, "auto_reply", "a vacation notice or the like" },
    { REPORT_TABLE_KIND, "challenge", "asks whether a person wrote it" },
    { REPORT_TABLE_KIND, "unsubscribe", "wants no more mail" },
    { REPORT_TABLE_KIND, "other", "no report: a person's mail, spam" },
    { REPORT_TABLE_KIND, "unprocessable", "couldn't be read, and is kept aside" },
    { REPORT_TABLE_TRUST, "verified", "a signature of ours matches" },
    { REPORT_TABLE_TRUST, "unsigned", "there's no key to check with" },
    { REPORT_TABLE_TRUST, "suspect", "forged, maybe: the signature is missing or wrong" },
};

const char *
report_words_meaning (enum report_table table, const char *key)
{
    if (table == REPORT_TABLE_CATEGORY)
        return dsn_category_get (dsn_category_lookup (dsn_bytes_str (key)))->meaning;
    for (size_t i = 0; i < G_N_ELEMENTS (meanings); i++)
        if (meanings[i].table == table && strcmp (meanings[i].key, key) == 0)
            return meanings[i].meaning;
    return NULL;
}

char *
report_words_number (uint64_t n)
{
    g_autoptr (GString) text = g_string_new (NULL);

    g_string_printf (text, "%" PRIu64, n);
    for (gssize at = (gssize)text->len - 3; at > 0; at -= 3)
        g_string_insert_c (text, at, ',');
    return g_strdup (text->str);
}

char *
report_words_count (uint64_t n, const char *one, const char *many)
{
    g_autofree char *number = report_words_number (n);

    return g_strdup_printf ("%s %s", number, n == 1 ? one : many);
}

char *
report_words_share (uint64_t n, uint64_t total)
{
    if (total == 0)
        return g_strdup ("");
    if (n > 0 && n < total / 100)
        return g_strdup ("<1%");
    return g_strdup_printf ("%" PRIu64 "%%", (100 * n + total / 2) / total);
}

char *
report_words_distinct (struct report_distinct *d)
{
    bool is_exact;
    const uint64_t n = report_distinct_count (d, &is_exact);
    g_autofree char *number = report_words_number (n);

    return g_strconcat (is_exact ? "" : "about ", number, NULL);
}

char *
report_words_span (const struct report_tally *tally)
{
    g_autofree char *from_text = NULL, *to_text = NULL, *length = NULL;
    int64_t from, to;

    if (!report_tally_span (tally, &from, &to))
        return g_strdup ("no time is known");
    from_text = report_time_text (from, tally->zone);
    to_text = report_time_text (to + 1, tally->zone);
    length = report_time_length (to + 1 - from);
    return g_strdup_printf ("%s to %s %s, %s", from_text, to_text, tally->zone_name, length);
}

/* The heaviest key of a table, and what it means. */
static void
append_main (GString *out, const struct report_tally *tally, enum report_table table,
             const char *words)
{
    g_autoptr (GPtrArray) sorted = report_top_sorted (tally->tables[table]);
    const struct report_entry *first = sorted->len ? g_ptr_array_index (sorted, 0) : NULL;
    const char *meaning = first ? report_words_meaning (table, first->key) : NULL;
    g_autofree char *share =
        first ? report_words_share (first->n, report_top_total (tally->tables[table])) : NULL;

    if (first)
        g_string_append_printf (out, " %s \"%s\", %s of the failures%s%s.", words,
                                report_name (table, first->key), share, meaning ? ": " : "",
                                meaning ? meaning : "");
}

char *
report_words_summary (struct report_tally *tally)
{
    g_autoptr (GString) out = g_string_new (NULL);
    const uint64_t n_bounces = report_tally_bounces (tally);
    g_autofree char *mails = report_words_count (tally->n_mails, "mail", "mails");
    g_autofree char *bounces = report_words_count (n_bounces, "bounce", "bounces");
    g_autofree char *hard = report_words_number (tally->n_parts[REPORT_HARD]);
    g_autofree char *suppress = report_words_distinct (tally->suppress);

    if (tally->n_events == 0)
        return g_strdup ("No events in this time.");
    g_string_append_printf (out, "%s told of %s, %s of them hard.", mails, bounces, hard);
    append_main (out, tally, REPORT_TABLE_CATEGORY, "The most frequent reason is");
    g_string_append_printf (out, " Addresses to suppress: %s.", suppress);
    return g_strdup (out->str);
}

/* "12% more", "half", "as many". */
static char *
change_of (uint64_t n, uint64_t before)
{
    const uint64_t more = MAX (n, before) - MIN (n, before);
    g_autofree char *share = report_words_share (more, before);

    if (n == before)
        return g_strdup ("as many as");
    if (before == 0 || more >= 3 * before)
        return g_strdup_printf ("many more than");
    return g_strdup_printf ("%s %s than", share, n > before ? "more" : "fewer");
}

static void
add_change (GPtrArray *changes, const char *name, uint64_t n, uint64_t before, const char *length)
{
    g_autofree char *number = report_words_number (n);
    g_autofree char *number_before = report_words_number (before);
    g_autofree char *change = change_of (n, before);

    if (n || before)
        g_ptr_array_add (changes, g_strdup_printf ("%s: %s, %s in the %s before (%s)", name, number,
                                                   change, length, number_before));
}

struct shift {
    const char *key;
    uint64_t n, before;
};

static int
compare_shifts (const void *a, const void *b)
{
    const struct shift *one = a, *other = b;
    const uint64_t by = MAX (one->n, one->before) - MIN (one->n, one->before);
    const uint64_t other_by = MAX (other->n, other->before) - MIN (other->n, other->before);

    return by != other_by ? (by > other_by ? -1 : 1) : strcmp (one->key, other->key);
}

/* The reasons whose number changed most. */
static void
add_shifts (GPtrArray *changes, const struct report_tally *tally, const char *length)
{
    const struct report_top *now = tally->tables[REPORT_TABLE_CATEGORY];
    const struct report_top *before = tally->earlier->tables[REPORT_TABLE_CATEGORY];
    g_autoptr (GPtrArray) keys = report_top_sorted (now), old_keys = report_top_sorted (before);
    g_autoptr (GArray) shifts = g_array_new (FALSE, FALSE, sizeof (struct shift));

    g_ptr_array_extend (keys, old_keys, NULL, NULL);
    for (unsigned i = 0; i < keys->len; i++) {
        const struct report_entry *entry = g_ptr_array_index (keys, i);
        const struct shift shift = { entry->key, report_top_count (now, entry->key),
                                     report_top_count (before, entry->key) };
        const bool is_second = i >= keys->len - old_keys->len && shift.n > 0;
        if (shift.n != shift.before && !is_second)
            g_array_append_val (shifts, shift);
    }
    g_array_sort (shifts, compare_shifts);
    for (unsigned i = 0; i < MIN (shifts->len, CHANGES_SHOWN); i++) {
        const struct shift *shift = &g_array_index (shifts, struct shift, i);
        add_change (changes, report_name (REPORT_TABLE_CATEGORY, shift->key), shift->n,
                    shift->before, length);
    }
}

GPtrArray *
report_words_changes (const struct report_tally *tally)
{
    GPtrArray *changes = g_ptr_array_new_with_free_func (g_free);
    const struct report_tally *before = tally->earlier;
    g_autofree char *length = NULL;

    if (!before || before->n_events == 0)
        return changes;
    length = report_time_length (tally->until - tally->since);
    add_change (changes, "Mails", tally->n_mails, before->n_mails, length);
    add_change (changes, "Hard bounces", tally->n_parts[REPORT_HARD], before->n_parts[REPORT_HARD],
                length);
    add_change (changes, "Soft bounces", tally->n_parts[REPORT_SOFT], before->n_parts[REPORT_SOFT],
                length);
    add_change (changes, "Complaints",
                report_top_count (tally->tables[REPORT_TABLE_KIND], "complaint"),
                report_top_count (before->tables[REPORT_TABLE_KIND], "complaint"), length);
    add_shifts (changes, tally, length);
    return changes;
}

const char *
report_words_rule (void)
{
    /* clang-format off */
    return "Bursts of one cause at one place: 5 minutes with at least "
           G_STRINGIFY (REPORT_BURST_LEAST) " failures (bounces and delays), and "
           G_STRINGIFY (REPORT_BURST_TIMES) " times as many as usual there. The heaviest first.";
    /* clang-format on */
}

char *
report_words_incident (const struct report_incident *incident)
{
    g_autofree char *count = report_words_count (incident->n, "failure", "failures");

    return g_strdup_printf (
        "%s at %s: %s%s%s", count, incident->place ? incident->place : "many places",
        report_name (REPORT_TABLE_CATEGORY, incident->category), incident->block_list ? " by " : "",
        incident->block_list ? incident->block_list : "");
}

char *
report_words_incident_more (const struct report_tally *tally,
                            const struct report_incident *incident)
{
    g_autofree char *from = report_time_text (incident->from, tally->zone);
    g_autofree char *length = report_time_length (incident->to - incident->from + 1);
    g_autofree char *usual = report_words_number (incident->usual_tenths / 10);

    return g_strdup_printf ("%s %s, within %s; usually %s.%" PRIu64 " in 5 minutes", from,
                            tally->zone_name, length, usual, incident->usual_tenths % 10);
}

static void
add_note (GPtrArray *notes, uint64_t n, const char *one, const char *many, const char *words)
{
    g_autofree char *count = report_words_count (n, one, many);

    if (n)
        g_ptr_array_add (notes, g_strconcat (count, words, NULL));
}

/* Tables of which more keys came than there are counters. */
static void
add_estimates (GPtrArray *notes, const struct report_tally *tally)
{
    for (unsigned i = 0; i < REPORT_SECTIONS; i++) {
        const struct report_section *section = &report_sections[i];
        const uint64_t n_over = report_top_over (tally->tables[section->table]);
        g_autofree char *over = report_words_number (n_over);
        if (n_over)
            g_ptr_array_add (notes, g_strdup_printf ("%s: more different ones than are counted "
                                                     "apart (%d); a number marked ~ is too high "
                                                     "by at most %s.",
                                                     section->title, REPORT_COUNTERS, over));
    }
}

GPtrArray *
report_words_notes (const struct report_tally *tally)
{
    GPtrArray *notes = g_ptr_array_new_with_free_func (g_free);

    add_note (notes, tally->n_unread, "file", "files",
              " couldn't be read: this is not all that happened.");
    add_note (notes, tally->n_damaged, "line was", "lines were",
              " damaged or too long, and not counted: dsnctl verify tells where in a spool.");
    add_note (notes, tally->n_foreign, "line was", "lines were", " no event and not counted.");
    add_note (notes, tally->n_outside, "event was", "events were",
              " outside of this time and not counted.");
    add_note (notes, tally->n_without_date, "event has", "events have",
              " no time and can't be placed in this range: not counted.");
    add_note (notes, tally->n_undated, "event has", "events have",
              " no time: counted, but not shown over time.");
    add_note (notes, tally->n_mail_dates, "event wasn't", "events weren't",
              " recorded by dsnd: placed by the date that the mail states.");
    add_note (notes, report_addresses_left_out (tally->addresses), "event", "events",
              " gave addresses to suppress that found no room in the list: use a suppression store "
              "for so many.");
    add_estimates (notes, tally);
    if (report_watch_is_partial (tally->watch))
        g_ptr_array_add (notes, g_strdup ("There are too many different causes and places to watch "
                                          "them all: small incidents may be missing."));
    return notes;
}
