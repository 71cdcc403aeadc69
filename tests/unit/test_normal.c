/* Normalising: the cases, agreement with GLib's own for what the fast path folds, spans, prefixes.
 */
#include "core/phrase/normal.h"
#include "core/bytes/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

static const struct {
    const char *in, *out;
} cases[] = {
    { "", "" },
    { "Mailbox FULL", "mailbox full" },
    { "a \t\r\n b\n\nc", "a b c" },
    { " x ", " x " },
    { "can`t, can\u2019t, can\u2018t, can\u00B4t", "can't, can't, can't, can't" },
    { "\u201Cfull\u201D \u201Efull\u201C \u00ABfull\u00BB", "\"full\" \"full\" \"full\"" },
    { "a\u2013b\u2014c\u2010d\u2011e\u2212f", "a-b-c-d-e-f" },
    { "ma\u200Bil\uFEFFbox\u00AD", "mailbox" },
    { "a\u00A0 \u3000b", "a b" },
    { "\u00DCBERF\u00DCLLT Stra\u00DFe", "\u00FCberf\u00FCllt strasse" },
    { "e\u0301E\u0301", "\u00E9\u00E9" },
    { "\uFF2D\uFF41\uFF49\uFF4C \uFB01le\u2026", "mail file..." },
    { "\u0410\u0414\u0420\u0415\u0421 \u0401", "\u0430\u0434\u0440\u0435\u0441 \u0451" },
    { "\uFF76\uFF9E \u5B9B\u5148", "\u30AC\u5B9B\u5148" },
    /* wrapped lines of Chinese and Japanese; beside ASCII and in Korean blanks are words' ends */
    { "\u5B9B\r\n \u5148\u3002\n\u3042\u3000\u30A2\n\u30FC",
      "\u5B9B\u5148\u3002\u3042\u30A2\u30FC" },
    { " \u5B9B mail \u5148 \u4E0D ", " \u5B9B mail \u5148\u4E0D " },
    { "\u5B9B 550 \u5148", "\u5B9B 550 \u5148" },
    { "\uBA54\uC77C \uC8FC\uC18C", "\uBA54\uC77C \uC8FC\uC18C" },
    { "\u00FC \u5148 \u00FC", "\u00FC \u5148 \u00FC" },
    { "\u304B \u309B", "\u304B \u3099" },
    { "\u0130", "i\u0307" },
    { "x\x01y\x7fz", "x y z" },
    { "caf\xC3", "caf\uFFFD" }, /* cut within a character */
};

static char *
normal (struct dsn_bytes in)
{
    struct normal_text t;

    normal_text_init (&t);
    normal_text_append (&t, in);
    g_array_unref (t.spans);
    return g_string_free (t.text, FALSE);
}

static void
cases_come_out (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autofree char *once = normal (dsn_bytes_str (cases[i].in));
        g_autofree char *twice = normal (dsn_bytes_str (once));
        g_autofree char *phrase = normal_phrase (cases[i].in);
        assert_string_equal (once, cases[i].out);
        assert_string_equal (twice, cases[i].out);
        assert_string_equal (phrase, cases[i].out);
    }
}

static void
every_character_agrees_with_glib (void **state)
{
    (void)state;
    for (gunichar c = 0x80; c <= 0xFFFF; c++) {
        char in[7] = { 0 };
        g_autofree char *out = NULL, *nfkc = NULL, *folded = NULL, *want = NULL;
        if (!g_unichar_validate (c))
            continue;
        (void)g_unichar_to_utf8 (c, in);
        out = normal (dsn_bytes_str (in));
        nfkc = g_utf8_normalize (in, -1, G_NORMALIZE_NFKC);
        folded = g_utf8_casefold (nfkc, -1);
        want = g_utf8_normalize (folded, -1, G_NORMALIZE_NFKC);
        /* quotes, dashes, blanks and what is dropped come out as ASCII or nothing */
        if (strcmp (out, want) != 0 && strlen (out) > 1 && !strpbrk (out, " '\"-"))
            fail_msg ("U+%04X gives '%s', not '%s'", c, out, want);
    }
}

static void
appended_texts_stay_apart (void **state)
{
    struct normal_text t;

    (void)state;
    normal_text_init (&t);
    normal_text_append (&t, dsn_bytes_str ("One "));
    normal_text_append (&t, dsn_bytes_str (" \u0301Two mx.example.net"));
    assert_string_equal (t.text->str, "one \n \u0301two mx.example.net");
    assert_int_equal (t.spans->len, 1);
    assert_int_equal (g_array_index (t.spans, struct normal_span, 0).end, t.text->len);
    normal_text_clear (&t);
}

/* '^' stands under each masked byte */
static const struct {
    const char *text, *mask;
} span_cases[] = {
    { "host mx1.spam-protection.com said", "     ^^^^^^^^^^^^^^^^^^^^^^^     " },
    { "<quota.full@example.org>: full", " ^^^^^^^^^^^^^^^^^^^^^^        " },
    { "see https://example.com/spam?x=1 now", "    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^    " },
    { "see example.com/spam, ok", "    ^^^^^^^^^^^^^^^^    " },
    { "mailbox full.please retry", "                         " },
    { "storedrv.deliver.exception:quota", "                                " },
    { "550 5.1.1 unknown. sorry.", "                         " },
    { "mx7.mail.photography", "^^^^^^^^^^^^^^^^^^^^" },
    { "user@localhost. full", "^^^^^^^^^^^^^^^    " },
    { "a@b@example.net:full", "^^^^^^^^^^^^^^^     " },
    { "@ full @full full@", "                  " },
    { "://full http: //full", "                    " },
    { "relay=mx.example.net[192.0.2.1]:25", "      ^^^^^^^^^^^^^^              " },
    { "...full...", "          " },
    { "e.g. full i.e. full", "                   " },
};

static void
spans_are_found (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (span_cases); i++) {
        g_autofree char *mask = g_strdup (span_cases[i].text);
        g_autofree char *want = g_strchomp (g_strdup (span_cases[i].mask));
        struct normal_text t;
        normal_text_init (&t);
        normal_text_append (&t, dsn_bytes_str (span_cases[i].text));
        for (uint32_t at = 0; mask[at]; at++)
            mask[at] = normal_text_is_masked (&t, at, at + 1) ? '^' : ' ';
        /* trailing blanks of the drawing don't matter */
        if (strcmp (g_strchomp (mask), want) != 0)
            fail_msg ("%s\n%s", span_cases[i].text, mask);
        normal_text_clear (&t);
    }
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases) + G_N_ELEMENTS (span_cases); i++) {
        const char *in =
            i < G_N_ELEMENTS (cases) ? cases[i].in : span_cases[i - G_N_ELEMENTS (cases)].text;
        for (size_t n = 0; n <= strlen (in); n++) {
            g_autofree char *copy = n ? g_memdup2 (in, n) : NULL;
            g_autofree char *out = normal ((struct dsn_bytes){ copy, n });
            assert_true (g_utf8_validate (out, -1, NULL));
        }
    }
}

/* Lines appended one by one are the text normalised as a whole, spans included. */
static void
joined_lines_are_the_text (void **state)
{
    static const char *const texts[] = {
        "",
        "\n",
        "one",
        "one\ntwo\n",
        "\n\n  one\n\n \t two  words \n\n",
        "  User  unknown\n<a@example.com>: mx.example.net\n\nsaid http://example.org/x\n550",
        "x\n.\n\n@\na@\nexample.com",
        "Empf\xc3\xa4nger\nunbekannt",
        "\xe9\x80\x81\xe4\xbf\xa1\n\n\xe5\xa4\xb1\xe6\x95\x97\nx\n\xe9\x80\x81",
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
        g_auto (GStrv) split = g_strsplit (texts[i], "\n", -1);
        struct normal_text lines, whole;

        normal_text_init (&lines);
        normal_text_init (&whole);
        normal_text_append (&lines, dsn_bytes_str ("Subject"));
        normal_text_append (&lines, (struct dsn_bytes){ 0 });
        for (char **line = split; *line; line++) {
            const char *trimmed = g_strstrip (*line);
            uint32_t start = normal_text_append_line (&lines, dsn_bytes_str (trimmed));
            g_autofree char *alone = normal (dsn_bytes_str (trimmed));
            assert_string_equal (lines.text->str + start, alone);
        }
        normal_text_append (&whole, dsn_bytes_str ("Subject"));
        normal_text_append (&whole, text_trim (dsn_bytes_str (texts[i])));
        assert_string_equal (lines.text->str, whole.text->str);
        assert_int_equal (lines.spans->len, whole.spans->len);
        if (whole.spans->len)
            assert_memory_equal (lines.spans->data, whole.spans->data,
                                 whole.spans->len * sizeof (struct normal_span));
        normal_text_clear (&lines);
        normal_text_clear (&whole);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (joined_lines_are_the_text),
        cmocka_unit_test (cases_come_out),
        cmocka_unit_test (every_character_agrees_with_glib),
        cmocka_unit_test (appended_texts_stay_apart),
        cmocka_unit_test (spans_are_found),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
