/* The view of a mail: header, parts, encodings, what is wrong with real ones, the limits. */
#include "core/mail/mail.h"

#include "prefixes.h"

#include "core/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct mail *
read_mail (const char *text)
{
    struct dsn_limits limits = dsn_limits_default ();
    return mail_read (dsn_bytes_str (text), &limits);
}

static const struct mail_part *
part_at (const struct mail *mail, guint i)
{
    assert_true (i < mail->message->parts->len);
    return mail->message->parts->pdata[i];
}

/* The roles of the parts, a letter each: Text Html Status Feedback Disposition Headers Message
 * Other, and in brackets those of a mail inside. */
static void
append_roles (const struct mail_message *m, GString *out)
{
    for (guint i = 0; i < m->parts->len; i++) {
        const struct mail_part *part = m->parts->pdata[i];
        g_string_append_c (out, "THSFDRMO"[part->role]);
        if (part->message) {
            g_string_append_c (out, '(');
            append_roles (part->message, out);
            g_string_append_c (out, ')');
        }
    }
}

#define MIXED      "Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
#define PART(type) "--b\nContent-Type: " type "\n\nbody\n"

static const struct {
    const char *mail, *roles;
} cases[] = {
    { "Subject: x\n\nbody\n", "T" },
    { "Subject: x\nContent-Type: text/html\n\n<p>\n", "H" },
    { "Subject: x\nContent-Type: nonsense\n\nbody\n", "T" },
    { "no header at all", "T" },
    { MIXED PART ("text/plain") PART ("message/delivery-status") PART ("text/rfc822-headers"),
      "TSR" },
    { MIXED PART ("text/plain") PART ("message/xdelivery-status"), "TS" },
    { MIXED PART ("message/global-delivery-status") PART ("message/global-headers"), "SR" },
    { MIXED PART ("message/feedback-report") PART ("message/disposition-notification"), "FD" },
    { MIXED PART ("image/png") PART ("TEXT/Plain; charset=x"), "OT" },
    { MIXED "--b\nContent-Type: message/rfc822\n\nSubject: in\n\ninner\n--b--\n", "M(T)" },
    /* multiparts within are dissolved */
    { MIXED "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\na\n--c\n"
            "Content-Type: text/html\n\nb\n--c--\n--b\nContent-Type: image/gif\n\nx\n--b--\n",
      "THO" },
    /* no end, no part */
    { MIXED "--b\nContent-Type: text/plain\n\ncut", "T" },
    { "From x Sat Nov 21\nSubject: x\n\nbody\n", "T" },
    { "\r\n\nSubject: x\n\nbody\n", "T" },
};

static void
roles_of_the_cases (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct mail *mail = read_mail (cases[i].mail);
        g_autoptr (GString) roles = g_string_new (NULL);

        append_roles (mail->message, roles);
        assert_string_equal (roles->str, cases[i].roles);
        mail_free (mail);
    }
}

static void
header_is_found_behind_junk (void **state)
{
    static const char *const mails[] = {
        "Subject: x\n\nbody\n",
        "\n\nSubject: x\n\nbody\n",
        "From a@b Sat Nov 21 10:00:00 2026\nSubject: x\n\nbody\n",
        ">From a@b Sat Nov 21 10:00:00 2026\nSubject: x\n\nbody\n",
        "Subject: x\r\n\r\nbody\r\n",
        "Subject: x\r\rbody\r",
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (mails); i++) {
        struct mail *mail = read_mail (mails[i]);
        g_autoptr (GString) text = g_string_new (NULL);

        assert_true (mail->has_header);
        assert_int_equal (header_get (mail->message->fields, "subject").n, 1);
        (void)mail_part_append_text (part_at (mail, 0), text, 100);
        assert_string_equal (text->str, "body\n");
        mail_free (mail);
    }
}

static const struct {
    const char *head, *body, *text;
} bodies[] = {
    { "", "plain", "plain" },
    { "Content-Transfer-Encoding: base64\n", "cGxhaW4=", "plain" },
    { "Content-Transfer-Encoding: BASE64\n", "cGxh\naW4", "pla" },
    { "Content-Transfer-Encoding: quoted-printable\n", "pl=61in=\n text", "plain text" },
    { "Content-Transfer-Encoding: quoted-printable\n", "a=ZZ=", "a=ZZ" },
    { "Content-Transfer-Encoding: nonsense\n", "plain", "plain" },
    { "Content-Type: text/plain; charset=iso-8859-1\n", "caf\xe9", "caf\xc3\xa9" },
    { "Content-Type: text/plain; charset=uft-8\n", "caf\xc3\xa9", "caf\xc3\xa9" },
    { "Content-Type: text/plain; charset=unknown\n", "caf\xe9", "caf\xc3\xa9" },
    { "Content-Type: text/html\n", "<p>a&lt;b</p>", "\na<b\n" },
    { "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n",
      "PGI+YTwvYj4=", "a" },
};

static void
texts_are_decoded (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++) {
        g_autofree char *text = g_strdup_printf ("Subject: x\nMIME-Version: 1.0\n%s\n%s",
                                                 bodies[i].head, bodies[i].body);
        struct mail *mail = read_mail (text);
        g_autoptr (GString) out = g_string_new (NULL);

        (void)mail_part_append_text (part_at (mail, 0), out, 100);
        assert_string_equal (out->str, bodies[i].text);
        g_string_truncate (out, 0);
        (void)mail_part_append_text (part_at (mail, 0), out, 3);
        assert_true (out->len <= 3);
        mail_free (mail);
    }
}

static void
header_values_are_one_line (void **state)
{
    static const struct {
        const char *value, *line;
    } values[] = {
        { "plain", "plain" },
        { "a\r\n b\r\n\tc", "a b c" },
        { "=?utf-8?q?caf=C3=A9?= x", "caf\xc3\xa9 x" },
        { "=?utf-8?b?5pel?= =?utf-8?b?5pys?=", "\xe6\x97\xa5\xe6\x9c\xac" },
        { "=?uft-8?q?x?=", "x" },
        { "caf\xe9", "caf\xc3\xa9" },
        { "=?", "=?" },
        { "", "" },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (values); i++) {
        g_autoptr (GString) out = g_string_new (NULL);
        mail_append_header (out, dsn_bytes_str (values[i].value), 100);
        assert_string_equal (out->str, values[i].line);
    }
}

static bool
is_warned (const struct mail *mail, const char *warning)
{
    for (guint i = 0; i < mail->warnings->len; i++)
        if (strcmp (mail->warnings->pdata[i], warning) == 0)
            return true;
    return false;
}

static void
limits_hold (void **state)
{
    struct dsn_limits limits = dsn_limits_default ();
    const char text[] = MIXED PART ("text/plain") PART ("text/plain") PART ("text/plain");
    g_autoptr (GString) many = NULL;
    struct mail *mail;

    (void)state;
    limits.parts_count = 3;
    mail = mail_read (dsn_bytes_str (text), &limits);
    assert_int_equal (mail->message->parts->len, 2);
    assert_true (is_warned (mail, "parts-count"));
    mail_free (mail);

    limits = dsn_limits_default ();
    many = g_string_new (MIXED);
    for (int i = 0; i < 50000; i++)
        g_string_append (many, "--b\n\nx\n");
    mail = mail_read ((struct dsn_bytes){ many->str, many->len }, &limits);
    assert_true (mail->message->parts->len <= limits.parts_count);
    assert_true (is_warned (mail, "parts-count"));
    mail_free (mail);

    limits = dsn_limits_default ();
    limits.mime_depth = 0;
    mail = mail_read (dsn_bytes_str (text), &limits);
    assert_true (is_warned (mail, "mime-depth"));
    mail_free (mail);

    limits = dsn_limits_default ();
    limits.headers_count = 1;
    limits.header_bytes = 20;
    mail = mail_read (dsn_bytes_str (text), &limits);
    assert_int_equal (mail->message->fields->len, 1);
    assert_true (is_warned (mail, "header-bytes"));
    mail_free (mail);

    /* what is past the limit isn't handed on; the body is */
    limits = dsn_limits_default ();
    limits.header_bytes = 10;
    limits.headers_count = 2;
    limits.field_bytes = 3;
    mail = mail_read (dsn_bytes_str ("From: abcde\nX: b\nY: c\n\nbody\n"), &limits);
    assert_int_equal (header_get (mail->message->fields, "from").n, 3);
    assert_int_equal (mail->message->fields->len, 2);
    assert_int_equal (mail->message->parts->len, 1);
    assert_memory_equal (((struct mail_part *)mail->message->parts->pdata[0])->body.p, "body", 4);
    mail_free (mail);
}

/* GMime's parser of addresses recurses for each ':' of a group. */
static void
address_groups_are_bounded (void **state)
{
    g_autoptr (GString) text = g_string_new ("To: ");
    struct mail *mail;

    (void)state;
    for (int i = 0; i < 100000; i++)
        g_string_append (text, "a:");
    g_string_append (text, "\nSubject: x\n\nbody: a:a:a\n");
    mail = read_mail (text->str);
    assert_true (is_warned (mail, "address-groups"));
    assert_int_equal (header_get (mail->message->fields, "subject").n, 1);
    mail_free (mail);
}

static void
read_prefix (struct dsn_bytes in, void *data)
{
    struct dsn_limits limits = dsn_limits_default ();
    struct mail *mail = mail_read (in, &limits);

    (void)data;
    for (guint i = 0; i < mail->message->parts->len; i++) {
        g_autoptr (GString) out = g_string_new (NULL);
        (void)mail_part_append_text (mail->message->parts->pdata[i], out, 100);
        assert_true (g_utf8_validate (out->str, (gssize)out->len, NULL));
    }
    mail_free (mail);
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        each_prefix (dsn_bytes_str (cases[i].mail), 1, read_prefix, NULL);
}

static int
setup (void **state)
{
    (void)state;
    dsn_library_init ();
    return 0;
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (roles_of_the_cases),   cmocka_unit_test (header_is_found_behind_junk),
        cmocka_unit_test (texts_are_decoded),    cmocka_unit_test (header_values_are_one_line),
        cmocka_unit_test (limits_hold),          cmocka_unit_test (address_groups_are_bounded),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, setup, NULL);
}
