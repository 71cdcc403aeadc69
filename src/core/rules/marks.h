/* Marks: what systems and mail programs leave in header fields and subjects, and the names that
 * mail programs give the fields of a mail that they show inside another (docs/rules.md, "marks").
 */
#ifndef DSND_MARKS_H
#define DSND_MARKS_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum mark {
    MARK_BOUNCE,
    MARK_COMPLAINT,
    MARK_AUTO_REPLY,
    MARK_LIST,
    MARK_ANSWER,
    MARK_AUTHOR,
    MARK_REPLY,
    MARK_FORWARD,
    MARK_SHOWN_FROM,
    MARK_SHOWN_TO,
    MARK_SHOWN_SUBJECT,
    MARK_SHOWN_DATE,
    MARK_SYSTEM_ADDRESS,
    MARK_SHARED_ADDRESS,
    _MARK_N
};
#define MARK_BIT(mark) (UINT32_C (1) << (mark))

/* A header field of which @mark is told. */
struct mark_field {
    enum mark mark;
    char *name;  /* lower case */
    char *value; /* a part of the value, lower case; NULL: any */
};

/* How a subject begins, or what a shown field is called: normalised. Or a word, in lower case. */
struct mark_word {
    enum mark mark;
    char *text;
};

/* The strings are the set's. */
struct marks {
    GArray *fields;   /* struct mark_field */
    GArray *prefixes; /* struct mark_word */
    GArray *labels;   /* struct mark_word, without the colon */
    GArray *words;    /* struct mark_word; a '*' at its end stands for anything */
};

struct marks marks_new (void);
void marks_clear (struct marks *marks);

/* MARK_BIT of each mark that a field of this name and value (both as the mail has them) tells. */
uint32_t marks_of_field (const struct marks *marks, struct dsn_bytes name, struct dsn_bytes value);

/* MARK_BIT of each mark of the prefixes that a normalised subject begins with, one after the
 * other, tags in brackets ("[list]") between them. */
uint32_t marks_of_subject (const struct marks *marks, struct dsn_bytes subject);

/* The mark whose label is @name, normalised; _MARK_N if none is. */
enum mark marks_of_label (const struct marks *marks, struct dsn_bytes name);

/* Whether @text is one of the words of @mark; capitals don't matter. */
bool marks_has_word (const struct marks *marks, enum mark mark, struct dsn_bytes text);

/* Whether the local part of @address is a mail system's or one that is shared: nobody's own. */
bool marks_is_role (const struct marks *marks, struct dsn_bytes address);

/* Whether only a mail system writes from @address. */
bool marks_is_system (const struct marks *marks, struct dsn_bytes address);

#endif
