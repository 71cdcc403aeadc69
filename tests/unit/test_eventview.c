/* Events read back: what is taken and what isn't, beside jansson, which judges the same texts. */
#include "core/event/eventview.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

static const char event[] =
    "{\"v\":1,\"seq\":42,\"id\":\"00ff-1\",\"part\":[1,2],\"time\":\"2026-11-21T08:00:00.123Z\","
    "\"kind\":\"bounce\",\"recipient\":\"j\\u00fcrgen@example.org\",\"diagnostic\":\"550 \\\"no\\\""
    " \\\\ user \\ud83d\\ude00 caf\xc3\xa9\",\"confidence\":85,\"evidence\":[{\"rule\":\"a\","
    "\"at\":{\"n\":[]}}],\"original\":{\"subject\":\"A letter\",\"size\":-7},\"report\":{},"
    "\"is\":true,\"isnt\":false,\"none\":null,\"real\":0.5e+3}";

static struct dsn_eventview *
read_text (const char *text)
{
    return dsn_eventview_read (dsn_bytes_str (text));
}

static void
test_members (void **state)
{
    g_autoptr (dsn_eventview_t) v = read_text (event);
    static const struct {
        const char *group, *key, *text;
    } texts[] = {
        { "", "id", "00ff-1" },
        { "", "recipient", "j\xc3\xbcrgen@example.org" },
        { "", "diagnostic", "550 \"no\" \\ user \xf0\x9f\x98\x80 caf\xc3\xa9" },
        { "original", "subject", "A letter" },
        { "original", "size", "" }, /* another type */
        { "", "subject", "" },      /* another level */
        { "", "rule", "" },         /* within an array */
        { "evidence", "rule", "" },
        { "at", "n", "" },
        { "", "original", "" },
        { "", "is", "" },
        { "report", "date", "" },
    };

    (void)state;
    assert_non_null (v);
    for (unsigned i = 0; i < G_N_ELEMENTS (texts); i++)
        assert_string_equal (dsn_eventview_text (v, texts[i].group, texts[i].key), texts[i].text);
    assert_int_equal (dsn_eventview_number (v, "", "seq", -1), 42);
    assert_int_equal (dsn_eventview_number (v, "original", "size", -1), -7);
    assert_int_equal (dsn_eventview_number (v, "", "id", -1), -1);
    assert_int_equal (dsn_eventview_number (v, "", "real", -1), -1);
    assert_int_equal (dsn_eventview_number (v, "", "absent", -1), -1);
}

static void
test_numbers (void **state)
{
    g_autoptr (dsn_eventview_t) v =
        read_text ("{\"a\":9223372036854775807,\"b\":9223372036854775808,\"c\":-9223372036854775808"
                   ",\"d\":123456789012345678901234567890,\"e\":1,\"e\":2,\"f\":1e2}");

    (void)state;
    assert_non_null (v);
    assert_true (dsn_eventview_number (v, "", "a", 0) == INT64_MAX);
    assert_int_equal (dsn_eventview_number (v, "", "b", 5), 5);
    assert_true (dsn_eventview_number (v, "", "c", 0) == INT64_MIN);
    assert_int_equal (dsn_eventview_number (v, "", "d", 5), 5);
    assert_int_equal (dsn_eventview_number (v, "", "e", 0), 2);
    assert_int_equal (dsn_eventview_number (v, "", "f", 5), 5);
}

static const struct {
    const char *text;
    bool is_taken;
} forms[] = {
    { "{}", true },
    { " {\t\"a\" : \"b\" ,\r\n \"c\" : [ 1 , { } , [ ] ] } \n", true },
    { "{\"a\":-0}", true },
    { "{\"a\":1E-2}", true },
    { "{\"\":\"\"}", true },
    { "{\"\\u0041\":1}", true },
    { "", false },
    { " ", false },
    { "[]", false },
    { "\"a\"", false },
    { "1", false },
    { "{", false },
    { "{}}", false },
    { "{}{}", false },
    { "{\"a\"}", false },
    { "{\"a\":}", false },
    { "{\"a\":1,}", false },
    { "{,\"a\":1}", false },
    { "{a:1}", false },
    { "{'a':1}", false },
    { "{\"a\":01}", false },
    { "{\"a\":+1}", false },
    { "{\"a\":.5}", false },
    { "{\"a\":1.}", false },
    { "{\"a\":1e}", false },
    { "{\"a\":-}", false },
    { "{\"a\":nul}", false },
    { "{\"a\":True}", false },
    { "{\"a\":[1,]}", false },
    { "{\"a\":[1 2]}", false },
    { "{\"a\":\"\n\"}", false },
    { "{\"a\":\"\\x\"}", false },
    { "{\"a\":\"\\u12\"}", false },
    { "{\"a\":\"\\u12g4\"}", false },
    { "{\"a\":\"\\u0000\"}", false },
    { "{\"a\":\"\\ud800\"}", false },
    { "{\"a\":\"\\ud800\\u0041\"}", false },
    { "{\"a\":\"\\udc00\"}", false },
    { "{\"a\":\"\\", false },
    { "{\"a\":\"\xff\"}", false },
    { "{\"a\":\"\xc3\"}", false },
    { "{\"a\":\"b", false },
};

static void
test_forms (void **state)
{
    (void)state;
    for (unsigned i = 0; i < G_N_ELEMENTS (forms); i++) {
        g_autoptr (dsn_eventview_t) v = read_text (forms[i].text);
        if ((v != NULL) != forms[i].is_taken)
            fail_msg ("%s", forms[i].text);
    }
}

static void
test_depth (void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 2 * DSN_EVENTVIEW_MAX_DEPTH; n++) {
        g_autoptr (GString) text = g_string_new ("{\"a\":");
        g_autoptr (dsn_eventview_t) v = NULL;
        for (unsigned i = 1; i < n; i++)
            g_string_append_c (text, '[');
        g_string_append_c (text, '1');
        for (unsigned i = 1; i < n; i++)
            g_string_append_c (text, ']');
        g_string_append_c (text, '}');
        v = read_text (text->str);
        assert_int_equal (v != NULL, n <= DSN_EVENTVIEW_MAX_DEPTH);
    }
}

/* From memory of just that size, so that a sanitizer sees what is read beyond it. */
static struct dsn_eventview *
read_exactly (const char *text, size_t n)
{
    g_autofree char *bytes = g_memdup2 (text, n);

    return dsn_eventview_read ((struct dsn_bytes){ bytes, n });
}

static void
test_truncated (void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof event - 1; n++)
        assert_null (read_exactly (event, n));
}

/* Whether the two readers agree about @n bytes: both take them, with the same members. */
static void
compare (const char *text, size_t n)
{
    g_autoptr (dsn_eventview_t) v = read_exactly (text, n);
    json_t *tree = json_loadb (text, n, 0, NULL), *value, *inner;
    const char *key, *name;

    if ((v != NULL) != json_is_object (tree))
        fail_msg ("only one of them takes: %.*s", (int)n, text);
    json_object_foreach (tree, key, value)
    {
        const char *string = json_string_value (value);
        assert_string_equal (dsn_eventview_text (v, "", key), string ? string : "");
        json_object_foreach (value, name, inner)
        {
            string = json_string_value (inner);
            assert_string_equal (dsn_eventview_text (v, key, name), string ? string : "");
        }
    }
    json_decref (tree);
}

/* One byte after another becomes each of those that mean something. */
static void
test_beside_jansson (void **state)
{
    static const char bytes[] = "\"\\{}[]:,.-+eE0u1dtn \n\x7f\x80\xc3";
    g_autofree char *text = g_memdup2 (event, sizeof event);

    (void)state;
    compare (event, sizeof event - 1);
    for (size_t i = 0; i < sizeof event - 1; i++) {
        for (unsigned k = 0; k < sizeof bytes - 1; k++) {
            text[i] = bytes[k];
            compare (text, sizeof event - 1);
        }
        text[i] = event[i];
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_members),   cmocka_unit_test (test_numbers),
        cmocka_unit_test (test_forms),     cmocka_unit_test (test_depth),
        cmocka_unit_test (test_truncated), cmocka_unit_test (test_beside_jansson),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
