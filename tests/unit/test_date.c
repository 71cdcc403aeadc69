/* Dates of mail: the RFC's forms, what daemons write instead, and what is no date. */
#include "core/bytes/date.h"
#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const struct {
    const char *in, *out; /* NULL: no date */
} cases[] = {
    /* RFC 5322 s.3.3 and s.4.3 */
    { "Sat, 21 Nov 2026 09:30:15 +0100", "2026-11-21T08:30:15Z" },
    { "21 Nov 2026 09:30 -0000", "2026-11-21T09:30:00Z" },
    { "Sat, 21 Nov 2026 09:30:15 +0900 (JST)", "2026-11-21T00:30:15Z" },
    { "Sat, 21 Nov 2026 09:30:15 +0000 (GMT)", "2026-11-21T09:30:15Z" },
    { "Sat, 21 Nov 2026 09:30:15 (JST)", "2026-11-21T00:30:15Z" },
    { "Sat, 21 Nov 2026 09:30:15 UTC", "2026-11-21T09:30:15Z" },
    { "Sat, 21 Nov 2026 09:30:15 GMT", "2026-11-21T09:30:15Z" },
    { "Sat, 21 Nov 97 09:30:15 EST", "1997-11-21T14:30:15Z" },
    { "21 Nov 26 09:30:15 PDT", "2026-11-21T16:30:15Z" },
    { "Sat, 21 Nov 2026 09:30:15 XYZT", "2026-11-21T09:30:15Z" },
    { "Sat, 21 Nov 2026 09:30:15", "2026-11-21T09:30:15Z" },
    { "Sat, 21 Nov 2026\r\n\t09:30:15 +0100", "2026-11-21T08:30:15Z" },
    { "Sat,21 Nov 2026 09:30:15 +0530", "2026-11-21T04:00:15Z" },
    { "Thu, 31 Dec 2026 23:30:00 -0100", "2027-01-01T00:30:00Z" },
    { "Fri, 1 Jan 2027 00:30:00 +0100", "2026-12-31T23:30:00Z" },
    { "29 Feb 2024 12:00:00 +0000", "2024-02-29T12:00:00Z" },
    { "30 Jun 2015 23:59:60 +0000", "2015-07-01T00:00:00Z" },
    /* what else is written */
    { "Sat Nov 21 09:30:15 2026", "2026-11-21T09:30:15Z" },
    { "Sat Nov 21 09:30:15 JST 2026", "2026-11-21T00:30:15Z" },
    { "21-Nov-2026 09:30:15 +0100", "2026-11-21T08:30:15Z" },
    { "Nov 21, 2026 09:30:15 PM", "2026-11-21T21:30:15Z" },
    { "Nov 21, 2026 12:30:15 AM", "2026-11-21T00:30:15Z" },
    { "2026-11-21T09:30:15Z", "2026-11-21T09:30:15Z" },
    { "2026-11-21T09:30:15+01:00", "2026-11-21T08:30:15Z" },
    { "2026-11-21T09:30:15.250-0500", "2026-11-21T14:30:15Z" },
    { "2026-11-21 09:30:15 +0100", "2026-11-21T08:30:15Z" },
    { "Sat, 21 Nov 2026 09:30:15 GMT+0200", "2026-11-21T07:30:15Z" },
    { "Sat, 21 November 2026 09:30:15 +01:00", "2026-11-21T08:30:15Z" },
    /* no dates: a part is missing, or isn't of the calendar */
    { "", NULL },
    { "yesterday", NULL },
    { "21 Nov 2026", NULL },
    { "09:30:15", NULL },
    { "Sat, Nov 2026 09:30:15 +0100", NULL },
    { "31 Feb 2026 09:30:15 +0100", NULL },
    { "29 Feb 2026 09:30:15 +0100", NULL },
    { "0 Nov 2026 09:30:15 +0100", NULL },
    { "32 Nov 2026 09:30:15 +0100", NULL },
    { "21 Nov 2026 24:30:15 +0100", NULL },
    { "21 Nov 2026 09:61:15 +0100", NULL },
    { "11/21/2026 09:30:15", NULL },
    { "21 Nov 20260 09:30:15", NULL },
    { "21 Nov 0026 09:30:15", NULL },
    { "17-", NULL },
    { "Nov-", NULL },
    { "2026-13-21T09:30:15Z", NULL },
};

static void
date_reads_the_cases (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        char text[DATE_TEXT_SIZE] = "none";
        bool is_date = date_to_rfc3339 (dsn_bytes_str (cases[i].in), text);

        assert_string_equal (text, cases[i].out ? cases[i].out : "none");
        assert_int_equal (is_date, cases[i].out != NULL);
    }
}

static void
read_date (struct dsn_bytes in, void *data)
{
    char text[DATE_TEXT_SIZE];

    (void)data;
    if (date_to_rfc3339 (in, text))
        assert_int_equal (strlen (text), DATE_TEXT_SIZE - 4);
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        each_prefix (dsn_bytes_str (cases[i].in), 1, read_date, NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (date_reads_the_cases),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
