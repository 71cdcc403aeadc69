/* Configuration: what is read, and that each wrong line is refused by name. */
#include "daemon/settings/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>

#define MAILBOX "[Mailbox a]\nPath=/m\n"

static void
everything_is_read (void **state)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (config_t) c = config_parse (
        "f",
        dsn_bytes_str ("# comment\n[Mailbox in.1]\nPath=/m\nProcessed=delete\nOtherFolder=\n"
                       "[Mailbox two]\nPath = /n\n[Spool]\nPath=/s\nMaxSize=2M\nKeep=3h\n"
                       "[Socket]\nPath=/x\nMode=0600\nGroup=g\n[Workers]\nCount=64\n"
                       "[Rules]\nPath=/r\n[Parser]\nStructure=gmime\n[Events]\nOriginalHeaders=X-A "
                       " x-b\nEvidence=yes\n"
                       "[ReturnPath]\nHeader=Delivered-To\nKeyFile=/k\nMaxAge=2w\n"
                       "Template=x+{user}={domain} y-{tag}\n"),
        &error);
    const struct config_mailbox *one, *two;

    (void)state;
    assert_null (error);
    one = g_ptr_array_index (c->mailboxes, 0);
    two = g_ptr_array_index (c->mailboxes, 1);
    assert_string_equal (one->name, "in.1");
    assert_true (one->is_deleted);
    assert_null (one->other_folder);
    assert_string_equal (two->path, "/n");
    assert_false (two->is_deleted);
    assert_string_equal (two->other_folder, ".dsnd-other");
    assert_string_equal (c->spool_path, "/s");
    assert_int_equal (c->spool_max_bytes, 2 << 20);
    assert_int_equal (c->spool_keep_s, 3 * 3600);
    assert_int_equal (c->socket_mode, 0600);
    assert_string_equal (c->socket_group, "g");
    assert_int_equal (c->workers_count, 64);
    assert_string_equal (c->rules_path, "/r");
    assert_int_equal (c->structure, DSN_STRUCTURE_GMIME);
    assert_string_equal (c->original_headers[0], "x-a");
    assert_string_equal (c->original_headers[1], "x-b");
    assert_null (c->original_headers[2]);
    assert_string_equal (c->envelope_headers[0], "delivered-to");
    assert_string_equal (c->envelope_templates[1], "y-{tag}");
    assert_null (c->envelope_templates[2]);
    assert_string_equal (c->token_key_path, "/k");
    assert_int_equal (c->token_max_age_s, 14 * 86400);
    assert_int_equal (c->token_keys.n, 0);
    assert_true (c->want_evidence);
}

static void
a_mailbox_is_enough (void **state)
{
    g_autoptr (config_t) c = config_parse ("f", dsn_bytes_str (MAILBOX), NULL);

    (void)state;
    assert_non_null (c);
    assert_string_equal (c->spool_path, "/var/lib/dsnd/spool");
    assert_int_equal (c->spool_max_bytes, 1 << 30);
    assert_int_equal (c->spool_keep_s, 7 * 86400);
    assert_int_equal (c->socket_mode, 0660);
    assert_int_equal (c->workers_count, 0);
    assert_false (c->want_evidence);
    assert_int_equal (c->structure, DSN_STRUCTURE_AUTO);
}

/* Each text, and what its error must name. */
static const struct {
    const char *text, *says;
} wrong[] = {
    { "", "no mailbox" },
    { "[Spool]\n", "no mailbox" },
    { "[Mailbox a]\n", "[Mailbox a] Path: missing" },
    { "[Mailbox]\nPath=/m\n", "[Mailbox]: unknown section" },
    { "[Mailbox a/b]\nPath=/m\n", "a mailbox needs a name" },
    { "[Mailbox a]\nPath=m\n", "[Mailbox a] Path: \"m\"" },
    { "[Mailbox a]\nPath=/m\nProcessed=move\n", "keep or delete" },
    { "[Mailbox a]\nPath=/m\nOtherFolder=other\n", "[Mailbox a] OtherFolder" },
    { "[Mailbox a]\nPath=/m\nOtherFolder=../x\n", "[Mailbox a] OtherFolder" },
    { "[Mailbox a]\nPath=/m\nOtherFolder=./x\n", "[Mailbox a] OtherFolder" },
    { "[Mailbox a]\nPath=/m\n[Mailbox b]\nPath=/m\n", "reads the same Maildir" },
    { MAILBOX "[Nonsense]\n", "[Nonsense]: unknown section" },
    { MAILBOX "[Spool]\npath=/s\n", "[Spool] path: unknown key" },
    { MAILBOX "[Spool]\nMaxSize=1023K\n", "from 1M to 1024T" },
    { MAILBOX "[Spool]\nMaxSize=1025T\n", "from 1M to 1024T" },
    { MAILBOX "[Spool]\nMaxSize=99999999999999999999\n", "from 1M to 1024T" },
    { MAILBOX "[Spool]\nMaxSize=1GB\n", "from 1M to 1024T" },
    { MAILBOX "[Spool]\nHoldMax=lots\n", "up to 1024T" },
    { MAILBOX "[Spool]\nConsumerTimeout=4000d\n", "up to 3650d" },
    { MAILBOX "[Spool]\nMaxSize=-1\n", "from 1M to 1024T" },
    { MAILBOX "[Spool]\nKeep=59s\n", "from 1m to 3650d" },
    { MAILBOX "[Spool]\nKeep=3651d\n", "from 1m to 3650d" },
    { MAILBOX "[Socket]\nMode=01000\n", "octal mode" },
    { MAILBOX "[Socket]\nMode=0668\n", "octal mode" },
    { MAILBOX "[Socket]\nMode=rw\n", "octal mode" },
    { MAILBOX "[Workers]\nCount=65\n", "to 64" },
    { MAILBOX "[Workers]\nCount=1K\n", "to 64" },
    { MAILBOX "[Workers]\nCount=\n", "to 64" },
    { MAILBOX "[Events]\nEvidence=maybe\n", "yes or no" },
    { MAILBOX "[Parser]\nStructure=GMime\n", "auto or gmime" },
    { MAILBOX "[Parser]\nstructure=auto\n", "[Parser] structure: unknown key" },
    { MAILBOX "[Events]\nOriginalHeaders=a:b\n", "header names" },
    { MAILBOX "[Policy]\nfull=soft\n", "[Policy] full: unknown category" },
    { MAILBOX "[Policy]\nmailbox_full=\n", "\"\" is not permitted" },
    { MAILBOX "[Policy]\nmailbox_full=maybe\n", "\"maybe\" is not permitted" },
    { MAILBOX "[Policy]\nmailbox_full=neither\n", "\"neither\" is not permitted" },
    { MAILBOX "[Policy]\nmailbox_full=hard soft\n", "\"hard soft\" is not permitted" },
    { MAILBOX "[Policy]\nmailbox_full=retry review\n", "\"retry review\" is not permitted" },
    { MAILBOX "[Policy]\nmailbox_full=soft\\\n", "[Policy] mailbox_full: " },
    { "Path=/m\n", "f: " },
    { MAILBOX "nonsense\n", "f: " },
    { MAILBOX "[Spool]\nPath=/\xff\n", "[Spool] Path" },
    { MAILBOX "[Spool]\nPath=/a\\qb\n", "[Spool] Path: " },
    { MAILBOX "[Spool]\nPath=/a\\\n", "[Spool] Path: " },
};

static void
what_is_wrong_is_named (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++) {
        g_autoptr (GError) error = NULL;
        assert_null (config_parse ("f", dsn_bytes_str (wrong[i].text), &error));
        assert_non_null (error);
        assert_true (g_str_has_prefix (error->message, "f: "));
        if (!strstr (error->message, wrong[i].says))
            fail_msg ("\"%s\" isn't in: %s", wrong[i].says, error->message);
    }
    assert_null (config_parse ("f", (struct dsn_bytes){ MAILBOX "\0", sizeof MAILBOX }, NULL));
}

/* The section [Policy] as rules. */
static void
policies_become_rules (void **state)
{
    g_autoptr (config_t) c =
        config_parse ("f",
                      dsn_bytes_str (MAILBOX "[Policy]\nmailbox_full=hard\nsecurity=review \tsoft\n"
                                             "bad_mailbox=none\n"),
                      NULL);

    (void)state;
    assert_non_null (c);
    assert_string_equal (c->policy->str, "policy mailbox_full\n    class hard\n"
                                         "policy security\n    advice review\n    class soft\n"
                                         "policy bad_mailbox\n    advice none\n");
}

static void
a_file_is_read_by_its_path (void **state)
{
    g_autofree char *directory = g_dir_make_tmp ("dsnd-unit-XXXXXX", NULL);
    g_autofree char *path = g_build_filename (directory, "dsnd.conf", NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (config_t) config = NULL;

    (void)state;
    assert_null (config_load (path, &error));
    assert_true (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
    g_clear_error (&error);
    assert_true (g_file_set_contents (path, "[Mailbox]\n", -1, NULL));
    assert_null (config_load (path, &error));
    assert_true (g_str_has_prefix (error->message, path));
    assert_true (g_file_set_contents (path, MAILBOX, -1, NULL));
    config = config_load (path, NULL);
    assert_non_null (config);
    assert_int_equal (config->mailboxes->len, 1);
    (void)g_unlink (path);
    (void)g_rmdir (directory);
}

static void
every_prefix_is_safe (void **state)
{
    static const char text[] = MAILBOX "[Spool]\nMaxSize=2M\nKeep=3h\n[Socket]\nMode=0600\n";

    (void)state;
    for (size_t n = 0; n < sizeof text; n++) {
        g_autofree char *copy = n ? g_memdup2 (text, n) : NULL;
        g_autoptr (GError) error = NULL;
        g_autoptr (config_t) c = config_parse ("f", (struct dsn_bytes){ copy, n }, &error);
        assert_true ((c == NULL) == (error != NULL));
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (everything_is_read),         cmocka_unit_test (a_mailbox_is_enough),
        cmocka_unit_test (what_is_wrong_is_named),     cmocka_unit_test (policies_become_rules),
        cmocka_unit_test (a_file_is_read_by_its_path), cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
