/* Addresses rewritten by forwarders. */
#include "core/returnpath/srs.h"

#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const struct {
    const char *in;
    const char *hash, *host, *stamp, *domain, *local; /* hash NULL: it isn't SRS */
} cases[] = {
    { "SRS0=HHHH=TT=example.net=user", "HHHH", "", "TT", "example.net", "user" },
    { "srs0+hh/+=t2=example.net=User.Name", "hh/+", "", "t2", "example.net", "User.Name" },
    { "SRS0-HHHH=TT=example.net=a=b", "HHHH", "", "TT", "example.net", "a=b" },
    { "SRS1=GGGG=example.org==HHHH=TT=example.net=user", "GGGG", "example.org", "TT", "example.net",
      "user" },
    { "SRS1+GGGG=example.org=+HHHH=TT=example.net=user", "GGGG", "example.org", "TT", "example.net",
      "user" },
    { "SRS1=GGGG=example.org=HHHH=TT=example.net=user", NULL, NULL, NULL, NULL, NULL },
    { "SRS0=HHHH=TT=example.net=", NULL, NULL, NULL, NULL, NULL },
    { "SRS0=HHHH=TT=example.net", NULL, NULL, NULL, NULL, NULL },
    { "SRS0=HHHH=TTT=example.net=user", NULL, NULL, NULL, NULL, NULL },
    { "SRS0==TT=example.net=user", NULL, NULL, NULL, NULL, NULL },
    { "SRS0HHHH=TT=example.net=user", NULL, NULL, NULL, NULL, NULL },
    { "SRS2=HHHH=TT=example.net=user", NULL, NULL, NULL, NULL, NULL },
    { "bounces+SRS=HHHH=TT", NULL, NULL, NULL, NULL, NULL },
    { "", NULL, NULL, NULL, NULL, NULL },
};

static void
assert_bytes (struct dsn_bytes is, const char *want)
{
    assert_int_equal (is.n, strlen (want));
    if (is.n)
        assert_memory_equal (is.p, want, is.n);
}

static void
parts_of_the_cases (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct srs srs;

        if (!cases[i].hash) {
            assert_false (srs_read (dsn_bytes_str (cases[i].in), &srs));
            continue;
        }
        assert_true (srs_read (dsn_bytes_str (cases[i].in), &srs));
        assert_bytes (srs.hash, cases[i].hash);
        assert_bytes (srs.host, cases[i].host);
        assert_bytes (srs.stamp, cases[i].stamp);
        assert_bytes (srs.domain, cases[i].domain);
        assert_bytes (srs.local, cases[i].local);
    }
}

static void
read_one (struct dsn_bytes in, void *data)
{
    struct srs srs;

    (void)data;
    (void)srs_read (in, &srs);
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        each_prefix (dsn_bytes_str (cases[i].in), 1, read_one, NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (parts_of_the_cases),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
