/* The words of a refusal, and what is no word. */
#include "core/words/wordlist.h"
#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define BIT(hole) (1u << WORD_HOLE_##hole)

static const struct {
    const char *in, *words;
    unsigned holes;
} cases[] = {
    { "No such user here", "_no_such_user_here_", 0 },
    { "550 5.1.1 User unknown", "_user_unknown_", 0 },
    { "user <bob.smith@example.com> unknown", "_user_unknown_", BIT (ADDRESS) },
    { "bob@example.com", "_", BIT (ADDRESS) },
    { "mx.example.com refused 192.0.2.1", "_refused_", BIT (HOST) | BIT (IP) },
    { "[2001:db8::1] is listed, see https://bl.example/q?ip=1", "_is_listed_see_",
      BIT (IP) | BIT (URL) },
    { "quota of 10240 bytes, 5 too many", "_quota_of_bytes_too_many_", BIT (NUMBER) },
    { "Error: 550: gone", "_error_gone_", 0 },
    { "over_quota", "_over_quota_", 0 },
    { "doesn't exist. Don't!", "_doesnt_exist_dont_", 0 },
    { "'quoted' words'", "_quoted_words_", 0 },
    { "RFC5322 and ipv6, TLS1.2", "_rfc#_and_ipv#_tls#_", BIT (NUMBER) },
    { "queued as 4XyZ12abC3 at", "_queued_as_at_", BIT (ID) },
    { "0123456789abcdef01", "_", BIT (ID) },
    { "Ung\303\274ltige Empf\303\244ngeradresse", "_ungultige_empfangeradresse_", 0 },
    { "bo\303\256te pleine", "_boite_pleine_", 0 },
    { "skrzynka prze\305\202adowana", "_skrzynka_przeladowana_", 0 },
    { "dolu: posta kutusu dolu\305\237", "_dolu_posta_kutusu_dolus_", 0 },
    { "\320\257\321\211\320\270\320\272 \320\277\320\276\320\273\320\276\320\275",
      "_\321\217\321\211\320\270\320\272_\320\277\320\276\320\273\320\276\320\275_", 0 },
    /* a run of CJK letters is one word; its neighbours of other scripts are others */
    { "\351\202\256\347\256\261mail\344\270\215\345\255\230\345\234\250",
      "_\351\202\256\347\256\261_mail_\344\270\215\345\255\230\345\234\250_", 0 },
    { "\353\251\224\354\235\274\355\225\250 \352\260\200\353\223\235",
      "_\353\251\224\354\235\274\355\225\250_\352\260\200\353\223\235_", 0 },
    /* Postfix's own remark isn't the server's */
    { "550 no mailbox (in reply to RCPT TO command)", "_no_mailbox_", 0 },
    { "4.2.1.1", "_", BIT (IP) },
    { "--- !!! ---", "_", 0 },
    { "", "_", 0 },
};

static struct wordlist
read_words (struct dsn_bytes in)
{
    struct normal_text t;
    struct wordlist list;

    normal_text_init (&t);
    normal_text_append (&t, in);
    wordlist_read (&t, 0, (uint32_t)t.text->len, &list);
    normal_text_clear (&t);
    return list;
}

static void
words_of_the_cases (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct wordlist list = read_words (dsn_bytes_str (cases[i].in));
        g_autofree char *words = g_strndup (list.text, list.n_text);

        if (strcmp (words, cases[i].words) != 0 || list.holes != cases[i].holes)
            print_error ("%s: %s, holes %x\n", cases[i].in, words, list.holes);
        assert_string_equal (words, cases[i].words);
        assert_int_equal (list.holes, cases[i].holes);
    }
}

static void
check_list (const struct wordlist *list)
{
    size_t at = 1;

    assert_true (list->n <= WORDLIST_WORDS_MAX && list->n_text <= WORDLIST_TEXT_SIZE);
    for (unsigned i = 0; i < list->n; i++) {
        const struct word *w = &list->words[i];
        assert_int_equal (w->at, at);
        assert_true (w->n > 0 && list->text[w->at - 1] == '_' && list->text[w->at + w->n] == '_');
        assert_null (memchr (list->text + w->at, '_', w->n));
        assert_true (g_utf8_validate (list->text + w->at, w->n, NULL));
        at += w->n + 1u;
    }
    assert_int_equal (at, list->n_text);
}

static void
read_prefix (struct dsn_bytes in, void *data)
{
    g_autofree char *valid = g_utf8_make_valid (in.n ? in.p : "", (gssize)in.n);
    struct wordlist list = read_words (dsn_bytes_str (valid));

    (void)data;
    check_list (&list);
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        each_prefix (dsn_bytes_str (cases[i].in), 1, read_prefix, NULL);
}

static void
long_texts_are_cut (void **state)
{
    static const char *const units[] = { "word ", "\351\202\256", "\303\274",
                                         "x",     "1.2.3.4 ",     "a@b.example " };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (units); i++) {
        g_autoptr (GString) text = g_string_new (NULL);
        while (text->len < 20000)
            g_string_append (text, units[i]);
        read_prefix ((struct dsn_bytes){ text->str, text->len }, NULL);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (words_of_the_cases),
        cmocka_unit_test (every_prefix_is_safe),
        cmocka_unit_test (long_texts_are_cut),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
