/* The records of rule files as text: for listing them, and for showing one as it's written. */
#ifndef CLI_RULELIST_H
#define CLI_RULELIST_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>

/* A record: "rule", "provider", ... and its lines. All borrowed from the file's text. */
struct rulelist_record {
    const char *file;
    unsigned line; /* of its first line, from 1 */
    struct dsn_bytes type;
    struct dsn_bytes id;   /* what follows the type, quotes included */
    struct dsn_bytes says; /* what follows `says`; empty where there's none */
    struct dsn_bytes text; /* without the comments and empty lines after it */
    bool is_replaced;      /* a later record has its type and id */
};

/* The records of the built-in files, then of @texts (struct ruletext *), in order. @texts must
 * outlive the array. (transfer full): of struct rulelist_record */
GArray *rulelist_new (const GPtrArray *texts);

#endif
