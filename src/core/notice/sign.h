/* The signs by which a mail's kind is told, what each weighs, and the weighing. A sign is a fact
 * about the mail with a name; the table in sign.c says for which kinds it speaks, and against.
 */
#ifndef DSND_SIGN_H
#define DSND_SIGN_H

#include "core/event/taxonomy.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum sign {
    /* parts for machines */
    SIGN_STATUS_PART,
    SIGN_FEEDBACK_PART,
    SIGN_FEEDBACK_TYPE,
    SIGN_DISPOSITION_PART,
    /* the header */
    SIGN_BOUNCE_FIELD,
    SIGN_COMPLAINT_FIELD,
    SIGN_COMPLAINT_SUBJECT,
    SIGN_AUTO_REPLY_FIELD,
    SIGN_AUTO_SUBMITTED,
    SIGN_BULK,
    SIGN_REPORT_TYPE,
    SIGN_FROM_SYSTEM,
    SIGN_FROM_DAEMON,
    SIGN_NULL_SENDER,
    SIGN_LIST_FIELD,
    SIGN_LIST_OF_SYSTEM,
    SIGN_REPLY_SUBJECT,
    SIGN_ANSWER,
    SIGN_FORWARD_SUBJECT,
    SIGN_BOUNCE_SUBJECT,
    SIGN_DELAY_SUBJECT,
    SIGN_AUTO_REPLY_SUBJECT,
    SIGN_UNSUBSCRIBE_SUBJECT,
    /* the words */
    SIGN_FORMAT,
    SIGN_FORMAT_FAILED,
    SIGN_FORMAT_DELAYED,
    SIGN_FORMAT_DELIVERED,
    SIGN_SAYS_FAILED,
    SIGN_SAYS_DELAYED,
    SIGN_SAYS_RETRYING,
    SIGN_SAYS_FINAL,
    SIGN_SAYS_DELIVERED,
    SIGN_SAYS_NOTHING_FAILED,
    SIGN_FOR_OPERATORS,
    SIGN_CHALLENGE_WORDS,
    SIGN_AUTO_REPLY_WORDS,
    SIGN_TICKET_WORDS,
    SIGN_PERSON_WORDS,
    SIGN_QUOTED,
    /* what was gathered */
    SIGN_ACTION_FAILED,
    SIGN_ACTION_DELAYED,
    SIGN_ACTION_DELIVERED,
    SIGN_NAMES_FAILING,
    SIGN_NAMES_AT_START,
    SIGN_NAMES_IN_DIALOGUE,
    SIGN_NAMES_NOBODY,
    SIGN_PASSED_ON,
    SIGN_REFUSAL_CODE,
    SIGN_REFUSAL_WORDS,
    SIGN_RETURNS_MAIL,
    SIGN_ABOUT_ADDRESSEE,
    SIGN_WRAPS_REPORT,
    _SIGN_N
};

typedef uint64_t sign_set;
#define SIGN_BIT(sign) (UINT64_C (1) << (sign))

static inline bool
sign_has (sign_set signs, enum sign sign)
{
    return signs >> sign & 1;
}

/* @signs with @sign in it if @is_there. */
static inline sign_set
sign_with (sign_set signs, enum sign sign, bool is_there)
{
    return is_there ? signs | SIGN_BIT (sign) : signs;
}

/* What a kind must weigh before a mail is of it; what no kind reaches is OTHER. */
#define SIGN_LEAST 10

/* The kind that @signs weigh most for, OTHER if none reaches SIGN_LEAST. */
enum dsn_kind sign_weigh (sign_set signs);

/* Whether @kind reports on a delivery: bounce, delayed, delivered. */
bool sign_is_report (enum dsn_kind kind);

/* "from-daemon" */
const char *sign_name (enum sign sign);

/* The weighing in words: the verdict with its sums, then each sign with what it weighs for the kind
 * that won, or, of OTHER, for the one that came nearest. (transfer full): g_strfreev() */
char **sign_explain (sign_set signs);

#endif
