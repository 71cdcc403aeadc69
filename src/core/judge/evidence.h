/* Evidence for a verdict, collected with weights; the heaviest wins, and all of it can be shown.
 */
#ifndef DSND_EVIDENCE_H
#define DSND_EVIDENCE_H

#include "core/event/report.h"

#include <glib.h>

/* Weights that aren't a rule's own: docs/rules.md, "Precedence". */
#define WEIGHT_BLOCKLIST   84
#define WEIGHT_CODE        75
#define WEIGHT_FIELD       70
#define WEIGHT_EXPIRED     55 /* x.4.7 only says that the sender gave up: the cause lies deeper */
#define WEIGHT_SUBJECT     50
#define WEIGHT_REPLY_STAGE 45
#define WEIGHT_REPLY       30
#define WEIGHT_REPLY_WORDS 22 /* beside words that no rule knows: less than any that one does */
#define WEIGHT_DELAY       25
#define WEIGHT_CODE_WEAK   39 /* a code that is given for many reasons: less than weak words */
#define WEIGHT_NOTHING     5
/* What text loses by standing further away from the recipient's own reply. */
#define PENALTY_OUTER     10
#define PENALTY_TOLD      15 /* beside a Diagnostic-Code */
#define PENALTY_NOTICE    20
#define PENALTY_TEMPORARY 20 /* words that give an address up, in a reply that only puts off */
#define PENALTY_STAGE     30 /* where the words don't fit the command that was answered */
#define PENALTY_SHARED    15 /* more, where several recipients share the notification */

struct policy;

struct evidence {
    unsigned category;
    enum dsn_class cls;     /* NONE: the category's */
    enum dsn_advice advice; /* NONE: the category's */
    unsigned weight;
    unsigned matched_bytes; /* of text: longer is more specific */
    unsigned order;         /* of the rule in its set */
    bool is_rule;           /* a rule's text or codes match, or a block list's name */
    bool is_own;            /* such a rule is the site's, or about the provider */
    char *rule;             /* owned: id of the rule, or "code:5.1.1" */
    const char *place;      /* where it was found; (borrowed: static, or the report's) */
};

/* A list of struct evidence. (transfer full): g_array_unref() */
GArray *evidence_new (void);

/* Adds a copy; @e->rule is duplicated from @rule. A weight of 0 or less is not evidence. */
void evidence_add (GArray *list, const char *rule, struct evidence e);

/* Sorts by weight, then longer text, then rule order; the first is the verdict. */
void evidence_sort (GArray *list);

/* Writes the verdict of the sorted list, and the trail if @want_trail. The site's @policy for the
 * category that won, NULL if it has none, goes before what the evidence says. */
void evidence_conclude (const GArray *list, const struct policy *policy, bool want_trail,
                        struct dsn_report *report, struct dsn_recipient *r);

#endif
