/* The verdict on one recipient: evidence is gathered from codes, texts and provider rules, weighed
 * as docs/rules.md ("Precedence") says, and the heaviest wins. Pure and deterministic.
 */
#ifndef DSND_CLASSIFY_H
#define DSND_CLASSIFY_H

#include "core/gather/draft.h"
#include "core/rules/ruleset.h"

/* What the notification as a whole adds. */
struct classify_input {
    const struct dsn_rules *rules;
    const struct format *format;   /* NULL: unknown */
    const struct rule_hits *whole; /* phrases of the whole notification; NULL: none */
    const GArray *candidates;      /* of @whole: struct rule_candidate */
    struct dsn_bytes whole_text;   /* that notification, normalised */
    const char *reporting_mta;     /* NULL: unknown */
    bool is_only;                  /* the report's only recipient: the whole speaks of it */
    bool want_evidence;
};

/* Fills the codes, the stage, the provider and the verdict of @r from the draft. Strings go into
 * @report. r->action must be set; a delivered recipient gets no category. */
void classify (const struct classify_input *in, const struct draft *draft,
               struct dsn_report *report, struct dsn_recipient *r);

/* The verdict on a refusal's text alone: (borrowed from @report). @provider and @format are indexes
 * into the rule set, -1: not told. For the linter and for explanations. */
void classify_text (const struct dsn_rules *rules, struct dsn_bytes text, int provider, int format,
                    enum dsn_stage stage, bool want_evidence, struct dsn_report *report,
                    struct dsn_recipient *r);

#endif
