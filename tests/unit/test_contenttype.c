/* Content-Type and Content-Disposition: the plain form, what only looks like it, every prefix. */
#include "core/mail/contenttype.h"

#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

/* "type|charset|name|boundary|report-type|filename"; NULL: not plain. */
static const struct {
    const char *in, *out;
} cases[] = {
    { "text/plain", "text/plain|||||" },
    { " Text/Plain ; Charset=UTF-8", "Text/Plain|UTF-8||||" },
    { "text/plain; charset=\"iso-8859-1\";", "text/plain|iso-8859-1||||" },
    { "multipart/report; report-type=delivery-status;\r\n\tboundary=\"=_a b:c/d\"",
      "multipart/report|||=_a b:c/d|delivery-status|" },
    { "multipart/mixed; boundary=a=b/c?d:e", "multipart/mixed|||a=b/c?d:e||" },
    { "application/pdf; x=y; name=a.pdf", "application/pdf||a.pdf|||" },
    { "attachment; filename=\"a b.eml\"", "attachment|||||a b.eml" },
    { "", NULL },
    { "text/", NULL },
    { "/plain", NULL },
    { "text/plain/x", NULL },
    { "text//plain", NULL },
    { "text/plain charset=x", NULL },
    { "text/plain; charset", NULL },
    { "text/plain; charset=", NULL },
    { "text/plain; charset=x; charset=y", NULL },
    { "text/plain (a comment)", NULL },
    { "text/plain; charset=\"a\\\"b\"", NULL },
    { "text/plain; name=\"open", NULL },
    { "text/plain; name=\"\"", NULL },
    { "text/plain; name=\" a\"", NULL },
    { "text/plain; name*=utf-8''a", NULL },
    { "text/plain; name==?utf-8?q?a?=", NULL },
    { "text/plain; name=\"=?utf-8?q?a?=\"", NULL },
    { "text/plain; name=\"\xc3\xa4\"", NULL },
};

static void
append (GString *out, struct dsn_bytes slice)
{
    g_string_append_len (out, slice.p ? slice.p : "", (gssize)slice.n);
}

static void
values_are_read (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autoptr (GString) out = g_string_new (NULL);
        struct contenttype ct;
        bool is_plain = contenttype_read (dsn_bytes_str (cases[i].in), &ct);
        const struct dsn_bytes *rest[] = { &ct.charset, &ct.name, &ct.boundary, &ct.report_type,
                                           &ct.filename };

        assert_int_equal (is_plain, cases[i].out != NULL);
        if (!is_plain)
            continue;
        append (out, ct.type);
        for (size_t k = 0; k < G_N_ELEMENTS (rest); k++) {
            g_string_append_c (out, '|');
            append (out, *rest[k]);
        }
        assert_string_equal (out->str, cases[i].out);
    }
}

static void
read_prefix (struct dsn_bytes in, void *data)
{
    struct contenttype ct;

    (void)data;
    if (contenttype_read (in, &ct))
        assert_true (ct.type.n > 0 && ct.type.n <= in.n);
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        each_prefix (dsn_bytes_str (cases[i].in), 1, read_prefix, NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (values_are_read),
        cmocka_unit_test (every_prefix_is_safe),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
