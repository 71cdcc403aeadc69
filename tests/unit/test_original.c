/* The returned message's fields, however they were returned. */
#include "core/gather/original.h"

#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const char *const asked[] = { "X-Token", "X-None", NULL };

static struct dsn_report *
read_text (struct dsn_bytes text)
{
    struct dsn_options options = { .limits = dsn_limits_default (), .original_headers = asked };
    struct dsn_report *report = dsn_report_new ();

    original_take_text (text, &options, report);
    return report;
}

#define HEADER(q)                                                                                  \
    q "Message-ID: <1@example.com>\n" q "From: \"A\" <a@example.com>\n" q "To: b@example.net\n" q  \
      "Subject: hello\n" q " again\n" q "Date: Sat, 21 Nov 2026 09:30:15 +0100\n"

static const char *const forms[] = {
    HEADER (""),
    HEADER ("") "\nbody\nMessage-ID: <2@example.com>\n",
    "\n\n" HEADER (""),
    HEADER ("> "),
    HEADER ("    "),
    HEADER ("| "),
    "Here it is:\n\n" HEADER (""),
    "From a@example.com Sat Nov 21 09:30:15 2026\n" HEADER (""),
    "> \n" HEADER ("> ") ">\n> body\n",
};

static void
quoting_does_not_matter (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (forms); i++) {
        struct dsn_report *r = read_text (dsn_bytes_str (forms[i]));

        assert_non_null (r->original.message_id);
        assert_string_equal (r->original.message_id, "<1@example.com>");
        assert_string_equal (r->original.from, "a@example.com");
        assert_string_equal (r->original.to, "b@example.net");
        assert_string_equal (r->original.subject, "hello again");
        assert_string_equal (r->original.date, "2026-11-21T08:30:15Z");
        assert_null (r->original.list_id);
        dsn_report_free (r);
    }
}

static void
headers_asked_for_are_kept (void **state)
{
    struct dsn_report *r =
        read_text (dsn_bytes_str ("List-Id: L <l.example.com>\nFeedback-ID: 1:2:3\n"
                                  "x-token: abc\nX-Other: no\n"));

    (void)state;
    assert_int_equal (r->original.n_headers, 1);
    assert_string_equal (r->original.headers[0].name, "X-Token");
    assert_string_equal (r->original.headers[0].value, "abc");
    assert_string_equal (r->original.list_id, "L <l.example.com>");
    assert_string_equal (r->original.feedback_id, "1:2:3");
    dsn_report_free (r);
}

static void
encoded_words_and_8_bit_are_decoded (void **state)
{
    struct dsn_report *r = read_text (dsn_bytes_str (
        "Subject: =?utf-8?q?caf=C3=A9?=\nFrom: caf\xe9 <a@example.com>\nMessage-ID: x <2@b> y\n"));

    (void)state;
    assert_string_equal (r->original.subject, "caf\xc3\xa9");
    assert_string_equal (r->original.from, "a@example.com");
    assert_string_equal (r->original.message_id, "<2@b>");
    dsn_report_free (r);
}

static void
one_field_is_no_header (void **state)
{
    static const char *const none[] = { "", "Note: words\n", "no fields at all\n", "a\nb\nc\n" };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (none); i++) {
        struct dsn_report *r = read_text (dsn_bytes_str (none[i]));
        assert_null (r->original.message_id);
        assert_null (r->original.subject);
        dsn_report_free (r);
    }
}

static void
a_bad_date_is_left_out (void **state)
{
    struct dsn_report *r = read_text (dsn_bytes_str ("Date: 31 Feb 2026 10:00\nSubject: x\n"));

    (void)state;
    assert_null (r->original.date);
    assert_string_equal (r->original.subject, "x");
    dsn_report_free (r);
}

static void
read_one (struct dsn_bytes in, void *data)
{
    (void)data;
    dsn_report_free (read_text (in));
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (forms); i++)
        each_prefix (dsn_bytes_str (forms[i]), 1, read_one, NULL);
}

static int
setup (void **state)
{
    (void)state;
    dsn_library_init ();
    return 0;
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (quoting_does_not_matter),
        cmocka_unit_test (headers_asked_for_are_kept),
        cmocka_unit_test (encoded_words_and_8_bit_are_decoded),
        cmocka_unit_test (one_field_is_no_header),
        cmocka_unit_test (a_bad_date_is_left_out),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, setup, NULL);
}
