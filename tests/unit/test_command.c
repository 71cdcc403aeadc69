/* What a client of the socket may say. */
#include "daemon/socket/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct {
    const char *line;
    bool is_ok;
    enum command_verb verb;
    const char *name;
    enum command_from from;
    uint64_t seq;
    unsigned kinds;
} cases[] = {
    { "FOLLOW mailer", true, COMMAND_FOLLOW, "mailer", COMMAND_FROM_NEXT, 0, 0 },
    { "follow  mailer \r", true, COMMAND_FOLLOW, "mailer", COMMAND_FROM_NEXT, 0, 0 },
    { "FOLLOW m kinds=bounce,complaint", true, COMMAND_FOLLOW, "m", COMMAND_FROM_NEXT, 0,
      1u << DSN_KIND_BOUNCE | 1u << DSN_KIND_COMPLAINT },
    { "FOLLOW -", true, COMMAND_FOLLOW, "", COMMAND_FROM_NEXT, 0, 0 },
    { "FOLLOW - next", true, COMMAND_FOLLOW, "", COMMAND_FROM_NEXT, 0, 0 },
    { "FOLLOW - first kinds=other", true, COMMAND_FOLLOW, "", COMMAND_FROM_FIRST, 0,
      1u << DSN_KIND_OTHER },
    { "FOLLOW - 4000", true, COMMAND_FOLLOW, "", COMMAND_FROM_SEQ, 4000, 0 },
    { "ACK 4702", true, COMMAND_ACK, "", COMMAND_FROM_NEXT, 4702, 0 },
    { "ACK 0", true, COMMAND_ACK, "", COMMAND_FROM_NEXT, 0, 0 },
    { "STATUS", true, COMMAND_STATUS, "", COMMAND_FROM_NEXT, 0, 0 },
    { "FORGET a.b-c_d", true, COMMAND_FORGET, "a.b-c_d", COMMAND_FROM_NEXT, 0, 0 },
    { "", false },
    { " ", false },
    { "FOLLOW", false },
    { "FOLLOW ../etc", false },
    { "FOLLOW .hidden", false },
    { "FOLLOW m first", false },
    { "FOLLOW m kinds=", false },
    { "FOLLOW m kinds=bounce,", false },
    { "FOLLOW m kinds=bounce,nonsense", false },
    { "FOLLOW - last", false },
    { "FOLLOW - -1", false },
    { "FOLLOW - first kinds=bounce extra", false },
    { "ACK", false },
    { "ACK x", false },
    { "ACK 1 2", false },
    { "ACK 9999999999999999999", false },
    { "STATUS now", false },
    { "FORGET", false },
    { "FORGET a b", false },
    { "FOLLOWS m", false },
};

static void
lines_are_read (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct command command;
        const char *wrong = command_parse (dsn_bytes_str (cases[i].line), &command);
        if (!cases[i].is_ok) {
            assert_non_null (wrong);
            continue;
        }
        assert_null (wrong);
        assert_int_equal (command.verb, cases[i].verb);
        assert_string_equal (command.name, cases[i].name);
        assert_int_equal (command.from, cases[i].from);
        assert_int_equal (command.seq, cases[i].seq);
        assert_int_equal (command.kinds, cases[i].kinds);
    }
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        for (size_t n = 0; n < strlen (cases[i].line); n++) {
            /* an exact copy on the heap, so that a sanitizer sees a read past it */
            g_autofree char *copy = n ? g_memdup2 (cases[i].line, n) : NULL;
            struct command command;
            (void)command_parse ((struct dsn_bytes){ copy, n }, &command);
            assert_in_range (strlen (command.name), 0, n);
        }
}

static void
names_and_lines_have_their_limits (void **state)
{
    g_autofree char *name = g_strnfill (CONSUMER_NAME_MAX, 'n');
    g_autofree char *fits = g_strconcat ("FORGET ", name, NULL);
    g_autofree char *too_long = g_strconcat ("FORGET n", name, NULL);
    g_autofree char *blanks = g_strnfill (COMMAND_LINE_MAX - 6, ' ');
    g_autofree char *longest = g_strconcat ("STATUS", blanks, NULL);
    g_autofree char *longer = g_strconcat ("STATUS ", blanks, NULL);
    struct command command;

    (void)state;
    assert_null (command_parse (dsn_bytes_str (fits), &command));
    assert_non_null (command_parse (dsn_bytes_str (too_long), &command));
    assert_null (command_parse (dsn_bytes_str (longest), &command));
    assert_non_null (command_parse (dsn_bytes_str (longer), &command));
    assert_non_null (command_parse ((struct dsn_bytes){ "FORGET a\0b", 10 }, &command));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (lines_are_read),
        cmocka_unit_test (every_prefix_is_safe),
        cmocka_unit_test (names_and_lines_have_their_limits),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
