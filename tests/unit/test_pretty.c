/* The blocks that people read: their lines, their width, and that mail can't colour them. */
#include "cli/formats/pretty.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const struct tty plain = { .is_utf8 = true, .width = 80 };

static const struct {
    const char *json;
    const char *block;
} cases[] = {
    { "{\"v\":1,\"kind\":\"bounce\",\"action\":\"failed\",\"recipient\":\"a@example.com\","
      "\"status\":"
      "\"5.1.1\",\"reply_code\":\"550\",\"smtp_command\":\"RCPT\",\"diagnostic\":\"550 5.1.1 no "
      "such user\",\"category\":\"bad_mailbox\",\"class\":\"hard\",\"advice\":\"suppress\","
      "\"confidence\":85,\"rule\":\"no-user\",\"remote_mta\":\"mx.example.com\","
      "\"source\":{\"file\":\"new/1\"}}",
      "● Hard bounce  a@example.com\n"
      "    why      the local part does not exist at the recipient's domain\n"
      "             (bad_mailbox)\n"
      "    reply    550 5.1.1 no such user  [answer to RCPT]\n"
      "    where    mx.example.com\n"
      "    do       suppress: send nothing more to this address\n"
      "    by       rule no-user, confidence 85 of 100\n"
      "    file     new/1\n\n" },
    { "{\"kind\":\"delayed\",\"recipient\":\"a@example.com\",\"final_recipient\":\"b@example.org\","
      "\"status\":\"4.4.1\",\"will_retry_until\":\"2026-11-25T08:00:00Z\"}",
      "● Delayed  a@example.com  (forwarded to b@example.org)\n"
      "    reply    4.4.1\n"
      "    do       wait: the mail system goes on trying, until 2026-11-25T08:00:00Z\n\n" },
    { "{\"kind\":\"other\",\"seq\":7,\"report\":{\"subject\":\"Hi\",\"from\":\"p@example.com\"},"
      "\"source\":{\"mailbox\":\"bounces\",\"file\":\"1\"}}",
      "● Not a report\n"
      "    report   \"Hi\" from p@example.com\n"
      "    event    7  bounces: 1\n\n" },
    { "{\"kind\":\"bounce\",\"recipient\":\"\\u001b[2J\\u202e@example.com\"}",
      "● Bounce  \xe2\x90\x9b[2J\xef\xbf\xbd@example.com\n\n" },
    { "{}", "● Event\n\n" },
    { "not \x1b json", "not \xe2\x90\x9b json\n\n" },
    { "{\"kind\":5,\"source\":[],\"part\":{},\"original\":\"x\",\"warnings\":{\"a\":1}}",
      "● Event\n\n" },
};

static void
blocks_read_as_they_should (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autoptr (GString) out = g_string_new (NULL);
        pretty_append_json (out, dsn_bytes_str (cases[i].json), &plain);
        assert_string_equal (out->str, cases[i].block);
    }
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t n = 0; n <= strlen (cases[0].json); n++) {
        g_autofree char *copy = n ? g_memdup2 (cases[0].json, n) : NULL;
        g_autoptr (GString) out = g_string_new (NULL);
        pretty_append_json (out, (struct dsn_bytes){ copy, n }, &plain);
        assert_true (g_str_has_suffix (out->str, "\n\n"));
    }
}

/* Lines keep to the width, also of text without a space and of wide characters. */
static void
long_lines_are_wrapped (void **state)
{
    static const char *const units[] = { "x", "ab ", "\xe6\x97\xa5" };

    (void)state;
    for (size_t u = 0; u < G_N_ELEMENTS (units); u++) {
        g_autoptr (GString) json = g_string_new ("{\"kind\":\"bounce\",\"diagnostic\":\"");
        g_autoptr (GString) out = g_string_new (NULL);
        g_auto (GStrv) lines = NULL;
        for (unsigned i = 0; i < 200; i++)
            g_string_append (json, units[u]);
        g_string_append (json, "\"}");
        pretty_append_json (out, (struct dsn_bytes){ json->str, json->len }, &plain);
        lines = g_strsplit (out->str, "\n", -1);
        assert_true (g_strv_length (lines) > 4);
        for (char **line = lines; *line; line++)
            assert_true (tty_columns (dsn_bytes_str (*line)) <= 80);
    }
}

static void
colors_come_only_where_wanted (void **state)
{
    static const struct tty colored = { .is_terminal = true, .has_color = true, .width = 80 };
    g_autoptr (GString) with = g_string_new (NULL), without = g_string_new (NULL);

    (void)state;
    pretty_append_json (with, dsn_bytes_str (cases[0].json), &colored);
    pretty_append_json (without, dsn_bytes_str (cases[0].json), &plain);
    assert_non_null (strstr (with->str, "\033[1;31m"));
    assert_null (strchr (without->str, '\033'));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (blocks_read_as_they_should),
        cmocka_unit_test (every_prefix_is_safe),
        cmocka_unit_test (long_lines_are_wrapped),
        cmocka_unit_test (colors_come_only_where_wanted),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
