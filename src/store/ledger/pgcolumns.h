/* Arrays as parameters of PostgreSQL's unnest(): one a column, so that one query takes any number
 * of rows.
 */
#ifndef STORE_PGCOLUMNS_H
#define STORE_PGCOLUMNS_H

#include <glib.h>

#define PGCOLUMNS_MAX 12

struct pgcolumns {
    GString *texts[PGCOLUMNS_MAX];
    unsigned n;
};

/* @n columns, each empty; pgcolumns_clear() frees them. */
void pgcolumns_init (struct pgcolumns *c, unsigned n);
void pgcolumns_clear (struct pgcolumns *c);

/* Appends a value to column @i. */
void pgcolumns_add_text (struct pgcolumns *c, unsigned i, const char *text);
void pgcolumns_add_number (struct pgcolumns *c, unsigned i, int64_t number);

/* The arrays as parameters, into @ret, one a column. (borrowed until pgcolumns_clear()) */
void pgcolumns_finish (struct pgcolumns *c, const char **ret);

#endif
