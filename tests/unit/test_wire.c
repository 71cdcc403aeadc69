/* Reports as bytes: all fields survive, and nothing that a hostile worker could send is taken. */
#include "daemon/workers/wire.h"

#include "core/event/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct dsn_limits *
limits (void)
{
    static struct dsn_limits l;

    l = dsn_limits_default ();
    return &l;
}

/* Sets each field of the table that belongs to @scope. */
static void
fill (struct dsn_report *report, enum dsn_field_scope scope, void *base)
{
    size_t n;
    const struct dsn_field *fields = dsn_event_fields (&n);

    for (size_t i = 0; i < n; i++) {
        void *at = (char *)base + fields[i].offset;
        const char **list;
        struct dsn_pair *pairs;
        if (fields[i].scope != scope)
            continue;
        switch (fields[i].type) {
        case DSN_FIELD_STRING:
            *(const char **)at = dsn_report_string (report, dsn_bytes_str (fields[i].key));
            break;
        case DSN_FIELD_NAME:
            *(unsigned *)at = fields[i].n_names - 1;
            break;
        case DSN_FIELD_CATEGORY:
            *(unsigned *)at = dsn_category_count () - 1;
            break;
        case DSN_FIELD_REPLY:
            *(unsigned *)at = 599;
            break;
        case DSN_FIELD_PERCENT:
            *(unsigned *)at = 100;
            break;
        case DSN_FIELD_LIST:
            list = dsn_report_alloc (report, 3 * sizeof *list);
            list[0] = "one";
            list[1] = "zwei \xc3\xa4";
            *(const char ***)at = list;
            break;
        case DSN_FIELD_PAIRS:
            pairs = dsn_report_alloc (report, 2 * sizeof *pairs);
            pairs[0] = (struct dsn_pair){ "x-one", "1" };
            pairs[1] = (struct dsn_pair){ "x-two", "" };
            *(struct dsn_pair **)at = pairs;
            *(size_t *)(void *)((char *)at + sizeof pairs) = 2;
            break;
        }
    }
}

static struct dsn_report *
full_report (unsigned n_recipients)
{
    struct dsn_report *report = dsn_report_new ();

    fill (report, DSN_SCOPE_REPORT, report);
    for (unsigned i = 0; i < n_recipients; i++)
        fill (report, DSN_SCOPE_RECIPIENT, dsn_report_add_recipient (report));
    return report;
}

static GString *
json_of (const struct dsn_report *report)
{
    GString *out = g_string_new (NULL);
    const struct dsn_event_context context = { .seq = 1 };

    for (size_t i = 0; i < dsn_event_count (report); i++)
        dsn_event_append_json (out, report, i, &context);
    return out;
}

static void
assert_round_trip (struct dsn_report *report)
{
    g_autoptr (GString) bytes = g_string_new (NULL);
    g_autoptr (GString) before = json_of (report);
    g_autoptr (GString) after = NULL;
    struct dsn_report *back;

    wire_encode (bytes, report);
    back = wire_decode ((struct dsn_bytes){ bytes->str, bytes->len }, limits ());
    assert_non_null (back);
    after = json_of (back);
    assert_string_equal (after->str, before->str);
    dsn_report_free (back);
}

static void
reports_come_back_as_they_were (void **state)
{
    struct dsn_report *empty = dsn_report_new ();
    struct dsn_report *full = full_report (3);

    (void)state;
    empty->kind = DSN_KIND_OTHER;
    assert_round_trip (empty);
    assert_round_trip (full);
    dsn_report_free (empty);
    dsn_report_free (full);
}

static void
a_thousand_recipients_fit (void **state)
{
    struct dsn_report *report = full_report (1000);
    g_autofree char *diagnostic = g_strnfill (1000, 'd');

    (void)state;
    for (size_t i = 0; i < report->n_recipients; i++)
        report->recipients[i].diagnostic = diagnostic;
    assert_round_trip (report);
    dsn_report_free (report);
}

static void
too_large_a_report_is_cut_and_says_so (void **state)
{
    struct dsn_report *report = full_report (1000);
    g_autofree char *long_value = g_strnfill (4096, 'd');
    g_autoptr (GString) bytes = g_string_new ("before");
    struct dsn_report *back;

    (void)state;
    report->warnings = NULL;
    for (size_t i = 0; i < report->n_recipients; i++)
        report->recipients[i].diagnostic = report->recipients[i].final_recipient = long_value;
    wire_encode (bytes, report);
    assert_in_range (bytes->len, WIRE_REPORT_MAX_BYTES - 16384, WIRE_REPORT_MAX_BYTES + 6);
    back = wire_decode ((struct dsn_bytes){ bytes->str + 6, bytes->len - 6 }, limits ());
    assert_non_null (back);
    assert_in_range (back->n_recipients, 400, 600);
    assert_non_null (back->warnings);
    assert_non_null (strstr (back->warnings[0], "recipients left out"));
    dsn_report_free (back);
    dsn_report_free (report);
}

static void
every_prefix_is_refused (void **state)
{
    struct dsn_report *report = full_report (2);
    g_autoptr (GString) bytes = g_string_new (NULL);

    (void)state;
    wire_encode (bytes, report);
    for (size_t n = 0; n < bytes->len; n++) {
        /* an exact copy on the heap, so that a sanitizer sees a read past it */
        g_autofree char *copy = n ? g_memdup2 (bytes->str, n) : NULL;
        assert_null (wire_decode ((struct dsn_bytes){ copy, n }, limits ()));
    }
    g_string_append_c (bytes, '\0');
    assert_null (wire_decode ((struct dsn_bytes){ bytes->str, bytes->len }, limits ()));
    dsn_report_free (report);
}

/* What any change of a byte gives is refused, or is a report whose JSON is clean. */
static void
every_changed_byte_is_refused_or_harmless (void **state)
{
    struct dsn_report *report = full_report (1);
    g_autoptr (GString) bytes = g_string_new (NULL);

    (void)state;
    wire_encode (bytes, report);
    for (size_t i = 0; i < bytes->len; i++)
        for (unsigned change = 1; change < 256; change <<= 1) {
            g_autofree char *copy = g_memdup2 (bytes->str, bytes->len);
            struct dsn_report *back;
            copy[i] = (char)((unsigned char)copy[i] ^ change);
            back = wire_decode ((struct dsn_bytes){ copy, bytes->len }, limits ());
            if (back) {
                g_autoptr (GString) json = json_of (back);
                assert_true (g_utf8_validate (json->str, (gssize)json->len, NULL));
                for (size_t k = 0; k < json->len; k++)
                    assert_in_range ((unsigned char)json->str[k], 0x20, 0xff);
            }
            dsn_report_free (back);
        }
    dsn_report_free (report);
}

/* One string field, made by hand: what a worker may not put there. */
static const struct {
    const char *text;
    size_t n;
    bool is_ok;
} texts[] = {
    { "plain", 5, true },         { "\xc3\xa9", 2, true },  { "a\nb", 3, false },
    { "a\0b", 3, false },         { "\x1b[31m", 5, false }, { "\x7f", 1, false },
    { "\xc2\x9b", 2, false },     { "\xff", 1, false },     { "\xc3", 1, false },
    { "\xed\xa0\x80", 3, false },
};

static void
strings_must_be_clean (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
        g_autoptr (GString) bytes = g_string_new (NULL);
        const uint32_t n = (uint32_t)texts[i].n, none = 0;
        struct dsn_report *with_format = dsn_report_new ();
        struct dsn_report *back;
        with_format->kind = DSN_KIND_OTHER;
        with_format->format = "#";
        wire_encode (bytes, with_format);
        /* the field's length and the one byte of text stand before the end mark and the count */
        g_string_truncate (bytes, bytes->len - 1 - sizeof none - 1 - sizeof n);
        g_string_append_len (bytes, (const char *)&n, sizeof n);
        g_string_append_len (bytes, texts[i].text, (gssize)texts[i].n);
        g_string_append_c (bytes, '\0');
        g_string_append_len (bytes, (const char *)&none, sizeof none);
        back = wire_decode ((struct dsn_bytes){ bytes->str, bytes->len }, limits ());
        assert_int_equal (back != NULL, texts[i].is_ok);
        dsn_report_free (back);
        dsn_report_free (with_format);
    }
}

static void
the_limits_hold (void **state)
{
    struct dsn_report *report = full_report (3);
    g_autoptr (GString) bytes = g_string_new (NULL);
    struct dsn_limits tight = dsn_limits_default ();
    struct dsn_report *back;

    (void)state;
    wire_encode (bytes, report);
    tight.recipients_count = 2;
    assert_null (wire_decode ((struct dsn_bytes){ bytes->str, bytes->len }, &tight));
    tight.recipients_count = 3;
    back = wire_decode ((struct dsn_bytes){ bytes->str, bytes->len }, &tight);
    assert_non_null (back);
    dsn_report_free (back);
    tight.value_bytes = 5;
    assert_null (wire_decode ((struct dsn_bytes){ bytes->str, bytes->len }, &tight));
    dsn_report_free (report);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (reports_come_back_as_they_were),
        cmocka_unit_test (a_thousand_recipients_fit),
        cmocka_unit_test (too_large_a_report_is_cut_and_says_so),
        cmocka_unit_test (every_prefix_is_refused),
        cmocka_unit_test (every_changed_byte_is_refused_or_harmless),
        cmocka_unit_test (strings_must_be_clean),
        cmocka_unit_test (the_limits_hold),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
