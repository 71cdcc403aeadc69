/* A rule set's insides: what the loader makes of the records, and the readers and the classifier
 * use. Everything is owned by the set and immutable after dsn_rules_finish().
 */
#ifndef DSND_RULESET_H
#define DSND_RULESET_H

#include "matcher.h"

#include <dsnd/rules.h>
#include <dsnd/status.h>
#include <dsnd/taxonomy.h>

#include <glib.h>
#include <stdint.h>

/* A phrase as the rule file has it; @id is the matcher's. */
struct rule_phrase {
    uint32_t id;
    uint16_t n_bytes; /* length of the normalised phrase */
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

struct rule {
    char *id;
    const char *file; /* (borrowed from the set) */
    unsigned line;
    unsigned order; /* position in the set: ties go to the lower one */
    bool is_local;  /* from a file, not built in */
    bool is_off, is_raw;
    enum rule_scope scope;
    GArray *texts;     /* struct rule_sequence: any */
    GArray *nots;      /* struct rule_phrase: none */
    GArray *providers; /* unsigned: index into set->providers */
    GArray *formats;   /* unsigned: index into set->formats */
    GArray *statuses;  /* struct rule_status_range */
    GArray *replies;   /* struct rule_reply_range */
    unsigned stages;   /* bit 1 << enum dsn_stage; 0: any */
    unsigned category;
    enum dsn_class cls;     /* NONE: the category's */
    enum dsn_advice advice; /* NONE: the category's */
    unsigned weight;
    GPtrArray *proofs; /* char *, as written */
};

struct provider {
    char *id, *name;
    GPtrArray *hosts;   /* char *, lower case, ".google.com" or a whole host name */
    GArray *seen;       /* struct rule_phrase */
    GPtrArray *domains; /* char *, lower case */
};

enum format_cond_type { COND_FROM, COND_SUBJECT, COND_HEADER, COND_BODY, COND_TYPE };

struct format_cond {
    enum format_cond_type type;
    char *header; /* COND_HEADER: name in lower case */
    bool has_phrase;
    struct rule_phrase phrase;
};

/* A line pattern, split: literal, hole, literal, hole ... Literals are normalised. */
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
    GArray *delayed, *delivered, *failed, *start, *end, *skip,
        *original_header;                      /* struct rule_phrase */
    GPtrArray *recipients, *aliases, *replies; /* GArray * of struct pattern_piece */
    GArray *stages;                            /* struct format_stage */
    enum format_block block;
    GPtrArray *proofs; /* char *: file names below fixtures/ */
};

enum phrases_name {
    PHRASES_ORIGINAL_MARKER,
    PHRASES_FAILED,
    PHRASES_DELAYED,
    PHRASES_DELIVERED,
    PHRASES_AUTO_REPLY,
    PHRASES_CHALLENGE,
    PHRASES_BOUNCE_SUBJECT,
    PHRASES_DELAY_SUBJECT,
    PHRASES_RECIPIENT_INTRO,
    PHRASES_NOT_RECIPIENT,
    PHRASES_SAID,
    PHRASES_UNSUBSCRIBE,
    PHRASES_RECEIPT,
    _PHRASES_N
};

struct blocklist {
    char *zone; /* lower case */
    char *name;
    GArray *seen; /* struct rule_phrase */
};

struct code {
    char *id;
    unsigned category;
    enum dsn_class cls; /* NONE: by the code's class and the category */
    char *meaning;
    GPtrArray *causes, *remedies, *sources; /* char * */
};

/* What a phrase stands for: one phrase may serve several. */
enum phrase_role {
    ROLE_RULE_FIRST, /* first phrase of sequence @part of rule @index */
    ROLE_RULE_LATER, /* another phrase of one, or a veto: found through the hits */
    ROLE_PROVIDER,   /* provider @index was seen */
    ROLE_FORMAT,     /* used by a format, found through the hits */
    ROLE_PHRASES,    /* in the list named @index */
    ROLE_BLOCKLIST,  /* names block list @index */
};
struct phrase_use {
    enum phrase_role role;
    unsigned index;
    unsigned part;
};

struct dsn_rules {
    GPtrArray *files;      /* char *: names, for rule->file */
    GPtrArray *rules;      /* struct rule *, in order */
    GPtrArray *providers;  /* struct provider * */
    GPtrArray *formats;    /* struct format * */
    GPtrArray *blocklists; /* struct blocklist * */
    GPtrArray *codes;      /* struct code *, sorted by id after finish */
    GHashTable *by_id;     /* "rule exim-x" -> index + 1 */
    struct matcher *matcher;
    GPtrArray *uses;    /* by phrase id: GArray * of struct phrase_use */
    GArray *codes_only; /* unsigned: rules without text, in order */
    char *version;
    bool is_finished;
};

/* The uses of phrase @id (borrowed). */
const GArray *ruleset_uses (const struct dsn_rules *rules, uint32_t id);

/* The record for a code, "5.1.1" or "550"; "x.1.1" stands in for a class that has none.
 * (borrowed), NULL if there's none. */
const struct code *ruleset_code (const struct dsn_rules *rules, const char *code);

#endif
