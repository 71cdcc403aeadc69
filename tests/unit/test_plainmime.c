/* The view made without GMime is GMime's: over small cases, over the fixtures, and over the
 * fixtures with lines cut, doubled and turned into boundaries.
 */
#include "core/mail/plainmime.h"

#include "prefixes.h"

#include "core/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define MUTATIONS 12 /* of each fixture */

static void
append_slice (GString *out, struct dsn_bytes slice)
{
    g_string_append_printf (out, "%" G_GSIZE_FORMAT ":", slice.n);
    g_string_append_len (out, slice.p ? slice.p : "", (gssize)slice.n);
    g_string_append_c (out, '\n');
}

static void
append_message (GString *out, const struct mail_message *m)
{
    g_string_append_printf (out, "%s %s\n", m->type, m->report_type);
    for (guint i = 0; i < m->fields->len; i++) {
        const struct header_field *f = &g_array_index (m->fields, struct header_field, i);
        append_slice (out, f->name);
        append_slice (out, f->value);
    }
    for (guint i = 0; i < m->parts->len; i++) {
        const struct mail_part *part = m->parts->pdata[i];
        g_string_append_printf (out, "%d %s %s %s %d %d\n", part->role, part->type, part->charset,
                                part->file_name, part->is_attachment, part->encoding);
        append_slice (out, part->body);
        if (part->message)
            append_message (out, part->message);
    }
    g_string_append (out, "end\n");
}

static GString *
view_of (struct dsn_bytes in,
         struct mail *(*read_it) (struct dsn_bytes in, const struct dsn_limits *limits))
{
    struct dsn_limits limits = dsn_limits_default ();
    struct mail *mail = read_it (in, &limits);
    GString *out = g_string_new (NULL);

    append_message (out, mail->message);
    mail_free (mail);
    return out;
}

static void
assert_same (struct dsn_bytes in, void *data)
{
    g_autoptr (GString) ours = view_of (in, mail_read);
    g_autoptr (GString) gmime = view_of (in, mail_read_by_gmime);

    (void)data;
    assert_string_equal (ours->str, gmime->str);
}

static bool
is_plain (struct dsn_bytes in)
{
    struct dsn_limits limits = dsn_limits_default ();
    g_autoptr (GArray) fields = g_array_new (FALSE, FALSE, sizeof (struct header_field));
    struct mail *mail = mail_read (dsn_bytes_str (""), &limits);
    size_t header_n = header_read (in, limits.headers_count, fields);
    bool is;

    g_ptr_array_set_size (mail->message->parts, 0);
    g_clear_pointer (&mail->message->type, g_free);
    is = plainmime_read (in, header_n, &limits, mail->message);
    mail_free (mail);
    return is;
}

#define MIXED "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n"

static const struct {
    const char *mail;
    bool is_plain;
} cases[] = {
    { "Subject: x\n\nbody\n", true },
    { "Subject: x\r\nContent-Type: text/html; charset=x\r\n\r\nbody\r\n", true },
    { MIXED "pre\n--b\n\none\n--b\nContent-Type: image/png; name=x\n\n\n--b--\nepi\n", true },
    { MIXED "--b\n\nno end\n", true },
    { MIXED "--b\nContent-Type: message/rfc822\n\nFrom: a\nContent-Type: text/plain\nTo: b\n\n"
            "inner\n--b\nContent-Type: message/delivery-status\n\nAction: failed\n\n--b--\n",
      true },
    { MIXED "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\nx\n--c--\n\n--b\n\n"
            "y\n--b--\n",
      true },
    /* a boundary that is another's start, or isn't quite one */
    { MIXED "--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\nx\n--bb--\n--b--\n",
      false },
    { MIXED "--b\n\nx\n--bc\ny\n--b--\n", false },
    { MIXED "--b \n\nx\n--b--\n", false },
    /* no boundary, no blank line, an outer boundary inside, line ends that differ */
    { MIXED "text\n", false },
    { MIXED "--b\n--b--\n", false },
    { MIXED "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--b--\n", false },
    { MIXED "--b\n\nx\r\n--b--\n", false },
    { "Subject: x\nno field\n\nbody\n", false },
    { "Subject: x\nContent-Type: text\n\nbody\n", false },
    { "Subject: x\nContent-Type: text/plain\nContent-Type: text/html\n\nbody\n", false },
    { MIXED "--b\nReceived: from a\n\nbare\n--b--\n", false },
    /* a type of three parts, of which GMime sees two */
    { MIXED "--b\nContent-Type: message/x/y\n\nx\n--b--\n", false },
    { "Subject: x\nContent-Type: text/x/y\n\nbody\n", false },
};

static void
small_cases_agree (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct dsn_bytes in = dsn_bytes_str (cases[i].mail);
        assert_int_equal (is_plain (in), cases[i].is_plain);
        each_prefix (in, 1, assert_same, NULL);
    }
}

/* @n multiparts within each other, or @n messages; the innermost is text. */
static GString *
nest (unsigned n, bool is_multipart)
{
    GString *out = g_string_new ("Subject: x\n");

    for (unsigned i = 0; i < n; i++)
        if (is_multipart)
            g_string_append_printf (
                out, "Content-Type: multipart/mixed; boundary=b%02u\n\n--b%02u\n", i, i);
        else
            g_string_append (out, "Content-Type: message/rfc822\n\nSubject: x\n");
    g_string_append (out, "\nbody\n");
    for (unsigned i = n; is_multipart && i > 0; i--)
        g_string_append_printf (out, "--b%02u--\n", i - 1);
    return out;
}

/* At the bounds and one past them; past them GMime reads, which sees the same. */
static void
nesting_is_bounded (void **state)
{
    static const struct {
        unsigned n;
        bool is_multipart, is_plain;
    } depths[] = {
        { 7, true, true },   { 8, true, true },   { 9, true, false },   { 10, true, false },
        { 11, false, true }, { 12, false, true }, { 13, false, false }, { 14, false, false },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (depths); i++) {
        g_autoptr (GString) mail = nest (depths[i].n, depths[i].is_multipart);
        const struct dsn_bytes in = { mail->str, mail->len };

        assert_int_equal (is_plain (in), depths[i].is_plain);
        assert_same (in, NULL);
    }
}

static size_t
line_start (const GString *mail, GRand *random)
{
    size_t at = (size_t)g_rand_int_range (random, 0, (gint32)mail->len);

    while (at > 0 && mail->str[at - 1] != '\n')
        at--;
    return at;
}

/* Drops, cuts or inserts lines that bear on the structure. */
static void
mutate (GString *mail, GRand *random)
{
    static const char *const inserts[] = {
        "\n",   "--b\n",   "--\n",          "Content-Type: message/rfc822\n\n",
        "\r\n", " fold\n", "Received: x\n", "Content-Transfer-Encoding: base64\n",
    };
    size_t at = line_start (mail, random), from = line_start (mail, random);
    size_t end = strcspn (mail->str + from, "\n") + from;
    g_autofree char *line = g_strndup (mail->str + from, end - from + 1);

    switch (g_rand_int_range (random, 0, 4)) {
    case 0:
        g_string_insert (mail, (gssize)at, line);
        break;
    case 1:
        g_string_erase (mail, (gssize)from, (gssize)(end - from));
        break;
    case 2:
        g_string_truncate (mail, at + 1);
        break;
    default:
        g_string_insert (mail, (gssize)at,
                         inserts[g_rand_int_range (random, 0, G_N_ELEMENTS (inserts))]);
    }
}

static void
check_file (const char *path, GRand *random, unsigned *ret_plain)
{
    g_autofree char *bytes = NULL;
    size_t n;

    assert_true (g_file_get_contents (path, &bytes, &n, NULL));
    assert_same ((struct dsn_bytes){ bytes, n }, NULL);
    *ret_plain += is_plain ((struct dsn_bytes){ bytes, n });
    /* hostile ones are large, and GMime takes its time */
    for (unsigned i = 0; i < MUTATIONS && n && n < 16 * 1024; i++) {
        g_autoptr (GString) mail = g_string_new_len (bytes, (gssize)n);
        mutate (mail, random);
        mutate (mail, random);
        assert_same ((struct dsn_bytes){ mail->str, mail->len }, NULL);
    }
}

static void
fixtures_agree (void **state)
{
    static const char *const folders[] = { "arf", "dsn", "freetext", "hostile", "notbounce" };
    g_autoptr (GRand) random = g_rand_new_with_seed (11);
    unsigned plain = 0, all = 0;

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (folders); i++) {
        g_autofree char *folder = g_build_filename (FIXTURES, folders[i], NULL);
        GDir *dir = g_dir_open (folder, 0, NULL);
        const char *name;

        assert_non_null (dir);
        while ((name = g_dir_read_name (dir))) {
            g_autofree char *path = g_build_filename (folder, name, NULL);
            if (!g_str_has_suffix (name, ".eml"))
                continue;
            check_file (path, random, &plain);
            all++;
        }
        g_dir_close (dir);
    }
    assert_true (all > 100);
    assert_true (plain > all / 2);
}

static int
set_up (void **state)
{
    (void)state;
    dsn_library_init ();
    return 0;
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (small_cases_agree),
        cmocka_unit_test (nesting_is_bounded),
        cmocka_unit_test (fixtures_agree),
    };

    return cmocka_run_group_tests (tests, set_up, NULL);
}
