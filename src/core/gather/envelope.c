/* To and Cc, and the traces that mail servers left: Received, Delivered-To.
 */
#include "core/gather/envelope.h"

#include "core/bytes/address.h"
#include "core/bytes/addressline.h"
#include "core/bytes/text.h"

#define MAX_NAMED  32
#define LINE_BYTES 4096
#define MIN_FIELDS 2

struct reader {
    struct envelope *envelope;
    struct dsn_bytes ours;
    char *traced; /* by a server, the last one that saw it: it stands first; NULL: none */
    char *to;     /* in To; NULL: none */
    unsigned n_to;
    GString *list; /* what names the list that it came through */
};

static const char *
add (struct reader *r, struct dsn_bytes address)
{
    const char *known = envelope_find (r->envelope, address);
    char *copy;

    if (known)
        return known;
    if (r->envelope->named->len >= MAX_NAMED || address_equal (address, r->ours))
        return NULL;
    copy = g_strndup (address.p, address.n);
    g_ptr_array_add (r->envelope->named, copy);
    return copy;
}

static void
take_trace (struct reader *r, struct dsn_bytes line)
{
    struct addressline scan = { .line = line };
    struct addressline_found found;
    const char *known;

    if (!addressline_next (&scan, &found) || !found.is_whole)
        return;
    known = add (r, found.address);
    if (known && !r->traced)
        r->traced = g_strdup (known);
}

static void
take_named (struct reader *r, struct dsn_bytes line, bool is_to)
{
    struct addressline scan = { .line = line };
    struct addressline_found found;

    while (addressline_next (&scan, &found)) {
        const char *known = found.is_whole ? add (r, found.address) : NULL;

        r->n_to += is_to;
        if (is_to && known && !r->to)
            r->to = g_strdup (known);
    }
}

static void
take_field (struct reader *r, const struct header_field *field)
{
    static const char *const traces[] = { "delivered-to", "x-original-to", "envelope-to",
                                          "x-envelope-to", "x-rcpt-to" };
    static const char *const lists[] = { "list-id", "list-post", "x-beenthere", "mailing-list" };
    g_autoptr (GString) line = g_string_new (NULL);
    bool is_to = text_equal (field->name, "to");

    (void)text_append_line (line, field->value, LINE_BYTES);
    if (is_to || text_equal (field->name, "cc"))
        take_named (r, text_of (line), is_to);
    if (text_equal (field->name, "received")) {
        size_t at = text_find_nocase (text_of (line), " for ");
        if (at != G_MAXSIZE)
            take_trace (r, dsn_bytes_sub (text_of (line), at + strlen (" for "), line->len));
    }
    for (size_t i = 0; i < G_N_ELEMENTS (traces); i++)
        if (text_equal (field->name, traces[i]))
            take_trace (r, text_of (line));
    for (size_t i = 0; i < G_N_ELEMENTS (lists); i++)
        if (text_equal (field->name, lists[i]))
            g_string_append_printf (r->list, "%s ", line->str);
}

static void
take_fields (struct reader *r, const GArray *fields)
{
    for (guint i = 0; i < fields->len; i++)
        take_field (r, &g_array_index (fields, struct header_field, i));
}

static void
take_text (struct reader *r, struct dsn_bytes text, size_t max_headers)
{
    g_autoptr (GString) block = g_string_new (NULL);
    g_autoptr (GArray) fields = g_array_new (FALSE, FALSE, sizeof (struct header_field));

    original_unquote (text, block);
    (void)header_read (text_of (block), max_headers, fields);
    if (fields->len >= MIN_FIELDS)
        take_fields (r, fields);
}

static void
take_part (struct reader *r, const struct mail_part *part, size_t max_headers)
{
    g_autoptr (GString) bytes = NULL;

    if (part->message && part->message->fields->len >= MIN_FIELDS) {
        take_fields (r, part->message->fields);
        return;
    }
    bytes = g_string_new (NULL);
    mail_part_append_bytes (part, bytes);
    take_text (r, text_of (bytes), max_headers);
}

/* Whether what names the list names it by @address: as it is, or with a dot for the '@'. */
static bool
is_list (const struct reader *r, const char *address)
{
    g_autofree char *dotted = g_strdelimit (g_strdup (address), "@", '.');

    return text_find_nocase (text_of (r->list), address) != G_MAXSIZE ||
           text_find_nocase (text_of (r->list), dotted) != G_MAXSIZE;
}

void
envelope_read (struct envelope *e, const struct mail_message *message, const struct notice *notice,
               struct dsn_bytes ours, size_t max_headers)
{
    struct reader r = { .envelope = e, .ours = ours, .list = g_string_new (NULL) };
    char *best;

    *e = (struct envelope){ .named = g_ptr_array_new_with_free_func (g_free) };
    for (guint i = 0; i < message->parts->len; i++) {
        const struct mail_part *part = message->parts->pdata[i];
        if (part->role == PART_HEADERS || part->role == PART_MESSAGE)
            take_part (&r, part, max_headers);
    }
    if (notice->original.n)
        take_text (&r, notice->original, max_headers);
    best = r.traced ? r.traced : r.n_to == 1 ? r.to : NULL;
    if (best && !is_list (&r, best))
        e->guess = g_strdup (best);
    g_free (r.traced);
    g_free (r.to);
    g_string_free (r.list, TRUE);
}

void
envelope_clear (struct envelope *e)
{
    g_clear_pointer (&e->named, g_ptr_array_unref);
    g_clear_pointer (&e->guess, g_free);
}

const char *
envelope_find (const struct envelope *e, struct dsn_bytes address)
{
    for (guint i = 0; i < e->named->len; i++)
        if (address_equal (dsn_bytes_str (e->named->pdata[i]), address))
            return e->named->pdata[i];
    return NULL;
}

const char *
envelope_find_local (const struct envelope *e, struct dsn_bytes local)
{
    for (guint i = 0; i < e->named->len; i++) {
        struct dsn_bytes known = dsn_bytes_str (e->named->pdata[i]);
        size_t n = known.n - address_domain (known).n - 1;

        if (address_equal (dsn_bytes_sub (known, 0, n), local))
            return e->named->pdata[i];
    }
    return NULL;
}
