/* What a code means, for people: from the rule set's knowledge base (docs/codes.md). Pure, as all
 * of the library.
 */
#ifndef CORE_EXPLAIN_H
#define CORE_EXPLAIN_H

#include "core/event/report.h"
#include "core/rules/rules.h"

#include <glib.h>
#include <stdbool.h>

enum dsn_explain_kind {
    DSN_EXPLAIN_NONE,
    DSN_EXPLAIN_REPLY,    /* three digits: a reply, or an enhanced code without its dots */
    DSN_EXPLAIN_STATUS,   /* an enhanced code: 5.1.1, x.1.1 */
    DSN_EXPLAIN_CLASS,    /* a whole class: 5xx */
    DSN_EXPLAIN_CATEGORY, /* a category of the taxonomy */
    DSN_EXPLAIN_TEXT,     /* a refusal's text */
    DSN_EXPLAIN_MAIL,     /* one recipient of a mail */
    DSN_EXPLAIN_TOKEN,    /* a provider's own token, a service's type, a block list's answer */
    _DSN_EXPLAIN_KIND_N
};

extern const char *const dsn_explain_kind_names[_DSN_EXPLAIN_KIND_N];

/* What the code means in a context; the first reading is the default. */
struct dsn_reading {
    const char *context;
    unsigned category;  /* 0: no failure */
    enum dsn_class cls; /* as the source gives it */
    const char *meaning;
    const char *system; /* NULL: any */
    const char *source; /* NULL: not stated */
};

/* What a provider means by it: its own code, or a rule of the set that names the code. */
struct dsn_provider_use {
    const char *provider; /* id */
    const char *name;
    const char *rule; /* NULL: only for people */
    unsigned category;
    enum dsn_class cls;
    const char *example; /* a refusal that leads to the rule; NULL: none names the code */
    const char *code;    /* as the provider writes it; NULL: a rule speaks */
    const char *reply;   /* that comes with it; NULL: not told */
    const char *meaning; /* of @code; NULL: a rule speaks */
    const char *remedy;  /* NULL: none is told */
};

/* Where to look, and whom to ask: of a provider or a block list. NULL: nothing is known. */
struct dsn_contact {
    const char *id, *name;
    const char *page, *form, *loop, *reputation, *asks, *note;
};

/* What was found in a refusal's text or a mail; all 0 or NULL for other kinds. */
struct dsn_explained_verdict {
    enum dsn_kind kind; /* of the event */
    const char *recipient;
    const char *status;
    unsigned reply_code;
    enum dsn_stage stage;
    const char *diagnostic;
    unsigned confidence; /* 0..100 */
    const char *rule;
    const char *provider;
    const char *block_list;
    GPtrArray *evidence; /* const char * */
};

/* All strings are owned by the explanation, which outlives the rule set. */
struct dsn_explanation {
    enum dsn_explain_kind kind;
    const char *query;
    const char *code;         /* "5.1.1", "550", "5xx", or the category's name */
    bool is_known;            /* false: no table has the code; its class and subject explain it */
    unsigned category;        /* 0: no failure */
    enum dsn_class cls;       /* that the code tables give; event_cls where none lists the code */
    enum dsn_class event_cls; /* that an event has which only this code speaks for */
    enum dsn_fault fault;
    enum dsn_advice advice;
    const char *meaning;
    const char *why;                              /* why hard or soft */
    const char *system;                           /* only this system uses the code; NULL: any */
    GPtrArray *causes, *remedies, *sources, *see; /* const char * */
    GArray *readings;                             /* struct dsn_reading; at least one */
    GArray *providers;                            /* struct dsn_provider_use */
    GArray *contacts;                             /* struct dsn_contact */
    struct dsn_explained_verdict verdict;
    GStringChunk *store;
};

/* Explains a code, a category or a provider's token, however it's wrapped: "550", "5.7.1",
 * "#5.1.1", "(511)", "5xx", "X.7.30", "mailbox_full", "S3150", "[TSS04]", "Permanent/NoEmail",
 * "127.255.255.254". A code that no table has gets the meaning of its class and subject, as RFC
 * 3463 s.2 asks. NULL if @query is none of these. (transfer full): dsn_explanation_free() */
struct dsn_explanation *dsn_explain (const struct dsn_rules *rules, struct dsn_bytes query);
void dsn_explanation_free (struct dsn_explanation *explanation);
typedef struct dsn_explanation dsn_explanation;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (dsn_explanation, dsn_explanation_free)

/* Explains the refusal @text, of any form: its codes, its words, and whose it is. NULL if it has
 * neither a code nor words that a rule knows. (transfer full): dsn_explanation_free() */
struct dsn_explanation *dsn_explain_text (const struct dsn_rules *rules, struct dsn_bytes text);

/* Explains event @i of @report, as dsn_event_count() counts them; @query is what the explanation
 * calls the mail. (transfer full): dsn_explanation_free() */
struct dsn_explanation *dsn_explain_event (const struct dsn_rules *rules,
                                           const struct dsn_report *report, size_t i,
                                           struct dsn_bytes query);

/* The known code or category that @query is most like; never NULL. (transfer full): g_free() */
char *dsn_explain_nearest (const struct dsn_rules *rules, struct dsn_bytes query);

/* Appends the explanation as one JSON object, no newline. docs/codes.md lists its keys. */
void dsn_explanation_append_json (GString *out, const struct dsn_explanation *explanation);

#endif
