/* A rule set's insides: what the loader makes of the records, and the readers and the classifier
 * use. Everything is owned by the set and immutable after dsn_rules_finish().
 */
#ifndef DSND_RULESET_H
#define DSND_RULESET_H

#include "core/phrase/wordings.h"
#include "core/phrase/normal.h"
#include "core/rules/marks.h"

#include "core/rules/rules.h"
#include "core/bytes/status.h"
#include "core/event/taxonomy.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A phrase as the rule file has it; @id is the matcher's. */
struct rule_phrase {
    uint32_t id;
    uint16_t n_bytes; /* that it's sure to match, of the normalised text */
};

/* Phrases that must occur in this order. */
struct rule_sequence {
    struct rule_phrase *phrases;
    unsigned n;
    unsigned n_bytes; /* of all phrases */
};

struct rule_status_range {
    uint8_t cls;                       /* 0: any */
    int16_t subject;                   /* -1: any */
    int16_t detail_first, detail_last; /* -1: any */
};

struct rule_reply_range {
    uint16_t first, last;
};

enum rule_scope { RULE_SCOPE_BOTH, RULE_SCOPE_DIAGNOSTIC, RULE_SCOPE_NOTIFICATION };

/* A name after `at` or `by`, until dsn_rules_finish() finds its record. */
struct rule_ref {
    char *name;
    bool is_format;
    unsigned line, column;
};

struct rule {
    char *id;
    const char *file; /* (borrowed from the set) */
    unsigned line;
    unsigned order; /* position in the set: ties go to the lower one */
    bool is_local;  /* from a file, not built in */
    bool is_off;
    bool is_raw;  /* `raw`, or with `at` */
    bool is_bare; /* only for a reply without words */
    enum rule_scope scope;
    GArray *texts;     /* struct rule_sequence: any */
    GArray *nots;      /* struct rule_phrase: none */
    GArray *providers; /* unsigned: index into set->providers */
    GArray *formats;   /* unsigned: index into set->formats */
    GArray *statuses;  /* struct rule_status_range */
    GArray *replies;   /* struct rule_reply_range */
    GArray *refs;      /* struct rule_ref; NULL once finished */
    unsigned stages;   /* bit 1 << enum dsn_stage; 0: any */
    unsigned category;
    enum dsn_class cls;     /* NONE: the category's */
    enum dsn_advice advice; /* NONE: the category's */
    unsigned weight;
    GPtrArray *proofs; /* char *, as written */
};

/* Where somebody who was refused can look or ask: struct help's strings, in this order. */
enum help_line { HELP_PAGE, HELP_FORM, HELP_LOOP, HELP_REPUTATION, HELP_ASKS, HELP_NOTE, _HELP_N };
struct help {
    char *lines[_HELP_N]; /* NULL: nothing is known */
};

struct provider {
    char *id, *name;
    GPtrArray *hosts;   /* char *, lower case, ".google.com" or a whole host name */
    GArray *seen;       /* struct rule_phrase */
    GPtrArray *domains; /* char *, lower case, in the same two forms */
    struct help help;
};

enum format_cond_type { COND_FROM, COND_SUBJECT, COND_HEADER, COND_BODY };

struct format_cond {
    enum format_cond_type type;
    char *header; /* COND_HEADER: name in lower case */
    char *text;   /* COND_BODY: NULL. Else the normalised phrase, NULL: the header is there */
    bool open_start, open_end; /* of @text */
    struct rule_phrase phrase; /* COND_BODY, and @text of COND_FROM and COND_SUBJECT; n_bytes 0: not
                                  in the matcher */
};

/* A line pattern, split: literal, hole, literal, hole ... Literals are normalised; no two holes are
 * neighbours; the last piece has no hole, and a literal that may be "". */
enum pattern_hole { HOLE_NONE, HOLE_ADDR, HOLE_HOST, HOLE_IP, HOLE_TEXT, HOLE_ANY };
struct pattern_piece {
    char *literal;          /* may be "" */
    enum pattern_hole hole; /* that follows the literal; HOLE_NONE at the end */
};

enum format_block { BLOCK_BLANK, BLOCK_INDENT, BLOCK_NEXT };

struct format_stage {
    struct rule_phrase phrase;
    enum dsn_stage stage;
};

struct format {
    char *id, *name;
    const char *file; /* (borrowed from the set) */
    unsigned line;
    GArray *whens; /* GArray * of struct format_cond: any of all */
    GArray *delayed, *delivered, *failed, *start, *end, *skip; /* struct rule_phrase */
    GPtrArray *recipients, *aliases, *replies; /* GArray * of struct pattern_piece */
    GArray *stages;                            /* struct format_stage */
    enum format_block block;
    bool is_off;       /* never found */
    GPtrArray *proofs; /* char *: file names below fixtures/ */
};

enum phrases_name {
    PHRASES_ORIGINAL_MARKER,
    PHRASES_FAILED,
    PHRASES_DELAYED,
    PHRASES_RETRYING,
    PHRASES_FINAL,
    PHRASES_DELIVERED,
    PHRASES_NOTHING_FAILED,
    PHRASES_FOR_OPERATORS,
    PHRASES_AUTO_REPLY,
    PHRASES_TICKET,
    PHRASES_PERSON,
    PHRASES_CHALLENGE,
    PHRASES_BOUNCE_SUBJECT,
    PHRASES_DELAY_SUBJECT,
    PHRASES_RECIPIENT_INTRO,
    PHRASES_NOT_RECIPIENT,
    PHRASES_SAID,
    PHRASES_UNSUBSCRIBE,
    PHRASES_FROM_SYSTEM,
    PHRASES_FROM_DAEMON,
    PHRASES_STAGE_EOM,
    PHRASES_STAGE_RCPT,
    PHRASES_STAGE_MAIL,
    PHRASES_STAGE_DATA,
    PHRASES_STAGE_STARTTLS,
    PHRASES_STAGE_AUTH,
    PHRASES_STAGE_EHLO,
    PHRASES_STAGE_CONNECT,
    _PHRASES_N
};

/* Lists in a set of 32 bits. */
#define PHRASES_BIT(name) (UINT32_C (1) << (name))

struct blocklist {
    char *zone; /* lower case */
    char *name;
    GArray *seen; /* struct rule_phrase */
    struct help help;
};

/* What one sender means by a code: a line of a `codes` record. Where it judges mail, a rule of the
 * set with the id "SENDER:TEXT" does it; the rest is for people. */
enum sent_kind { SENT_TOKEN, SENT_STATUS, SENT_REPLY, SENT_CASE, SENT_TYPE };
struct sent_code {
    enum sent_kind kind;
    char *text;  /* as it's written: "S3150", "5.7.507", "422"; SENT_CASE: a whole refusal */
    char *reply; /* it comes with; NULL: not told */
    unsigned category;
    enum dsn_class cls; /* NONE: the category's */
    char *meaning;
    char *remedy; /* NULL: none */
    char *rule;   /* id of the rule that judges by it; NULL: none */
    unsigned line;
    bool is_raw;             /* counts in host names, addresses and URLs, too */
    struct rule_phrase mark; /* SENT_TOKEN: tells the provider; n_bytes 0: doesn't */
};

/* A `codes` record: one provider's, or one block list's. */
struct sender {
    char *id;         /* of the provider, or the block list's zone */
    char *name;       /* NULL: the provider's or the block list's record has it */
    struct help help; /* if there's a name */
    int provider;     /* index, -1: it's none; once finished */
    const char *file; /* (borrowed from the set) */
    unsigned line;
    GPtrArray *codes;   /* struct sent_code * */
    GPtrArray *sources; /* char * */
};

struct code_text;
struct code {
    char *id;
    unsigned category;  /* 0: the code is no failure */
    enum dsn_class cls; /* NONE: by the code's class and the category */
    bool is_weak;       /* given for many reasons */
    const char *file;   /* (borrowed from the set) */
    unsigned line;
    struct dsn_bytes body;  /* the record's lines, for code_text_new() */
    char *own_body;         /* the same of a file's record; NULL: they're part of the program */
    struct code_text *text; /* only while code_text_new() reads the lines */
};

/* What a site makes of a category, whatever the evidence for it. */
struct policy {
    unsigned category;
    enum dsn_class cls;     /* NONE: as the evidence says */
    enum dsn_advice advice; /* NONE: what goes with the class */
};

/* What a phrase stands for: one phrase may serve several. */
enum phrase_role {
    ROLE_RULE_FIRST,    /* first phrase of sequence @part of rule @index */
    ROLE_PROVIDER,      /* provider @index was seen */
    ROLE_PROVIDER_WORD, /* the same, but not in a host name, address or URL */
    ROLE_FORMAT_KEY,    /* without it the `when` line @part of format @index can't hold */
    ROLE_BLOCKLIST,     /* names block list @index */
};
struct phrase_use {
    enum phrase_role role;
    unsigned index;
    unsigned part;
};

/* All that one phrase stands for. Numbers, not pointers: as constants they need no relocation. */
struct phrase_uses {
    uint32_t first, n; /* ruleset_use() */
    uint32_t lists;    /* PHRASES_BIT of each list that it is in */
};

/* A `when` line of a format. */
struct format_when {
    unsigned format, when;
};

/* A pattern of a provider's `host` or `domain` lines. */
struct host_pattern {
    const char *name;  /* (borrowed from the provider); NULL: a free place */
    unsigned provider; /* index + 1 */
};

/* Patterns by hosts_hash(), the next place where one is taken. */
struct host_table {
    struct host_pattern *places; /* a power of two of them, at most half of them taken */
    unsigned n;
};

/* What's known about the records as a whole, for looking things up. */
struct rule_index {
    GArray *all_uses;   /* struct phrase_use, those of one phrase in a row */
    GArray *uses;       /* by phrase id: struct phrase_uses */
    GArray *codes_only; /* unsigned: rules without text, in order */
    GArray *keyless;    /* struct format_when: those that no phrase leads to */
    struct host_table hosts, domains;
};

/* Under which key of dsn_rules.by_id a record stands. */
struct rule_key {
    char *key; /* "rule exim-x" */
    unsigned place;
};

/* Something to free with the set. */
struct rule_owned {
    void *item;
    GDestroyNotify free;
};

struct builtin_set;

/* The records, and strings of them, may be constants of the program: nothing that's in a list is
 * written to, and what must be freed is in @owned. A new member of a record is a new line in
 * tools/compile-rules.c. */
struct dsn_rules {
    const struct builtin_set *builtin; /* that it goes on from; NULL: from nothing */
    GPtrArray *files;                  /* char *: names, for rule->file */
    GPtrArray *rules;                  /* struct rule *, in order */
    GPtrArray *providers;              /* struct provider * */
    GPtrArray *formats;                /* struct format * */
    GPtrArray *blocklists;             /* struct blocklist * */
    GPtrArray *senders;                /* struct sender *, in order: one id may have several */
    GPtrArray *codes;                  /* struct code *, sorted by id after finish */
    GPtrArray *policies;               /* struct policy * */
    GArray *phrases[_PHRASES_N];       /* struct rule_phrase */
    struct marks marks;
    GArray *owned;        /* struct rule_owned */
    GHashTable *by_id;    /* "rule exim-x" -> index + 1; NULL until it's needed */
    unsigned local_count; /* records that come from files, not built in */
    struct wordings *wordings;
    const struct rule_index *index; /* NULL until it's finished */
    struct rule_index *own_index;   /* NULL: the built-in one does */
    char *version;
    bool has_words; /* the statistical reader is asked */
    bool is_finished;
};

/* Frees @item with the set. Returns it. */
void *ruleset_own (struct dsn_rules *rules, void *item, GDestroyNotify free);

/* What phrase @id stands for. (borrowed) */
static inline const struct phrase_uses *
ruleset_uses (const struct dsn_rules *rules, uint32_t id)
{
    return &g_array_index (rules->index->uses, struct phrase_uses, id);
}

/* The use @i of them. (borrowed) */
static inline const struct phrase_use *
ruleset_use (const struct dsn_rules *rules, const struct phrase_uses *uses, uint32_t i)
{
    return &g_array_index (rules->index->all_uses, struct phrase_use, uses->first + i);
}

/* The record for a code, "5.1.1" or "550"; "x.1.1" stands in for a class that has none.
 * (borrowed), NULL if there's none. */
const struct code *ruleset_code (const struct dsn_rules *rules, const char *code);

/* The policy for @category, NULL if there's none. (borrowed) */
const struct policy *ruleset_policy (const struct dsn_rules *rules, unsigned category);

/* Whether the condition's phrase occurs in a normalised header value: any type but COND_BODY. */
bool format_cond_matches (const struct format_cond *cond, struct dsn_bytes value);

/* Bits of rule_hits.seen: most phrases that are asked for don't occur, and end there. */
#define RULE_HITS_SEEN 2048

/* The phrases of a rule set that occur in a text. */
struct rule_hit {
    uint32_t phrase, start, end;
    bool is_masked; /* touches a host name, address or URL */
};
struct rule_hits {
    const struct dsn_rules *rules;      /* (borrowed) */
    GArray *hits;                       /* struct rule_hit by phrase, masked last, start; owned */
    GArray *in_text;                    /* struct match_hit in the order of the text; owned */
    uint64_t seen[RULE_HITS_SEEN / 64]; /* bit id % RULE_HITS_SEEN: a phrase with that id occurs */
};

/* Part of a normalised text: a phrase counts if all of it is inside. */
struct text_range {
    uint32_t start, end;
};

/* A `text` line of a rule whose first phrase occurs. */
struct rule_candidate {
    unsigned rule, text;
};

/* Runs the matcher over @text, which may be freed afterwards. */
void rule_hits_init (struct rule_hits *h, const struct dsn_rules *rules,
                     const struct normal_text *text);

/* The same of hits that the matcher has found in @text: struct match_hit in order. (in_text taken)
 */
void rule_hits_init_taken (struct rule_hits *h, const struct dsn_rules *rules,
                           const struct normal_text *text, GArray *in_text);
void rule_hits_clear (struct rule_hits *h);

/* Whether phrase @id may occur: false is sure. */
static inline bool
rule_hits_may_have (const struct rule_hits *h, uint32_t id)
{
    return h->seen[id % RULE_HITS_SEEN / 64] >> id % 64 & 1;
}

/* The first occurrence of phrase @id in @range. With @is_raw, masked ones count. */
bool rule_hits_find (const struct rule_hits *h, uint32_t id, bool is_raw, struct text_range range,
                     struct rule_hit *ret_hit);

/* Of which lists a phrase occurs in @range, masked or not: a set of PHRASES_BIT. */
uint32_t rule_hits_lists (const struct rule_hits *h, struct text_range range);

/* Whether the phrases occur in their order in @range, anything between them. */
bool rule_hits_has_sequence (const struct rule_hits *h, const struct rule_sequence *seq,
                             bool is_raw, struct text_range range);

/* Whether one of the rule's @n `text` lines @candidates (of this rule, as ruleset_candidates()
 * gives them; n 0: it has none) matches in @range, and none of its `not` phrases occurs there.
 * @ret_matched_bytes: the longest matching line's phrases, 0 without `text`. The rule's other
 * conditions aren't looked at. */
bool ruleset_rule_matches_text (const struct rule *rule, const struct rule_candidate *candidates,
                                unsigned n, const struct rule_hits *h, struct text_range range,
                                unsigned *ret_matched_bytes);

/* Appends a struct rule_candidate for each `text` line of a rule that isn't off whose first phrase
 * occurs anywhere: ordered by rule, then line, each once. Time depends on the hits only. */
void ruleset_candidates (const struct dsn_rules *rules, const struct rule_hits *h,
                         GArray *ret_candidates);

/* How many candidates from @i on are of the same rule. */
unsigned ruleset_candidates_of_rule (const GArray *candidates, unsigned i);

#endif
