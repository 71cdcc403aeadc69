/* The weights of the signs, and the weighing: a sum for each kind, the greatest wins. What reports
 * on a delivery is one of them; which of its three kinds it is, is weighed beside that.
 * tools/fit-kinds holds the weights against all labelled mails, and says which would do better.
 */
#include "core/notice/sign.h"

#include <assert.h>
#include <string.h>

/* The columns of the table. A report must reach SIGN_LEAST by `report` alone; the three behind it
 * tell its kind. */
enum column {
    COLUMN_REPORT,
    COLUMN_BOUNCE,
    COLUMN_DELAYED,
    COLUMN_DELIVERED,
    COLUMN_COMPLAINT,
    COLUMN_AUTO_REPLY,
    COLUMN_CHALLENGE,
    COLUMN_RECEIPT,
    COLUMN_UNSUBSCRIBE,
    _COLUMN_N
};

struct row {
    const char *name;
    int8_t weight[_COLUMN_N];
};

/* clang-format off */
static const struct row table[_SIGN_N] = {
    /*                                              report | bounce delay deliv | compl reply chall recpt unsub */
    [SIGN_STATUS_PART]           = { "status-part",      {  25,   0,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_FEEDBACK_PART]         = { "feedback-part",    {   0,   0,   0,   0,  15,   0,   0,   0,   0 } },
    [SIGN_FEEDBACK_TYPE]         = { "feedback-type",    {   0,   0,   0,   0,  30,   0,   0,   0,   0 } },
    [SIGN_DISPOSITION_PART]      = { "disposition-part", {   0,   0,   0,   0,   0,   0,   0,  20,   0 } },

    [SIGN_BOUNCE_FIELD]          = { "bounce-field",     {   6,   0,   0,   0,   0,  -4,   0,   0,   0 } },
    [SIGN_COMPLAINT_FIELD]       = { "complaint-field",  {   0,   0,   0,   0,  30,   0,   0,   0,   0 } },
    [SIGN_COMPLAINT_SUBJECT]     = { "complaint-subject",{   0,   0,   0,   0,  30,   0,   0,   0,   0 } },
    [SIGN_AUTO_REPLY_FIELD]      = { "auto-reply-field", {  -3,   0,   0,   0,   0,  10,   0,   0,   0 } },
    [SIGN_AUTO_SUBMITTED]        = { "auto-submitted",   {   0,   0,   0,   0,   0,   4,   0,   0,   0 } },
    [SIGN_BULK]                  = { "bulk",             {   0,   0,   0,   0,   0,   2,   0,   0,   0 } },
    [SIGN_REPORT_TYPE]           = { "report-type",      {   4,   0,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_FROM_SYSTEM]           = { "from-system",      {   5,   0,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_FROM_DAEMON]           = { "from-daemon",      {   2,   0,   0,   0,   0,  -4,  -4,   0,  -4 } },
    [SIGN_NULL_SENDER]           = { "null-sender",      {   2,   0,   0,   0,   0,   1,   0,   0,  -4 } },
    [SIGN_LIST_FIELD]            = { "list-field",       {  -8,   0,   0,   0,   0,  -4,   0,   0,   0 } },
    [SIGN_LIST_OF_SYSTEM]        = { "list-of-system",   {  -2,   0,   0,   0,   0,  -4,   0,   0,   0 } },
    [SIGN_REPLY_SUBJECT]         = { "reply-subject",    {  -1,   0,   0,   0,   0,  -2,   0,   0,   0 } },
    [SIGN_ANSWER]                = { "answer",           {  -5,   0,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_FORWARD_SUBJECT]       = { "forward-subject",  {  -5,   0,   0,   0,   0,  -4,   0,   0,   0 } },
    [SIGN_BOUNCE_SUBJECT]        = { "bounce-subject",   {   4,   4,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_DELAY_SUBJECT]         = { "delay-subject",    {   4,   0,   8,   0,   0,   0,   0,   0,   0 } },
    [SIGN_AUTO_REPLY_SUBJECT]    = { "auto-reply-subject",{   0,   0,   0,   0,   0,  10,   0,   0,   0 } },
    [SIGN_UNSUBSCRIBE_SUBJECT]   = { "unsubscribe-subject",{   0,   0,   0,   0,   0,   0,   0,   0,  11 } },

    [SIGN_FORMAT]                = { "format",           {   3,   0,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_FORMAT_FAILED]         = { "format-failed",    {   8,  12,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_FORMAT_DELAYED]        = { "format-delayed",   {   8,   0,  24,   0,   0,   0,   0,   0,   0 } },
    [SIGN_FORMAT_DELIVERED]      = { "format-delivered", {   8,   0,   0,  16,   0,   0,   0,   0,   0 } },
    [SIGN_SAYS_FAILED]           = { "says-failed",      {   3,   6,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_SAYS_DELAYED]          = { "says-delayed",     {   2,   0,   2,   0,   0,   0,   0,   0,   0 } },
    [SIGN_SAYS_RETRYING]         = { "says-retrying",    {   2,   0,  12,   0,   0,   0,   0,   0,   0 } },
    [SIGN_SAYS_FINAL]            = { "says-final",       {   0,   8,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_SAYS_DELIVERED]        = { "says-delivered",   {   0,   0,   0,   5,   0,   0,   0,   0,   0 } },
    [SIGN_SAYS_NOTHING_FAILED]   = { "says-nothing-failed",{ -14,   0,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_FOR_OPERATORS]         = { "for-operators",    { -25,   0,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_CHALLENGE_WORDS]       = { "challenge-words",  {   0,   0,   0,   0,   0,   0,  20,   0,   0 } },
    [SIGN_AUTO_REPLY_WORDS]      = { "auto-reply-words", {   0,   0,   0,   0,   0,   6,   0,   0,   0 } },
    [SIGN_TICKET_WORDS]          = { "ticket-words",     {   0,   0,   0,   0,   0,   6,   0,   0,   0 } },
    [SIGN_PERSON_WORDS]          = { "person-words",     {  -6,   0,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_QUOTED]                = { "quoted",           {  -8,   0,   0,   0,   0,   0,   0,   0,   0 } },

    [SIGN_ACTION_FAILED]         = { "action-failed",    {   0,  20,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_ACTION_DELAYED]        = { "action-delayed",   {   0,   0,  20,   0,   0,   0,   0,   0,   0 } },
    [SIGN_ACTION_DELIVERED]      = { "action-delivered", {   0,   0,   0,  20,   0,   0,   0,   0,   0 } },
    [SIGN_NAMES_FAILING]         = { "names-failing",    {   5,   0,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_NAMES_AT_START]        = { "names-at-start",   {   2,   0,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_NAMES_IN_DIALOGUE]     = { "names-in-dialogue",{   2,   0,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_NAMES_NOBODY]          = { "names-nobody",     {  -3,   0,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_PASSED_ON]             = { "passed-on",        {   4,   0,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_REFUSAL_CODE]          = { "refusal-code",     {   4,   0,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_REFUSAL_WORDS]         = { "refusal-words",    {   3,   0,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_RETURNS_MAIL]          = { "returns-mail",     {   3,   0,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_ABOUT_ADDRESSEE]       = { "about-addressee",  { -14,   0,   0,   0,   0,   0,   0,   0,   0 } },
    [SIGN_WRAPS_REPORT]          = { "wraps-report",     { -25,   0,   0,   0,   0,   0,   0,   0,   0 } },
};
/* clang-format on */

static_assert (_SIGN_N <= 64, "a sign_set has room for all signs");

bool
sign_is_report (enum dsn_kind kind)
{
    return kind == DSN_KIND_BOUNCE || kind == DSN_KIND_DELAYED || kind == DSN_KIND_DELIVERED;
}

/* The kind of a column; report's is told by the three behind it. */
static const enum dsn_kind kinds[_COLUMN_N] = {
    [COLUMN_BOUNCE] = DSN_KIND_BOUNCE,         [COLUMN_DELAYED] = DSN_KIND_DELAYED,
    [COLUMN_DELIVERED] = DSN_KIND_DELIVERED,   [COLUMN_COMPLAINT] = DSN_KIND_COMPLAINT,
    [COLUMN_AUTO_REPLY] = DSN_KIND_AUTO_REPLY, [COLUMN_CHALLENGE] = DSN_KIND_CHALLENGE,
    [COLUMN_RECEIPT] = DSN_KIND_RECEIPT,       [COLUMN_UNSUBSCRIBE] = DSN_KIND_UNSUBSCRIBE,
};

static void
add_up (sign_set signs, int sums[_COLUMN_N])
{
    memset (sums, 0, _COLUMN_N * sizeof *sums);
    for (unsigned s = 0; s < _SIGN_N; s++)
        for (unsigned c = 0; sign_has (signs, (enum sign)s) && c < _COLUMN_N; c++)
            sums[c] += table[s].weight[c];
}

/* The column that weighs most of @first and those from @from up to @end; of equals the first. */
static enum column
heaviest (const int sums[_COLUMN_N], enum column first, enum column from, enum column end)
{
    enum column best = first;

    for (unsigned c = from; c < end; c++)
        if (sums[c] > sums[best])
            best = (enum column)c;
    return best;
}

/* The kind of report that it would be. */
static enum column
report_kind (const int sums[_COLUMN_N])
{
    return heaviest (sums, COLUMN_BOUNCE, COLUMN_DELAYED, COLUMN_COMPLAINT);
}

enum dsn_kind
sign_weigh (sign_set signs)
{
    int sums[_COLUMN_N];
    enum column best;

    add_up (signs, sums);
    best = heaviest (sums, COLUMN_REPORT, COLUMN_COMPLAINT, _COLUMN_N);
    if (sums[best] < SIGN_LEAST)
        return DSN_KIND_OTHER;
    return kinds[best == COLUMN_REPORT ? report_kind (sums) : best];
}

const char *
sign_name (enum sign sign)
{
    return table[sign].name;
}

/* "a report: 18 of 10" and, of a report, what tells its kind. */
static char *
explain_sums (const int sums[_COLUMN_N], enum column best)
{
    const char *name = best == COLUMN_REPORT ? "a report" : dsn_kind_names[kinds[best]];
    const char *verdict = sums[best] < SIGN_LEAST ? "other" : name;

    if (best != COLUMN_REPORT)
        return g_strdup_printf ("%s: %s weighs %d, %d is needed", verdict, name, sums[best],
                                SIGN_LEAST);
    return g_strdup_printf (
        "%s: a report weighs %d, %d is needed; bounce %d, delayed %d, "
        "delivered %d",
        sums[best] < SIGN_LEAST ? "other" : dsn_kind_names[kinds[report_kind (sums)]], sums[best],
        SIGN_LEAST, sums[COLUMN_BOUNCE], sums[COLUMN_DELAYED], sums[COLUMN_DELIVERED]);
}

/* "+3 says-failed, bounce +4" */
static char *
explain_sign (const struct row *row, enum column best)
{
    g_autoptr (GString) line = g_string_new (NULL);

    g_string_printf (line, "%+d %s", row->weight[best], row->name);
    for (unsigned c = COLUMN_BOUNCE; best == COLUMN_REPORT && c <= COLUMN_DELIVERED; c++)
        if (row->weight[c])
            g_string_append_printf (line, ", %s %+d", dsn_kind_names[kinds[c]], row->weight[c]);
    return g_string_free (g_steal_pointer (&line), FALSE);
}

char **
sign_explain (sign_set signs)
{
    g_autoptr (GPtrArray) lines = g_ptr_array_new ();
    int sums[_COLUMN_N];
    enum column best;

    add_up (signs, sums);
    best = heaviest (sums, COLUMN_REPORT, COLUMN_COMPLAINT, _COLUMN_N);
    /* where nothing speaks for anything, people ask why it's no report */
    best = sums[best] > 0 ? best : COLUMN_REPORT;
    g_ptr_array_add (lines, explain_sums (sums, best));
    for (unsigned s = 0; s < _SIGN_N; s++)
        if (sign_has (signs, (enum sign)s))
            g_ptr_array_add (lines, explain_sign (&table[s], best));
    g_ptr_array_add (lines, NULL);
    return (char **)g_ptr_array_free (g_steal_pointer (&lines), FALSE);
}
