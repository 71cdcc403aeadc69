/* A rule set: the built-in rules, plus any files added to them. Immutable once finished, and
 * may then be shared by any number of parses. The language: dsn-rules(5), docs/rules.md.
 */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include <dsn/bytes.h>

#include <stdbool.h>

struct dsn_rules;

/* Where a rule file is wrong, why, and what to do about it. */
struct dsn_rules_error {
    char *file;            /* owned */
    unsigned line, column; /* from 1; 0: the file as a whole */
    char *message;         /* owned: what's wrong and the remedy */
};
void dsn_rules_error_clear (struct dsn_rules_error *error);

/* An empty set, not yet usable. (transfer full): dsn_rules_free() */
struct dsn_rules *dsn_rules_new (void);
void dsn_rules_free (struct dsn_rules *rules);

/* Adds the rules compiled into the library. False with @ret_error only if the build is broken. */
bool dsn_rules_add_builtin (struct dsn_rules *rules, struct dsn_rules_error *ret_error);

/* The built-in rule file @i, from 0, in the order they're loaded: its name and text. False past the
 * last one. (borrowed, static) */
bool dsn_rules_builtin (size_t i, const char **ret_name, struct dsn_bytes *ret_text);

/* Adds the text of one rule file; @file is its name in messages. A rule with the id of an earlier
 * one replaces it. On an error nothing of the file counts and the set must be freed. */
bool dsn_rules_add (struct dsn_rules *rules, const char *file, struct dsn_bytes text,
                    struct dsn_rules_error *ret_error);

/* Resolves references and builds the matcher; the set is usable and immutable from here. */
bool dsn_rules_finish (struct dsn_rules *rules, struct dsn_rules_error *ret_error);

/* Whether a line of a rule file that starts with @word begins a record. */
bool dsn_rules_is_record (struct dsn_bytes word);

/* Checks that each rule's proof leads to the rule: calls @found for each that doesn't.
 * Returns the number of rules whose proof fails. */
typedef void dsn_rules_lint_fn (const struct dsn_rules_error *error, void *data);
size_t dsn_rules_lint (const struct dsn_rules *rules, dsn_rules_lint_fn *found, void *data);

/* What an event's `ruleset` says: version of the built-in rules, and how many came from files.
 * (borrowed until dsn_rules_free) */
const char *dsn_rules_version (const struct dsn_rules *rules);

#endif
