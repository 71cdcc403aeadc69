/* SRS addresses. The separator behind SRS0 or SRS1 may be '=', '+' or '-'; further in it's '='.
 */
#include "core/returnpath/srs.h"

#include "core/bytes/text.h"

/* Cuts what stands before the next '=' off @rest; false if it's nothing, or there's none. */
static bool
cut (struct dsn_bytes *rest, struct dsn_bytes *ret)
{
    const char *equals = rest->n ? memchr (rest->p, '=', rest->n) : NULL;
    const size_t n = equals ? (size_t)(equals - rest->p) : 0;

    if (n == 0)
        return false;
    *ret = dsn_bytes_sub (*rest, 0, n);
    *rest = dsn_bytes_sub (*rest, n + 1, rest->n);
    return true;
}

static bool
cut_separator (struct dsn_bytes *rest)
{
    if (rest->n == 0 || !memchr ("=+-", rest->p[0], 3))
        return false;
    *rest = dsn_bytes_sub (*rest, 1, rest->n);
    return true;
}

bool
srs_read (struct dsn_bytes local, struct srs *ret_srs)
{
    const bool is_second = text_has_prefix (local, "srs1");
    struct dsn_bytes rest = dsn_bytes_sub (local, 4, local.n), inner_hash;
    struct srs srs = { 0 };

    if ((!is_second && !text_has_prefix (local, "srs0")) || !cut_separator (&rest) ||
        !cut (&rest, &srs.hash))
        return false;
    if (is_second &&
        (!cut (&rest, &srs.host) || !cut_separator (&rest) || !cut (&rest, &inner_hash)))
        return false;
    if (!cut (&rest, &srs.stamp) || srs.stamp.n != 2 || !cut (&rest, &srs.domain) || rest.n == 0)
        return false;
    srs.local = rest;
    *ret_srs = srs;
    return true;
}
