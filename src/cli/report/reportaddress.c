#include "cli/report/reportaddress.h"

#include "cli/report/reporttime.h"
#include "cli/report/reporttop.h"

#include <inttypes.h>
#include <string.h>

struct report_addresses {
    GHashTable *all; /* address: struct report_address, owned */
    unsigned n_max;
    uint64_t n_left_out;
};

static void
address_free (gpointer data)
{
    struct report_address *address = data;

    g_free (address->address);
    g_free (address->category);
    g_free (address->words);
    g_free (address);
}

struct report_addresses *
report_addresses_new (unsigned n_max)
{
    struct report_addresses *a = g_new0 (struct report_addresses, 1);

    a->all = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, address_free);
    a->n_max = n_max;
    return a;
}

void
report_addresses_free (struct report_addresses *a)
{
    g_hash_table_unref (a->all);
    g_free (a);
}

/* The one for this address, made if there's room; NULL: there's none. */
static struct report_address *
find (struct report_addresses *a, const char *name)
{
    g_autofree char *folded = g_ascii_strdown (name, -1);
    struct report_address *address = g_hash_table_lookup (a->all, folded);

    if (address || g_hash_table_size (a->all) >= a->n_max)
        return address;
    address = g_new0 (struct report_address, 1);
    address->address = g_steal_pointer (&folded);
    address->first = address->last = REPORT_TIME_NONE;
    (void)g_hash_table_insert (a->all, address->address, address);
    return address;
}

void
report_addresses_add (struct report_addresses *a, const char *name, const char *category,
                      const char *words, int64_t time)
{
    struct report_address *address = find (a, name);

    if (!address) {
        a->n_left_out++;
        return;
    }
    if (address->n == 0 || time >= address->last) {
        g_free (address->category);
        g_free (address->words);
        address->category = report_top_cut (category);
        address->words = words ? report_top_cut (words) : NULL;
        address->last = time;
    }
    if (time != REPORT_TIME_NONE && (address->first == REPORT_TIME_NONE || time < address->first))
        address->first = time;
    address->n++;
}

static int
compare (const void *a, const void *b)
{
    const struct report_address *one = *(struct report_address *const *)a;
    const struct report_address *other = *(struct report_address *const *)b;

    if (one->last != other->last)
        return one->last > other->last ? -1 : 1;
    return strcmp (one->address, other->address);
}

GPtrArray *
report_addresses_sorted (const struct report_addresses *a)
{
    GPtrArray *sorted = g_ptr_array_new ();
    GHashTableIter iter;
    gpointer address;

    g_hash_table_iter_init (&iter, a->all);
    while (g_hash_table_iter_next (&iter, NULL, &address))
        g_ptr_array_add (sorted, address);
    g_ptr_array_sort (sorted, compare);
    return sorted;
}

uint64_t
report_addresses_left_out (const struct report_addresses *a)
{
    return a->n_left_out;
}

static void
append_field (GString *out, const char *text, char end)
{
    g_string_append_c (out, '"');
    for (const char *p = text ? text : ""; *p; p++) {
        if (*p == '"')
            g_string_append_c (out, '"');
        g_string_append_c (out, (guchar)*p < ' ' ? ' ' : *p);
    }
    g_string_append_c (out, '"');
    g_string_append_c (out, end);
}

static void
append_time (GString *out, int64_t time)
{
    g_autofree char *text = time == REPORT_TIME_NONE
                                ? g_strdup ("")
                                : report_time_format (time, NULL, "%Y-%m-%dT%H:%M:%SZ");

    g_string_append (out, text);
    g_string_append_c (out, ',');
}

GString *
report_addresses_csv (const struct report_addresses *a)
{
    g_autoptr (GPtrArray) sorted = report_addresses_sorted (a);
    GString *out = g_string_new ("address,reason,first,last,events,words\n");

    for (unsigned i = 0; i < sorted->len; i++) {
        const struct report_address *address = g_ptr_array_index (sorted, i);
        append_field (out, address->address, ',');
        append_field (out, address->category, ',');
        append_time (out, address->first);
        append_time (out, address->last);
        g_string_append_printf (out, "%" PRIu64 ",", address->n);
        append_field (out, address->words, '\n');
    }
    return out;
}
