/* The structure of a mail as GMime sees it: bytes of a mail in, the view of mail.h out. Read-only
 * use, from memory, no serialisers; header fields are bounded before GMime sees them (its address
 * parser recurses per ':' of a group).
 */
#include "core/mail/mail.h"

#include "core/mail/mend.h"
#include "core/mail/partguess.h"
#include "core/mail/mailtree.h"
#include "core/mail/plainmime.h"
#include "core/bytes/text.h"

#include <gmime/gmime.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GMimeParser, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GMimeStream, g_object_unref)

/* Lines that could be boundaries, for each part that may be: multiparts have a closing one, texts
 * and signatures have rulers. */
#define BOUNDARIES_PER_PART 8

struct mail_store {
    GByteArray *bytes;   /* what GMime parsed: the input, or a mended copy */
    GMimeMessage *gmime; /* keeps header values alive */
    char *copy;          /* the mended copy, NULL if the input was fine */
    char *copy2;         /* the body under another boundary, NULL if its own was fine */
};

struct walk {
    struct mail *mail;
    const struct dsn_limits *limits;
    size_t parts_count;
};

static void
warn (struct mail *mail, const char *text)
{
    if (!g_ptr_array_find (mail->warnings, text, NULL))
        g_ptr_array_add (mail->warnings, (void *)text);
}

static char *
content_type_name (GMimeObject *object)
{
    GMimeContentType *type = g_mime_object_get_content_type (object);
    const char *media = type ? g_mime_content_type_get_media_type (type) : NULL;
    const char *sub = type ? g_mime_content_type_get_media_subtype (type) : NULL;
    const char *written = g_mime_object_get_header (object, "Content-Type");
    g_autofree char *name = NULL;

    /* RFC 2045 s.5.2: what can't be a type is text */
    if (written && !strchr (written, '/'))
        return g_strdup ("text/plain");
    name = g_strdup_printf ("%s/%s", media ? media : "text", sub ? sub : "plain");
    return g_ascii_strdown (name, -1);
}

static enum part_encoding
encoding_of (GMimeObject *object)
{
    const char *value = g_mime_object_get_header (object, "Content-Transfer-Encoding");

    switch (value ? g_mime_content_encoding_from_string (value) : GMIME_CONTENT_ENCODING_DEFAULT) {
    case GMIME_CONTENT_ENCODING_BASE64:
        return ENCODING_BASE64;
    case GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE:
        return ENCODING_QP;
    case GMIME_CONTENT_ENCODING_UUENCODE:
        return ENCODING_UU;
    case GMIME_CONTENT_ENCODING_DEFAULT:
    case GMIME_CONTENT_ENCODING_7BIT:
    case GMIME_CONTENT_ENCODING_8BIT:
    case GMIME_CONTENT_ENCODING_BINARY:
    default:
        return ENCODING_IDENTITY;
    }
}

/* The part's bytes where they stand in the mail: no copy. */
static struct dsn_bytes
slice_of (const struct mail_store *store, GMimePart *part)
{
    GMimeDataWrapper *content = g_mime_part_get_content (part);
    GMimeStream *stream = content ? g_mime_data_wrapper_get_stream (content) : NULL;
    struct dsn_bytes all = { (const char *)store->bytes->data, store->bytes->len };

    if (!stream || !GMIME_IS_STREAM_MEM (stream) || stream->bound_start < 0)
        return (struct dsn_bytes){ 0 };
    return dsn_bytes_sub (all, (size_t)stream->bound_start,
                          stream->bound_end < 0 ? all.n : (size_t)stream->bound_end);
}

/* Copies names and raw values; they live as long as the GMime message. */
static void
take_fields (GMimeObject *object, size_t max, GArray *fields)
{
    GMimeHeaderList *list = g_mime_object_get_header_list (object);
    int n = g_mime_header_list_get_count (list);

    for (int i = 0; i < n && fields->len < max; i++) {
        GMimeHeader *h = g_mime_header_list_get_header_at (list, i);
        struct header_field field = {
            dsn_bytes_str (g_mime_header_get_name (h)),
            text_trim (dsn_bytes_str (g_mime_header_get_raw_value (h))),
        };
        g_array_append_val (fields, field);
    }
}

static void walk_object (struct walk *w, GMimeObject *object, struct mail_message *into,
                         size_t depth);

static struct mail_message *
nested_message (struct walk *w, GMimeMessagePart *part, size_t depth)
{
    GMimeMessage *message = g_mime_message_part_get_message (part);
    GMimeObject *body = message ? g_mime_message_get_mime_part (message) : NULL;
    struct mail_message *m;

    if (!message)
        return NULL;
    m = mailtree_message_new ();
    take_fields (GMIME_OBJECT (message), w->limits->headers_count, m->fields);
    if (body) {
        take_fields (body, w->limits->headers_count, m->fields);
        walk_object (w, body, m, depth + 1);
    }
    return m;
}

/* A returned message put between the boundaries as it is, its header in the place of the part's. */
static bool
is_bare_message (GMimeObject *object)
{
    return g_mime_object_get_header (object, "Received") ||
           (g_mime_object_get_header (object, "Message-Id") &&
            g_mime_object_get_header (object, "From"));
}

static void
take_bare_message (struct walk *w, GMimeObject *object, struct mail_part *part)
{
    part->role = PART_MESSAGE;
    part->message = mailtree_message_new ();
    take_fields (object, w->limits->headers_count, part->message->fields);
}

static void
walk_leaf (struct walk *w, GMimeObject *object, struct mail_message *into, size_t depth)
{
    g_autofree char *type = content_type_name (object);
    const char *charset = g_mime_object_get_content_type_parameter (object, "charset");
    const char *name = g_mime_object_get_content_disposition_parameter (object, "filename");
    struct mail_part *part = mailtree_add_part (into, g_steal_pointer (&type));

    if (!name)
        name = g_mime_object_get_content_type_parameter (object, "name");
    part->charset = g_strdup (charset);
    part->file_name = g_strdup (name);
    part->is_attachment = g_strcmp0 (g_mime_object_get_disposition (object), "attachment") == 0;
    if (GMIME_IS_MESSAGE_PART (object))
        part->message = nested_message (w, GMIME_MESSAGE_PART (object), depth);
    else if (GMIME_IS_PART (object)) {
        part->body = slice_of (w->mail->store, GMIME_PART (object));
        part->encoding = encoding_of (object);
        if (is_bare_message (object))
            take_bare_message (w, object, part);
    }
}

/* A multipart without a part, its boundary named wrongly or not at all: what stands there is text.
 * (The outermost one is parsed again under the right boundary before it comes here.) */
static void
take_prologue (GMimeMultipart *multi, struct mail_message *into)
{
    struct mail_part *part = g_new0 (struct mail_part, 1);

    part->role = PART_TEXT;
    part->type = g_strdup ("text/plain");
    part->body = dsn_bytes_str (g_mime_multipart_get_prologue (multi));
    g_ptr_array_add (into->parts, part);
}

static void
walk_object (struct walk *w, GMimeObject *object, struct mail_message *into, size_t depth)
{
    if (!into->type) {
        const char *kind = g_mime_object_get_content_type_parameter (object, "report-type");
        into->type = content_type_name (object);
        into->report_type = kind ? g_ascii_strdown (kind, -1) : NULL;
    }
    if (depth > w->limits->mime_depth) {
        warn (w->mail, "mime-depth");
        return;
    }
    if (++w->parts_count > w->limits->parts_count) {
        warn (w->mail, "parts-count");
        return;
    }
    if (GMIME_IS_MULTIPART (object)) {
        GMimeMultipart *multi = GMIME_MULTIPART (object);
        int n = g_mime_multipart_get_count (multi);
        if (n == 0)
            take_prologue (multi, into);
        for (int i = 0; i < n && w->parts_count <= w->limits->parts_count; i++)
            walk_object (w, g_mime_multipart_get_part (multi, i), into, depth + 1);
    } else
        walk_leaf (w, object, into, depth);
}

static GMimeMessage *
parse_gmime (struct mail_store *store)
{
    g_autoptr (GMimeStream) stream = g_mime_stream_mem_new_with_byte_array (store->bytes);
    g_autoptr (GMimeParser) parser = NULL;

    g_mime_stream_mem_set_owner (GMIME_STREAM_MEM (stream), FALSE);
    parser = g_mime_parser_new_with_stream (stream);
    return g_mime_parser_construct_message (parser, NULL);
}

/* A mail that GMime makes nothing of is one part of text. */
static void
take_as_text (struct mail_message *m, struct dsn_bytes body)
{
    struct mail_part *part = mailtree_add_part (m, g_strdup ("text/plain"));

    part->body = body;
    if (!m->type)
        m->type = g_strdup ("text/plain");
}

/* Lends @bytes to the store's array: no copy. */
static void
lend (struct mail_store *store, struct dsn_bytes bytes)
{
    store->bytes = g_byte_array_new_take ((guint8 *)bytes.p, bytes.n);
}

static void
take_back (struct mail_store *store)
{
    (void)g_byte_array_steal (store->bytes, NULL);
    g_byte_array_unref (store->bytes);
}

static GMimeObject *
mime_body (const struct mail_store *store)
{
    return store->gmime ? g_mime_message_get_mime_part (store->gmime) : NULL;
}

static bool
is_empty_multipart (GMimeObject *object)
{
    return object && GMIME_IS_MULTIPART (object) &&
           g_mime_multipart_get_count (GMIME_MULTIPART (object)) == 0;
}

/* Parses again under a header of our own that names the boundary that's really there. */
static bool
parse_with_boundary (struct mail_store *store, struct dsn_bytes body)
{
    struct dsn_bytes boundary = mend_boundary (body);
    GString *again;

    if (!boundary.n || memchr (boundary.p, '"', boundary.n))
        return false;
    again = g_string_new ("Content-Type: multipart/mixed; boundary=\"");
    g_string_append_len (again, boundary.p, (gssize)boundary.n);
    g_string_append (again, "\"\n\n");
    g_string_append_len (again, body.p, (gssize)body.n);
    g_object_unref (store->gmime);
    take_back (store);
    g_free (store->copy2);
    lend (store, text_of (again));
    store->copy2 = g_string_free (again, FALSE);
    store->gmime = parse_gmime (store);
    return mime_body (store) && !is_empty_multipart (mime_body (store));
}

/* The mail with a header made of its first fields only, each bounded: a field costs GMime a few
 * hundred bytes, and a header can be a million of them. */
static struct dsn_bytes
cut_header (struct mail_store *store, struct dsn_bytes body, const GArray *fields, size_t max_bytes)
{
    GString *cut = g_string_sized_new (body.n + 4096);

    for (guint i = 0; i < fields->len; i++) {
        const struct header_field *field = &g_array_index (fields, struct header_field, i);
        g_string_append_len (cut, field->name.p, (gssize)field->name.n);
        g_string_append (cut, ": ");
        g_string_append_len (cut, field->value.p, (gssize)MIN (field->value.n, max_bytes));
        g_string_append_c (cut, '\n');
    }
    g_string_append_c (cut, '\n');
    g_string_append_len (cut, body.p, (gssize)body.n);
    g_free (store->copy);
    body.n = cut->len;
    store->copy = g_string_free (cut, FALSE);
    body.p = store->copy;
    return body;
}

/* @may_be_plain: whether a mail that needs no GMime may be read without it. */
static struct mail *
read_mail (struct dsn_bytes in, const struct dsn_limits *limits, bool may_be_plain)
{
    struct mail *mail = g_new0 (struct mail, 1);
    struct walk w = { mail, limits, 0 };
    struct dsn_bytes all, body;
    size_t header_n, before;
    bool is_mime, is_defused;

    mail->warnings = g_ptr_array_new ();
    mail->message = mailtree_message_new ();
    mail->store = g_new0 (struct mail_store, 1);
    if (in.n > limits->mail_bytes) {
        in.n = limits->mail_bytes;
        warn (mail, "truncated");
    }
    all = mend_mail (in, &mail->store->copy, &is_defused);
    if (is_defused)
        warn (mail, "address-groups");
    header_n = header_read (all, limits->headers_count, mail->message->fields);
    if (header_n > limits->header_bytes) {
        warn (mail, "header-bytes");
        all = cut_header (mail->store, dsn_bytes_sub (all, header_n, all.n), mail->message->fields,
                          limits->field_bytes);
        g_array_set_size (mail->message->fields, 0);
        header_n = header_read (all, limits->headers_count, mail->message->fields);
    }
    mail->has_header = mail->message->fields->len > 0;
    if (may_be_plain && plainmime_read (all, header_n, limits, mail->message)) {
        lend (mail->store, all);
        return mail;
    }
    mail->split = DSN_SPLIT_GMIME;
    before = all.n;
    all = mend_parts (all, limits->parts_count * BOUNDARIES_PER_PART);
    if (all.n < before)
        warn (mail, "parts-count");
    body = dsn_bytes_sub (all, header_n, all.n);
    lend (mail->store, all);
    if (all.n && mail->has_header)
        mail->store->gmime = parse_gmime (mail->store);
    is_mime = mime_body (mail->store) != NULL;
    if (is_mime && is_empty_multipart (mime_body (mail->store))) {
        warn (mail, "boundary");
        mail->message->type = content_type_name (mime_body (mail->store));
        is_mime = parse_with_boundary (mail->store, body);
    }
    if (is_mime)
        walk_object (&w, mime_body (mail->store), mail->message, 0);
    /* broken beyond GMime's understanding: what's there is text at least */
    if (!mail->message->parts->len)
        take_as_text (mail->message, mail->has_header ? body : all);
    return mail;
}

struct mail *
mail_read (struct dsn_bytes in, const struct dsn_limits *limits)
{
    struct mail *mail = read_mail (in, limits, true);

    partguess_roles (mail->message);
    return mail;
}

struct mail *
mail_read_by_gmime (struct dsn_bytes in, const struct dsn_limits *limits)
{
    struct mail *mail = read_mail (in, limits, false);

    partguess_roles (mail->message);
    return mail;
}

struct mail *
mail_read_as (struct dsn_bytes in, const struct dsn_options *options)
{
    return options->structure == DSN_STRUCTURE_GMIME ? mail_read_by_gmime (in, &options->limits)
                                                     : mail_read (in, &options->limits);
}

void
mail_free (struct mail *mail)
{
    if (!mail)
        return;
    mailtree_message_free (mail->message);
    if (mail->store->gmime)
        g_object_unref (mail->store->gmime);
    /* the array was lent the bytes: they're the caller's, or a copy's */
    take_back (mail->store);
    g_free (mail->store->copy);
    g_free (mail->store->copy2);
    g_free (mail->store);
    g_ptr_array_unref (mail->warnings);
    g_free (mail);
}
