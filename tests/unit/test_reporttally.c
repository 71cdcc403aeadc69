/* What an event counts as, and under which keys. */
#include "cli/report/reporttally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define MIDNIGHT INT64_C (1795219200) /* 2026-11-21T00:00:00Z */
#define NONE     REPORT_TIME_NONE

#define BOUNCE "{\"v\":1,\"kind\":\"bounce\",\"class\":\"hard\","

static void
add (struct report_tally *tally, const char *json)
{
    json_t *event = json_loads (json, JSON_DECODE_ANY, NULL);

    assert_non_null (event);
    report_tally_add (tally, event);
    json_decref (event);
}

static const struct {
    const char *json;
    enum report_table table;
    const char *key; /* NULL: the event isn't in the table */
} keys[] = {
    { "{\"v\":1,\"kind\":\"other\"}", REPORT_TABLE_KIND, "other" },
    { "{\"v\":1,\"kind\":\"other\",\"provider\":\"google\"}", REPORT_TABLE_PROVIDER, NULL },
    { "{\"v\":1,\"kind\":\"delayed\",\"provider\":\"google\"}", REPORT_TABLE_PROVIDER, "google" },
    { BOUNCE "\"category\":\"policy\"}", REPORT_TABLE_CATEGORY, "policy" },
    { BOUNCE "\"category\":\"\"}", REPORT_TABLE_CATEGORY, "unknown" },
    { "{\"v\":1,\"kind\":\"complaint\",\"category\":\"policy\"}", REPORT_TABLE_CATEGORY, NULL },
    { "{\"v\":1,\"kind\":\"complaint\",\"advice\":\"suppress\"}", REPORT_TABLE_ADVICE, "suppress" },
    { BOUNCE "\"recipient\":\"\\\"a@b\\\"@Example.NET\"}", REPORT_TABLE_DOMAIN, "example.net" },
    { BOUNCE "\"recipient\":\"a@\"}", REPORT_TABLE_DOMAIN, NULL },
    { BOUNCE "\"recipient\":\"local\"}", REPORT_TABLE_DOMAIN, NULL },
    { BOUNCE "\"remote_mta\":\"MX.example\",\"remote_ip\":\"192.0.2.1\"}", REPORT_TABLE_REMOTE,
      "mx.example" },
    { BOUNCE "\"remote_ip\":\"192.0.2.1\"}", REPORT_TABLE_REMOTE, "192.0.2.1" },
    { BOUNCE "\"block_list\":\"Zen.example\"}", REPORT_TABLE_BLOCK_LIST, "zen.example" },
    { BOUNCE "\"reporting_mta\":\"Mail.example\"}", REPORT_TABLE_REPORTER, "mail.example" },
    { BOUNCE "\"format\":\"postfix\"}", REPORT_TABLE_SYSTEM, "postfix" },
    { BOUNCE "\"original\":{\"from\":\"a@Example.com\"}}", REPORT_TABLE_SENDER, "a@example.com" },
    { BOUNCE "\"original\":{\"from\":\"\\\"<x>\\\" <a@example.com> (b)\"}}", REPORT_TABLE_SENDER,
      "a@example.com" },
    { BOUNCE "\"original\":{\"from\":\"A <a@example.com\"}}", REPORT_TABLE_SENDER,
      "a <a@example.com" },
    { BOUNCE "\"original\":{\"from\":\"<>\"}}", REPORT_TABLE_SENDER, NULL },
    { BOUNCE "\"source\":{\"mailbox\":\"Bounces\"}}", REPORT_TABLE_MAILBOX, "Bounces" },
    { BOUNCE "\"trust\":\"suspect\"}", REPORT_TABLE_TRUST, "suspect" },
    { BOUNCE "\"trust\":5}", REPORT_TABLE_TRUST, NULL },
};

static void
events_are_counted_under_their_keys (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (keys); i++) {
        struct report_tally *tally = report_tally_new (NONE, NONE);
        add (tally, keys[i].json);
        assert_int_equal (tally->n_events, 1);
        assert_int_equal (report_top_total (tally->tables[keys[i].table]), keys[i].key != NULL);
        if (keys[i].key && report_top_count (tally->tables[keys[i].table], keys[i].key) != 1)
            fail_msg ("%s isn't counted as %s", keys[i].json, keys[i].key);
        report_tally_free (tally);
    }
}

static const struct {
    const char *json;
    enum report_part part;
    bool is_unknown;
} parts[] = {
    { BOUNCE "\"category\":\"policy\"}", REPORT_HARD, false },
    { BOUNCE "\"category\":\"unknown\"}", REPORT_HARD, true },
    { "{\"v\":1,\"kind\":\"bounce\",\"class\":\"soft\",\"category\":\"policy\"}", REPORT_SOFT,
      false },
    { "{\"v\":1,\"kind\":\"bounce\"}", REPORT_SOFT, true },
    { "{\"v\":1,\"kind\":\"delayed\",\"class\":\"hard\"}", REPORT_DELAYED, false },
    { "{\"v\":1,\"kind\":\"complaint\"}", REPORT_OTHER, false },
    { "{\"v\":1,\"kind\":\"of the future\"}", REPORT_OTHER, false },
};

static void
each_event_is_one_part (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (parts); i++) {
        struct report_tally *tally = report_tally_new (NONE, NONE);
        add (tally, parts[i].json);
        for (unsigned part = 0; part < _REPORT_PART_N; part++)
            assert_int_equal (tally->n_parts[part], part == parts[i].part);
        assert_int_equal (tally->n_unknown, parts[i].is_unknown);
        report_tally_free (tally);
    }
}

static void
what_is_no_event_is_foreign (void **state)
{
    static const char *const foreign[] = { "5",
                                           "[]",
                                           "{}",
                                           "{\"v\":1}",
                                           "{\"kind\":\"bounce\"}",
                                           "{\"v\":2,\"kind\":\"bounce\"}",
                                           "{\"v\":1,\"kind\":\"\"}" };
    struct report_tally *tally = report_tally_new (NONE, NONE);

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (foreign); i++)
        add (tally, foreign[i]);
    assert_int_equal (tally->n_foreign, G_N_ELEMENTS (foreign));
    assert_int_equal (tally->n_events, 0);
    report_tally_free (tally);
}

/* From the first second on, up to, not including, the last. */
static const struct {
    const char *keys;
    uint64_t n_events, n_outside, n_mail_dates, n_without_date;
} times[] = {
    { "\"time\":\"2026-11-21T00:00:00.000Z\"}", 1, 0, 0, 0 },
    { "\"time\":\"2026-11-21T00:59:59.999Z\"}", 1, 0, 0, 0 },
    { "\"time\":\"2026-11-21T01:00:00.000Z\"}", 0, 1, 0, 0 },
    { "\"time\":\"2026-11-20T23:59:59.999Z\"}", 0, 1, 0, 0 },
    { "\"time\":\"2026-11-21T00:30:00.000Z\",\"report\":{\"date\":\"2020-01-01T00:00:00Z\"}}", 1, 0,
      0, 0 },
    { "\"report\":{\"date\":\"2026-11-21T00:30:00Z\"}}", 1, 0, 1, 0 },
    { "\"report\":{\"date\":\"2020-01-01T00:00:00Z\"}}", 0, 1, 0, 0 },
    { "\"time\":\"then\",\"report\":{\"date\":\"1970-01-01T00:00:00Z\"}}", 0, 0, 0, 1 },
    { "\"time\":7}", 0, 0, 0, 1 },
};

static void
the_range_holds_its_start_and_not_its_end (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (times); i++) {
        struct report_tally *tally = report_tally_new (MIDNIGHT, MIDNIGHT + 3600);
        g_autofree char *json = g_strconcat (BOUNCE, times[i].keys, NULL);
        add (tally, json);
        assert_int_equal (tally->n_events, times[i].n_events);
        assert_int_equal (tally->n_outside, times[i].n_outside);
        assert_int_equal (tally->n_mail_dates, times[i].n_mail_dates);
        assert_int_equal (tally->n_without_date, times[i].n_without_date);
        report_tally_free (tally);
    }
}

static void
incidents_are_named_for_the_most_telling_place (void **state)
{
    static const struct {
        const char *keys, *place;
    } places[] = {
        { "\"provider\":\"google\",\"remote_mta\":\"mx.example\",\"recipient\":\"a@example.net\"",
          "google" },
        { "\"remote_mta\":\"MX.example\",\"recipient\":\"a@example.net\"", "mx.example" },
        { "\"recipient\":\"a@Example.net\"", "example.net" },
        { "\"x\":1", NULL },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (places); i++) {
        struct report_tally *tally = report_tally_new (NONE, NONE);
        g_autofree char *json = g_strconcat (BOUNCE "\"time\":\"2026-11-21T00:30:00.000Z\",",
                                             places[i].keys, "}", NULL);
        g_autoptr (GArray) found = NULL;
        for (unsigned n = 0; n < REPORT_BURST_LEAST; n++)
            add (tally, json);
        add (tally, "{\"v\":1,\"kind\":\"other\",\"time\":\"2026-11-21T02:00:00.000Z\"}");
        found = report_tally_incidents (tally);
        assert_int_equal (found->len, 1);
        assert_int_equal (
            g_strcmp0 (g_array_index (found, struct report_incident, 0).place, places[i].place), 0);
        report_tally_free (tally);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (events_are_counted_under_their_keys),
        cmocka_unit_test (each_event_is_one_part),
        cmocka_unit_test (what_is_no_event_is_foreign),
        cmocka_unit_test (the_range_holds_its_start_and_not_its_end),
        cmocka_unit_test (incidents_are_named_for_the_most_telling_place),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
