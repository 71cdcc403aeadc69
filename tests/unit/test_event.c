/* Events as JSON: the order of the keys, absence, escapes, ids, and the bound of a line. */
#include "core/event/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stddef.h>

static char *
event_json (const struct dsn_report *r, size_t i, const struct dsn_event_context *context)
{
    GString *out = g_string_new (NULL);

    dsn_event_append_json (out, r, i, context);
    return g_string_free (out, FALSE);
}

static const struct {
    const char *in;
    size_t n;
    const char *json;
} strings[] = {
    { "", 0, "\"\"" },
    { "plain", 5, "\"plain\"" },
    { "a\"b\\c", 5, "\"a\\\"b\\\\c\"" },
    { "\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"" },
    { "\0\x01\x1b\x7f", 4, "\"\\u0000\\u0001\\u001b\\u007f\"" },
    { "\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", 8, "\"\\u0080\\u009b\\u009f\xc2\xa0\"" },
    { "\xe2\x80\xa8\xe2\x80\xa9", 6, "\"\\u2028\\u2029\"" },
    { "\xe2\x80\xa6\xe2\x82\xac", 6, "\"\xe2\x80\xa6\xe2\x82\xac\"" },
    { "\xf0\x9f\x93\xac \xc3\xa9", 7, "\"\xf0\x9f\x93\xac \xc3\xa9\"" },
};

static void
strings_are_escaped (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (strings); i++) {
        g_autoptr (GString) out = g_string_new (NULL);
        dsn_json_append_string (out, (struct dsn_bytes){ strings[i].in, strings[i].n });
        assert_string_equal (out->str, strings[i].json);
    }
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (strings); i++)
        for (size_t n = 0; n <= strings[i].n; n++) {
            g_autofree char *copy = n ? g_memdup2 (strings[i].in, n) : NULL;
            g_autoptr (GString) out = g_string_new (NULL);
            dsn_json_append_string (out, (struct dsn_bytes){ copy, n });
            assert_true (out->len >= n + 2);
        }
}

static void
an_empty_report_gives_the_envelope_only (void **state)
{
    struct dsn_report *r = dsn_report_new ();
    g_autofree char *json = event_json (r, 0, &(struct dsn_event_context){ 0 });

    (void)state;
    assert_int_equal (dsn_event_count (r), 1);
    assert_string_equal (json, "{\"v\":1,\"part\":[1,1]}");
    dsn_report_free (r);
}

/* A report with every field set to something that shows its place. */
static struct dsn_report *
full_report (void)
{
    static const char *const list[] = { "one", "two", NULL };
    static struct dsn_pair pairs[] = { { "X-Job", "7" }, { "X-Job", "8" }, { "X-Run", "9" } };
    struct dsn_report *r = dsn_report_new ();
    struct dsn_recipient *rcpt = dsn_report_add_recipient (r);
    size_t n;
    const struct dsn_field *fields = dsn_event_fields (&n);

    for (const struct dsn_field *f = fields; f < fields + n; f++) {
        char *base = f->scope == DSN_SCOPE_REPORT ? (char *)r : (char *)rcpt;
        void *p = base + f->offset;
        switch (f->type) {
        case DSN_FIELD_STRING:
            *(const char **)p = f->key;
            break;
        case DSN_FIELD_NAME:
        case DSN_FIELD_CATEGORY:
            *(unsigned *)p = 1;
            break;
        case DSN_FIELD_REPLY:
            *(unsigned *)p = 550;
            break;
        case DSN_FIELD_PERCENT:
            *(unsigned *)p = 80;
            break;
        case DSN_FIELD_LIST:
            *(const char *const **)p = list;
            break;
        case DSN_FIELD_PAIRS:
            *(struct dsn_pair **)p = pairs;
            *(size_t *)(base + f->offset + sizeof (struct dsn_pair *)) = G_N_ELEMENTS (pairs);
            break;
        }
    }
    return r;
}

static const struct dsn_event_context full_context = {
    .seq = 4711,
    .mail_id = "00112233445566778899aabbccddeeff",
    .time = "2026-11-21T08:00:00.000Z",
    .ruleset = "1",
    .mailbox = "bounces",
    .file = "new/1",
    .size_bytes = 2048,
    .ino = 12,
    .mtime_ns = 1,
};

static const char full_json[] =
    "{\"v\":1,\"seq\":4711,\"id\":\"00112233445566778899aabbccddeeff-1\",\"part\":[1,1],"
    "\"time\":\"2026-11-21T08:00:00.000Z\",\"kind\":\"bounce\",\"action\":\"failed\","
    "\"recipient\":\"recipient\",\"recipient_source\":\"return_path\","
    "\"original_recipient\":\"original_recipient\",\"final_recipient\":\"final_recipient\","
    "\"status\":\"status\",\"status_source\":\"field\",\"status_field\":\"status_field\","
    "\"reply_code\":\"550\",\"smtp_command\":\"CONNECT\",\"diagnostic\":\"diagnostic\","
    "\"diagnostic_type\":\"diagnostic_type\",\"category\":\"bad_mailbox\",\"class\":\"hard\","
    "\"fault\":\"recipient\",\"advice\":\"suppress\",\"confidence\":80,\"rule\":\"rule\","
    "\"ruleset\":\"1\",\"block_list\":\"block_list\",\"evidence\":[\"one\",\"two\"],"
    "\"kind_evidence\":[\"one\",\"two\"],"
    "\"format\":\"format\",\"provider\":\"provider\",\"reporting_mta\":\"reporting_mta\","
    "\"remote_mta\":\"remote_mta\",\"remote_ip\":\"remote_ip\",\"arrival_date\":\"arrival_date\","
    "\"last_attempt\":\"last_attempt\",\"will_retry_until\":\"will_retry_until\","
    "\"envelope_id\":\"envelope_id\",\"return_path\":{\"address\":\"address\","
    "\"scheme\":\"verp\",\"recipient\":\"recipient\",\"tag\":\"tag\"},\"trust\":\"verified\","
    "\"original\":{\"message_id\":\"message_id\",\"from\":\"from\",\"to\":\"to\","
    "\"subject\":\"subject\",\"date\":\"date\",\"list_id\":\"list_id\","
    "\"feedback_id\":\"feedback_id\",\"headers\":{\"X-Job\":\"7\",\"X-Run\":\"9\"}},"
    "\"report\":{\"message_id\":\"message_id\",\"from\":\"from\",\"subject\":\"subject\","
    "\"date\":\"date\",\"feedback_type\":\"feedback_type\",\"language\":\"language\"},"
    "\"source\":{\"mailbox\":\"bounces\",\"file\":\"new/1\",\"size\":2048,\"ino\":12,"
    "\"mtime_ns\":1},\"warnings\":[\"one\",\"two\"]}";

static void
keys_come_in_their_order (void **state)
{
    struct dsn_report *r = full_report ();
    g_autofree char *json = event_json (r, 0, &full_context);

    (void)state;
    assert_string_equal (json, full_json);
    dsn_report_free (r);
}

static void
each_recipient_is_an_event (void **state)
{
    struct dsn_report *r = dsn_report_new ();
    const struct dsn_event_context context = { .mail_id = "ab" };
    g_autofree char *first = NULL, *second = NULL;

    (void)state;
    r->kind = DSN_KIND_BOUNCE;
    r->recipients = NULL;
    dsn_report_add_recipient (r)->recipient = "a@example.com";
    dsn_report_add_recipient (r)->action = DSN_ACTION_DELAYED;
    assert_int_equal (dsn_event_count (r), 2);
    first = event_json (r, 0, &context);
    second = event_json (r, 1, &context);
    assert_string_equal (first, "{\"v\":1,\"id\":\"ab-1\",\"part\":[1,2],\"kind\":\"bounce\","
                                "\"recipient\":\"a@example.com\"}");
    assert_string_equal (second, "{\"v\":1,\"id\":\"ab-2\",\"part\":[2,2],\"kind\":\"delayed\","
                                 "\"action\":\"delayed\"}");
    dsn_report_free (r);
}

static void
confidence_needs_a_category (void **state)
{
    struct dsn_report *r = dsn_report_new ();
    g_autofree char *without = NULL, *with = NULL;

    (void)state;
    dsn_report_add_recipient (r)->confidence = 0;
    without = event_json (r, 0, &(struct dsn_event_context){ 0 });
    assert_string_equal (without, "{\"v\":1,\"part\":[1,1]}");
    r->recipients[0].category = dsn_category_lookup (dsn_bytes_str ("unknown"));
    with = event_json (r, 0, &(struct dsn_event_context){ 0 });
    assert_string_equal (with,
                         "{\"v\":1,\"part\":[1,1],\"category\":\"unknown\",\"confidence\":0}");
    dsn_report_free (r);
}

static void
a_line_never_passes_its_bound (void **state)
{
    /* the worst: every value long, and every byte needs six */
    g_autofree char *worst = g_strnfill (16 * 1024, '\x01');
    const char *list[40];
    struct dsn_report *r = full_report ();
    struct dsn_event_context context = full_context;
    size_t n;
    const struct dsn_field *fields = dsn_event_fields (&n);
    g_autofree char *json = NULL;
    json_t *event;

    (void)state;
    for (size_t i = 0; i + 1 < G_N_ELEMENTS (list); i++)
        list[i] = worst;
    list[G_N_ELEMENTS (list) - 1] = NULL;
    context.file = context.mailbox = worst;
    for (const struct dsn_field *f = fields; f < fields + n; f++) {
        char *base = f->scope == DSN_SCOPE_REPORT ? (char *)r : (char *)r->recipients;
        if (f->type == DSN_FIELD_STRING)
            *(const char **)(base + f->offset) = worst;
        else if (f->type == DSN_FIELD_LIST)
            *(const char ***)(base + f->offset) = list;
    }
    json = event_json (r, 0, &context);
    assert_true (strlen (json) <= 512 * 1024 - 64);
    event = json_loads (json, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    assert_non_null (event);
    assert_string_equal (
        json_string_value (json_array_get (json_object_get (event, "warnings"), 0)),
        "event trimmed to the size of a line");
    assert_string_equal (json_string_value (json_object_get (event, "kind")), "bounce");
    json_decref (event);
    dsn_report_free (r);
}

/* What the mail says of itself stands in the event of each of its recipients. */
static void
events_of_many_recipients_share_a_bound (void **state)
{
    g_autofree char *value = g_strnfill (4096, 'x');
    struct dsn_report *r = dsn_report_new ();
    g_autofree char *few = NULL, *many = NULL;

    (void)state;
    r->kind = DSN_KIND_BOUNCE;
    r->original.subject = r->original.message_id = r->report.subject = r->report.from = value;
    dsn_report_add_recipient (r)->recipient = "user@example.org";
    few = event_json (r, 0, &full_context);
    assert_true (strlen (few) > (size_t)4 * 4096);
    assert_null (strstr (few, "trimmed"));
    for (int i = 1; i < 1000; i++)
        dsn_report_add_recipient (r)->recipient = "user@example.org";
    many = event_json (r, 999, &full_context);
    assert_true (strlen (many) <= (size_t)8 * 1024 * 1024 / 1000);
    assert_non_null (strstr (many, "event trimmed to the size of a line"));
    assert_non_null (strstr (many, "\"user@example.org\""));
    dsn_report_free (r);
}

static void
trimming_keeps_whole_characters (void **state)
{
    GString *text = g_string_new ("x");
    struct dsn_report *r = dsn_report_new ();
    g_autofree char *json = NULL;

    (void)state;
    while (text->len < 600 * 1024)
        g_string_append (text, "\xe2\x82\xac");
    dsn_report_add_recipient (r)->diagnostic = text->str;
    json = event_json (r, 0, &(struct dsn_event_context){ 0 });
    assert_true (g_utf8_validate (json, -1, NULL));
    assert_true (strlen (json) < 5000);
    g_string_free (text, TRUE);
    dsn_report_free (r);
}

static void
a_mail_has_one_id (void **state)
{
    g_autofree char *a = dsn_mail_id (dsn_bytes_str ("From: a\n\n"), 9);
    g_autofree char *same = dsn_mail_id (dsn_bytes_str ("From: a\n\n"), 9);
    g_autofree char *longer = dsn_mail_id (dsn_bytes_str ("From: a\n\n"), 10);
    g_autofree char *other = dsn_mail_id (dsn_bytes_str ("From: b\n\n"), 9);
    g_autofree char *empty = dsn_mail_id (dsn_bytes_str (""), 0);

    (void)state;
    assert_int_equal (strlen (a), 32);
    assert_int_equal (strspn (a, "0123456789abcdef"), 32);
    assert_string_equal (a, same);
    assert_string_not_equal (a, longer);
    assert_string_not_equal (a, other);
    /* fixed for ever: consumers keep ids */
    assert_string_equal (empty, "81e47a19e6b29b0a65b9591762ce5143");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (strings_are_escaped),
        cmocka_unit_test (every_prefix_is_safe),
        cmocka_unit_test (an_empty_report_gives_the_envelope_only),
        cmocka_unit_test (keys_come_in_their_order),
        cmocka_unit_test (each_recipient_is_an_event),
        cmocka_unit_test (confidence_needs_a_category),
        cmocka_unit_test (a_line_never_passes_its_bound),
        cmocka_unit_test (events_of_many_recipients_share_a_bound),
        cmocka_unit_test (trimming_keeps_whole_characters),
        cmocka_unit_test (a_mail_has_one_id),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
