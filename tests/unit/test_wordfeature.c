/* The features of a refusal's words. */
#include "core/words/wordfeature.h"
#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static GArray *
collect (const char *in, unsigned reply, struct dsn_status status, struct wordlist *list)
{
    GArray *features = g_array_new (FALSE, FALSE, sizeof (struct wordfeature));
    struct normal_text t;

    normal_text_init (&t);
    normal_text_append (&t, dsn_bytes_str (in));
    wordlist_read (&t, 0, (uint32_t)t.text->len, list);
    wordfeature_collect (list, reply, status, features);
    normal_text_clear (&t);
    return features;
}

/* The names in one line, in order. */
static char *
names (const char *in, unsigned reply, struct dsn_status status)
{
    struct wordlist list;
    g_autoptr (GArray) features = collect (in, reply, status, &list);
    GString *out = g_string_new (NULL);

    for (guint i = 0; i < features->len; i++) {
        const struct wordfeature *f = &g_array_index (features, struct wordfeature, i);
        size_t start = out->len + (i > 0);
        g_string_append_printf (out, "%s%c%.*s", i ? " " : "", f->kind, (int)f->n,
                                list.text + f->at);
        assert_int_equal (f->hash, wordfeature_hash (dsn_bytes_str (out->str + start)));
    }
    return g_string_free (out, FALSE);
}

static const struct {
    const char *in;
    unsigned reply;
    struct dsn_status status;
    const char *names;
} cases[] = {
    { "", 0, { 0 }, "" },
    { "", 550, { 0 }, "#550 #5xx" },
    { "", 0, { 5, 1, 10 }, "#x.1 #x.1.10 #5.1.10" },
    { "no", 452, { 0 }, "#452 #4xx =no ~_no ~_no_ ~no_" },
    /* neighbours across an address, and each feature once */
    { "no a@b.example no", 0, { 0 }, "<address =no ~_no ~_no_ ~no_ =no_no" },
    { "a b c d", 0, { 0 }, "=a ~_a_ =b =a_b ~_b_ =c =b_c =a_b_c ~_c_ =d =c_d =b_c_d ~_d_" },
    { "\344\270\215\345\255\230",
      0,
      { 0 },
      "~\344\270\215 ~\344\270\215\345\255\230 ~\345\255\230" },
};

static void
features_of_the_cases (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autofree char *got = names (cases[i].in, cases[i].reply, cases[i].status);
        assert_string_equal (got, cases[i].names);
    }
}

/* The published test vectors of FNV-1a: tools/gen-words.py has the same. */
static void
hashes_are_fnv (void **state)
{
    (void)state;
    assert_int_equal (wordfeature_hash (dsn_bytes_str ("")), 0x811c9dc5);
    assert_int_equal (wordfeature_hash (dsn_bytes_str ("a")), 0xe40c292c);
    assert_int_equal (wordfeature_hash (dsn_bytes_str ("foobar")), 0xbf9cf968);
}

static void
norm_is_the_fourth_root (void **state)
{
    (void)state;
    assert_int_equal (wordfeature_norm (0), 256);
    assert_int_equal (wordfeature_norm (1), 256);
    assert_int_equal (wordfeature_norm (16), 512);
    assert_int_equal (wordfeature_norm (80), 765);
    assert_int_equal (wordfeature_norm (81), 768);
    assert_int_equal (wordfeature_norm (4096), 2048);
}

static void
collect_prefix (struct dsn_bytes in, void *data)
{
    struct wordlist list;
    g_autofree char *valid = g_utf8_make_valid (in.n ? in.p : "", (gssize)in.n);
    g_autoptr (GArray) features = collect (valid, 550, (struct dsn_status){ 5, 999, 999 }, &list);

    (void)data;
    assert_true (features->len < 5000);
    for (guint i = 0; i < features->len; i++) {
        const struct wordfeature *f = &g_array_index (features, struct wordfeature, i);
        assert_true ((unsigned)f->at + f->n <= list.n_text);
        assert_true ((unsigned)f->word + f->n_words <= list.n);
    }
}

static void
every_prefix_is_safe (void **state)
{
    g_autoptr (GString) text = g_string_new ("_ 550 \"\303\274n\" <a@b.example> https://x/ 10 ");

    (void)state;
    each_prefix ((struct dsn_bytes){ text->str, text->len }, 1, collect_prefix, NULL);
    for (unsigned i = 0; i < 500; i++)
        g_string_append_printf (text, "word%c%c\351\202\256\347\256\261 ", 'a' + i % 26,
                                'a' + i / 26 % 26);
    each_prefix ((struct dsn_bytes){ text->str, text->len }, 499, collect_prefix, NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (features_of_the_cases),
        cmocka_unit_test (hashes_are_fnv),
        cmocka_unit_test (norm_is_the_fourth_root),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
