/* Enhanced status codes: scanning and printing. No table: what a code means is data (rules/codes).
 */
#include "core/bytes/status.h"

#include <glib.h>

/* Reads 1 to 3 digits; returns how many, 0 if there's none or a fourth follows. */
static size_t
scan_number (struct dsn_bytes in, size_t at, uint16_t *ret)
{
    unsigned value = 0;
    size_t n = 0;

    while (n < 4 && at + n < in.n && g_ascii_isdigit (in.p[at + n])) {
        value = value * 10 + (unsigned)(in.p[at + n] - '0');
        n++;
    }
    if (n == 0 || n > 3)
        return 0;
    *ret = (uint16_t)value;
    return n;
}

size_t
dsn_status_scan (struct dsn_bytes in, struct dsn_status *ret_status)
{
    struct dsn_status s = { 0 };
    size_t at, n;

    if (in.n < 5 || (in.p[0] != '2' && in.p[0] != '4' && in.p[0] != '5') || in.p[1] != '.')
        return 0;
    s.cls = (uint8_t)(in.p[0] - '0');
    at = 2;
    n = scan_number (in, at, &s.subject);
    at += n;
    if (n == 0 || at >= in.n || in.p[at] != '.')
        return 0;
    at++;
    n = scan_number (in, at, &s.detail);
    at += n;
    /* "5.1.1.2" is an address or a version, not a code */
    if (n == 0 || (at + 1 < in.n && in.p[at] == '.' && g_ascii_isdigit (in.p[at + 1])))
        return 0;
    *ret_status = s;
    return at;
}

void
dsn_status_format (struct dsn_status status, char text[DSN_STATUS_TEXT_SIZE])
{
    text[0] = '\0';
    if (status.cls)
        (void)g_snprintf (text, DSN_STATUS_TEXT_SIZE, "%u.%u.%u", status.cls % 10u,
                          status.subject % 1000u, status.detail % 1000u);
}

bool
dsn_status_equal (struct dsn_status a, struct dsn_status b)
{
    return a.cls == b.cls && a.subject == b.subject && a.detail == b.detail;
}

bool
dsn_status_is_specific (struct dsn_status status)
{
    return status.cls && status.subject && status.detail;
}

bool
dsn_status_is_expiry (struct dsn_status s)
{
    return s.subject == 4 && (s.detail == 7 || s.detail == 300);
}
