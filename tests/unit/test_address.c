/* Addresses: where one stands in a text, and what a field's wrapping hides. */
#include "core/bytes/address.h"

#include "core/bytes/addressline.h"
#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const struct {
    const char *in, *found;
} finds[] = {
    { "user@example.net", "user@example.net" },
    { "to <user@example.net>: refused", "user@example.net" },
    { "user@example.net.", "user@example.net" },
    { "'user@example.net'", "user@example.net" },
    { "(user@example.net)", "user@example.net" },
    { "RCPT TO:<user+tag=x@sub.example.net>", "user+tag=x@sub.example.net" },
    { "root@localhost", "root@localhost" },
    /* text without blanks around the address */
    { "收件人：user@example.net（不存在）", "user@example.net" },
    { "邮箱user@example.net不存在", "user@example.net" },
    { "宛先user@example.jpは存在しません", "user@example.jp" },
    { "사용자user@example.kr님", "user@example.kr" },
    { "「user@example.net」", "user@example.net" },
    { "用户@例え.テスト", "用户@例え.テスト" },
    { "josé@bücher.example", "josé@bücher.example" },
    { "\"a b\"@example.net", "\"a b\"@example.net" },
    { "\"a\\\"b\"@example.net", "\"a\\\"b\"@example.net" },
    { "x@[192.0.2.1] y", "x@[192.0.2.1]" },
    { "x@[2001:db8::1]", "x@[2001:db8::1]" },
    { "a @ b, then c@example.org", "c@example.org" },
    { "@example.net", NULL },
    { "user@", NULL },
    { "user@[192.0.2.1", NULL },
    { "@@@@", NULL },
    { "no address", NULL },
    { "", NULL },
    { "\xe3\x81\x82@example.jp", "\xe3\x81\x82@example.jp" },
    { "user@\xe4\xbe\x8b.example", "user@\xe4\xbe\x8b.example" },
    { "---user@example.net---", "user@example.net" },
    { "mailto:user@example.net?subject=x", "user@example.net" },
};

static void
find_gives_the_first (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (finds); i++) {
        struct dsn_bytes in = dsn_bytes_str (finds[i].in);
        size_t n = 0, at = address_find (in, 0, &n);
        g_autofree char *found = at == G_MAXSIZE ? NULL : g_strndup (in.p + at, n);

        assert_int_equal (at == G_MAXSIZE, finds[i].found == NULL);
        if (found)
            assert_string_equal (found, finds[i].found);
    }
}

static void
find_goes_on (void **state)
{
    struct dsn_bytes in = dsn_bytes_str ("a@b.example,<c@d.example>; e@f.example");
    size_t at = 0, n = 0, count = 0;

    (void)state;
    for (; (at = address_find (in, at, &n)) != G_MAXSIZE; at += n) {
        assert_int_equal (n, 11);
        count++;
    }
    assert_int_equal (count, 3);
}

/* RFC 3464 s.2.3.1 and s.2.3.2, RFC 3461 s.4, RFC 6533 s.3, and what is written instead */
static const struct {
    const char *in, *out;
} fields[] = {
    { "rfc822; user@example.net", "user@example.net" },
    { "RFC822;user@example.net", "user@example.net" },
    { "rfc822 ; user@example.net", "user@example.net" },
    { "rfc822;<user@example.net>", "user@example.net" },
    { "<user@example.net>", "user@example.net" },
    { "user@example.net", "user@example.net" },
    { "rfc822; user@example.net (expanded)", "user@example.net" },
    { "rfc822; \"A. User\" <user@example.net>", "user@example.net" },
    { "rfc822; 'user@example.net'", "user@example.net" },
    { "rfc822;user+2Btag@example.net", "user+tag@example.net" },
    { "rfc822;a+3Db@example.net", "a=b@example.net" },
    { "rfc822;user+tag@example.net", "user+tag@example.net" },
    { "rfc822;user+20x@example.net", "user+20x@example.net" },
    { "utf-8; \\x{3042}@example.jp", "\xe3\x81\x82@example.jp" },
    { "utf-8;\xe3\x81\x82@example.jp", "\xe3\x81\x82@example.jp" },
    { "rfc822;@relay.example:user@example.net", "user@example.net" },
    { "rfc822; <@a.example,@b.example:user@example.net>", "user@example.net" },
    { "rfc822; user@example.net.", "user@example.net" },
    { "rfc822; \"user@example.net\"@example.org", "\"user@example.net\"@example.org" },
    { "rfc822; \"<user@example.net>\"@example.org", "\"<user@example.net>\"@example.org" },
    { "rfc822; (user@example.net) other@example.org (a (b) c)", "other@example.org" },
    { "rfc822; .user@example.net", ".user@example.net" },
    { "rfc822; user@[192.0.2.1]", "user@[192.0.2.1]" },
    { "rfc822; user@[IPv6:2001:db8::1]", "user@[IPv6:2001:db8::1]" },
};

/* What is no whole address, and what is made of it all the same. */
static const struct {
    const char *in, *out;
} pieces[] = {
    { "rfc822; user@example.net@example.org", "user@example.net" },
    { "rfc822; a(user@example.net)@example.org", "user@example.net" },
    { "rfc822; a@example.org; user@example.net", "a@example.org" },
    { "rfc822; 551 now lives at user@example.net", "user@example.net" },
    { "rfc822; user@example.net\xe3\x80\x82 example.org", "user@example.net" },
    { "rfc822; \xef\xbf\xbd@example.net", "\xef\xbf\xbd@example.net" },
    { "rfc822; us\xc2\xad"
      "er@example.net",
      "us\xc2\xad"
      "er@example.net" },
    { "utf-8; use\\x{72}@example.net", "use\\x{72}@example.net" },
    { "utf-8; \\x{D800}@example.jp", "\\x{D800}@example.jp" },
    { "utf-8; \\x{A}@example.jp", "\\x{A}@example.jp" },
    { "utf-8; \\x{110000}@example.jp", "\\x{110000}@example.jp" },
    { "rfc822;/var/mail/list", "/var/mail/list" },
    { "rfc822;|/usr/bin/prog", "|/usr/bin/prog" },
    { "rfc822; nouser", "nouser" },
    { "LOCAL;<>", "" },
    { "rfc822;", "" },
    { "", "" },
};

static void
pieces_are_told (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (pieces); i++) {
        g_autoptr (GString) out = g_string_new (NULL);
        assert_false (address_append_from_field (out, dsn_bytes_str (pieces[i].in)));
        assert_string_equal (out->str, pieces[i].out);
    }
}

static void
field_is_unwrapped (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (fields); i++) {
        g_autoptr (GString) out = g_string_new (NULL);
        assert_true (address_append_from_field (out, dsn_bytes_str (fields[i].in)));
        assert_string_equal (out->str, fields[i].out);
    }
}

static const struct {
    const char *in, *out;
} headers[] = {
    { "A User <user@example.net>", "user@example.net" },
    { "user@example.net (A User)", "user@example.net" },
    { "\"other@example.org\" <user@example.net>", "user@example.net" },
    { "a@example.net, b@example.net", "a@example.net" },
    { "<>", "" },
    { "Mail Delivery System", "" },
    { "Broken <user@example.net", "user@example.net" },
    { "a@example.net <no address>", "a@example.net" },
};

static void
header_gives_the_first (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (headers); i++) {
        g_autoptr (GString) out = g_string_new (NULL);
        address_append_from_header (out, dsn_bytes_str (headers[i].in));
        assert_string_equal (out->str, headers[i].out);
    }
}

static void
whole_equal_and_domain (void **state)
{
    struct dsn_bytes a = dsn_bytes_str ("User@Example.Net"), domain = address_domain (a);

    (void)state;
    assert_true (address_is (a));
    assert_false (address_is (dsn_bytes_str ("<user@example.net>")));
    assert_false (address_is (dsn_bytes_str ("user@example.net.")));
    assert_false (address_is ((struct dsn_bytes){ 0 }));
    assert_true (address_equal (a, dsn_bytes_str ("user@example.net")));
    assert_false (address_equal (a, dsn_bytes_str ("user@example.ne")));
    assert_memory_equal (domain.p, "Example.Net", domain.n);
    assert_int_equal (address_domain (dsn_bytes_str ("user")).n, 0);
}

/* What of a line is taken for an address; "~" before it: maybe a piece of another. */
static const struct {
    const char *line, *found[3];
} lines[] = {
    { "<user@example.net>: 550 no", { "user@example.net" } },
    { "<@a.example:user@example.net>", { "user@example.net" } },
    { "<mailto:user@example.net>", { "user@example.net" } },
    { "user@example.net: unknown", { "user@example.net" } },
    { "user@example.net... User unknown", { "user@example.net" } },
    { "(user@example.net), 'a@example.net', *b@example.net*",
      { "user@example.net", "a@example.net", "b@example.net" } },
    { "<user@example.net>, other@example.net.", { "user@example.net", "other@example.net" } },
    { "\"other@example.org\" <user@example.net>", { "user@example.net" } },
    { "other@example.org <user@example.net>", { "user@example.net" } },
    { "\"user@example.net\" is unknown", { "user@example.net" } },
    { "\"a user\"@example.net", { "\"a user\"@example.net" } },
    { "\"user@example.net\"@example.org", { "\"user@example.net\"@example.org" } },
    { "<\"<user@example.net>\"@example.org>", { "\"<user@example.net>\"@example.org" } },
    { "<.user@example.net>", { ".user@example.net" } },
    { ".user@example.net", { "~user@example.net" } },
    { "=user@example.net", { "~user@example.net" } },
    { "'user@example.net is unknown", { "~user@example.net" } },
    { "user@example.net@example.org", { "~user@example.net" } },
    { "<user@example.net .example.org>", { "~user@example.net" } },
    { "<user@example.net", { "~user@example.net" } },
    { "< user@example.net>", { "~user@example.net" } },
    { "<a@example.net; user@example.net> b@example.net",
      { "~a@example.net", "~user@example.net", "b@example.net" } },
    { "a(user@example.net)@example.org", { "~user@example.net" } },
    { "<<< 550 user@example.net unknown", { "user@example.net" } },
    { "c=US;dda:SMTP=USER@EXAMPLE.NET; on Tue", { "USER@EXAMPLE.NET" } },
    { "\xe9\x82\xae\xe7\xae\xb1user@example.net\xe4\xb8\x8d", { "user@example.net" } },
    { "user@example.net\xe3\x80\x82 b@example.net", { "user@example.net", "b@example.net" } },
    { "user@example.net\xe3\x80\x82"
      "example.org",
      { "~user@example.net" } },
    { "@ a@ @b <> \" <@>", { NULL } },
};

static void
lines_tell_whole_addresses (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (lines); i++) {
        struct addressline scan = { .line = dsn_bytes_str (lines[i].line) };
        struct addressline_found found;
        size_t k = 0;

        for (; addressline_next (&scan, &found); k++) {
            g_autofree char *got = g_strdup_printf ("%s%.*s", found.is_whole ? "" : "~",
                                                    (int)found.address.n, found.address.p);
            assert_in_range (k, 0, 2);
            assert_non_null (lines[i].found[k]);
            assert_string_equal (got, lines[i].found[k]);
        }
        assert_true (k == 3 || !lines[i].found[k]);
    }
}

static void
read_all (struct dsn_bytes in, void *data)
{
    g_autoptr (GString) out = g_string_new (NULL);
    size_t n = 0, at = address_find (in, 0, &n);

    struct addressline scan = { .line = in };
    struct addressline_found seen;

    (void)data;
    while (addressline_next (&scan, &seen))
        assert_true (seen.address.p >= in.p && seen.address.p + seen.address.n <= in.p + in.n);
    assert_true (at == G_MAXSIZE || at + n <= in.n);
    address_append_from_field (out, in);
    address_append_from_header (out, in);
    (void)address_domain (in);
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (finds); i++)
        each_prefix (dsn_bytes_str (finds[i].in), 1, read_all, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS (fields); i++)
        each_prefix (dsn_bytes_str (fields[i].in), 1, read_all, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS (pieces); i++)
        each_prefix (dsn_bytes_str (pieces[i].in), 1, read_all, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS (lines); i++)
        each_prefix (dsn_bytes_str (lines[i].line), 1, read_all, NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (find_gives_the_first),       cmocka_unit_test (find_goes_on),
        cmocka_unit_test (field_is_unwrapped),         cmocka_unit_test (header_gives_the_first),
        cmocka_unit_test (whole_equal_and_domain),     cmocka_unit_test (pieces_are_told),
        cmocka_unit_test (lines_tell_whole_addresses), cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
