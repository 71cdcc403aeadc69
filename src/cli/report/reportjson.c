#include "cli/report/reportjson.h"

#include "cli/report/reportname.h"
#include "cli/report/reportwords.h"

#include <jansson.h>

static json_t *
number (uint64_t n)
{
    return json_integer ((json_int_t)n);
}

static void
put_time (json_t *object, const char *key, int64_t time)
{
    g_autofree char *text =
        time == REPORT_TIME_NONE ? NULL : report_time_format (time, NULL, "%Y-%m-%dT%H:%M:%SZ");

    (void)json_object_set_new (object, key, text ? json_string (text) : json_null ());
}

static void
put_parts (json_t *object, const uint64_t parts[_REPORT_PART_N])
{
    for (unsigned part = 0; part < _REPORT_PART_N; part++)
        (void)json_object_set_new (object, report_part_names[part], number (parts[part]));
}

static json_t *
distinct_json (struct report_distinct *d)
{
    bool is_exact;

    return number (report_distinct_count (d, &is_exact));
}

static json_t *
totals_json (struct report_tally *tally)
{
    json_t *totals = json_object ();

    put_time (totals, "from", tally->since);
    put_time (totals, "to", tally->until);
    put_time (totals, "first", tally->first);
    put_time (totals, "last", tally->last);
    (void)json_object_set_new (totals, "mails", number (tally->n_mails));
    (void)json_object_set_new (totals, "events", number (tally->n_events));
    put_parts (totals, tally->n_parts);
    (void)json_object_set_new (
        totals, "complaints",
        number (report_top_count (tally->tables[REPORT_TABLE_KIND], "complaint")));
    (void)json_object_set_new (totals, "reason_unknown", number (tally->n_unknown));
    (void)json_object_set_new (totals, "recipients", distinct_json (tally->recipients));
    (void)json_object_set_new (totals, "to_suppress", distinct_json (tally->suppress));
    return totals;
}

static json_t *
table_json (const struct report_top *top)
{
    g_autoptr (GPtrArray) sorted = report_top_sorted (top);
    json_t *rows = json_array ();

    for (unsigned i = 0; i < sorted->len; i++) {
        const struct report_entry *entry = g_ptr_array_index (sorted, i);
        json_t *row = json_pack ("{s:s,s:o,s:o}", "key", entry->key, "events", number (entry->n),
                                 "too_high_by", number (entry->n_over));
        put_parts (row, entry->parts);
        (void)json_array_append_new (rows, row);
    }
    return rows;
}

static json_t *
tables_json (const struct report_tally *tally)
{
    static const char *const keys[_REPORT_TABLE_N] = {
        [REPORT_TABLE_KIND] = "kind",
        [REPORT_TABLE_ADVICE] = "advice",
        [REPORT_TABLE_TRUST] = "trust",
        [REPORT_TABLE_CATEGORY] = "category",
        [REPORT_TABLE_DOMAIN] = "domain",
        [REPORT_TABLE_PROVIDER] = "provider",
        [REPORT_TABLE_REMOTE] = "remote_mta",
        [REPORT_TABLE_BLOCK_LIST] = "block_list",
        [REPORT_TABLE_REPORTER] = "reporting_mta",
        [REPORT_TABLE_SYSTEM] = "format",
        [REPORT_TABLE_SENDER] = "sender",
        [REPORT_TABLE_MAILBOX] = "mailbox",
    };
    json_t *tables = json_object ();

    for (unsigned i = 0; i < _REPORT_TABLE_N; i++)
        (void)json_object_set_new (tables, keys[i], table_json (tally->tables[i]));
    return tables;
}

static json_t *
incidents_json (const struct report_tally *tally)
{
    g_autoptr (GArray) incidents = report_tally_incidents (tally);
    json_t *all = json_array ();

    for (unsigned i = 0; i < incidents->len; i++) {
        const struct report_incident *it = &g_array_index (incidents, struct report_incident, i);
        json_t *one =
            json_pack ("{s:s,s:s?,s:s?,s:o,s:f,s:s?,s:s?}", "category", it->category, "block_list",
                       it->block_list, "place", it->place, "events", number (it->n),
                       "usual_in_5_minutes", (double)it->usual_tenths / 10, "todo",
                       report_name_todo (it->category), "sample", it->sample);
        put_time (one, "from", it->from);
        put_time (one, "to", it->to);
        (void)json_array_append_new (all, one);
    }
    return all;
}

static json_t *
addresses_json (const struct report_tally *tally)
{
    g_autoptr (GPtrArray) sorted = report_addresses_sorted (tally->addresses);
    json_t *all = json_array ();

    for (unsigned i = 0; i < sorted->len; i++) {
        const struct report_address *a = g_ptr_array_index (sorted, i);
        json_t *one = json_pack ("{s:s,s:s,s:o,s:s?}", "address", a->address, "category",
                                 a->category, "events", number (a->n), "words", a->words);
        put_time (one, "first", a->first);
        put_time (one, "last", a->last);
        (void)json_array_append_new (all, one);
    }
    return all;
}

static json_t *
notes_json (const struct report_tally *tally)
{
    g_autoptr (GPtrArray) notes = report_words_notes (tally);
    json_t *all = json_array ();

    for (unsigned i = 0; i < notes->len; i++)
        (void)json_array_append_new (all, json_string (g_ptr_array_index (notes, i)));
    return all;
}

static int
append_piece (const char *piece, size_t n, void *data)
{
    g_string_append_len (data, piece, (gssize)n);
    return 0;
}

void
report_json_append (GString *out, struct report_tally *tally, const char *origin)
{
    json_t *report = totals_json (tally);

    (void)json_object_set_new (report, "origin", json_string (origin));
    (void)json_object_set_new (report, "before",
                               tally->earlier ? totals_json (tally->earlier) : json_null ());
    (void)json_object_set_new (report, "incidents", incidents_json (tally));
    (void)json_object_set_new (report, "tables", tables_json (tally));
    (void)json_object_set_new (report, "suppress", addresses_json (tally));
    (void)json_object_set_new (report, "notes", notes_json (tally));
    (void)json_dump_callback (report, append_piece, out, JSON_COMPACT | JSON_ENSURE_ASCII);
    g_string_append_c (out, '\n');
    json_decref (report);
}
