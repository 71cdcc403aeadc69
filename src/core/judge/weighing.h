/* The state of weighing one recipient: its texts, their phrases, and the codes, the stage and the
 * hosts found in them. Shared by the files that gather evidence (classify.c, codeevidence.c), codes
 * (codes.c) and look at a rule's conditions (rulefit.c).
 */
#ifndef DSND_WEIGHING_H
#define DSND_WEIGHING_H

#include "core/judge/classify.h"
#include "core/rules/hosts.h"

/* One recipient's texts in normalised form: the diagnostic, then what the notification says of it,
 * each a range of the same text. Where there's no Diagnostic-Code the notification's is it. */
struct weighing {
    const struct classify_input *in;
    const struct draft *draft;
    struct normal_text normal;
    struct rule_hits hits;
    struct text_range diagnostic, inner, told;
    struct hosts hosts;
    int format;                    /* index, -1: unknown */
    struct dsn_status code_status; /* in the diagnostic */
    struct dsn_status told_status; /* in the notification's words */
    unsigned reply;
    enum dsn_stage stage;
    bool has_words;     /* the recipient's own reply says something beside its codes */
    bool is_temporary;  /* its codes say so */
    bool has_weak_code; /* it states one that is given for many reasons */
    bool is_of_sender;  /* it states one that is about the sender's address */
    GArray *evidence;
    unsigned best; /* weight of the strongest rule so far */
};

/* The part of the normalised texts in @range. (borrowed) */
struct dsn_bytes weighing_slice (const struct weighing *w, struct text_range range);

/* Finds the innermost reply, then the codes and the stage that the texts state; with @any_class
 * codes of success count too. The texts must be prepared. */
void codes_read (struct weighing *w, bool any_class);

/* Whether a reply to the command that was answered speaks of the sender or its host: the recipient
 * wasn't named yet. */
bool weighing_is_early (const struct weighing *w);

/* What a verdict of @category means here: before RCPT, and beside a code for the sender's address,
 * nobody gives up a recipient; what is said of an address or a domain is said of the sender's. */
unsigned weighing_staged (const struct weighing *w, unsigned category);

/* The class of a verdict of @category, where a rule or a code says @cls: what a temporary reply
 * says is never final. */
enum dsn_class weighing_class (const struct weighing *w, unsigned category, enum dsn_class cls);

/* Writes the most telling code to @r, and the Status field's own where it's another. */
void codes_choose (const struct weighing *w, struct dsn_report *report, struct dsn_recipient *r);

/* All conditions of the rule but its texts. */
bool weighing_rule_fits (const struct weighing *w, const struct rule *rule);

/* Adds as evidence: the enhanced code @s with @weight, if it's one of a failure ... */
void weighing_add_code (struct weighing *w, struct dsn_status s, unsigned weight,
                        enum dsn_action action, const char *place);

/* Whether the reply or the Status field states a code that is given for many reasons. */
bool weighing_has_weak_code (const struct weighing *w);

/* ... the reply code, which alone means as much as the command that it answers ... */
void weighing_add_reply (struct weighing *w);

/* ... a block list that the texts name, written to @r too ... */
void weighing_add_blocklist (struct weighing *w, struct dsn_report *report,
                             struct dsn_recipient *r);

/* ... what is left where nothing speaks ... */
void weighing_add_fallbacks (struct weighing *w, enum dsn_action action);

/* ... and, last, what the words say by their weights where no rule is sure of them. */
void weighing_add_words (struct weighing *w, struct dsn_report *report);

#endif
