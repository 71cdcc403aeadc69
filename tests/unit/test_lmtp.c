/* LMTP: paths and conversations, in every cut of the bytes. */
#include "lmtp/path.h"
#include "lmtp/session.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *in, *address; /* NULL: not understood */
    bool is_known;
    uint64_t size;
} paths[] = {
    { "TO:<a@example.org>", "a@example.org", true, 0 },
    { "to: <a@example.org>", "a@example.org", true, 0 },
    { "TO:<>", "", true, 0 },
    { "TO:<@x.example,@y.example:a@example.org>", "a@example.org", true, 0 },
    { "TO:<\"a>b\"@example.org>", "\"a>b\"@example.org", true, 0 },
    { "TO:<\"a\\\">b\"@example.org>", "\"a\\\">b\"@example.org", true, 0 },
    { "TO:<a@example.org> SIZE=12 BODY=8BITMIME SMTPUTF8", "a@example.org", true, 12 },
    { "TO:<a@example.org> SIZE=x", "a@example.org", false, 0 },
    { "TO:<a@example.org> NOTIFY=NEVER", "a@example.org", false, 0 },
    { "TO:<a@example.org>x", NULL, false, 0 },
    { "TO:a@example.org", NULL, false, 0 },
    { "TO:<a@example.org", NULL, false, 0 },
    { "TO:<a\nb@example.org>", NULL, false, 0 },
    { "TO:<a\rb@example.org>", NULL, false, 0 },
    { "FROM:<a@example.org>", NULL, false, 0 },
    { "TO", NULL, false, 0 },
    { "", NULL, false, 0 },
};

static void
test_paths (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (paths); i++) {
        struct path path = { 0 };
        const bool is_read = path_read (dsn_bytes_str (paths[i].in), "TO:", &path);
        assert_int_equal (is_read, paths[i].address != NULL);
        if (!is_read)
            continue;
        assert_int_equal (path.address.n, strlen (paths[i].address));
        assert_memory_equal (path.address.p, paths[i].address, path.address.n);
        assert_int_equal (path.is_known, paths[i].is_known);
        if (path.is_known)
            assert_int_equal (path.size_bytes, paths[i].size);
    }
}

/* No prefix of a path is read beyond its end. */
static void
test_path_prefixes (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (paths); i++)
        for (size_t n = 0; n <= strlen (paths[i].in); n++) {
            g_autofree char *copy = g_memdup2 (paths[i].in, n);
            struct path path;
            (void)path_read ((struct dsn_bytes){ copy, n }, "TO:", &path);
        }
}

struct box {
    GString *mail, *log;
    int fails_begin, fails_write, fails_commit; /* errno, 0: it doesn't */
};

static bool
begin (void *data, const char *sender, const GPtrArray *recipients)
{
    struct box *box = data;

    g_string_append_printf (box->log, "[%s", sender);
    for (unsigned i = 0; i < recipients->len; i++)
        g_string_append_printf (box->log, " %s", (const char *)recipients->pdata[i]);
    g_string_append_c (box->log, ']');
    errno = box->fails_begin;
    return !box->fails_begin;
}

static bool
write_text (void *data, struct dsn_bytes text)
{
    struct box *box = data;

    g_string_append_len (box->mail, text.p, (gssize)text.n);
    errno = box->fails_write;
    return !box->fails_write;
}

static bool
commit (void *data, unsigned i)
{
    struct box *box = data;

    g_string_append_printf (box->log, "+%u", i);
    errno = box->fails_commit;
    return !box->fails_commit;
}

static void
end (void *data)
{
    g_string_append_c (((struct box *)data)->log, '.');
}

static const struct session_handler handler = { begin, write_text, commit, end };

/* Feeds @in in pieces of @step bytes; whether the conversation goes on. (transfer full): ret_out */
static bool
converse (struct box *box, const char *in, size_t step, uint64_t max_bytes, GString **ret_out)
{
    struct session *s = session_new ("mx.example", max_bytes, &handler, box);
    const size_t n = strlen (in);
    bool goes_on = true;

    *ret_out = g_string_new (NULL);
    box->mail = g_string_new (NULL);
    box->log = g_string_new (NULL);
    for (size_t i = 0; i < n && goes_on; i += step) {
        g_autofree char *piece = g_memdup2 (in + i, MIN (step, n - i));
        goes_on = session_take (s, (struct dsn_bytes){ piece, MIN (step, n - i) }, *ret_out);
    }
    session_free (s);
    return goes_on;
}

static void
box_clear (struct box *box, GString *out)
{
    g_string_free (box->mail, TRUE);
    g_string_free (box->log, TRUE);
    g_string_free (out, TRUE);
}

#define HELLO "LHLO a.example\r\n"
#define HELLO_                                                                                     \
    "250-mx.example\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-"          \
    "SMTPUTF8\r\n"

static const struct {
    const char *in, *codes, *mail, *log;
    int begin, write, commit;
    uint64_t max_bytes;
} talks[] = {
    { HELLO "MAIL FROM:<>\r\nRCPT TO:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nx: "
            "y\r\n\r\n..\r\n.z\r\n.\r\nQUIT\r\n",
      "250 250 250 250 354 250 250 221 ", "x: y\n\n.\nz\n", "[ a@b c@d]+0+1.", 0, 0, 0, 0 },
    /* only CRLF "." CRLF ends a mail */
    { HELLO "MAIL FROM:<s@x>\r\nRCPT "
            "TO:<a@b>\r\nDATA\r\na\n.\nb\n.\r\nc\r.\r\rd\r\n.\n.\r\n.\r\nNOOP\r\n",
      "250 250 250 354 250 250 ", "a\n.\nb\n.\nc\r.\r\rd\n\n.\n", "[s@x a@b]+0.", 0, 0, 0, 0 },
    { HELLO "MAIL FROM:<s@x>\r\nRCPT TO:<a@b>\r\nDATA\r\n.\r\n", "250 250 250 354 250 ", "",
      "[s@x a@b]+0.", 0, 0, 0, 0 },
    { "MAIL FROM:<>\r\n" HELLO "RCPT TO:<a@b>\r\nDATA\r\nMAIL FROM:<>\r\nDATA\r\nMAIL FROM:<>\r\n",
      "503 250 503 503 250 503 503 ", "", "", 0, 0, 0, 0 },
    { HELLO "MAIL FROM:<> SIZE=11\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\n0123456789\r\n.\r\n",
      "250 552 250 250 354 552 ", "", "[ a@b].", 0, 0, 0, 10 },
    { HELLO "MAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\nRSET\r\n", "250 250 250 452 250 ", "",
      "[ a@b].", ENOSPC, 0, 0, 0 },
    { HELLO "MAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\nx\r\n.\r\n", "250 250 250 354 451 ", NULL,
      "[ a@b].", 0, EIO, 0, 0 },
    { HELLO "MAIL FROM:<>\r\nRCPT TO:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nx\r\n.\r\n",
      "250 250 250 250 354 452 452 ", "x\n", "[ a@b c@d]+0+1.", 0, 0, ENOSPC, 0 },
    { "HELO x\r\nEHLO x\r\nFOO\r\n\r\nVRFY a\r\nLHLO\r\n", "500 500 500 500 252 501 ", "", "", 0, 0,
      0, 0 },
    /* an end in the middle leaves nothing behind */
    { HELLO "MAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\nhalf", "250 250 250 354 ", "half", "[ a@b].",
      0, 0, 0, 0 },
};

/* The replies' codes; of an answer of several lines the last. */
static char *
codes_of (const GString *out)
{
    g_autoptr (GString) codes = g_string_new (NULL);
    g_auto (GStrv) lines = g_strsplit (out->str, "\r\n", -1);

    for (char **line = lines; *line; line++)
        if (strlen (*line) > 3 && (*line)[3] == ' ')
            g_string_append_printf (codes, "%.3s ", *line);
    return g_strdup (codes->str);
}

static void
test_talks (void **state)
{
    static const size_t steps[] = { 1, 2, 3, 5, 7, 11, 64, 4096 };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (talks); i++)
        for (size_t k = 0; k < G_N_ELEMENTS (steps); k++) {
            struct box box = { .fails_begin = talks[i].begin,
                               .fails_write = talks[i].write,
                               .fails_commit = talks[i].commit };
            g_autofree char *codes = NULL;
            GString *out;
            (void)converse (&box, talks[i].in, steps[k],
                            talks[i].max_bytes ? talks[i].max_bytes : 1000, &out);
            codes = codes_of (out);
            assert_string_equal (codes, talks[i].codes);
            assert_string_equal (box.log->str, talks[i].log);
            if (talks[i].mail && !talks[i].max_bytes)
                assert_string_equal (box.mail->str, talks[i].mail);
            box_clear (&box, out);
        }
}

/* What isn't understood has an end, and so has a line. */
static void
test_limits (void **state)
{
    g_autoptr (GString) in = g_string_new (NULL);
    struct box box = { 0 };
    GString *out;

    (void)state;
    for (unsigned i = 0; i < 30; i++)
        g_string_append (in, "FOO\r\n");
    assert_false (converse (&box, in->str, 100, 1000, &out));
    assert_non_null (strstr (out->str, "421 4.7.0"));
    box_clear (&box, out);

    g_string_assign (in, HELLO);
    for (unsigned i = 0; i < 100000; i++)
        g_string_append (in, "xxxxxxxxxx");
    g_string_append (in, "\r\nNOOP\r\n");
    assert_true (converse (&box, in->str, 4096, 1000, &out));
    assert_true (g_str_has_prefix (out->str, HELLO_));
    assert_true (g_str_has_suffix (out->str, "500 5.5.2 the line is too long\r\n250 2.0.0 OK\r\n"));
    box_clear (&box, out);

    g_string_assign (in, HELLO "MAIL FROM:<>\r\n");
    for (unsigned i = 0; i <= SESSION_RECIPIENTS_MAX; i++)
        g_string_append (in, "RCPT TO:<a@b>\r\n");
    assert_true (converse (&box, in->str, 4096, 1000, &out));
    assert_true (g_str_has_suffix (out->str, "452 4.5.3 too many recipients in one mail\r\n"));
    box_clear (&box, out);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_paths),
        cmocka_unit_test (test_path_prefixes),
        cmocka_unit_test (test_talks),
        cmocka_unit_test (test_limits),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
