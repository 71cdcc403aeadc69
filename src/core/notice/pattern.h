/* Line patterns of format descriptions: literal text and holes, docs/rules.md, "format".
 */
#ifndef DSND_PATTERN_H
#define DSND_PATTERN_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>

struct pattern_fields {
    struct dsn_bytes addr, host, ip, text; /* slices of the line; empty: not in the pattern */
    bool is_whole;                         /* @addr is all of an address, by its grammar */
};

/* Whether the whole of @line fits @pieces (struct pattern_piece); the holes go to @ret, which is
 * untouched when it doesn't. A blank of a literal stands for a run of blanks; ASCII case is
 * ignored. A hole ends where the next literal first occurs: no backtracking, linear in the line. */
bool pattern_match (const GArray *pieces, struct dsn_bytes line, struct pattern_fields *ret);

#endif
