/* The report's arena, its recipients and warnings, and the kind of each event. */
#include "core/bytes/limits.h"
#include "core/event/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <stdalign.h>
#include <stddef.h>

static void
a_new_report_is_empty (void **state)
{
    struct dsn_report *r = dsn_report_new ();

    (void)state;
    assert_int_equal (r->kind, DSN_KIND_NONE);
    assert_null (r->format);
    assert_null (r->warnings);
    assert_int_equal (r->n_recipients, 0);
    dsn_report_free (r);
    dsn_report_free (NULL);
}

static void
strings_of_every_size_survive (void **state)
{
    static const size_t sizes[] = { 1, 2, 100, 2047, 2048, 2049, 4096, 8192, 100000, 3 };
    struct dsn_report *r = dsn_report_new ();
    const char *copies[G_N_ELEMENTS (sizes) * 3];

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (copies); i++) {
        size_t n = sizes[i % G_N_ELEMENTS (sizes)];
        g_autofree char *text = g_strnfill (n, (char)('a' + i % 26));
        copies[i] = dsn_report_string (r, (struct dsn_bytes){ text, n });
    }
    for (size_t i = 0; i < G_N_ELEMENTS (copies); i++) {
        assert_int_equal (strlen (copies[i]), sizes[i % G_N_ELEMENTS (sizes)]);
        assert_int_equal (copies[i][0], 'a' + (int)(i % 26));
        assert_int_equal (copies[i][strlen (copies[i]) - 1], 'a' + (int)(i % 26));
    }
    assert_null (dsn_report_string (r, dsn_bytes_str (NULL)));
    assert_null (dsn_report_string (r, dsn_bytes_str ("")));
    dsn_report_free (r);
}

static void
room_is_zeroed_and_aligned (void **state)
{
    struct dsn_report *r = dsn_report_new ();

    (void)state;
    for (size_t n = 1; n < 20000; n = n * 2 + 1) {
        const char *p = dsn_report_alloc (r, n);
        assert_int_equal ((uintptr_t)p % alignof (max_align_t), 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal (p[i], 0);
        assert_non_null (dsn_report_string (r, dsn_bytes_str ("x")));
    }
    dsn_report_free (r);
}

static void
recipients_keep_what_was_set (void **state)
{
    struct dsn_report *r = dsn_report_new ();

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        struct dsn_recipient *rcpt = dsn_report_add_recipient (r);
        assert_null (rcpt->recipient);
        rcpt->reply_code = i;
    }
    assert_int_equal (r->n_recipients, 1000);
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal (r->recipients[i].reply_code, i);
    dsn_report_free (r);
}

static void
warnings_come_once_and_are_bounded (void **state)
{
    struct dsn_report *r = dsn_report_new ();
    size_t n = 0;

    (void)state;
    dsn_report_warn (r, "a");
    dsn_report_warn (r, "b");
    dsn_report_warn (r, "a");
    assert_string_equal (r->warnings[0], "a");
    assert_string_equal (r->warnings[1], "b");
    assert_null (r->warnings[2]);
    for (unsigned i = 0; i < 100; i++) {
        g_autofree char *text = g_strdup_printf ("w%u", i);
        dsn_report_warn (r, text);
    }
    while (r->warnings[n])
        n++;
    assert_int_equal (n, 32);
    assert_string_equal (r->warnings[n - 1], "more warnings");
    dsn_report_free (r);
}

static const struct {
    enum dsn_kind kind;
    enum dsn_action action;
    enum dsn_kind event;
} kinds[] = {
    { DSN_KIND_BOUNCE, DSN_ACTION_NONE, DSN_KIND_BOUNCE },
    { DSN_KIND_BOUNCE, DSN_ACTION_FAILED, DSN_KIND_BOUNCE },
    { DSN_KIND_BOUNCE, DSN_ACTION_DELAYED, DSN_KIND_DELAYED },
    { DSN_KIND_BOUNCE, DSN_ACTION_DELIVERED, DSN_KIND_DELIVERED },
    { DSN_KIND_DELAYED, DSN_ACTION_FAILED, DSN_KIND_BOUNCE },
    { DSN_KIND_DELAYED, DSN_ACTION_RELAYED, DSN_KIND_DELIVERED },
    { DSN_KIND_DELIVERED, DSN_ACTION_EXPANDED, DSN_KIND_DELIVERED },
    { DSN_KIND_DELIVERED, DSN_ACTION_FAILED, DSN_KIND_BOUNCE },
    { DSN_KIND_COMPLAINT, DSN_ACTION_FAILED, DSN_KIND_COMPLAINT },
    { DSN_KIND_AUTO_REPLY, DSN_ACTION_DELAYED, DSN_KIND_AUTO_REPLY },
    { DSN_KIND_OTHER, DSN_ACTION_NONE, DSN_KIND_OTHER },
};

static void
the_action_decides_the_kind (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++) {
        struct dsn_report *r = dsn_report_new ();
        r->kind = kinds[i].kind;
        dsn_report_add_recipient (r)->action = kinds[i].action;
        assert_int_equal (dsn_report_event_kind (r, 0), kinds[i].event);
        assert_int_equal (dsn_report_event_kind (r, 1), kinds[i].kind);
        dsn_report_free (r);
    }
}

static void
default_limits_are_all_set (void **state)
{
    const struct dsn_limits l = dsn_limits_default ();
    const size_t *p = (const size_t *)&l;

    (void)state;
    assert_int_equal (l.mail_bytes, 1024 * 1024);
    assert_int_equal (l.value_bytes, 4096);
    for (size_t i = 0; i < sizeof l / sizeof *p; i++)
        assert_true (p[i] > 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_new_report_is_empty),
        cmocka_unit_test (strings_of_every_size_survive),
        cmocka_unit_test (room_is_zeroed_and_aligned),
        cmocka_unit_test (recipients_keep_what_was_set),
        cmocka_unit_test (warnings_come_once_and_are_bounded),
        cmocka_unit_test (the_action_decides_the_kind),
        cmocka_unit_test (default_limits_are_all_set),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
