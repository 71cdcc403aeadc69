/* What the readers of the record kinds (rules_*.c) share while a rule file is read. Each function
 * that returns bool says false after it has set the load's error.
 */
#ifndef DSND_RULELOAD_H
#define DSND_RULELOAD_H

#include "core/rules/rulefile.h"
#include "core/rules/ruleset.h"

struct ruleload {
    struct dsn_rules *set;
    const char *file; /* (borrowed from the set) */
    bool is_local;
    GHashTable *places;            /* "rule exim-x" -> "FILE:LINE", of the files of this load */
    const struct rulefile *in;     /* where its bytes are read from */
    const struct rule_line *line;  /* the one being read */
    unsigned record_line;          /* where the record began */
    enum mark mark;                /* of a `marks` record */
    uint64_t seen;                 /* bit per line type of the record that was seen */
    struct dsn_rules_error *error; /* (borrowed) */
};

/* A line that a record may hold. */
struct rule_line_type {
    const char *word;
    const char *usage;           /* what follows the word, for messages; "" for nothing */
    unsigned args_min, args_max; /* words after the first; args_max 0 and args_min 1: any number */
    bool is_once;
    bool (*read) (struct ruleload *l, void *record);
};

struct rule_record_type {
    const char *word;
    const char *usage;
    unsigned args_min, args_max;
    /* Makes the record of the first line and gives it to the set. NULL after an error. */
    void *(*begin) (struct ruleload *l);
    /* Whether the record is whole. */
    bool (*end) (struct ruleload *l, void *record);
    const struct rule_line_type *lines;
    unsigned n_lines;
};

extern const struct rule_record_type rule_record_rule, rule_record_provider, rule_record_format,
    rule_record_phrases, rule_record_blocklist, rule_record_code, rule_record_codes,
    rule_record_policy, rule_record_reader, rule_record_marks;

/* Adds the built-in rules from their files, as dsn_rules_add_builtin() does in a program without
 * builtin_set: for the program that makes it, and for tests that hold the two to each other. */
bool ruleload_builtin_texts (struct dsn_rules *rules, struct dsn_rules_error *ret_error);

/* Wrong is word @word of the line (0 is the first; past the last: the line's last word). */
bool ruleload_fail (struct ruleload *l, unsigned word, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* Wrong is the record as a whole: its first line is named. */
bool ruleload_fail_record (struct ruleload *l, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Word @word should be one of @names (NULL entries don't count): names the nearest, or all. */
bool ruleload_fail_unknown (struct ruleload *l, unsigned word, const char *what,
                            const char *const *names, unsigned n);

/* The remedy for an unknown @name: "did you mean 'x'?", or all @names. (transfer full) */
char *ruleload_suggest (const char *name, const char *const *names, unsigned n);

/* The value that word @word names in @names (entry 0 doesn't count), 0 after an error. */
unsigned ruleload_name (struct ruleload *l, unsigned word, const char *what,
                        const char *const *names, unsigned n);

/* `hard` or `soft` as word @word says, NONE after an error. */
enum dsn_class ruleload_class (struct ruleload *l, unsigned word);

/* Gives @record to @array of the set, in the place of an earlier one of this kind and id. False if
 * the id stands in this load already; @record is the set's either way. @ret_index may be NULL. */
bool ruleload_place (struct ruleload *l, GPtrArray *array, GDestroyNotify free_record,
                     const char *id, void *record, unsigned *ret_index);

/* Whether word @word is an id. */
bool ruleload_check_id (struct ruleload *l, unsigned word);

/* Adds the phrase that word @word is to the matcher. */
bool ruleload_phrase (struct ruleload *l, unsigned word, struct rule_phrase *ret_phrase);

/* Adds @phrase, which word @word is or holds, to the matcher. */
bool ruleload_phrase_text (struct ruleload *l, unsigned word, const char *phrase,
                           struct rule_phrase *ret_phrase);

/* Appends the phrases from the line's second word on: struct rule_phrase. */
bool ruleload_phrases (struct ruleload *l, GArray *phrases);

/* Splits a phrase's '*' off. (transfer full) */
char *ruleload_split_phrase (const char *word, bool *ret_open_start, bool *ret_open_end);

/* `CATEGORY [hard|soft]` from word @word on. */
bool ruleload_says (struct ruleload *l, unsigned word, unsigned *ret_category,
                    enum dsn_class *ret_cls);

/* Sets *@field to the line's second word. False if it's empty. */
bool ruleload_string (struct ruleload *l, char **field);

/* Appends the words after the first to @strings, as they're written. False if one is empty. */
bool ruleload_strings (struct ruleload *l, GPtrArray *strings);

/* Appends the words after the first to @names in lower case: host names, or ".host". */
bool ruleload_hosts (struct ruleload *l, GPtrArray *names);

/* A new rule without lines for the one being read, given to the set. NULL after an error. */
struct rule *ruleload_rule (struct ruleload *l, const char *id);

/* Parses `5.1.1`, `5.7.606-649`, `*.2.2` or `4.7.*`; and `550`, `55x` or `4xx`. */
bool ruleload_parse_status (const char *text, struct rule_status_range *ret);
bool ruleload_parse_reply (const char *text, struct rule_reply_range *ret);

/* Finds whose each `codes` record is. */
bool ruleset_finish_senders (struct dsn_rules *rules, struct dsn_rules_error *ret_error);

/* Reads a line of RULELOAD_HELP_LINES(). */
bool ruleload_help (struct ruleload *l, struct help *help);

/* The lines of a record that tell where to look and whom to ask, all read by @read. */
#define RULELOAD_HELP_LINES(read)                                                                  \
    { "page", "\"TEXT\"", 1, 1, true, read }, { "form", "\"TEXT\"", 1, 1, true, read },            \
        { "loop", "\"TEXT\"", 1, 1, true, read }, { "reputation", "\"TEXT\"", 1, 1, true, read },  \
        { "asks", "\"TEXT\"", 1, 1, true, read },                                                  \
    {                                                                                              \
        "note", "\"TEXT\"", 1, 1, true, read                                                       \
    }

/* The index of all records (ruleuses.c). (transfer full): rule_index_free() */
struct rule_index *rule_index_new (const struct dsn_rules *rules);
void rule_index_free (struct rule_index *index);

/* Frees of the records (ruleset.c). All accept half-made records. */
void rule_free (void *rule);
void provider_free (void *provider);
void format_free (void *format);
void blocklist_free (void *blocklist);
void code_free (void *code);
void sender_free (void *sender);
void help_clear (struct help *help);

#endif
